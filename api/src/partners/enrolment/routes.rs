//! The operations of enrolment.

use super::model::{
    CreatePartner, CreateWorkAccount, CreatedPartner, UpdatePartner, VerifiedEmail, VerifyEmail, WorkAccount,
};
use super::{proof, rules};
use crate::access::clients::{self, NewClient};
use crate::access::permits::{PartnersCreate, PartnersRead, PartnersWrite, scopes_for};
use crate::access::{Caller, Permit, Role, TokenKind};
use crate::db::write::{Answer, Tx};
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::http::body::Nothing;
use crate::http::context::{Public, RequestContext};
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Shown};
use crate::partners::{self, Partner, PartnerRow, PartnerState, directories};
use crate::profiles;
use crate::state::App;
use crate::tenants::{self, Administrator};
use crate::topic::Topic;
use actix_web::web::Json;
use actix_web::{HttpRequest, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(create_partner).service(get_partner).service(update_partner).service(create_work_account);
    service.service(submit_partner).service(resend_partner_verification).service(verify_email);
}

/// Enrol a newcomer, or register a partner.
///
/// A storefront's enrolment client creates the draft of an indirect reseller, and gets the newcomer's first API client,
/// whose secret is shown in this answer and never again; the answer replays for a day, to the same caller only
/// (ENR-14). The operator registers partners of any kind: they are approved, and get their clients by the command line.
#[utoipa::path(tag = "partners", request_body = CreatePartner, security(("oauth2" = [PartnersCreate::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The partner, a newcomer's with its first client.", body = CreatedPartner), Problems))]
#[post("/v1/partners")]
async fn create_partner(
    app: App,
    caller: Caller<PartnersCreate>,
    key: IdempotencyKey,
    body: Body<CreatePartner>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let by = caller.kind();
        let mut faults = Vec::new();
        let kind = rules::kind(body.kind, by).map_err(|fault| faults.insert(0, fault)).ok();
        let country = profiles::country(&body.country, "/country").map_err(|fault| faults.push(fault)).ok();
        let (Some(kind), Some(country)) = (kind, country) else {
            return Err(Error::refused(faults));
        };
        let mut row = PartnerRow::draft(tx.id(), kind, body.legal_name.clone(), country, tx.now().naive_utc());
        all_or((), rules::change(&mut row, &body.details())?)?;
        refuse_taken_tenant(tx, &row).await?;
        if by == TokenKind::Operator {
            // Nobody submits it, so what is wrong with it is said now.
            all_or((), rules::written_right(&row)?)?;
            row.state = PartnerState::Approved;
            partners::insert(tx, &row).await?;
            tx.emit(Topic::PartnerRegistered, &row);
            return Ok(Created(CreatedPartner { partner: row.try_into()?, client: None }));
        }
        partners::insert(tx, &row).await?;
        tx.emit(Topic::PartnerEnrolled, &row);
        let first = clients::create(tx, &first_client(&row)).await?;
        Ok(Created(CreatedPartner { partner: row.try_into()?, client: Some(first.into()) }))
    })
    .await
}

/// A newcomer's first client: a globalAdmin with everything that partners may ask for (ENR-14).
fn first_client(partner: &PartnerRow) -> NewClient {
    NewClient {
        name: "first client".to_owned(),
        kind: TokenKind::Partner,
        partner_id: Some(partner.id.clone()),
        customer_id: None,
        scopes: scopes_for(TokenKind::Partner).into_iter().map(str::to_owned).collect(),
        roles: vec![Role::GlobalAdmin],
    }
}

/// One tenant id enrols once (ENR-13).
async fn taken_tenant(tx: &mut Tx<'_>, row: &PartnerRow) -> Result<Option<Fault>> {
    match &row.tenant_id {
        Some(tenant) if partners::is_tenant_taken(tx.db(), tenant, &row.id).await? => {
            Ok(Some(Fault::at("/tenantId", Code::TenantAlreadyEnrolled).with("tenantId", tenant)))
        }
        _ => Ok(None),
    }
}

async fn refuse_taken_tenant(tx: &mut Tx<'_>, row: &PartnerRow) -> Result<()> {
    taken_tenant(tx, row).await?.map_or(Ok(()), |fault| Err(Error::refused(vec![fault])))
}

/// Get a partner.
///
/// A partner sees itself, also as `/v1/partners/me`, and a provider the resellers that have granted it admin access
/// (LNK-04); the operator sees all of them.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36)),
    responses((status = 200, description = "The partner.", body = Partner), Problems))]
#[get("/v1/partners/{id:[^/:]+}")]
async fn get_partner(app: App, caller: Caller<PartnersRead>, id: Id) -> Result<Shown<Partner>> {
    let mut reader = app.read().await?;
    Ok(Shown(partners::find_administered(caller.viewer(), &mut reader.db()?, &id).await?.try_into()?))
}

/// Change a partner.
///
/// What is absent stays as it is. The legal data (name, country, address, tenant, DUNS, primary contact) changes in a
/// draft or a rejected enrolment only; a rejected one becomes a draft by it (ENR-09).
#[utoipa::path(tag = "partners", request_body = UpdatePartner, security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The partner as it is now.", body = Partner), Problems))]
#[patch("/v1/partners/{id:[^/:]+}")]
async fn update_partner(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    if_match: IfMatch,
    body: Body<UpdatePartner>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let before = partners::find_administered(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(before.version)?;
        let mut row = before.clone();
        all_or((), rules::change(&mut row, &body)?)?;
        rules::settle(&before, &mut row)?;
        refuse_taken_tenant(tx, &row).await?;
        partners::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerUpdated, &row);
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Create the work account of a newcomer that has none.
///
/// The administrator's password is shown in this answer and never again; the answer replays for a day, to the same
/// client only. A refused request leaves the name free (ENR-17, TEN-01 to TEN-04).
#[utoipa::path(tag = "partners", request_body = CreateWorkAccount, security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 201, description = "The account, with its first administrator.", body = WorkAccount), Problems))]
#[post("/v1/partners/{id:[^/:]+}/work-account")]
async fn create_work_account(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<CreateWorkAccount>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = partners::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        partners::must_be_in(&row, &[PartnerState::Draft])?;
        rules::has_no_work_account(&row)?;
        let domain = tenants::take_by_name(tx, &body.name, app.config.tenants).await?;
        row.tenant_id = Some(tenants::new_directory_id());
        partners::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerUpdated, &row);
        let Administrator { user_name, temporary_password } = Administrator::of(&domain)?;
        Ok(Created(WorkAccount { partner: row.try_into()?, domain, user_name, temporary_password }))
    })
    .await
}

/// Submit an enrolment.
///
/// Says everything that is missing or wrong at once (ENR-02). A company that is in CSP already, whose PartnerID stands in
/// the operator's directory, is asked only for what the directory does not know (ENR-17). Then the primary contact gets a link that proves its
/// address; the review begins when it is used (ENR-07).
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner, waiting for the proof.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:submit")]
async fn submit_partner(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = partners::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        partners::must_be_in(&row, &[PartnerState::Draft])?;
        let (whole, _) = directories::completed(tx.db(), &row).await?;
        let mut further = directories::faults_of_location(tx.db(), &whole).await?;
        further.extend(taken_tenant(tx, &whole).await?);
        rules::complete(&whole, further)?;
        row.state = PartnerState::AwaitingEmailProof;
        partners::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerSubmitted, &row);
        proof::ask(tx, &row, &app.config.public_url).await?;
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Send the link that proves the primary contact's address again. The link before it ends.
///
/// It goes to the address that the enrolment holds now.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The partner, still waiting for the proof.", body = Partner), Problems))]
#[post("/v1/partners/{id:[^/:]+}:resend-verification")]
async fn resend_partner_verification(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let row = partners::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        partners::must_be_in(&row, &[PartnerState::AwaitingEmailProof])?;
        proof::ask(tx, &row, &app.config.public_url).await?;
        tx.emit(Topic::PartnerVerificationSent, &row);
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Prove a mail address with the token of the link that was mailed to it.
///
/// What the page at `/verify-email/{token}` does, for programs. A token works once.
#[utoipa::path(tag = "partners", request_body = VerifyEmail, security(()),
    responses((status = 200, description = "The address is proven.", body = VerifiedEmail), Problems))]
#[post("/v1/email-verifications")]
async fn verify_email(
    app: App,
    _public: Public,
    request: HttpRequest,
    body: Body<VerifyEmail>,
) -> Result<Json<VerifiedEmail>> {
    let actor = proof::reader(RequestContext::of(&request)?.as_ref());
    let partner = app.write(&actor, async |tx| proof::verify(tx, &body.token, &app.config.storefront).await).await?;
    Ok(Json(VerifiedEmail {
        legal_name: partner.legal_name,
        state: partner.state,
        review_due_by: partner.review_due_by.map(|due| due.and_utc()),
    }))
}

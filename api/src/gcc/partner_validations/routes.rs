//! The operations over partners' validations.

use super::model::{
    GccPartnerValidation, GccPartnerValidationPage, ListGccPartnerValidations, PartnerForm, SubmitGccPartnerValidation,
};
use crate::access::permits::{GccRead, GccReview, GccWrite};
use crate::access::{Caller, Permit, Viewer};
use crate::attachments;
use crate::db::write::{Answer, Tx};
use crate::error::{Result, all_or};
use crate::gcc::course::{self, NewValidation};
use crate::gcc::model::{
    DenyGccValidation, ProvideGccInformation, RequestGccInformation, ValidationKind, ValidationRow,
};
use crate::gcc::store::{self, Listed};
use crate::gcc::{self, rules};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::partners::{self, PartnerKind};
use crate::profiles;
use crate::state::App;
use actix_web::{get, post, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

const KIND: ValidationKind = ValidationKind::Partner;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_gcc_partner_validations).service(submit_gcc_partner_validation);
    service.service(get_gcc_partner_validation).service(provide_gcc_partner_information);
    service.service(withdraw_gcc_partner_validation).service(request_gcc_partner_information);
    service.service(approve_gcc_partner_validation).service(deny_gcc_partner_validation);
}

/// Submit the caller's company for validation.
///
/// For direct-bill partners and indirect providers that are active; an indirect reseller sells through its provider
/// (GCC-02). The answer is due at the end of the second business day, and goes out by mail (GCC-04). Approved, the
/// partner's `qualifications` have `governmentCommunityCloud` (GCC-05).
#[utoipa::path(tag = "gcc", request_body = SubmitGccPartnerValidation, security(("oauth2" = [GccWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The validation.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations")]
async fn submit_gcc_partner_validation(
    app: App,
    caller: Caller<GccWrite>,
    key: IdempotencyKey,
    body: Body<SubmitGccPartnerValidation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let partner = partners::find(tx.db(), caller.partner()?).await?;
        let sellers = gcc::sellers(tx.db(), &partner).await?;
        let mut faults = rules::may_be_validated(&partner, &sellers);
        let own = [partner.clone()];
        // Of who is not validated at all there is nothing to say about its tenant.
        if partner.kind != PartnerKind::IndirectReseller {
            faults.extend(rules::transacting(&partner, &own, &body.partner_tenant_id).err());
        }
        faults.extend(profiles::contact(&body.submitter, "/submitter"));
        let files = attachments::check(&body.attachments, 0, "/attachments");
        let files = files.map_err(|found| faults.extend(found)).unwrap_or_default();
        all_or((), faults)?;
        let new = NewValidation {
            kind: KIND,
            partner_id: &partner.id,
            partner_of_record_id: None,
            customer_id: None,
            subject: format!("partner:{}", partner.id),
            organization: &partner.legal_name,
            submitter: &body.submitter,
        };
        let form = PartnerForm {
            partner_tenant_id: partner.tenant_id.clone().unwrap_or_default(),
            criteria: body.criteria.clone(),
            evidence: body.evidence.clone(),
        };
        let row = course::submit(tx, &app.config.gcc, new, &form, &files).await?;
        Ok(Created(GccPartnerValidation::try_from(store::with_own_attachments(tx.db(), row).await?)?))
    })
    .await
}

/// Approve a partner: it may deal in the government cloud from now on.
///
/// Only one that is not decided yet can be approved.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, approved.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations/{id:[^/:]+}:approve")]
async fn approve_gcc_partner_validation(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::approve(tx, &app.config.gcc, &mut row).await?;
        partners::qualify(tx, &row.partner_id).await?;
        shown(tx, row).await
    })
    .await
}

/// List the validations of partners that the caller sees.
///
/// A partner sees its own, and both sides of an indirect sale what was submitted through their link. The operator gets
/// its queue: what is due first, overdue before all else, then what waits for nobody's answer.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])), params(ListGccPartnerValidations),
    responses((status = 200, description = "A page of validations.", body = GccPartnerValidationPage), Problems))]
#[get("/v1/gcc/partner-validations")]
async fn list_gcc_partner_validations(
    app: App,
    caller: Caller<GccRead>,
    query: Query<ListGccPartnerValidations>,
) -> Result<JsonAnswer<GccPartnerValidationPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let listed = Listed { kind: ValidationKind::Partner, state: query.state, customer_id: None };
    let rows = store::list(caller.viewer(), &mut db, listed, &page).await?;
    let (rows, next_cursor) = page.cut_at(&app.vault, rows, |row| store::place_of(caller.viewer(), row))?;
    let found = store::with_attachments(&mut db, rows).await?;
    let items = found.into_iter().map(GccPartnerValidation::try_from).collect::<Result<_>>()?;
    Ok(JsonAnswer(GccPartnerValidationPage { items, next_cursor }))
}

/// Get a validation of a partner.
///
/// With its state, and what was asked and answered in it.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccRead::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36)),
    responses((status = 200, description = "The validation.", body = GccPartnerValidation), Problems))]
#[get("/v1/gcc/partner-validations/{id:[^/:]+}")]
async fn get_gcc_partner_validation(app: App, caller: Caller<GccRead>, id: Id) -> Result<Shown<GccPartnerValidation>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, KIND, &id).await?;
    Ok(Shown(store::with_own_attachments(&mut db, row).await?.try_into()?))
}

/// Answer the reviewer's question.
///
/// The clock goes on with the business days that were left (GCC-09).
#[utoipa::path(tag = "gcc", request_body = ProvideGccInformation, security(("oauth2" = [GccWrite::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, with the reviewer again.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations/{id:[^/:]+}:provide-information")]
async fn provide_gcc_partner_information(
    app: App,
    caller: Caller<GccWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<ProvideGccInformation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::answer(tx, &app.config.gcc, caller.viewer(), &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

/// Take a validation back that is not decided.
///
/// A decided one stays as it is.
#[utoipa::path(tag = "gcc", security(("oauth2" = [GccWrite::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, withdrawn.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations/{id:[^/:]+}:withdraw")]
async fn withdraw_gcc_partner_validation(
    app: App,
    caller: Caller<GccWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::withdraw(tx, &app.config.gcc, &mut row).await?;
        shown(tx, row).await
    })
    .await
}

/// Ask for more information about a partner.
///
/// The submitter is mailed, and the partner. The clock stands still until the answer comes (GCC-09).
#[utoipa::path(tag = "gcc", request_body = RequestGccInformation, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, waiting for the answer.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations/{id:[^/:]+}:request-information")]
async fn request_gcc_partner_information(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RequestGccInformation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::ask(tx, &app.config.gcc, &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

/// Deny a validation of a partner, with the reason.
///
/// The partner may submit a new one.
#[utoipa::path(tag = "gcc", request_body = DenyGccValidation, security(("oauth2" = [GccReview::NAME])),
    params(("id" = String, Path, description = "The validation's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The validation, denied.", body = GccPartnerValidation), Problems))]
#[post("/v1/gcc/partner-validations/{id:[^/:]+}:deny")]
async fn deny_gcc_partner_validation(
    app: App,
    caller: Caller<GccReview>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<DenyGccValidation>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = found(tx, caller.viewer(), &id, &if_match).await?;
        course::deny(tx, &app.config.gcc, &mut row, &body).await?;
        shown(tx, row).await
    })
    .await
}

async fn found(tx: &mut Tx<'_>, viewer: &Viewer, id: &str, if_match: &IfMatch) -> Result<ValidationRow> {
    let row = store::find(viewer, tx.db(), KIND, id).await?;
    if_match.honour(row.version)?;
    Ok(row)
}

async fn shown(tx: &mut Tx<'_>, row: ValidationRow) -> Result<Done<GccPartnerValidation>> {
    Ok(Done(store::with_own_attachments(tx.db(), row).await?.try_into()?))
}

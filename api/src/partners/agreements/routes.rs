//! The operations over the partner agreement.

use super::model::{
    AcceptPartnerAgreement, AcceptedRow, GetPartnerAgreementDocument, ListPartnerAgreements, PartnerAgreement,
    PartnerAgreementDocument, PartnerAgreementKind, PartnerAgreementPage, digest_of,
};
use super::store;
use crate::access::permits::{PartnersRead, PartnersWrite};
use crate::access::{Caller, Permit};
use crate::db::write::{Answer, Tx};
use crate::error::{Code, Error, Result};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::{Body, Created, Id, IdempotencyKey, Problems, Query, Tagged};
use crate::partners::enrolment::{Occasion, tell};
use crate::partners::{self, LocationSource, PartnerRow, PartnerState};
use crate::state::App;
use crate::topic::Topic;
use actix_web::{get, post, web::Json};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_partner_agreements).service(accept_partner_agreement).service(get_partner_agreement_document);
}

/// Makes an approved partner active, once it has a PartnerID that more than itself vouches for (ENR-03) and has accepted
/// the agreement (ENR-10).
pub async fn activate(tx: &mut Tx<'_>, partner: &mut PartnerRow) -> Result<()> {
    let is_vouched_for = matches!(partner.location_source, Some(LocationSource::Directory | LocationSource::Reviewed));
    if partner.state != PartnerState::Approved || !is_vouched_for || !store::has_accepted(tx.db(), &partner.id).await? {
        return Ok(());
    }
    partner.state = PartnerState::Active;
    partners::update(tx, partner).await?;
    tx.emit(Topic::PartnerActivated, partner);
    tell(tx, partner, Occasion::Active).await
}

/// List the agreements that a partner has accepted.
///
/// Who accepted which version, and when. The oldest first.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), ListPartnerAgreements),
    responses((status = 200, description = "The agreements.", body = PartnerAgreementPage), Problems))]
#[get("/v1/partners/{id:[^/:]+}/agreements")]
async fn list_partner_agreements(
    app: App,
    caller: Caller<PartnersRead>,
    id: Id,
    query: Query<ListPartnerAgreements>,
) -> Result<Json<PartnerAgreementPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let partner = partners::find_seen(caller.viewer(), &mut db, &id).await?;
    let rows = store::list(&mut db, &partner.id, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    Ok(Json(PartnerAgreementPage { items: rows.into_iter().map(PartnerAgreement::from).collect(), next_cursor }))
}

/// Accept the partner agreement.
///
/// An approved partner names the version that it has read, the one in force. It needs its PartnerID first; with it the
/// partner becomes active (ENR-10).
#[utoipa::path(tag = "partners", request_body = AcceptPartnerAgreement, security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IdempotencyHeader),
    responses((status = 201, description = "The agreement as accepted.", body = PartnerAgreement), Problems))]
#[post("/v1/partners/{id:[^/:]+}/agreements")]
async fn accept_partner_agreement(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    key: IdempotencyKey,
    body: Body<AcceptPartnerAgreement>,
) -> Result<Answer> {
    let language = caller.context().language;
    app.write_once(&caller, key, &body, async |tx| {
        let mut partner = partners::find_seen(caller.viewer(), tx.db(), &id).await?;
        partners::must_be_in(&partner, &[PartnerState::Approved, PartnerState::Active])?;
        let in_force = app.agreements.in_force(tx.now().date_naive(), language);
        let text = in_force.filter(|text| text.version() == body.version).ok_or_else(|| {
            let version = in_force.map(super::texts::Text::version);
            Error::new(Code::AgreementVersionNotInForce).with("version", &body.version).with("inForce", version)
        })?;
        if partner.partner_location_id.is_none() {
            return Err(Error::new(Code::PartnerIdRequired));
        }
        let row = AcceptedRow {
            id: tx.id(),
            partner_id: partner.id.clone(),
            kind: PartnerAgreementKind::Mpa,
            version: text.version(),
            digest: digest_of(&text.words),
            client_id: caller.client_id().to_owned(),
            source_address: caller.context().source_address.clone(),
            accepted_at: tx.now().naive_utc(),
        };
        store::insert(tx, &row).await?;
        tx.emit(Topic::PartnerAgreementAccepted, &row);
        activate(tx, &mut partner).await?;
        Ok(Created(PartnerAgreement::from(row)))
    })
    .await
}

/// Read the partner agreement before accepting it.
///
/// The text is to be read and kept; its version is what the acceptance names.
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), GetPartnerAgreementDocument),
    responses((status = 200, description = "The text.", body = PartnerAgreementDocument), Problems))]
#[get("/v1/partners/{id:[^/:]+}/agreements/mpa/document")]
async fn get_partner_agreement_document(
    app: App,
    caller: Caller<PartnersRead>,
    id: Id,
    query: Query<GetPartnerAgreementDocument>,
) -> Result<Tagged<PartnerAgreementDocument>> {
    let language = query.language.unwrap_or(caller.context().language);
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    partners::find_seen(caller.viewer(), &mut db, &id).await?;
    let today = app.now(&mut db).await?.date_naive();
    let text = match &query.version {
        Some(version) => app.agreements.named(version, language),
        None => app.agreements.in_force(today, language),
    };
    let text = text.ok_or_else(|| Error::not_found("agreement"))?;
    Ok(Tagged(PartnerAgreementDocument::of(text, app.agreements.is_sample())))
}

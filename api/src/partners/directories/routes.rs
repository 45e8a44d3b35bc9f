//! The operations over the directories.

use super::model::{Company, GetCompany, SetPartnerLocation};
use super::{rules, store};
use crate::access::permits::{PartnersRead, PartnersWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Error, Result};
use crate::http::answer::Tagged;
use crate::http::preconditions::IfMatchHeader;
use crate::http::{Body, Done, Id, IfMatch, Problems, Query};
use crate::partners::reviews::due_by;
use crate::partners::{self, LocationSource, Partner, PartnerState, agreements, enrolment};
use crate::profiles;
use crate::state::App;
use crate::topic::Topic;
use actix_web::{get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// The states in which a PartnerID may be set.
const OPEN: [PartnerState; 3] = [PartnerState::Draft, PartnerState::Rejected, PartnerState::AwaitingEmailProof];

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(set_partner_location).service(get_company);
}

/// Link the PartnerID.
///
/// It is of type location, of one partner only, and in the partner's country. It may come later; until then the partner
/// agreement cannot be accepted, nor anything bought. What the operator's directory does not know the operator confirms
/// in a review (ENR-03).
#[utoipa::path(tag = "partners", request_body = SetPartnerLocation, security(("oauth2" = [PartnersWrite::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The partner with its PartnerID.", body = Partner), Problems))]
#[put("/v1/partners/{id:[^/:]+}/partner-location")]
async fn set_partner_location(
    app: App,
    caller: Caller<PartnersWrite>,
    id: Id,
    if_match: IfMatch,
    body: Body<SetPartnerLocation>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = partners::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        let given = body.partner_location_id.as_str();
        let is_same = row.partner_location_id.as_deref() == Some(given);
        if row.partner_location_id.is_some() && !is_same && row.location_source != Some(LocationSource::Stated) {
            // What was reviewed stays as it was reviewed.
            partners::must_be_in(&row, &OPEN)?;
        }
        enrolment::reopen(&mut row);
        let known = store::location(tx.db(), given).await?;
        let is_taken = partners::is_location_taken(tx.db(), given, &row.id).await?;
        let source = rules::linkable(&row, &body, known.as_ref(), is_taken).map_err(Error::refused)?;
        row.partner_location_id = Some(given.to_owned());
        if !(is_same && row.location_source == Some(LocationSource::Reviewed)) {
            row.location_source = Some(source);
        }
        let is_settled = matches!(row.state, PartnerState::Approved | PartnerState::Active);
        if is_settled && row.location_source == Some(LocationSource::Stated) && row.review_due_by.is_none() {
            row.review_due_by = Some(due_by(tx.now(), &app.config.storefront).naive_utc());
        }
        partners::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerUpdated, &row);
        agreements::activate(tx, &mut row).await?;
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

/// Look a company up by its DUNS number.
///
/// In the directory that the operator imports; a company that is not there is entered by hand (ENR-04).
#[utoipa::path(tag = "partners", security(("oauth2" = [PartnersRead::NAME])), params(GetCompany),
    responses((status = 200, description = "The company.", body = Company), Problems))]
#[get("/v1/companies")]
async fn get_company(app: App, _caller: Caller<PartnersRead>, query: Query<GetCompany>) -> Result<Tagged<Company>> {
    let duns = profiles::duns(&query.duns, "?duns").map_err(|fault| Error::refused(vec![fault]))?;
    let mut reader = app.read().await?;
    let row = store::company(&mut reader.db()?, &duns).await?.ok_or_else(|| Error::not_found("company"))?;
    Ok(Tagged(row.try_into()?))
}

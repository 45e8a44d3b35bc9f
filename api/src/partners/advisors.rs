//! Whether a partner may advise customers (MOSPA): the operator says so (OPN-07).

use super::model::Partner;
use super::store;
use crate::access::permits::PartnersReview;
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::preconditions::IfMatchHeader;
use crate::http::{Body, Done, Id, IfMatch, Problems};
use crate::state::App;
use crate::topic::Topic;
use actix_web::put;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(set_advisor_enablement);
}

/// Whether a partner may advise customers.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAdvisorEnablement {
    /// Whether it is enabled (MOSPA).
    pub enabled: bool,
}

/// Say whether a partner may advise customers (MOSPA).
///
/// Whoever is of record for a purchase through Open must be enabled when it is ordered; what was ordered before stays.
#[utoipa::path(tag = "partners", request_body = SetAdvisorEnablement, security(("oauth2" = [PartnersReview::NAME])),
    params(("id" = String, Path, description = "The partner's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The partner as it is now.", body = Partner), Problems))]
#[put("/v1/partners/{id:[^/:]+}/advisor-enablement")]
async fn set_advisor_enablement(
    app: App,
    caller: Caller<PartnersReview>,
    id: Id,
    if_match: IfMatch,
    body: Body<SetAdvisorEnablement>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = store::find_seen(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        row.advisor_enabled = body.enabled;
        store::update(tx, &mut row).await?;
        tx.emit(Topic::PartnerAdvisorEnablementSet, &row);
        Ok(Done(Partner::try_from(row)?))
    })
    .await
}

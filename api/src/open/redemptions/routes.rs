//! The operation over redemptions.

use super::course;
use super::model::{OpenRedemption, RedeemOpenKeys};
use crate::access::permits::OpenKeys;
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::preconditions::IdempotencyHeader;
use crate::http::{Body, Created, IdempotencyKey, Problems};
use crate::renewals::Settings;
use crate::state::App;
use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(redeem_open_keys);
}

/// Redeem keys, all of them or none, with the organisation's contact details.
///
/// The year of each begins today: a subscription on the tenant of its order, which ends after that year. From then on
/// nothing is cancelled or given back.
#[utoipa::path(tag = "open", request_body = RedeemOpenKeys, security(("oauth2" = [OpenKeys::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "What has begun.", body = OpenRedemption), Problems))]
#[post("/v1/open/redemptions")]
async fn redeem_open_keys(
    app: App,
    caller: Caller<OpenKeys>,
    key: IdempotencyKey,
    body: Body<RedeemOpenKeys>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        Ok(Created(course::redeem(tx, caller.viewer(), Settings::of(&app.config), &body).await?))
    })
    .await
}

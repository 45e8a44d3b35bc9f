//! The operation that compares.

use super::model::{CompareEarnings, EarningsComparison};
use super::rules;
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::catalog;
use crate::earnings::models;
use crate::error::{Error, Result};
use crate::http::{Body, Problems};
use crate::state::App;
use actix_web::post;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operation.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(compare_earnings);
}

/// Compare the earnings of an advisor with those of a reseller.
///
/// Over some years, for given plans and seats: the advisor gets a share of the sales, the reseller its own price less
/// the provider's; services come on top. Exact decimals without tax; shares from the kit of seed 000. Writes nothing.
#[utoipa::path(tag = "earnings", request_body = CompareEarnings, security(("oauth2" = [CatalogRead::NAME])),
    responses((status = 200, description = "Both models, year by year.", body = EarningsComparison), Problems))]
#[post("/v1/earnings-comparisons")]
async fn compare_earnings(
    app: App,
    caller: Caller<CatalogRead>,
    body: Body<CompareEarnings>,
) -> Result<Json<EarningsComparison>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let ids: Vec<String> = body.plans.iter().map(|plan| plan.offer_id.clone()).collect();
    let offers = catalog::offers_at(&mut db, &ids, now).await?;
    let model = models::on(now.date_naive())?;
    let compared = rules::compare(&body, &offers, model, caller.context().language);
    Ok(Json(compared.map_err(Error::refused)?))
}

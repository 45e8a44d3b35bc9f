//! The operations over markets.

use super::model::{CheckMarket, ListMarkets, Market, MarketCheck, MarketPage, MarketSide};
use super::rules;
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::error::{Result, all_or};
use crate::http::problem::FieldError;
use crate::http::{Problems, Query, Tagged};
use crate::profiles;
use crate::state::App;
use actix_web::{get, web::Json as JsonAnswer};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_markets).service(check_market);
}

/// List the regions of the market, as they are today.
///
/// A partner sells to, and links with partners of, the region of its legal location.
#[utoipa::path(tag = "markets", security(("oauth2" = [CatalogRead::NAME])), params(ListMarkets),
    responses((status = 200, description = "A page of regions.", body = MarketPage), Problems))]
#[get("/v1/markets")]
async fn list_markets(app: App, caller: Caller<CatalogRead>, query: Query<ListMarkets>) -> Result<Tagged<MarketPage>> {
    let page = app.page(&caller, &query)?;
    let today = app.now(&mut app.read().await?.db()?).await?.date_naive();
    let after = rules::regions(today).filter(|region| region.id.as_str() > page.after());
    let rows = after.take(usize::try_from(page.rows()).unwrap_or(0)).collect();
    let (rows, next_cursor) = page.cut(&app.vault, rows, |region| &region.id)?;
    Ok(Tagged(MarketPage { items: rows.into_iter().map(Market::from).collect(), next_cursor }))
}

/// Ask whether a seller may sell to a buyer.
///
/// What counts is the country of the seller's legal location and the country of the buyer's tenant. The answer is 200
/// also where it may not, with the reasons.
#[utoipa::path(tag = "markets", security(("oauth2" = [CatalogRead::NAME])), params(CheckMarket),
    responses((status = 200, description = "Whether it may, and why not.", body = MarketCheck), Problems))]
#[get("/v1/markets/check")]
async fn check_market(
    app: App,
    caller: Caller<CatalogRead>,
    query: Query<CheckMarket>,
) -> Result<JsonAnswer<MarketCheck>> {
    let mut faults = Vec::new();
    let mut known = |code: &str, at: &str| profiles::country(code, at).map_err(|fault| faults.push(fault));
    let (seller, buyer) = (known(&query.seller, "?seller"), known(&query.buyer, "?buyer"));
    let (seller, buyer) = all_or((seller.unwrap_or_default(), buyer.unwrap_or_default()), faults)?;
    let today = app.now(&mut app.read().await?.db()?).await?.date_naive();
    let reasons = rules::may_sell(&seller, &buyer, today);
    let side = |country: String| MarketSide::of(country.clone(), rules::region_of(&country, today));
    Ok(JsonAnswer(MarketCheck {
        possible: reasons.is_empty(),
        reasons: FieldError::all_of(&reasons, caller.context().language),
        seller: side(seller),
        buyer: side(buyer),
    }))
}

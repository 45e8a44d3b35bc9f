//! The operations over markets.

use super::model::{CheckMarket, Market, MarketCheck, MarketCountry, MarketPage, MarketSide, Region};
use super::rules;
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::db::write::business_now;
use crate::error::{Error, Result};
use crate::http::problem::FieldError;
use crate::http::{Problems, Query};
use crate::profiles;
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_markets).service(check_market);
}

/// List the regions that partners sell in, with their countries and currencies.
///
/// A partner sells to customers, and links with partners, of its own region only (MKT-01).
#[utoipa::path(tag = "markets", security(("oauth2" = [CatalogRead::NAME])),
    responses((status = 200, description = "All regions.", body = MarketPage), Problems))]
#[get("/v1/markets")]
async fn list_markets(app: App, caller: Caller<CatalogRead>) -> Result<Json<MarketPage>> {
    let language = caller.context().language;
    let regions = rules::edition_on(today(&app).await?).map(|edition| edition.regions.as_slice()).unwrap_or_default();
    let market = |region: &Region| Market {
        region: region.region.clone(),
        name: region.name(language),
        countries: region
            .countries()
            .into_iter()
            .map(|(country, currency)| MarketCountry {
                country: country.to_owned(),
                currency: currency.map(str::to_owned),
            })
            .collect(),
    };
    Ok(Json(MarketPage { items: regions.iter().map(market).collect(), next_cursor: None }))
}

/// Check whether a seller in one country may sell to a tenant in another.
///
/// Answers with the reasons when it may not. The country of the customer's tenant counts, not where the company sits
/// (MKT-02); two partners link under the same rule (LNK-06).
#[utoipa::path(tag = "markets", security(("oauth2" = [CatalogRead::NAME])), params(CheckMarket),
    responses((status = 200, description = "Whether, and why not.", body = MarketCheck), Problems))]
#[get("/v1/markets/check")]
async fn check_market(app: App, caller: Caller<CatalogRead>, query: Query<CheckMarket>) -> Result<Json<MarketCheck>> {
    let mut faults = Vec::new();
    let mut known = |code: &str, pointer: &str| {
        profiles::country(code, pointer).map_err(|fault| faults.push(fault)).unwrap_or_default()
    };
    let [seller, buyer] = [known(&query.seller, "?seller"), known(&query.buyer, "?buyer")];
    if !faults.is_empty() {
        return Err(Error::refused(faults));
    }
    let day = today(&app).await?;
    let reasons = rules::may_sell(&seller, &buyer, day);
    Ok(Json(MarketCheck {
        allowed: reasons.is_empty(),
        seller: side(seller, day),
        buyer: side(buyer, day),
        reasons: FieldError::all_of(&reasons, caller.context().language),
    }))
}

fn side(country: String, day: NaiveDate) -> MarketSide {
    let region = rules::region_of(&country, day);
    let currency = region.and_then(|region| region.countries().get(country.as_str()).copied().flatten());
    MarketSide { region: region.map(|region| region.region.clone()), currency: currency.map(str::to_owned), country }
}

/// The business day in UTC.
async fn today(app: &App) -> Result<NaiveDate> {
    let mut reader = app.read().await?;
    Ok(business_now(&mut reader.db()?).await?.date_naive())
}

//! The operations over the catalogue.

use super::model::{ListOffers, Offer, OfferPage};
use super::{advice, store};
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::clock::Instant;
use crate::error::{Code, Error, Fault, Result};
use crate::http::{Problems, Query, Tagged};
use crate::state::App;
use crate::{markets, profiles};
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_offers).service(get_offer).configure(advice::routes);
}

/// List what is sold.
///
/// Prices are those of the catalogue files, without tax, in the currency that each says; nothing is converted (MKT-03).
#[utoipa::path(tag = "catalogue", security(("oauth2" = [CatalogRead::NAME])), params(ListOffers),
    responses((status = 200, description = "A page of offers.", body = OfferPage), Problems))]
#[get("/v1/offers")]
async fn list_offers(app: App, caller: Caller<CatalogRead>, query: Query<ListOffers>) -> Result<Tagged<OfferPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let at = match query.sold_at {
        Some(at) => at,
        None => app.now(&mut db).await?,
    };
    let currency = query.market.as_deref().map(|country| currency_of(country, at)).transpose()?;
    let rows = store::list(&mut db, &query, currency, at, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let language = caller.context().language;
    let items = rows.into_iter().map(|row| Offer::of(row, language)).collect::<Result<_>>()?;
    Ok(Tagged(OfferPage { items, next_cursor }))
}

/// The currency that prices are listed in for this country (MKT-01).
fn currency_of(country: &str, at: Instant) -> Result<&'static str> {
    let country = profiles::country(country, "?market").map_err(|fault| Error::invalid(vec![fault]))?;
    let region = markets::region_of(&country, at.date_naive());
    let currency = region.and_then(|region| region.currency_of(&country));
    currency
        .ok_or_else(|| Error::refused(vec![Fault::at("?market", Code::CountryWithoutRegion).with("country", country)]))
}

/// Get an offer: the version in force now, or the last one before, or the first one to come.
///
/// With its terms, billing cycles and prices, and what it is made for.
#[utoipa::path(tag = "catalogue", security(("oauth2" = [CatalogRead::NAME])),
    params(("id" = String, Path, description = "The offer's stable name.", max_length = 100)),
    responses((status = 200, description = "The offer.", body = Offer), Problems))]
#[get("/v1/offers/{id:[^/:]+}")]
async fn get_offer(app: App, caller: Caller<CatalogRead>, id: crate::http::id::Name) -> Result<Tagged<Offer>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    Ok(Tagged(Offer::of(store::find(&mut db, &id, now).await?, caller.context().language)?))
}

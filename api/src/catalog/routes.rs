//! The operations over the catalogue.

use super::model::{ListOffers, Offer, OfferPage};
use super::store;
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::error::Result;
use crate::http::{Problems, Query, Shown, Tagged};
use crate::state::App;
use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_offers).service(get_offer);
}

/// List what is sold.
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
    let rows = store::list(&mut db, &query, at, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let language = caller.context().language;
    let items = rows.into_iter().map(|row| Offer::of(row, language)).collect::<Result<_>>()?;
    Ok(Tagged(OfferPage { items, next_cursor }))
}

/// Get an offer: the version in force now, or the last one before, or the first one to come.
#[utoipa::path(tag = "catalogue", security(("oauth2" = [CatalogRead::NAME])),
    params(("id" = String, Path, description = "The offer's stable name.", max_length = 100)),
    responses((status = 200, description = "The offer.", body = Offer), Problems))]
#[get("/v1/offers/{id:[^/:]+}")]
async fn get_offer(app: App, caller: Caller<CatalogRead>, id: crate::http::id::Name) -> Result<Shown<Offer>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    Ok(Shown(Offer::of(store::find(&mut db, &id, now).await?, caller.context().language)?))
}

//! The operations over software and its keys.

use super::choice::Rights;
use super::model::{
    Entitlement, EntitlementPage, EntitlementState, KeyStockPage, ListKeyStock, ListSoftware, MediaPage, RevealKey,
    RevealedKey, UpdateEntitlement,
};
use super::{downloads, key_imports, kms, reveal, rules, shares, stock, store};
use crate::access::permits::{SoftwareKeys, SoftwareRead, SoftwareWrite, StockRead};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::preconditions::{IdempotencyHeader, IfMatchHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::state::App;
use crate::topic::Topic;
use crate::{catalog, customers};
use actix_web::web::{self, Json};
use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_software).service(get_entitlement).service(update_entitlement);
    service.service(list_entitlement_media).service(reveal_key).service(list_key_stock);
    service
        .configure(shares::routes)
        .configure(downloads::routes)
        .configure(kms::routes)
        .configure(key_imports::routes);
}

/// Mounts what stands outside the document: the pages of shares, and downloads.
pub fn pages(service: &mut web::ServiceConfig) {
    service.configure(shares::pages).configure(downloads::pages);
}

/// List all software bought for a customer, cancelled items too, with what may be had of it.
///
/// Keys are masked. The oldest first.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    params(("id" = String, Path, description = "The customer's id.", max_length = 36), ListSoftware),
    responses((status = 200, description = "A page of software.", body = EntitlementPage), Problems))]
#[get("/v1/customers/{id:[^/:]+}/software")]
async fn list_software(
    app: App,
    caller: Caller<SoftwareRead>,
    id: Id,
    query: Query<ListSoftware>,
) -> Result<Json<EntitlementPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let customer = customers::find(caller.viewer(), &mut db, &id).await?;
    let rows = store::list(caller.viewer(), &mut db, &customer.id, query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let mut keys = store::keys_of(&mut db, &rows).await?;
    let named: Vec<&str> = rows.iter().map(|row| row.product_id.as_str()).collect();
    let (products, media) = (catalog::products(&mut db, &named).await?, catalog::media_of_all(&mut db, &named).await?);
    let mut items = Vec::new();
    for row in rows {
        let own = keys.iter().position(|key| key.entitlement_id.as_ref() == Some(&row.id));
        let product = products.iter().find(|product| product.id == row.product_id);
        let media = media.iter().filter(|medium| medium.product_id == row.product_id).cloned().collect();
        // What was cancelled stays in sight, and nothing of it may be had (SWK-01).
        let rights = match row.state {
            EntitlementState::Cancelled => Vec::new(),
            _ => Rights::from(&row, product, media)?.media,
        };
        let mut item = Entitlement::of(row, own.map(|index| keys.swap_remove(index)));
        item.media = Some(rights);
        items.push(item);
    }
    Ok(Json(EntitlementPage { items, next_cursor }))
}

/// Get bought software, its key masked.
///
/// With what may be had of it now.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36)),
    responses((status = 200, description = "The software.", body = Entitlement), Problems))]
#[get("/v1/entitlements/{id:[^/:]+}")]
async fn get_entitlement(app: App, caller: Caller<SoftwareRead>, id: Id) -> Result<Shown<Entitlement>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let key = store::key_of(&mut db, &row.id).await?;
    Ok(Shown(Entitlement::of(row, key)))
}

/// Give bought software a name of the partner's own.
///
/// Its tenant never changes: asking for another is refused with the order to place instead (TEN-06).
#[utoipa::path(tag = "software", request_body = UpdateEntitlement, security(("oauth2" = [SoftwareWrite::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), IfMatchHeader),
    responses((status = 200, description = "The software as it is now.", body = Entitlement), Problems))]
#[patch("/v1/entitlements/{id:[^/:]+}")]
async fn update_entitlement(
    app: App,
    caller: Caller<SoftwareWrite>,
    id: Id,
    if_match: IfMatch,
    body: Body<UpdateEntitlement>,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.demand(row.version)?;
        rules::stays_with_its_tenant(&row, body.tenant_id.as_ref())?;
        if let Some(name) = &body.friendly_name {
            row.friendly_name.clone_from(name);
        }
        row.version += 1;
        store::rename(tx, &row).await?;
        tx.emit(Topic::EntitlementUpdated, &row);
        let key = store::key_of(tx.db(), &row.id).await?;
        Ok(Done(Entitlement::of(row, key)))
    })
    .await
}

/// List the versions, languages and bitnesses that may be had of bought software.
///
/// Who pays for a term may have every version. Who owns for good may have the version that was the newest at the
/// purchase, and go back from it as far as the product allows (SWK-08).
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36)),
    responses((status = 200, description = "Every combination.", body = MediaPage), Problems))]
#[get("/v1/entitlements/{id:[^/:]+}/media")]
async fn list_entitlement_media(app: App, caller: Caller<SoftwareRead>, id: Id) -> Result<Json<MediaPage>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    Ok(Json(MediaPage { items: Rights::of(&mut db, &row).await?.media, next_cursor: None }))
}

/// Reveal the product key of bought software.
///
/// The first reveal assigns a key of the chosen version; later ones show the same key. Each is audited with its
/// reason. After a refund it answers 410 `key_revoked`. Only so many may be revealed in 24 hours: by one client, and by
/// all clients of one partner (429 `key_reveal_limit_reached`).
#[utoipa::path(tag = "software", request_body = RevealKey, security(("oauth2" = [SoftwareKeys::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The key in clear.", body = RevealedKey), Problems))]
#[post("/v1/entitlements/{id:[^/:]+}/keys:reveal")]
async fn reveal_key(
    app: App,
    caller: Caller<SoftwareKeys>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RevealKey>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        Ok(Done(reveal::reveal(tx, caller.viewer(), &id, &app.config, &if_match, &body).await?))
    })
    .await
}

/// List the stock of product keys, by product and version.
///
/// How many keys are in stock, issued and revoked. No key is shown.
#[utoipa::path(tag = "software", security(("oauth2" = [StockRead::NAME])), params(ListKeyStock),
    responses((status = 200, description = "A page of the stock.", body = KeyStockPage), Problems))]
#[get("/v1/key-stock")]
async fn list_key_stock(app: App, caller: Caller<StockRead>, query: Query<ListKeyStock>) -> Result<Json<KeyStockPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = stock::counts(&mut reader.db()?, query.product_id.as_deref(), &page).await?;
    let (items, next_cursor) = page.cut_at(&app.vault, rows, stock::place_of)?;
    Ok(Json(KeyStockPage { items, next_cursor }))
}

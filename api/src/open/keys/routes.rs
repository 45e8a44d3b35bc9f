//! The operations over keys of the Open programme.

use super::model::{ListOpenKeys, OpenKey, OpenKeyPage, RetrieveOpenKey, RetrievedOpenKey};
use super::{retrieval, store};
use crate::access::permits::{OpenKeys, OpenRead};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_open_keys).service(get_open_key).service(retrieve_open_key);
}

/// List the keys that were bought through Open, masked.
///
/// With their states. `retrieve_open_key` shows one in clear, `redeem_open_keys` turns keys into subscriptions. The
/// oldest first.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])), params(ListOpenKeys),
    responses((status = 200, description = "A page of keys.", body = OpenKeyPage), Problems))]
#[get("/v1/open/keys")]
async fn list_open_keys(app: App, caller: Caller<OpenRead>, query: Query<ListOpenKeys>) -> Result<Json<OpenKeyPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, &query, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    Ok(Json(OpenKeyPage { items: rows.into_iter().map(OpenKey::from).collect(), next_cursor }))
}

/// Get a key that was bought through Open, masked.
///
/// With what it is for, its state, and when it was retrieved and redeemed.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])),
    params(("id" = String, Path, description = "The key's id.", max_length = 36)),
    responses((status = 200, description = "The key.", body = OpenKey), Problems))]
#[get("/v1/open/keys/{id:[^/:]+}")]
async fn get_open_key(app: App, caller: Caller<OpenRead>, id: Id) -> Result<Shown<OpenKey>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.into()))
}

/// Retrieve a key in clear, with the reason.
///
/// Only the customer and the reseller that the order names may, and only once the customer has signed the agreement. It
/// counts against the daily limits on reveals.
#[utoipa::path(tag = "open", request_body = RetrieveOpenKey, security(("oauth2" = [OpenKeys::NAME])),
    params(("id" = String, Path, description = "The key's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The key in clear.", body = RetrievedOpenKey), Problems))]
#[post("/v1/open/keys/{id:[^/:]+}:retrieve")]
async fn retrieve_open_key(
    app: App,
    caller: Caller<OpenKeys>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RetrieveOpenKey>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        Ok(Done(retrieval::retrieve(tx, caller.viewer(), &id, &app.config.limits, &if_match, &body).await?))
    })
    .await
}

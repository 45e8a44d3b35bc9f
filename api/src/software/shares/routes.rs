//! The operations over key shares.

use super::model::{CreateKeyShare, KeyShare, KeyShareLink, KeySharePage, ListKeyShares};
use super::{course, store};
use crate::access::permits::{KeyShares, SoftwareRead};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::Result;
use crate::http::id::InnerId;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query};
use crate::software::store as purchases;
use crate::state::App;
use actix_web::web::Json;
use actix_web::{delete, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_key_shares).service(create_key_share).service(withdraw_key_share);
}

/// Share the key of bought software by a link.
///
/// The page behind the link shows the key after a click, so many times and for so long; robots that follow links see
/// nothing. The answer shows the link this once. It assigns the key where none was, and counts as a reveal. Whoever has
/// the link has the key: `acknowledgeRisk` must be true.
#[utoipa::path(tag = "software", request_body = CreateKeyShare, security(("oauth2" = [KeyShares::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 201, description = "The share with its link.", body = KeyShareLink), Problems))]
#[post("/v1/entitlements/{id:[^/:]+}/key-shares")]
async fn create_key_share(
    app: App,
    caller: Caller<KeyShares>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<CreateKeyShare>,
) -> Result<Answer> {
    let language = caller.context().language;
    app.write_once(&caller, key, &body, async |tx| {
        Ok(Created(course::create(tx, caller.viewer(), &id, &app.config, &if_match, &body, language).await?))
    })
    .await
}

/// List the links that share the key of bought software. Their addresses are not shown again.
///
/// Withdrawn and expired ones too. The oldest first.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), ListKeyShares),
    responses((status = 200, description = "A page of shares.", body = KeySharePage), Problems))]
#[get("/v1/entitlements/{id:[^/:]+}/key-shares")]
async fn list_key_shares(
    app: App,
    caller: Caller<SoftwareRead>,
    id: Id,
    query: Query<ListKeyShares>,
) -> Result<Json<KeySharePage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let entitlement = purchases::find(caller.viewer(), &mut db, &id).await?;
    let rows = store::list(&mut db, &entitlement, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let share = |row: super::model::ShareRow| {
        let state = row.lifetime().state(&entitlement, now);
        KeyShare::of(row, state)
    };
    Ok(Json(KeySharePage { items: rows.into_iter().map(share).collect(), next_cursor }))
}

/// Withdraw a link that shares a key.
///
/// Whoever holds it sees no key from now on.
#[utoipa::path(tag = "software", security(("oauth2" = [KeyShares::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36),
        ("shareId" = String, Path, description = "The share's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "It opens no more."), Problems))]
#[delete("/v1/entitlements/{id:[^/:]+}/key-shares/{shareId:[^/:]+}")]
async fn withdraw_key_share(
    app: App,
    caller: Caller<KeyShares>,
    id: Id,
    share_id: InnerId,
    if_match: IfMatch,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        course::withdraw(tx, caller.viewer(), &id, &share_id, &if_match).await?;
        Ok(NoContent)
    })
    .await
}

//! The operations over API clients. They are a partner's own: operators' clients are made by the command line only.

use super::model::{
    ApiClient, ApiClientCredentials, ApiClientPage, CreateApiClient, ListApiClients, NewClient, RotateApiClientSecret,
};
use super::{rules, store};
use crate::access::permits::{ClientsRead, ClientsWrite};
use crate::access::{Caller, Permit, TokenKind};
use crate::db::write::Answer;
use crate::error::{Code, Error, Result};
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, NoContent, Problems, Query, Shown};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{delete, get, post};
use chrono::TimeDelta;
use utoipa_actix_web::service_config::ServiceConfig;

/// For how long a replaced secret lives on unless the caller says otherwise.
const OVERLAP_SECONDS: i64 = 86_400;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_api_clients).service(create_api_client).service(get_api_client);
    service.service(rotate_api_client_secret).service(delete_api_client);
}

/// List the partner's API clients. No secret is shown.
///
/// The oldest first.
#[utoipa::path(tag = "access", security(("oauth2" = [ClientsRead::NAME])), params(ListApiClients),
    responses((status = 200, description = "A page of clients.", body = ApiClientPage), Problems))]
#[get("/v1/api-clients")]
async fn list_api_clients(
    app: App,
    caller: Caller<ClientsRead>,
    query: Query<ListApiClients>,
) -> Result<Json<ApiClientPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let secrets = store::secrets_of(&mut db, &rows).await?;
    let of = |id: &str| secrets.iter().filter(|secret| secret.client_id == id).cloned().collect();
    let items = rows.into_iter().map(|row| (of(&row.id), row)).map(|(secrets, row)| ApiClient::of(row, secrets));
    Ok(Json(ApiClientPage { items: items.collect(), next_cursor }))
}

/// Create an API client of the partner.
///
/// Its secret is shown in this answer and never again; the answer replays for a day, to the same caller only. Nobody
/// grants a scope or role beyond its own, save that a globalAdmin may grant adminAgent (ENR-12).
#[utoipa::path(tag = "access", request_body = CreateApiClient, security(("oauth2" = [ClientsWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The client with its secret.", body = ApiClientCredentials), Problems))]
#[post("/v1/api-clients")]
async fn create_api_client(
    app: App,
    caller: Caller<ClientsWrite>,
    key: IdempotencyKey,
    body: Body<CreateApiClient>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        rules::name(&body.name)?;
        let scopes = rules::scopes_in(&body.scope).map_err(Error::refused)?;
        rules::grantable(caller.may_grant(), &scopes, &body.roles)?;
        let new = NewClient {
            name: body.name.clone(),
            kind: TokenKind::Partner,
            partner_id: Some(caller.partner()?.to_owned()),
            customer_id: None,
            scopes,
            roles: rules::each_once(&body.roles),
        };
        let (row, client_secret) = store::make(tx, &new).await?;
        let secrets = store::secrets_of(tx.db(), std::slice::from_ref(&row)).await?;
        Ok(Created(ApiClientCredentials {
            client_id: row.id.clone(),
            client_secret,
            client: ApiClient::of(row, secrets),
        }))
    })
    .await
}

/// Get an API client. No secret is shown.
///
/// With its scopes and roles.
#[utoipa::path(tag = "access", security(("oauth2" = [ClientsRead::NAME])),
    params(("id" = String, Path, description = "The client's id.", max_length = 36)),
    responses((status = 200, description = "The client.", body = ApiClient), Problems))]
#[get("/v1/api-clients/{id:[^/:]+}")]
async fn get_api_client(app: App, caller: Caller<ClientsRead>, id: Id) -> Result<Shown<ApiClient>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find_own(caller.viewer(), &mut db, &id).await?;
    let secrets = store::secrets_of(&mut db, std::slice::from_ref(&row)).await?;
    Ok(Shown(ApiClient::of(row, secrets)))
}

/// Replace the secret of an API client.
///
/// The secret of now lives on beside the new one for as long as the body says, a day unless it does; one that was
/// replaced before ends here: never more than two are good. Who gets a secret gets what it opens: the client may hold no
/// scope or role beyond the caller's own (ENR-12). Tokens that were got with an ended secret live out their half hour; to
/// end them too, delete the client.
#[utoipa::path(tag = "access", request_body = RotateApiClientSecret, security(("oauth2" = [ClientsWrite::NAME])),
    params(("id" = String, Path, description = "The client's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The client with its new secret.", body = ApiClientCredentials), Problems))]
#[post("/v1/api-clients/{id:[^/:]+}:rotate")]
async fn rotate_api_client_secret(
    app: App,
    caller: Caller<ClientsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<RotateApiClientSecret>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find_own(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        // Whoever gets a client's secret can do what the client can: it is a grant (ENR-12).
        rules::grantable(caller.may_grant(), &row.scopes(), &row.roles())?;
        if row.issuer.is_some() {
            return Err(Error::new(Code::ClientHasNoSecret));
        }
        let overlap = TimeDelta::seconds(body.overlap_seconds.unwrap_or(OVERLAP_SECONDS));
        let client_secret = store::rotate(tx, &mut row, overlap).await?;
        let secrets = store::secrets_of(tx.db(), std::slice::from_ref(&row)).await?;
        Ok(Done(ApiClientCredentials { client_id: row.id.clone(), client_secret, client: ApiClient::of(row, secrets) }))
    })
    .await
}

/// Revoke an API client with all its secrets.
///
/// Its tokens open nothing any more: at once where this is asked, within seconds everywhere.
#[utoipa::path(tag = "access", security(("oauth2" = [ClientsWrite::NAME])),
    params(("id" = String, Path, description = "The client's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "It is revoked."), Problems))]
#[delete("/v1/api-clients/{id:[^/:]+}")]
async fn delete_api_client(app: App, caller: Caller<ClientsWrite>, id: Id, if_match: IfMatch) -> Result<Answer> {
    let answer = app
        .change(&caller, async |tx| {
            let row = store::find_own(caller.viewer(), tx.db(), &id).await?;
            if_match.honour(row.version)?;
            store::revoke(tx, &row).await?;
            Ok(NoContent)
        })
        .await?;
    app.directory.forget(&id);
    Ok(answer)
}

//! The operations over download links.

use super::model::{CreateDownloadLink, DownloadLink, DownloadLinkMade, DownloadLinkPage, LinkRow, ListDownloadLinks};
use super::{course, store};
use crate::access::permits::{SoftwareDownloads, SoftwareRead};
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
    service.service(list_download_links).service(create_download_link).service(withdraw_download_link);
}

/// Make a link under which bought software is downloaded.
///
/// The link is signed, ends by itself and is counted: a download counts as it begins at the first byte. What goes on with
/// it (`Range`, `If-Range`) does not count, in however many parts, even when no more may begin, until it has asked for
/// ten times the size of the file; what is beyond counts as another download. Looking at it (HEAD, robots that
/// follow links) uses nothing up. `Repr-Digest` tells the SHA-256 of the whole file. The answer shows the link this once.
/// Whoever has it can download: `acknowledgeRisk` must be true.
#[utoipa::path(tag = "software", request_body = CreateDownloadLink, security(("oauth2" = [SoftwareDownloads::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 201, description = "The link.", body = DownloadLinkMade), Problems))]
#[post("/v1/entitlements/{id:[^/:]+}/download-links")]
async fn create_download_link(
    app: App,
    caller: Caller<SoftwareDownloads>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<CreateDownloadLink>,
) -> Result<Answer> {
    let language = caller.context().language;
    app.write_once(&caller, key, &body, async |tx| {
        Ok(Created(course::create(tx, caller.viewer(), &id, &app.config, &if_match, &body, language).await?))
    })
    .await
}

/// List the links under which bought software is downloaded. Their addresses are not shown again.
///
/// Withdrawn and expired ones too. The oldest first.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareRead::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36), ListDownloadLinks),
    responses((status = 200, description = "A page of links.", body = DownloadLinkPage), Problems))]
#[get("/v1/entitlements/{id:[^/:]+}/download-links")]
async fn list_download_links(
    app: App,
    caller: Caller<SoftwareRead>,
    id: Id,
    query: Query<ListDownloadLinks>,
) -> Result<Json<DownloadLinkPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let entitlement = purchases::find(caller.viewer(), &mut db, &id).await?;
    let rows = store::list(&mut db, &entitlement, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let files = store::files_of(&mut db, &entitlement.product_id, &rows).await?;
    let link = |row: LinkRow| {
        let state = row.lifetime().state(&entitlement, now);
        let file = files.iter().find(|file| row.is_of(file));
        DownloadLink::of(row, file, state)
    };
    Ok(Json(DownloadLinkPage { items: rows.into_iter().map(link).collect(), next_cursor }))
}

/// Withdraw a link under which software is downloaded.
///
/// Whoever holds it is refused from now on.
#[utoipa::path(tag = "software", security(("oauth2" = [SoftwareDownloads::NAME])),
    params(("id" = String, Path, description = "The entitlement's id.", max_length = 36),
        ("downloadLinkId" = String, Path, description = "The link's id.", max_length = 36), OptionalIfMatchHeader),
    responses((status = 204, description = "It leads nowhere any more."), Problems))]
#[delete("/v1/entitlements/{id:[^/:]+}/download-links/{downloadLinkId:[^/:]+}")]
async fn withdraw_download_link(
    app: App,
    caller: Caller<SoftwareDownloads>,
    id: Id,
    link_id: InnerId,
    if_match: IfMatch,
) -> Result<Answer> {
    app.change(&caller, async |tx| {
        course::withdraw(tx, caller.viewer(), &id, &link_id, &if_match).await?;
        Ok(NoContent)
    })
    .await
}

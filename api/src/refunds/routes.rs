//! The operations over refunds.

use super::asked::{QuoteRefund, RequestRefund};
use super::course;
use super::model::{ListRefunds, Refund, RefundPage, RefundPreview, RefundRow};
use super::purchase::Purchase;
use super::rules::RefundQuote;
use super::{reviews, store};
use crate::access::permits::{RefundsRead, RefundsWrite};
use crate::access::{Caller, Permit};
use crate::attachments::{self, AboutKind, AttachmentFile, NewAttachment};
use crate::db::Db;
use crate::db::write::Answer;
use crate::error::{Code, Error, Fault, Result};
use crate::http::id::InnerId;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::state::App;
use crate::topic::Topic;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(quote_refund).service(list_refunds).service(request_refund);
    service.service(preview_refund).service(get_refund);
    service.service(add_refund_attachment).service(get_refund_attachment);
    service.configure(reviews::routes);
}

/// The refund with the files that belong to it.
pub(super) async fn shown(db: &mut Db<'_>, row: RefundRow) -> Result<Refund> {
    let files = attachments::of_all(db, &[&row.id]).await?;
    Refund::of(row, files.into_iter().map(|(_, file)| file).collect())
}

/// Quote the refund of an order line or a subscription, with its arithmetic. Writes nothing.
///
/// Says which policy holds, what would be given back and how that was reckoned, and until when; where nothing would,
/// all the reasons.
#[utoipa::path(tag = "refunds", request_body = QuoteRefund, security(("oauth2" = [RefundsRead::NAME])),
    responses((status = 200, description = "The quote as of now.", body = RefundQuote), Problems))]
#[post("/v1/refund-quotes")]
async fn quote_refund(app: App, caller: Caller<RefundsRead>, body: Body<QuoteRefund>) -> Result<Json<RefundQuote>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    Ok(Json(course::quote(caller.viewer(), &mut db, &body, now).await?))
}

/// List the refunds that the caller sees.
///
/// A partner sees those that it asked for, the operator all of them. The oldest first.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsRead::NAME])), params(ListRefunds),
    responses((status = 200, description = "A page of refunds.", body = RefundPage), Problems))]
#[get("/v1/refunds")]
async fn list_refunds(app: App, caller: Caller<RefundsRead>, query: Query<ListRefunds>) -> Result<Json<RefundPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, &query, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let files = attachments::of_all(&mut db, &ids).await?;
    let mut items = Vec::new();
    for row in rows {
        let own = files.iter().filter(|(about, _)| *about == row.id).map(|(_, file)| file.clone()).collect();
        items.push(Refund::of(row, own)?);
    }
    Ok(Json(RefundPage { items, next_cursor }))
}

/// Ask for the refund of an order line or a subscription.
///
/// Inside its policy it is granted at once: the key is revoked, then the credit note is written; a marketplace may have
/// each request reviewed first. Asking for more than the quote is refused with the quote, asking for less credits what was
/// asked. Window, days and amount are judged now, whenever it is approved; what is charged for the seats from then on is
/// given back with it.
#[utoipa::path(tag = "refunds", request_body = RequestRefund, security(("oauth2" = [RefundsWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The refund.", body = Refund), Problems))]
#[post("/v1/refunds")]
async fn request_refund(
    app: App,
    caller: Caller<RefundsWrite>,
    key: IdempotencyKey,
    body: Body<RequestRefund>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let refund = course::request(tx, caller.viewer(), app.config.refunds.approval, &body).await?;
        Ok(Created(shown(tx.db(), refund).await?))
    })
    .await
}

/// Preview a refund: every check, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "refunds", request_body = RequestRefund, security(("oauth2" = [RefundsWrite::NAME])),
    responses((status = 200, description = "What would become of it.", body = RefundPreview), Problems))]
#[post("/v1/refunds:preview")]
async fn preview_refund(
    app: App,
    caller: Caller<RefundsWrite>,
    body: Body<RequestRefund>,
) -> Result<Json<RefundPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let purchase = Purchase::find(caller.viewer(), &mut db, (&*body).into()).await?;
    let checked = course::check(&mut db, &purchase, &body, now).await?;
    let reasons = FieldError::all_of(&checked.faults, caller.context().language);
    let quote = checked.judged.map(|judged| judged.quote);
    Ok(Json(RefundPreview { possible: checked.faults.is_empty(), reasons, quote }))
}

/// Get a refund.
///
/// With its state, its quote, the decision, and what was handed in.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsRead::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36)),
    responses((status = 200, description = "The refund.", body = Refund), Problems))]
#[get("/v1/refunds/{id:[^/:]+}")]
async fn get_refund(app: App, caller: Caller<RefundsRead>, id: Id) -> Result<Shown<Refund>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    Ok(Shown(shown(&mut db, row).await?))
}

/// Hand a file in with a refund. It is stored encrypted.
///
/// Its bytes come as base64, and must be of the type that is named.
#[utoipa::path(tag = "refunds", request_body = NewAttachment, security(("oauth2" = [RefundsWrite::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The refund with its files.", body = Refund), Problems))]
#[post("/v1/refunds/{id}/attachments")]
async fn add_refund_attachment(
    app: App,
    caller: Caller<RefundsWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<NewAttachment>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut row = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(row.version)?;
        let file = attachments::check_one(&body, "").map_err(|fault| Error::refused(vec![fault]))?;
        let kept = attachments::of_all(tx.db(), &[&row.id]).await?.len();
        if kept >= attachments::MOST {
            let fault = Fault::at("", Code::AttachmentLimit).with("limit", attachments::MOST);
            return Err(Error::refused(vec![fault]));
        }
        attachments::keep(tx, AboutKind::Refund, &row.id, &row.partner_id, &[file]).await?;
        store::update(tx, &mut row).await?;
        tx.emit(Topic::RefundAttachmentAdded, &row);
        Ok(Done(shown(tx.db(), row).await?))
    })
    .await
}

/// Get a file of a refund, with its bytes.
///
/// The bytes stand in the answer as base64.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsRead::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36),
        ("attachmentId" = String, Path, description = "The file's id.", max_length = 36)),
    responses((status = 200, description = "The file.", body = AttachmentFile), Problems))]
#[get("/v1/refunds/{id}/attachments/{attachmentId}")]
async fn get_refund_attachment(
    app: App,
    caller: Caller<RefundsRead>,
    id: Id,
    attachment_id: InnerId,
) -> Result<Shown<AttachmentFile>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let refund = store::find(caller.viewer(), &mut db, &id).await?;
    let row = attachments::find(&mut db, AboutKind::Refund, &attachment_id).await?;
    if row.about_id != refund.id {
        return Err(Error::not_found("attachment"));
    }
    Ok(Shown(AttachmentFile::open(&app.vault, row)?))
}

//! The operations over refunds.

use super::course::{self, Purchase};
use super::model::{ListRefunds, QuoteRefund, Refund, RefundPage, RefundPreview, RequestRefund};
use super::rules::RefundQuote;
use super::store;
use crate::access::permits::{RefundsRead, RefundsWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Error, Result};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Id, IdempotencyKey, Problems, Query, Shown};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(quote_refund).service(list_refunds).service(request_refund);
    service.service(preview_refund).service(get_refund);
}

/// Quote the refund of an order line, with its arithmetic. Writes nothing.
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
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsRead::NAME])), params(ListRefunds),
    responses((status = 200, description = "A page of refunds.", body = RefundPage), Problems))]
#[get("/v1/refunds")]
async fn list_refunds(app: App, caller: Caller<RefundsRead>, query: Query<ListRefunds>) -> Result<Json<RefundPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(caller.viewer(), &mut reader.db()?, query.order_id.as_deref(), query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let items = rows.into_iter().map(Refund::try_from).collect::<Result<_>>()?;
    Ok(Json(RefundPage { items, next_cursor }))
}

/// Ask for the refund of an order line.
///
/// Inside its policy it is granted at once: the key is revoked, then the credit note is written. Asking for more than
/// the quote is refused with the quote.
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
        let purchase = Purchase::find(caller.viewer(), tx.db(), &body.order_id, body.line_number).await?;
        let (quote, amount) = course::judge(&purchase, &body, tx.now()).map_err(Error::refused)?;
        let refund = course::grant(tx, &purchase, &body, &quote, amount).await?;
        Ok(Created(Refund::try_from(refund)?))
    })
    .await
}

/// Preview a refund: every check, nothing written.
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
    let purchase = Purchase::find(caller.viewer(), &mut db, &body.order_id, body.line_number).await?;
    let faults = course::judge(&purchase, &body, now).err().unwrap_or_default();
    let reasons = FieldError::all_of(&faults, caller.context().language);
    let quote = purchase.quote(now).ok().map(|(quote, _)| quote);
    Ok(Json(RefundPreview { possible: faults.is_empty(), reasons, quote }))
}

/// Get a refund.
#[utoipa::path(tag = "refunds", security(("oauth2" = [RefundsRead::NAME])),
    params(("id" = String, Path, description = "The refund's id.", max_length = 36)),
    responses((status = 200, description = "The refund.", body = Refund), Problems))]
#[get("/v1/refunds/{id:[^/:]+}")]
async fn get_refund(app: App, caller: Caller<RefundsRead>, id: Id) -> Result<Shown<Refund>> {
    let mut reader = app.read().await?;
    Ok(Shown(store::find(caller.viewer(), &mut reader.db()?, &id).await?.try_into()?))
}

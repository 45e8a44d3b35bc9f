//! The operations over orders through Open.

use super::model::{CancelOpenOrder, ListOpenOrders, OpenOrder, OpenOrderPage, PlaceOpenOrder};
use super::{cancellation, place, store};
use crate::access::permits::{OpenRead, OpenWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::orders::{OrderPreview, OrderPreviewLine};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_open_orders).service(place_open_order).service(preview_open_order);
    service.service(get_open_order).service(cancel_open_order);
}

/// List the orders through Open that the caller sees.
///
/// A partner sees those that it placed, a customer its own, the operator all of them. The oldest first.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])), params(ListOpenOrders),
    responses((status = 200, description = "A page of orders.", body = OpenOrderPage), Problems))]
#[get("/v1/open/orders")]
async fn list_open_orders(
    app: App,
    caller: Caller<OpenRead>,
    query: Query<ListOpenOrders>,
) -> Result<Json<OpenOrderPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, &query, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    Ok(Json(OpenOrderPage { items: store::shown(&mut db, rows).await?, next_cursor }))
}

/// Place an order through Open, on an agreement.
///
/// Every line is a year of a plan, paid up front, from one seat on, and brings one key for all of its seats. It completes
/// and is invoiced to the provider once a key is in stock for each line. Customer and reseller get a welcome mail. Refused
/// with all failing reasons at once; the partner of record must be enabled as an advisor.
#[utoipa::path(tag = "open", request_body = PlaceOpenOrder, security(("oauth2" = [OpenWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The order.", body = OpenOrder), Problems))]
#[post("/v1/open/orders")]
async fn place_open_order(
    app: App,
    caller: Caller<OpenWrite>,
    key: IdempotencyKey,
    body: Body<PlaceOpenOrder>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let now = tx.now();
        let planned = place::plan(caller.viewer(), tx.db(), caller.partner()?, now, &body).await?;
        all_or((), planned.plan.faults.clone())?;
        let order = place::place(tx, planned, &body).await?;
        Ok(Created(store::shown_one(tx.db(), order).await?))
    })
    .await
}

/// Preview an order through Open: every check and every price, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "open", request_body = PlaceOpenOrder, security(("oauth2" = [OpenWrite::NAME])),
    responses((status = 200, description = "What would become of it.", body = OrderPreview), Problems))]
#[post("/v1/open/orders:preview")]
async fn preview_open_order(
    app: App,
    caller: Caller<OpenWrite>,
    body: Body<PlaceOpenOrder>,
) -> Result<Json<OrderPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let plan = place::plan(caller.viewer(), &mut db, caller.partner()?, now, &body).await?.plan;
    Ok(Json(OrderPreview {
        possible: plan.faults.is_empty(),
        reasons: FieldError::all_of(&plan.faults, caller.context().language),
        lines: plan.lines.iter().map(OrderPreviewLine::from).collect(),
        total: plan.total.map(Into::into),
    }))
}

/// Get an order through Open.
///
/// With its lines and their prices.
#[utoipa::path(tag = "open", security(("oauth2" = [OpenRead::NAME])),
    params(("id" = String, Path, description = "The order's id.", max_length = 36)),
    responses((status = 200, description = "The order.", body = OpenOrder), Problems))]
#[get("/v1/open/orders/{id:[^/:]+}")]
async fn get_open_order(app: App, caller: Caller<OpenRead>, id: Id) -> Result<Shown<OpenOrder>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let (order, _) = store::find(caller.viewer(), &mut db, &id).await?;
    Ok(Shown(store::shown_one(&mut db, order).await?))
}

/// Cancel an order through Open, or one line of it, before its key is redeemed.
///
/// The key is revoked, then all of the money is given back by a credit note. Once a key is redeemed nothing is.
#[utoipa::path(tag = "open", request_body = CancelOpenOrder, security(("oauth2" = [OpenWrite::NAME])),
    params(("id" = String, Path, description = "The order's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The order as it is now.", body = OpenOrder), Problems))]
#[post("/v1/open/orders/{id:[^/:]+}:cancel")]
async fn cancel_open_order(
    app: App,
    caller: Caller<OpenWrite>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<CancelOpenOrder>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let (order, _) = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(order.version)?;
        cancellation::cancel(tx, &order, &body).await?;
        let (order, _) = store::find(caller.viewer(), tx.db(), &id).await?;
        Ok(Done(store::shown_one(tx.db(), order).await?))
    })
    .await
}

//! The operations over orders.

use super::model::{ListOrders, Order, OrderChannel, OrderPage, OrderPreview, OrderPreviewLine, PlaceOrder};
use super::{place, store};
use crate::access::permits::{OrdersRead, OrdersWrite};
use crate::access::{Caller, Permit};
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::preconditions::IdempotencyHeader;
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Id, IdempotencyKey, Problems, Query, Shown};
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_orders).service(place_order).service(preview_order).service(get_order);
}

/// List the orders that the caller sees.
#[utoipa::path(tag = "orders", security(("oauth2" = [OrdersRead::NAME])), params(ListOrders),
    responses((status = 200, description = "A page of orders.", body = OrderPage), Problems))]
#[get("/v1/orders")]
async fn list_orders(app: App, caller: Caller<OrdersRead>, query: Query<ListOrders>) -> Result<Json<OrderPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let rows = store::list(caller.viewer(), &mut db, query.customer_id.as_deref(), query.state, &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let lines = store::lines_of_all(&mut db, &rows).await?;
    let mut items = Vec::new();
    for row in rows {
        let own: Vec<_> = lines.iter().filter(|line| line.order_id == row.id).cloned().collect();
        items.push(Order::of(row, &own)?);
    }
    Ok(Json(OrderPage { items, next_cursor }))
}

/// Place an order.
///
/// Refused with all failing reasons at once. It completes at once when every line has a key in stock, else it waits
/// (`awaitingStock`).
#[utoipa::path(tag = "orders", request_body = PlaceOrder, security(("oauth2" = [OrdersWrite::NAME])),
    params(IdempotencyHeader),
    responses((status = 201, description = "The order.", body = Order), Problems))]
#[post("/v1/orders")]
async fn place_order(
    app: App,
    caller: Caller<OrdersWrite>,
    key: IdempotencyKey,
    body: Body<PlaceOrder>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let now = tx.now();
        let (parties, plan) = place::plan(caller.viewer(), tx.db(), caller.partner()?, now, &body).await?;
        all_or((), plan.faults.clone())?;
        let channel = body.channel.unwrap_or(OrderChannel::Csp);
        let (order, lines) = place::place(tx, &parties, &plan, channel, app.config.software.low_stock).await?;
        Ok(Created(Order::of(order, &lines)?))
    })
    .await
}

/// Preview an order: every check and every price, nothing written.
#[utoipa::path(tag = "orders", request_body = PlaceOrder, security(("oauth2" = [OrdersWrite::NAME])),
    responses((status = 200, description = "What would become of it.", body = OrderPreview), Problems))]
#[post("/v1/orders:preview")]
async fn preview_order(app: App, caller: Caller<OrdersWrite>, body: Body<PlaceOrder>) -> Result<Json<OrderPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let (_, plan) = place::plan(caller.viewer(), &mut db, caller.partner()?, now, &body).await?;
    Ok(Json(OrderPreview {
        possible: plan.faults.is_empty(),
        reasons: FieldError::all_of(&plan.faults, caller.context().language),
        lines: plan.lines.iter().map(OrderPreviewLine::from).collect(),
        total: plan.total.map(Into::into),
    }))
}

/// Get an order.
#[utoipa::path(tag = "orders", security(("oauth2" = [OrdersRead::NAME])),
    params(("id" = String, Path, description = "The order's id.", max_length = 36)),
    responses((status = 200, description = "The order.", body = Order), Problems))]
#[get("/v1/orders/{id:[^/:]+}")]
async fn get_order(app: App, caller: Caller<OrdersRead>, id: Id) -> Result<Shown<Order>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let row = store::find(caller.viewer(), &mut db, &id).await?;
    let lines = store::lines_of(&mut db, &row).await?;
    Ok(Shown(Order::of(row, &lines)?))
}

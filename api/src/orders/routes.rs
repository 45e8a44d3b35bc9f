//! The operations over orders.

use super::model::CancelledBecause;
use super::model::{ListOrders, Order, OrderPage, OrderPreview, OrderPreviewLine, PlaceOrder};
use super::{place, rules, store, waiting};
use crate::access::permits::{OrdersCancel, OrdersRead, OrdersWrite};
use crate::access::{Caller, Permit};
use crate::catalog::Channel;
use crate::db::write::Answer;
use crate::error::{Result, all_or};
use crate::http::body::Nothing;
use crate::http::preconditions::{IdempotencyHeader, OptionalIfMatchHeader};
use crate::http::problem::FieldError;
use crate::http::{Body, Created, Done, Id, IdempotencyKey, IfMatch, Problems, Query, Shown};
use crate::renewals::Settings;
use crate::state::App;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_orders).service(place_order).service(preview_order).service(get_order).service(cancel_order);
}

/// List the orders that the caller sees.
///
/// A partner sees its own and what its links and relationships open to it, the operator all of them. The oldest first.
#[utoipa::path(tag = "orders", security(("oauth2" = [OrdersRead::NAME])), params(ListOrders),
    responses((status = 200, description = "A page of orders.", body = OrderPage), Problems))]
#[get("/v1/orders")]
async fn list_orders(app: App, caller: Caller<OrdersRead>, query: Query<ListOrders>) -> Result<Json<OrderPage>> {
    let page = app.page(&caller, &query)?;
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let (customer, tenant) = (query.customer_id.as_deref(), query.tenant_id.as_deref());
    let rows = store::list(caller.viewer(), &mut db, customer, tenant, query.state, &page).await?;
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
/// Refused with all failing reasons at once. Lines of software bring entitlements, lines of cloud plans subscriptions;
/// each names an offer, and where that has several, its term and billing cycle. It completes at once, or waits: for the
/// customer to accept its tenant (`awaitingAcceptance`), or for product keys (`awaitingStock`). The strictest line's role
/// holds for all of it: sales agents place orders for the government cloud only, global administrators all others.
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
        let (parties, mut plan) = place::plan(caller.viewer(), tx.db(), caller.partner()?, now, &body).await?;
        plan.faults.extend(rules::needs_agreement(&body));
        rules::role(&plan, &body, caller.may_grant().1)?;
        all_or((), plan.faults.clone())?;
        let channel = body.channel.unwrap_or(Channel::Csp);
        let (order, lines) = place::place(tx, Settings::of(&app.config), &parties, &plan, channel).await?;
        Ok(Created(Order::of(order, &lines)?))
    })
    .await
}

/// Preview an order: every check and every price, nothing written.
///
/// Every reason for which it would be refused is told at once.
#[utoipa::path(tag = "orders", request_body = PlaceOrder, security(("oauth2" = [OrdersWrite::NAME])),
    responses((status = 200, description = "What would become of it.", body = OrderPreview), Problems))]
#[post("/v1/orders:preview")]
async fn preview_order(app: App, caller: Caller<OrdersWrite>, body: Body<PlaceOrder>) -> Result<Json<OrderPreview>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let (_, mut plan) = place::plan(caller.viewer(), &mut db, caller.partner()?, now, &body).await?;
    plan.faults.extend(rules::needs_agreement(&body));
    rules::role(&plan, &body, caller.may_grant().1)?;
    Ok(Json(OrderPreview {
        possible: plan.faults.is_empty(),
        reasons: FieldError::all_of(&plan.faults, caller.context().language),
        lines: plan.lines.iter().map(OrderPreviewLine::from).collect(),
        total: plan.total.map(Into::into),
    }))
}

/// Get an order.
///
/// With its lines, their prices, and what each line brought: entitlements of software, subscriptions of cloud plans.
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

/// Cancel an order that waits. What is complete is given back by a refund.
///
/// It waits for the customer's acceptance or for product keys.
#[utoipa::path(tag = "orders", security(("oauth2" = [OrdersCancel::NAME])),
    params(("id" = String, Path, description = "The order's id.", max_length = 36), IdempotencyHeader,
        OptionalIfMatchHeader),
    responses((status = 200, description = "The order, cancelled.", body = Order), Problems))]
#[post("/v1/orders/{id:[^/:]+}:cancel")]
async fn cancel_order(
    app: App,
    caller: Caller<OrdersCancel>,
    id: Id,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<Nothing>,
) -> Result<Answer> {
    app.write_once(&caller, key, &body, async |tx| {
        let mut order = store::find(caller.viewer(), tx.db(), &id).await?;
        if_match.honour(order.version)?;
        waiting::is_waiting(&order)?;
        waiting::cancel(tx, &mut order, CancelledBecause::Requested).await?;
        let lines = store::lines_of(tx.db(), &order).await?;
        Ok(Done(Order::of(order, &lines)?))
    })
    .await
}

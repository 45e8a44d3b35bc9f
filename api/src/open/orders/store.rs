//! Queries over orders through Open.

use super::model::{ListOpenOrders, OpenOrder, OpenOrderRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{open_orders, orders};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::open::keys;
use crate::orders::{OrderRow, OrderState};
use crate::profiles::Contact;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The order with this id, for these eyes; one of another channel is none.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<(OrderRow, OpenOrderRow)> {
    let order = crate::orders::find(viewer, db, id).await?;
    let own = own_of(db, id).await?.ok_or_else(|| Error::not_found("order"))?;
    Ok((order, own))
}

async fn own_of(db: &mut Db<'_>, id: &str) -> Result<Option<OpenOrderRow>> {
    Ok(on!(db, c => open_orders::table.find(id).select(OpenOrderRow::as_select()).first(c)).optional()?)
}

/// Who is written to at the reseller. For the house itself.
pub async fn reseller_contact(db: &mut Db<'_>, order_id: &str) -> Result<Contact> {
    let own = own_of(db, order_id).await?.ok_or_else(|| Error::internal("a key without its order"))?;
    own.reseller_contact.read()
}

/// What an order says beside what every order says. For the house itself.
pub async fn get_own(db: &mut Db<'_>, order_id: &str) -> Result<OpenOrderRow> {
    own_of(db, order_id).await?.ok_or_else(|| Error::internal("an Open order without its agreement"))
}

/// A page of the orders that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListOpenOrders, page: &Page) -> Result<Vec<OrderRow>> {
    Ok(on!(db, c => {
        let mut through_open = open_orders::table.select(open_orders::order_id).into_boxed();
        if let Some(agreement_id) = &asked.agreement_id {
            through_open = through_open.filter(open_orders::agreement_id.eq(agreement_id));
        }
        let mut rows = seen_by!(orders, viewer)
            .filter(orders::id.gt(page.after()))
            .filter(orders::id.eq_any(through_open));
        if let Some(customer_id) = &asked.customer_id {
            rows = rows.filter(orders::customer_id.eq(customer_id));
        }
        if let Some(state) = asked.state {
            rows = rows.filter(orders::state.eq(state));
        }
        rows.order(orders::id.asc()).limit(page.rows()).select(OrderRow::as_select()).load(c)
    })?)
}

/// Orders as they are shown.
pub async fn shown(db: &mut Db<'_>, rows: Vec<OrderRow>) -> Result<Vec<OpenOrder>> {
    let ids: Vec<&str> = rows.iter().map(|order| order.id.as_str()).collect();
    let own: Vec<OpenOrderRow> = on!(db, c => open_orders::table
        .filter(open_orders::order_id.eq_any(&ids))
        .select(OpenOrderRow::as_select())
        .load(c))?;
    let lines = crate::orders::lines_of_all(db, &rows).await?;
    let keys = keys::of_orders(db, &ids).await?;
    let mut shown = Vec::new();
    for order in rows {
        if let Some(own) = own.iter().find(|own| own.order_id == order.id) {
            shown.push(OpenOrder::of(order, own, &lines, &keys)?);
        }
    }
    Ok(shown)
}

/// The same for one that was found.
pub async fn shown_one(db: &mut Db<'_>, row: OrderRow) -> Result<OpenOrder> {
    shown(db, vec![row]).await?.into_iter().next().ok_or_else(|| Error::not_found("order"))
}

/// The orders that wait for keys, oldest first. For the house itself.
pub async fn awaiting_stock(db: &mut Db<'_>) -> Result<Vec<OrderRow>> {
    Ok(on!(db, c => orders::table
        .filter(orders::state.eq(OrderState::AwaitingStock))
        .filter(orders::id.eq_any(open_orders::table.select(open_orders::order_id)))
        .order(orders::id.asc())
        .limit(1000)
        .select(OrderRow::as_select())
        .load(c))?)
}

/// Adds what an order says beside what every order says.
pub async fn insert(tx: &mut Tx<'_>, row: &OpenOrderRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(open_orders::table).values(row).execute(c))?;
    Ok(())
}

//! Queries over orders.

use super::model::{LineState, OrderLineRow, OrderRow, OrderState};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{indirect_provider_links, order_lines, orders, partners, relationships};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::links::LinkState;
use crate::partners::PartnerRow;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The order with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<OrderRow> {
    on!(db, c => seen_by!(orders, viewer).filter(orders::id.eq(id)).select(OrderRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("order"))
}

/// The lines of an order that was found.
pub async fn lines_of(db: &mut Db<'_>, order: &OrderRow) -> Result<Vec<OrderLineRow>> {
    Ok(on!(db, c => order_lines::table
        .filter(order_lines::order_id.eq(&order.id))
        .order(order_lines::number.asc())
        .limit(50)
        .select(OrderLineRow::as_select())
        .load(c))?)
}

/// A page of the orders that these eyes see.
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    customer_id: Option<&str>,
    tenant_id: Option<&str>,
    state: Option<OrderState>,
    page: &Page,
) -> Result<Vec<OrderRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(orders, viewer).filter(orders::id.gt(page.after()));
        if let Some(customer_id) = customer_id {
            rows = rows.filter(orders::customer_id.eq(customer_id));
        }
        if let Some(tenant_id) = tenant_id {
            rows = rows.filter(orders::tenant_id.eq(tenant_id));
        }
        if let Some(state) = state {
            rows = rows.filter(orders::state.eq(state));
        }
        rows.order(orders::id.asc()).limit(page.rows()).select(OrderRow::as_select()).load(c)
    })?)
}

/// The lines of several orders that were found.
pub async fn lines_of_all(db: &mut Db<'_>, orders: &[OrderRow]) -> Result<Vec<OrderLineRow>> {
    let ids: Vec<&str> = orders.iter().map(|order| order.id.as_str()).collect();
    Ok(on!(db, c => order_lines::table
        .filter(order_lines::order_id.eq_any(&ids))
        .order(order_lines::number.asc())
        .limit(10_000)
        .select(OrderLineRow::as_select())
        .load(c))?)
}

/// The orders that wait for the customer to accept a tenant, oldest first. For the house itself.
pub async fn awaiting_acceptance(db: &mut Db<'_>, tenant_id: &str) -> Result<Vec<OrderRow>> {
    Ok(on!(db, c => orders::table
        .filter(orders::tenant_id.eq(tenant_id))
        .filter(orders::state.eq(OrderState::AwaitingAcceptance))
        .order(orders::id.asc())
        .select(OrderRow::as_select())
        .load(c))?)
}

/// Whether the customer has accepted this partner (LNK-09).
pub async fn has_relationship(db: &mut Db<'_>, partner_id: &str, customer_id: &str) -> Result<bool> {
    let accepted: i64 = on!(db, c => relationships::table
        .filter(relationships::partner_id.eq(partner_id))
        .filter(relationships::customer_id.eq(customer_id))
        .filter(relationships::state.eq("accepted"))
        .count()
        .get_result(c))?;
    Ok(accepted > 0)
}

/// The resellers with a live link to this provider that the customer has accepted (ORD-02).
pub async fn resellers_of(db: &mut Db<'_>, provider_id: &str, customer_id: &str) -> Result<Vec<PartnerRow>> {
    Ok(on!(db, c => partners::table
        .inner_join(indirect_provider_links::table
            .on(indirect_provider_links::reseller_id.eq(partners::id.nullable())))
        .inner_join(relationships::table.on(relationships::partner_id.eq(partners::id)))
        .filter(indirect_provider_links::provider_id.eq(provider_id))
        .filter(indirect_provider_links::state.eq(LinkState::Active))
        .filter(relationships::customer_id.eq(customer_id))
        .filter(relationships::state.eq("accepted"))
        .order(partners::id.asc())
        .limit(100)
        .select(PartnerRow::as_select())
        .load(c))?)
}

/// Writes a changed order, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut OrderRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(orders::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Writes a changed line.
pub async fn update_line(tx: &mut Tx<'_>, row: &OrderLineRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(order_lines::table.find(&row.id)).set(row).execute(c))?;
    Ok(())
}

/// Adds an order.
pub async fn insert(tx: &mut Tx<'_>, row: &OrderRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(orders::table).values(row).execute(c))?;
    Ok(())
}

/// Adds a line.
pub async fn insert_line(tx: &mut Tx<'_>, row: &OrderLineRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(order_lines::table).values(row).execute(c))?;
    Ok(())
}

/// Cancels a line that was refunded, and with the last one its order.
pub async fn cancel_line(tx: &mut Tx<'_>, order: &OrderRow, line: &OrderLineRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(order_lines::table.find(&line.id))
        .set(order_lines::state.eq(LineState::Cancelled))
        .execute(c))?;
    let left = lines_of(tx.db(), order).await?.iter().any(|line| line.state != LineState::Cancelled);
    let state = if left { OrderState::PartlyCancelled } else { OrderState::Cancelled };
    on!(tx.db(), c => diesel::update(orders::table.find(&order.id))
        .set((orders::state.eq(state), orders::version.eq(orders::version + 1)))
        .execute(c))?;
    Ok(())
}

//! Queries over subscriptions and their seats.

use super::model::{BatchRow, LIVE, SubscriptionRow, SubscriptionState};
use crate::access::Viewer;
use crate::catalog::Channel;
use crate::db::Db;
use crate::db::schema::{order_lines, orders, seat_batches, subscriptions};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::orders::LineState;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The subscription with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<SubscriptionRow> {
    on!(db, c => seen_by!(subscriptions, viewer)
        .filter(subscriptions::id.eq(id))
        .select(SubscriptionRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("subscription"))
}

/// The same for the house itself.
pub async fn get(db: &mut Db<'_>, id: &str) -> Result<SubscriptionRow> {
    find(&Viewer::Operator, db, id).await
}

/// Which subscriptions are listed.
#[derive(Default)]
pub struct Listed<'a> {
    /// Of this customer.
    pub customer_id: Option<&'a str>,
    /// On this tenant.
    pub tenant_id: Option<&'a str>,
    /// Of this order.
    pub order_id: Option<&'a str>,
    /// In this state.
    pub state: Option<SubscriptionState>,
}

/// A page of the subscriptions that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, listed: &Listed<'_>, page: &Page) -> Result<Vec<SubscriptionRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(subscriptions, viewer).filter(subscriptions::id.gt(page.after()));
        if let Some(id) = listed.customer_id {
            rows = rows.filter(subscriptions::customer_id.eq(id));
        }
        if let Some(id) = listed.tenant_id {
            rows = rows.filter(subscriptions::tenant_id.eq(id));
        }
        if let Some(id) = listed.order_id {
            rows = rows.filter(subscriptions::order_id.eq(id));
        }
        if let Some(state) = listed.state {
            rows = rows.filter(subscriptions::state.eq(state));
        }
        rows.order(subscriptions::id.asc()).limit(page.rows()).select(SubscriptionRow::as_select()).load(c)
    })?)
}

/// How many of a customer's subscriptions live, for these eyes.
pub async fn live_of_customer(viewer: &Viewer, db: &mut Db<'_>, customer_id: &str) -> Result<i64> {
    Ok(on!(db, c => seen_by!(subscriptions, viewer)
        .filter(subscriptions::customer_id.eq(customer_id))
        .filter(subscriptions::state.eq_any(LIVE))
        .count()
        .get_result(c))?)
}

/// The subscriptions of a tenant whose seats count, whoever sold them. For the house itself.
pub async fn live_on(db: &mut Db<'_>, tenant_id: &str) -> Result<Vec<SubscriptionRow>> {
    Ok(on!(db, c => subscriptions::table
        .filter(subscriptions::tenant_id.eq(tenant_id))
        .filter(subscriptions::state.eq_any(LIVE))
        .order(subscriptions::id.asc())
        .select(SubscriptionRow::as_select())
        .load(c))?)
}

/// Seats of a plan that a tenant has, or has ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The subscription that has them; none, where they are ordered only.
    pub subscription_id: Option<String>,
    /// The plan.
    pub product_id: String,
    /// Its family.
    pub family: Option<String>,
    /// Seats.
    pub seats: i64,
}

/// What a tenant has, and what waits for it: orders that complete by themselves must fit too (CAT-02, CAT-03).
pub async fn held_by(db: &mut Db<'_>, tenant_id: &str, but_for_order: Option<&str>) -> Result<Vec<Held>> {
    type Columns = (Option<String>, String, Option<String>, i64);
    let mut held: Vec<Columns> = on!(db, c => subscriptions::table
        .filter(subscriptions::tenant_id.eq(tenant_id))
        .filter(subscriptions::state.eq_any(LIVE))
        .select((
            subscriptions::id.nullable(),
            subscriptions::product_id,
            subscriptions::family,
            subscriptions::quantity,
        ))
        .load(c))?;
    let waiting: Vec<(String, Option<String>, i64)> = on!(db, c => order_lines::table
        .inner_join(orders::table.on(orders::id.eq(order_lines::order_id)))
        .filter(orders::tenant_id.eq(tenant_id))
        .filter(orders::id.ne(but_for_order.unwrap_or_default()))
        .filter(order_lines::state.eq_any([LineState::AwaitingAcceptance, LineState::AwaitingStock]))
        .filter(order_lines::product_id.is_not_null())
        // What is bought through Open is on no tenant before it is redeemed.
        .filter(orders::channel.ne(Channel::Open))
        .select((order_lines::product_id.assume_not_null(), order_lines::family, order_lines::quantity))
        .load(c))?;
    held.extend(waiting.into_iter().map(|(product_id, family, seats)| (None, product_id, family, seats)));
    let of = |(subscription_id, product_id, family, seats)| Held { subscription_id, product_id, family, seats };
    Ok(held.into_iter().map(of).collect())
}

/// Adds a subscription.
pub async fn insert(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(subscriptions::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed subscription, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(subscriptions::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// The batches of these subscriptions, oldest first.
pub async fn batches_of(db: &mut Db<'_>, of: &[SubscriptionRow]) -> Result<Vec<BatchRow>> {
    let ids: Vec<&str> = of.iter().map(|row| row.id.as_str()).collect();
    Ok(on!(db, c => seat_batches::table
        .filter(seat_batches::subscription_id.eq_any(&ids))
        .filter(seat_batches::seats.gt(0))
        .order((seat_batches::added_at.asc(), seat_batches::id.asc()))
        .limit(10_000)
        .select(BatchRow::as_select())
        .load(c))?)
}

/// Adds a batch.
pub async fn insert_batch(tx: &mut Tx<'_>, row: &BatchRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(seat_batches::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed batch; one without seats goes.
pub async fn update_batch(tx: &mut Tx<'_>, row: &BatchRow) -> Result<()> {
    if row.seats == 0 {
        on!(tx.db(), c => diesel::delete(seat_batches::table.find(&row.id)).execute(c))?;
    } else {
        on!(tx.db(), c => diesel::update(seat_batches::table.find(&row.id)).set(row).execute(c))?;
    }
    Ok(())
}

/// Whether any other live subscription came with this order line.
pub async fn is_line_live(db: &mut Db<'_>, order_line_id: &str) -> Result<bool> {
    let live: i64 = on!(db, c => subscriptions::table
        .filter(subscriptions::order_line_id.eq(order_line_id))
        .filter(subscriptions::state.eq_any(LIVE))
        .count()
        .get_result(c))?;
    Ok(live > 0)
}

//! Queries over keys of the Open programme.

use super::model::{ListOpenKeys, OpenKeyRow, OpenKeyState};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::open_keys;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{on, seen_by};
use chrono::NaiveDateTime;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

const UNREDEEMED: [OpenKeyState; 3] = [OpenKeyState::Ordered, OpenKeyState::Available, OpenKeyState::Retrieved];

/// The key with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<OpenKeyRow> {
    on!(db, c => seen_by!(open_keys, viewer).filter(open_keys::id.eq(id)).select(OpenKeyRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("open_key"))
}

/// A page of the keys that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListOpenKeys, page: &Page) -> Result<Vec<OpenKeyRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(open_keys, viewer).filter(open_keys::id.gt(page.after()));
        if let Some(customer_id) = &asked.customer_id {
            rows = rows.filter(open_keys::customer_id.eq(customer_id));
        }
        if let Some(order_id) = &asked.order_id {
            rows = rows.filter(open_keys::order_id.eq(order_id));
        }
        if let Some(state) = asked.state {
            rows = rows.filter(open_keys::state.eq(state));
        }
        rows.order(open_keys::id.asc()).limit(page.rows()).select(OpenKeyRow::as_select()).load(c)
    })?)
}

/// The key that has this key of the stock, for these eyes.
pub async fn find_by_product_key(viewer: &Viewer, db: &mut Db<'_>, product_key_id: &str) -> Result<Option<OpenKeyRow>> {
    Ok(on!(db, c => seen_by!(open_keys, viewer)
        .filter(open_keys::product_key_id.assume_not_null().eq(product_key_id))
        .select(OpenKeyRow::as_select())
        .first(c))
    .optional()?)
}

/// The keys of an order that was found, in the order of its lines.
pub async fn of_order(db: &mut Db<'_>, order_id: &str) -> Result<Vec<OpenKeyRow>> {
    of_orders(db, &[order_id]).await
}

/// The keys of the orders of a page: of each at most 50.
pub async fn of_orders(db: &mut Db<'_>, order_ids: &[&str]) -> Result<Vec<OpenKeyRow>> {
    Ok(on!(db, c => open_keys::table
        .filter(open_keys::order_id.eq_any(order_ids))
        .order(open_keys::id.asc())
        .limit(20_000)
        .select(OpenKeyRow::as_select())
        .load(c))?)
}

/// How many keys of a customer may still be redeemed, or will be, for these eyes: bought and not given up (CUS-07).
pub async fn live_of_customer(viewer: &Viewer, db: &mut Db<'_>, customer_id: &str) -> Result<i64> {
    Ok(on!(db, c => seen_by!(open_keys, viewer)
        .filter(open_keys::customer_id.eq(customer_id))
        .filter(open_keys::state.eq_any(UNREDEEMED))
        .count()
        .get_result(c))?)
}

/// How many keys may still be redeemed for a tenant, whoever sold them (TEN-09). For the house itself.
pub async fn live_on_tenant(db: &mut Db<'_>, tenant_id: &str) -> Result<i64> {
    Ok(on!(db, c => open_keys::table
        .filter(open_keys::tenant_id.eq(tenant_id))
        .filter(open_keys::state.eq_any(UNREDEEMED))
        .count()
        .get_result(c))?)
}

/// The key of an order's line. For the house itself.
pub async fn of_line(db: &mut Db<'_>, order_line_id: &str) -> Result<Option<OpenKeyRow>> {
    Ok(on!(db, c => open_keys::table
        .filter(open_keys::order_line_id.eq(order_line_id))
        .select(OpenKeyRow::as_select())
        .first(c))
    .optional()?)
}

/// The keys that wait for nothing but their agreement's signature.
pub async fn awaiting_signature(db: &mut Db<'_>, agreement_id: &str) -> Result<Vec<OpenKeyRow>> {
    Ok(on!(db, c => open_keys::table
        .filter(open_keys::agreement_id.eq(agreement_id))
        .filter(open_keys::state.eq(OpenKeyState::Ordered))
        .filter(open_keys::product_key_id.is_not_null())
        .order(open_keys::id.asc())
        .select(OpenKeyRow::as_select())
        .load(c))?)
}

/// When a partner of record is told next of a year that ends.
pub async fn next_notice(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<Option<NaiveDateTime>> = on!(db, c => open_keys::table
        .filter(open_keys::next_notice_at.is_not_null())
        .order(open_keys::next_notice_at.asc())
        .select(open_keys::next_notice_at)
        .first(c))
    .optional()?;
    Ok(next.flatten().map(|at| at.and_utc()))
}

/// The keys of whose year is to be told by now.
pub async fn to_be_told(db: &mut Db<'_>, now: Instant) -> Result<Vec<String>> {
    Ok(on!(db, c => open_keys::table
        .filter(open_keys::next_notice_at.assume_not_null().le(now.naive_utc()))
        .order((open_keys::next_notice_at.asc(), open_keys::id.asc()))
        .select(open_keys::id)
        .load(c))?)
}

/// Adds a key.
pub async fn insert(tx: &mut Tx<'_>, row: &OpenKeyRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(open_keys::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed key, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut OpenKeyRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(open_keys::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

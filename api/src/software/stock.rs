//! The stock of product keys: what is free, what waits for it, and when it runs low (SWK-09).

use super::model::{EntitlementState, KeyRow, KeyState, KeyStock};
use crate::db::Db;
use crate::db::schema::{entitlements, product_keys};
use crate::db::write::{Subject, Tx};
use crate::error::Result;
use crate::http::Page;
use crate::on;
use crate::topic::Topic;
use chrono::NaiveDateTime;
use diesel::dsl::{count, exists};
use diesel::prelude::{
    AggregateExpressionMethods, BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The job that completes orders which wait for keys of a product.
pub const STOCK_CAME: &str = "software.stock_came";
/// The most purchases that are looked at in one go.
const MOST_WAITING: i64 = 10_000;

/// What an event of the stock is about: a product, or `product/version`.
pub struct Stock(pub String);

impl Subject for Stock {
    fn object_id(&self) -> &str {
        &self.0
    }
    fn partner_id(&self) -> Option<&str> {
        None
    }
}

/// A purchase that waits for its key.
pub struct Waiting {
    /// What was bought.
    pub entitlement_id: String,
    /// With which order.
    pub order_id: String,
    /// When, with the id its place in the queue.
    pub since: NaiveDateTime,
}

/// Keys in stock that no purchase has reserved. Those that wait have reserved theirs too: what comes into stock is for
/// them, and nobody who comes later overtakes.
pub async fn free_keys(db: &mut Db<'_>, product_id: &str) -> Result<i64> {
    let waiting: i64 = on!(db, c => entitlements::table
        .filter(entitlements::product_id.eq(product_id))
        .filter(entitlements::state.eq(EntitlementState::AwaitingStock))
        .count()
        .get_result(c))?;
    Ok(keys_for_those_who_wait(db, product_id).await? - waiting)
}

/// Keys in stock that no completed purchase has reserved.
pub async fn keys_for_those_who_wait(db: &mut Db<'_>, product_id: &str) -> Result<i64> {
    let in_stock: i64 = on!(db, c => product_keys::table
        .filter(product_keys::product_id.eq(product_id))
        .filter(product_keys::state.eq(KeyState::InStock))
        .count()
        .get_result(c))?;
    let reserved: i64 = on!(db, c => entitlements::table
        .left_join(product_keys::table.on(product_keys::entitlement_id.eq(entitlements::id.nullable())))
        .filter(entitlements::product_id.eq(product_id))
        .filter(entitlements::state.eq(EntitlementState::Active))
        .filter(product_keys::id.nullable().is_null())
        .count()
        .get_result(c))?;
    Ok(in_stock - reserved)
}

/// The purchases of a product that wait, oldest first.
pub async fn waiting_for(db: &mut Db<'_>, product_id: &str) -> Result<Vec<Waiting>> {
    let rows: Vec<(String, String, NaiveDateTime)> = on!(db, c => entitlements::table
        .filter(entitlements::product_id.eq(product_id))
        .filter(entitlements::state.eq(EntitlementState::AwaitingStock))
        .order((entitlements::created_at.asc(), entitlements::id.asc()))
        .limit(MOST_WAITING)
        .select((entitlements::id, entitlements::order_id, entitlements::created_at))
        .load(c))?;
    let waiting = |(entitlement_id, order_id, since)| Waiting { entitlement_id, order_id, since };
    Ok(rows.into_iter().map(waiting).collect())
}

/// How many purchases of a product wait longer than this one.
pub async fn waiting_longer(db: &mut Db<'_>, product_id: &str, than: &Waiting) -> Result<i64> {
    Ok(on!(db, c => entitlements::table
        .filter(entitlements::product_id.eq(product_id))
        .filter(entitlements::state.eq(EntitlementState::AwaitingStock))
        .filter(entitlements::order_id.ne(&than.order_id))
        .filter(entitlements::created_at.lt(than.since).or(
            entitlements::created_at.eq(than.since).and(entitlements::id.lt(&than.entitlement_id))))
        .count()
        .get_result(c))?)
}

/// Leaves the work of completing what waits for a product, where something does.
pub async fn wake(tx: &mut Tx<'_>, product_id: &str) -> Result<()> {
    let waits = entitlements::table
        .filter(entitlements::product_id.eq(product_id))
        .filter(entitlements::state.eq(EntitlementState::AwaitingStock));
    let is_awaited: bool = on!(tx.db(), c => diesel::select(exists(waits)).get_result(c))?;
    if is_awaited {
        tx.enqueue(STOCK_CAME, "", "", serde_json::json!(product_id), tx.machine_now());
    }
    Ok(())
}

/// Tells the operator when units of a product run low: once, as the count passes the mark.
pub fn tell_when_low(tx: &mut Tx<'_>, mark: u32, what: &str, before: i64, after: i64) {
    let mark = i64::from(mark);
    if mark > 0 && before > mark && after <= mark {
        tx.emit(Topic::KeyStockLow, &Stock(what.to_owned()));
    }
}

/// The same for a version of which a key was just issued.
pub async fn tell_when_version_is_low(tx: &mut Tx<'_>, mark: u32, product_id: &str, version: &str) -> Result<()> {
    if mark == 0 {
        return Ok(());
    }
    // No more rows are looked at than decide it.
    let left: Vec<String> = on!(tx.db(), c => product_keys::table
        .filter(product_keys::product_id.eq(product_id))
        .filter(product_keys::state.eq(KeyState::InStock))
        .filter(product_keys::version.eq(version))
        .limit(i64::from(mark) + 1)
        .select(product_keys::id)
        .load(c))?;
    let left = i64::try_from(left.len()).unwrap_or(i64::MAX);
    tell_when_low(tx, mark, &format!("{product_id}/{version}"), left + 1, left);
    Ok(())
}

/// The versions of a product of which keys are in stock.
pub async fn versions_in_stock(db: &mut Db<'_>, product_id: &str) -> Result<Vec<String>> {
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::product_id.eq(product_id))
        .filter(product_keys::state.eq(KeyState::InStock))
        .select(product_keys::version)
        .distinct()
        .order(product_keys::version.asc())
        .limit(100)
        .load(c))?)
}

/// The next key of the stock; nobody else gets it, because taking it changes its row.
pub async fn next_in_stock(db: &mut Db<'_>, product_id: &str, version: &str) -> Result<Option<KeyRow>> {
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::product_id.eq(product_id))
        .filter(product_keys::state.eq(KeyState::InStock))
        .filter(product_keys::version.eq(version))
        .order(product_keys::id.asc())
        .select(KeyRow::as_select())
        .first(c))
    .optional()?)
}

/// Stands between a product and its version in the cursor of a page.
const BETWEEN: char = '\n';

/// Where a page of the stock goes on from.
pub fn place_of(stock: &KeyStock) -> String {
    format!("{}{BETWEEN}{}", stock.product_id, stock.version)
}

/// A page of how many keys there are, by product and version.
pub async fn counts(db: &mut Db<'_>, product_id: Option<&str>, page: &Page) -> Result<Vec<KeyStock>> {
    let (product, version) = page.after().split_once(BETWEEN).unwrap_or_default();
    let rows: Vec<(String, String, i64, i64, i64)> = on!(db, c => {
        let in_state = |state| count(product_keys::id).aggregate_filter(product_keys::state.eq(state));
        let issued = product_keys::state.eq_any([KeyState::Assigned, KeyState::Revealed]);
        let rows = product_keys::table
            .group_by((product_keys::product_id, product_keys::version))
            .select((
                product_keys::product_id,
                product_keys::version,
                in_state(KeyState::InStock),
                count(product_keys::id).aggregate_filter(issued),
                in_state(KeyState::Revoked),
            ))
            .filter(product_keys::product_id.gt(product).or(
                product_keys::product_id.eq(product).and(product_keys::version.gt(version))))
            .order((product_keys::product_id.asc(), product_keys::version.asc()))
            .limit(page.rows())
            .into_boxed();
        match product_id {
            Some(product_id) => rows.filter(product_keys::product_id.eq(product_id)).load(c),
            None => rows.load(c),
        }
    })?;
    let stock =
        |(product_id, version, in_stock, issued, revoked)| KeyStock { product_id, version, in_stock, issued, revoked };
    Ok(rows.into_iter().map(stock).collect())
}

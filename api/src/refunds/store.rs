//! Queries over refunds.

use super::model::{ListRefunds, RefundRow, RefundState};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::refunds;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::Page;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The refund with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<RefundRow> {
    on!(db, c => seen_by!(refunds, viewer).filter(refunds::id.eq(id)).select(RefundRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("refund"))
}

/// A page of the refunds that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListRefunds, page: &Page) -> Result<Vec<RefundRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(refunds, viewer).filter(refunds::id.gt(page.after()));
        if let Some(order_id) = &asked.order_id {
            rows = rows.filter(refunds::order_id.eq(order_id));
        }
        if let Some(customer_id) = &asked.customer_id {
            rows = rows.filter(refunds::customer_id.eq(customer_id));
        }
        if let Some(subscription_id) = &asked.subscription_id {
            rows = rows.filter(refunds::subscription_id.assume_not_null().eq(subscription_id));
        }
        if let Some(state) = asked.state {
            rows = rows.filter(refunds::state.eq(state));
        }
        rows.order(refunds::id.asc()).limit(page.rows()).select(RefundRow::as_select()).load(c)
    })?)
}

/// The refund of software, by its order line, that is open or went through (REF-06).
pub async fn live_of_line(db: &mut Db<'_>, order_line_id: &str) -> Result<Option<String>> {
    Ok(on!(db, c => refunds::table
        .filter(refunds::order_line_id.eq(order_line_id))
        .filter(refunds::subscription_id.is_null())
        .filter(refunds::state.ne(RefundState::Rejected))
        .filter(refunds::state.ne(RefundState::Withdrawn))
        .select(refunds::id)
        .first(c))
    .optional()?)
}

/// The refund of a subscription's seats that is open (REF-06).
pub async fn open_of_subscription(db: &mut Db<'_>, subscription_id: &str) -> Result<Option<String>> {
    const OPEN: [RefundState; 4] =
        [RefundState::Requested, RefundState::InReview, RefundState::Approved, RefundState::KeyRevoked];
    Ok(on!(db, c => refunds::table
        .filter(refunds::subscription_id.assume_not_null().eq(subscription_id))
        .filter(refunds::state.eq_any(OPEN))
        .select(refunds::id)
        .first(c))
    .optional()?)
}

/// The batches of which seats are asked back, while that is open.
pub async fn open_batches_of(db: &mut Db<'_>, subscription_id: &str) -> Result<Vec<String>> {
    let Some(id) = open_of_subscription(db, subscription_id).await? else { return Ok(Vec::new()) };
    let credits = find(&Viewer::Operator, db, &id).await?.credits()?;
    Ok(credits.into_iter().filter_map(|credit| credit.batch_id).collect())
}

/// Writes a changed refund, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut RefundRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(refunds::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Adds a refund; the index on the line or the subscription keeps a second one out, also when two come at once (REF-06).
pub async fn insert(tx: &mut Tx<'_>, row: &RefundRow) -> Result<()> {
    let inserted =
        on!(tx.db(), c => diesel::insert_into(refunds::table).values(row).on_conflict_do_nothing().execute(c))?;
    if inserted == 0 {
        let other = match &row.subscription_id {
            Some(subscription_id) => open_of_subscription(tx.db(), subscription_id).await?,
            None => live_of_line(tx.db(), &row.order_line_id).await?,
        };
        return Err(Error::new(Code::RefundAlreadyOpen).with("refundId", other));
    }
    Ok(())
}

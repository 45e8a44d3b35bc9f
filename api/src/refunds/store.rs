//! Queries over refunds.

use super::model::{RefundRow, RefundState};
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
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    order_id: Option<&str>,
    state: Option<RefundState>,
    page: &Page,
) -> Result<Vec<RefundRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(refunds, viewer).filter(refunds::id.gt(page.after()));
        if let Some(order_id) = order_id {
            rows = rows.filter(refunds::order_id.eq(order_id));
        }
        if let Some(state) = state {
            rows = rows.filter(refunds::state.eq(state));
        }
        rows.order(refunds::id.asc()).limit(page.rows()).select(RefundRow::as_select()).load(c)
    })?)
}

/// The refund of an order line that is open or went through (REF-06).
pub async fn live_of_line(db: &mut Db<'_>, order_line_id: &str) -> Result<Option<String>> {
    Ok(on!(db, c => refunds::table
        .filter(refunds::order_line_id.eq(order_line_id))
        .filter(refunds::state.ne(RefundState::Rejected))
        .filter(refunds::state.ne(RefundState::Withdrawn))
        .select(refunds::id)
        .first(c))
    .optional()?)
}

/// Adds a refund; the index on the line keeps a second one out, also when two come at once (REF-06).
pub async fn insert(tx: &mut Tx<'_>, row: &RefundRow) -> Result<()> {
    let inserted =
        on!(tx.db(), c => diesel::insert_into(refunds::table).values(row).on_conflict_do_nothing().execute(c))?;
    if inserted == 0 {
        return Err(
            Error::new(Code::RefundAlreadyOpen).with("refundId", live_of_line(tx.db(), &row.order_line_id).await?)
        );
    }
    Ok(())
}

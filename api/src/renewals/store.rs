//! Queries over renewals and their payments.

use super::model::{FailureRow, PaymentRow, RenewalRow, RenewalState};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{renewal_payment_failures, renewal_payments, renewals};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{on, seen_by};
use chrono::NaiveDateTime;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

const OPEN: [RenewalState; 2] = [RenewalState::PaymentPending, RenewalState::Overdue];

/// The renewal with this id, for these eyes.
pub(super) async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<RenewalRow> {
    on!(db, c => seen_by!(renewals, viewer).filter(renewals::id.eq(id)).select(RenewalRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("renewal"))
}

/// A page of the renewals that these eyes see.
pub(super) async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    subscription_id: Option<&str>,
    state: Option<RenewalState>,
    at_risk: Option<bool>,
    page: &Page,
) -> Result<Vec<RenewalRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(renewals, viewer).filter(renewals::id.gt(page.after()));
        if let Some(id) = subscription_id {
            rows = rows.filter(renewals::subscription_id.eq(id));
        }
        if let Some(state) = state {
            rows = rows.filter(renewals::state.eq(state));
        }
        rows = match at_risk {
            Some(true) => rows.filter(renewals::state.eq_any(OPEN)),
            Some(false) => rows.filter(renewals::state.ne_all(OPEN)),
            None => rows,
        };
        rows.order(renewals::id.asc()).limit(page.rows()).select(RenewalRow::as_select()).load(c)
    })?)
}

/// The renewals of a subscription that have not come to their end, oldest first.
pub(super) async fn unfinished(db: &mut Db<'_>, subscription_id: &str) -> Result<Vec<RenewalRow>> {
    Ok(on!(db, c => renewals::table
        .filter(renewals::subscription_id.eq(subscription_id))
        .filter(renewals::state.eq_any([RenewalState::Scheduled, RenewalState::PaymentPending, RenewalState::Overdue]))
        .order((renewals::opens_at.asc(), renewals::id.asc()))
        .select(RenewalRow::as_select())
        .load(c))?)
}

/// Whether a renewal of this subscription is late.
pub async fn has_overdue(db: &mut Db<'_>, subscription_id: &str) -> Result<bool> {
    let late: i64 = on!(db, c => renewals::table
        .filter(renewals::subscription_id.eq(subscription_id))
        .filter(renewals::state.eq(RenewalState::Overdue))
        .count()
        .get_result(c))?;
    Ok(late > 0)
}

/// When something falls due next.
pub async fn next_due(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<Option<NaiveDateTime>> = on!(db, c => renewals::table
        .filter(renewals::next_at.is_not_null())
        .order((renewals::next_at.asc(), renewals::id.asc()))
        .select(renewals::next_at)
        .first(c))
    .optional()?;
    Ok(next.flatten().map(|at| at.and_utc()))
}

/// What is due first at this instant, of all subscriptions or of one, but for these.
pub(super) async fn first_due(
    db: &mut Db<'_>,
    subscription_id: Option<&str>,
    but: &[String],
    now: Instant,
) -> Result<Option<RenewalRow>> {
    Ok(on!(db, c => {
        let mut rows = renewals::table.into_boxed().filter(renewals::next_at.assume_not_null().le(now.naive_utc()));
        if let Some(id) = subscription_id {
            rows = rows.filter(renewals::subscription_id.eq(id));
        }
        if !but.is_empty() {
            rows = rows.filter(renewals::id.ne_all(but));
        }
        rows.order((renewals::next_at.asc(), renewals::id.asc())).select(RenewalRow::as_select()).first(c)
    })
    .optional()?)
}

/// A renewal, if something is due of it at this instant.
pub(super) async fn if_due(db: &mut Db<'_>, id: &str, now: Instant) -> Result<Option<RenewalRow>> {
    Ok(on!(db, c => renewals::table
        .filter(renewals::id.eq(id))
        .filter(renewals::next_at.assume_not_null().le(now.naive_utc()))
        .select(RenewalRow::as_select())
        .first(c))
    .optional()?)
}

/// Adds a renewal.
pub(super) async fn insert(tx: &mut Tx<'_>, row: &RenewalRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(renewals::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed renewal, in its next version.
pub(super) async fn update(tx: &mut Tx<'_>, row: &mut RenewalRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(renewals::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// Adds a payment.
pub(super) async fn insert_payment(tx: &mut Tx<'_>, row: &PaymentRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(renewal_payments::table).values(row).execute(c))?;
    Ok(())
}

/// Adds a payment that did not go through.
pub(super) async fn insert_failure(tx: &mut Tx<'_>, row: &FailureRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(renewal_payment_failures::table).values(row).execute(c))?;
    Ok(())
}

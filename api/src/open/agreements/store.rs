//! Queries over Open agreements: a partner sees those that it made, a customer its own, the operator all.

use super::model::{AgreementRow, ListOpenAgreements, OpenAgreementState};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::open_agreements as agreements;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

macro_rules! seen {
    ($viewer:expr) => {{
        let rows = agreements::table.select(AgreementRow::as_select()).into_boxed();
        match $viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(agreements::partner_id.eq(id)),
            Viewer::Customer(id) => rows.filter(agreements::customer_id.eq(id)),
            Viewer::Enrolment => rows.filter(agreements::id.eq("")),
        }
    }};
}

/// The agreement with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<AgreementRow> {
    on!(db, c => seen!(viewer).filter(agreements::id.eq(id)).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("open_agreement"))
}

/// The same for the house itself.
pub async fn get(db: &mut Db<'_>, id: &str) -> Result<AgreementRow> {
    find(&Viewer::Operator, db, id).await
}

/// A page of the agreements that these eyes see.
pub async fn list(
    viewer: &Viewer,
    db: &mut Db<'_>,
    asked: &ListOpenAgreements,
    page: &Page,
) -> Result<Vec<AgreementRow>> {
    Ok(on!(db, c => {
        let mut rows = seen!(viewer).filter(agreements::id.gt(page.after()));
        if let Some(customer_id) = &asked.customer_id {
            rows = rows.filter(agreements::customer_id.eq(customer_id));
        }
        if let Some(state) = asked.state {
            rows = rows.filter(agreements::state.eq(state));
        }
        rows.order(agreements::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// When an agreement ends next.
pub async fn next_end(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<Option<NaiveDateTime>> = on!(db, c => agreements::table
        .filter(agreements::ends_at.is_not_null())
        .filter(agreements::state.ne(OpenAgreementState::Expired))
        .order(agreements::ends_at.asc())
        .select(agreements::ends_at)
        .first(c))
    .optional()?;
    Ok(next.flatten().map(|at| at.and_utc()))
}

/// The agreements that are over by now and do not say so yet.
pub async fn ended(db: &mut Db<'_>, now: Instant) -> Result<Vec<String>> {
    Ok(on!(db, c => agreements::table
        .filter(agreements::ends_at.assume_not_null().le(now.naive_utc()))
        .filter(agreements::state.ne(OpenAgreementState::Expired))
        .order(agreements::ends_at.asc())
        .select(agreements::id)
        .load(c))?)
}

/// Adds an agreement.
pub async fn insert(tx: &mut Tx<'_>, row: &AgreementRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(agreements::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed agreement, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut AgreementRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(agreements::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// One record of an organisation leads to another: its agreements go with it.
pub async fn move_to(tx: &mut Tx<'_>, from: &str, into: &str) -> Result<()> {
    on!(tx.db(), c => diesel::update(agreements::table)
        .filter(agreements::customer_id.eq(from))
        .set((agreements::customer_id.eq(into), agreements::version.eq(agreements::version + 1)))
        .execute(c))?;
    Ok(())
}

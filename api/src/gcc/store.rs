//! Queries over validations.

use super::model::{Found, GccValidationState, ValidationKind, ValidationRow};
use crate::access::Viewer;
use crate::attachments;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::gcc_validations as validations;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{on, seen_by};
use chrono::{DateTime, NaiveDateTime};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The validation of this kind with this id, for these eyes: both sides of an indirect sale see it.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, kind: ValidationKind, id: &str) -> Result<ValidationRow> {
    on!(db, c => seen_by!(validations, viewer)
        .filter(validations::id.eq(id))
        .filter(validations::kind.eq(kind))
        .select(ValidationRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("gcc_validation"))
}

/// Whether these eyes see a validation, whatever its kind.
pub async fn is_seen(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<bool> {
    let seen: i64 = on!(db, c => seen_by!(validations, viewer).filter(validations::id.eq(id)).count().get_result(c))?;
    Ok(seen > 0)
}

/// Which validations are listed.
#[derive(Clone, Copy)]
pub struct Listed<'a> {
    /// Of this kind.
    pub kind: ValidationKind,
    /// Only in this state.
    pub state: Option<GccValidationState>,
    /// Only of this customer.
    pub customer_id: Option<&'a str>,
}

/// A page of the validations that these eyes see: for the operator what is due first, overdue before all else, then what
/// waits for nobody's answer; for partners the oldest first.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, listed: Listed<'_>, page: &Page) -> Result<Vec<ValidationRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(validations, viewer).filter(validations::kind.eq(listed.kind));
        if let Some(state) = listed.state {
            rows = rows.filter(validations::state.eq(state));
        }
        if let Some(customer_id) = listed.customer_id {
            rows = rows.filter(validations::customer_id.assume_not_null().eq(customer_id));
        }
        if *viewer == Viewer::Operator {
            let (due, id) = queue_place(page.after());
            rows = rows
                .filter(validations::due_at.gt(due).or(validations::due_at.eq(due).and(validations::id.gt(id))))
                .order((validations::due_at.asc(), validations::id.asc()));
        } else {
            rows = rows.filter(validations::id.gt(page.after())).order(validations::id.asc());
        }
        rows.limit(page.rows()).select(ValidationRow::as_select()).load(c)
    })?)
}

fn queue_place(after: &str) -> (NaiveDateTime, &str) {
    let (due, id) = after.split_once('|').unwrap_or(("0", ""));
    (DateTime::from_timestamp_micros(due.parse().unwrap_or_default()).unwrap_or_default().naive_utc(), id)
}

/// Where the next page goes on after this row.
pub fn place_of(viewer: &Viewer, row: &ValidationRow) -> String {
    match viewer {
        Viewer::Operator => format!("{}|{}", row.due_at.and_utc().timestamp_micros(), row.id),
        _ => row.id.clone(),
    }
}

/// These rows with their files.
pub async fn with_attachments(db: &mut Db<'_>, rows: Vec<ValidationRow>) -> Result<Vec<Found>> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let files = attachments::of_all(db, &ids).await?;
    let found = |row: ValidationRow| {
        let own = files.iter().filter(|(about, _)| *about == row.id);
        Found { attachments: own.map(|(_, file)| file.clone()).collect(), row }
    };
    Ok(rows.into_iter().map(found).collect())
}

/// One with its files.
pub async fn with_own_attachments(db: &mut Db<'_>, row: ValidationRow) -> Result<Found> {
    with_attachments(db, vec![row]).await?.pop().ok_or_else(|| Error::not_found("gcc_validation"))
}

/// The open validation under one of these names. For the house itself.
pub async fn open_of(db: &mut Db<'_>, subjects: &[String]) -> Result<Option<ValidationRow>> {
    Ok(on!(db, c => validations::table
        .filter(validations::subject.eq_any(subjects))
        .filter(validations::state.eq_any(GccValidationState::OPEN))
        .order(validations::id.asc())
        .select(ValidationRow::as_select())
        .first(c))
    .optional()?)
}

/// Adds a validation; tells whether no other was open under its name, also when two come at once (GCC-13).
pub async fn insert(tx: &mut Tx<'_>, row: &ValidationRow) -> Result<bool> {
    let inserted =
        on!(tx.db(), c => diesel::insert_into(validations::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(inserted == 1)
}

/// Writes a changed validation, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut ValidationRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(validations::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

/// When an answer becomes late next.
pub async fn next_overdue(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let next: Option<NaiveDateTime> = on!(db, c => validations::table
        .filter(validations::state.eq(GccValidationState::Submitted))
        .filter(validations::is_overdue.eq(false))
        .order(validations::due_at.asc())
        .select(validations::due_at)
        .first(c))
    .optional()?;
    Ok(next.map(|at| at.and_utc()))
}

/// The validations whose answer is late by this instant, and not told to be.
pub async fn late(db: &mut Db<'_>, now: Instant) -> Result<Vec<(String, ValidationKind)>> {
    Ok(on!(db, c => validations::table
        .filter(validations::state.eq(GccValidationState::Submitted))
        .filter(validations::is_overdue.eq(false))
        .filter(validations::due_at.le(now.naive_utc()))
        .order((validations::due_at.asc(), validations::id.asc()))
        .select((validations::id, validations::kind))
        .load(c))?)
}

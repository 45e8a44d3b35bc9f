//! Finding records for a list. Any mix of filters must end within the reader's time limit, however many rows there are
//! and however rare those that are wanted: no index serves every mix, and what a list cannot find in time it could
//! never find.
//!
//! So the links, which are only ever inserted and by the sealer alone, repeat what is filtered by; one filter, together
//! with the partner whose eyes these are, leads by an index that ends in the place of the chain; the others are looked
//! at here; and a page looks at so many links and no more. A page that is not full then has a cursor nevertheless.

use super::model::{AuditOutcome, LinkRow, ListAuditRecords, NEAR, RecordRow};
use super::store;
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{audit_links, audit_seals};
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use diesel::dsl::sql;
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// How many links one statement looks at, once a page's worth was not enough.
const AT_ONCE: i64 = 1_000;
/// How many links one page looks at.
const MOST: usize = 10_000;

/// What was found.
pub struct Found {
    /// In the order of the chain.
    pub rows: Vec<(RecordRow, LinkRow)>,
    /// Up to which place was looked, where there is more to look at and the page is not full.
    pub searched: Option<i64>,
}

/// A page of the records that these eyes see, in the order of the chain: a reader by cursor misses none, whatever
/// commits late.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListAuditRecords, page: &Page) -> Result<Found> {
    let wanted = usize::try_from(page.rows()).map_err(Error::internal)?;
    let mut found = Found { rows: Vec::new(), searched: None };
    let Some((first, last)) = places_of(db, asked).await? else { return Ok(found) };
    let mut after: i64 = page.after().parse::<i64>().unwrap_or_default().max(first - 1);
    let (mut looked_at, mut most) = (0, page.rows());
    loop {
        let links = candidates(viewer, db, asked, (after, last), most).await?;
        let is_end = i64::try_from(links.len()).is_ok_and(|count| count < most);
        looked_at += links.len();
        after = links.as_slice().last().map_or(after, |link| link.position);
        add(db, asked, links, &mut found.rows).await?;
        if found.rows.len() >= wanted {
            found.rows.truncate(wanted);
            return Ok(found);
        }
        if is_end {
            return Ok(found);
        }
        if looked_at >= MOST {
            found.searched = Some(after);
            return Ok(found);
        }
        most = AT_ONCE;
        // SQLite answers at once: without this the worker would serve nobody else until the page is done.
        tokio::task::yield_now().await;
    }
}

/// Adds the records that pass the filters.
async fn add(
    db: &mut Db<'_>,
    asked: &ListAuditRecords,
    mut links: Vec<LinkRow>,
    found: &mut Vec<(RecordRow, LinkRow)>,
) -> Result<()> {
    links.retain(|link| passes(asked, link));
    let seqs: Vec<i64> = links.iter().map(|link| link.record_seq).collect();
    let records = store::records(db, &seqs).await?.rows;
    let mut records: HashMap<i64, RecordRow> = records.into_iter().map(|record| (record.seq, record)).collect();
    for link in links {
        // One that is gone or cannot be read any more: the verification tells of it.
        let Some(record) = records.remove(&link.record_seq) else { continue };
        let at = record.at.and_utc();
        if asked.since.is_none_or(|since| at >= since) && asked.until.is_none_or(|until| at < until) {
            found.push((record, link));
        }
    }
    Ok(())
}

fn passes(asked: &ListAuditRecords, link: &LinkRow) -> bool {
    asked.object_id.as_ref().is_none_or(|id| link.object_id.as_ref() == Some(id))
        && asked.client_id.as_ref().is_none_or(|id| link.client_id == *id)
        && asked.operation.as_ref().is_none_or(|operation| link.operation == *operation)
        && asked.outcome.is_none_or(|outcome| link.outcome == outcome.as_str())
}

/// Links after the first place up to the last, by the filter that leads: the one that leaves the fewest.
async fn candidates(
    viewer: &Viewer,
    db: &mut Db<'_>,
    asked: &ListAuditRecords,
    (after, last): (i64, i64),
    most: i64,
) -> Result<Vec<LinkRow>> {
    Ok(on!(db, c => {
        let mut rows = audit_links::table
            .filter(audit_links::position.gt(after))
            .filter(audit_links::position.le(last))
            .into_boxed();
        rows = match viewer {
            Viewer::Operator => rows,
            // By the statement and not here: how far a search came would tell how many rows others have (CUS-05).
            Viewer::Partner(id) => rows.filter(audit_links::partner_id.assume_not_null().eq(id)),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(audit_links::position.lt(0)),
        };
        rows = match asked {
            ListAuditRecords { object_id: Some(id), .. } => {
                rows.filter(audit_links::object_id.assume_not_null().eq(id))
            }
            ListAuditRecords { client_id: Some(id), .. } => rows.filter(audit_links::client_id.eq(id)),
            ListAuditRecords { operation: Some(operation), .. } => rows.filter(audit_links::operation.eq(operation)),
            // In so many words, because the index is of the refused alone; most records tell what was done.
            ListAuditRecords { outcome: Some(AuditOutcome::Refused), .. } => {
                rows.filter(sql::<Bool>("audit_links.outcome = 'refused'"))
            }
            _ => rows,
        };
        rows.order(audit_links::position.asc()).limit(most).select(LinkRow::as_select()).load(c)
    })?)
}

/// The first and the last place between which records of the wanted time lie; none where there are none.
///
/// The chain is in the order of commits and not of instants. But a seal that is not astray was made within [`NEAR`] of
/// all its records, and seals are made one after the other: so the first of them that can hold such a record is found
/// by its own instant, and so is the last. Astray are few, and looked at one by one.
async fn places_of(db: &mut Db<'_>, asked: &ListAuditRecords) -> Result<Option<(i64, i64)>> {
    let (mut first, mut last) = (0, i64::MAX);
    if let Some(since) = asked.since.map(|since| since.naive_utc()) {
        let near = since.checked_sub_signed(NEAR).unwrap_or(since);
        let regular: Option<i64> = on!(db, c => audit_seals::table
            .filter(audit_seals::sealed_at.ge(near))
            .order((audit_seals::sealed_at.asc(), audit_seals::number.asc()))
            .select(audit_seals::first_position)
            .first(c))
        .optional()?;
        let astray: Option<i64> = on!(db, c => audit_seals::table
            .filter(audit_seals::astray.eq(true))
            .filter(audit_seals::newest_at.ge(since))
            .order(audit_seals::number.asc())
            .select(audit_seals::first_position)
            .first(c))
        .optional()?;
        let Some(place) = regular.into_iter().chain(astray).min() else { return Ok(None) };
        first = place;
    }
    if let Some(until) = asked.until.map(|until| until.naive_utc()) {
        let near = until.checked_add_signed(NEAR).unwrap_or(until);
        let regular: Option<i64> = on!(db, c => audit_seals::table
            .filter(audit_seals::sealed_at.le(near))
            .order((audit_seals::sealed_at.desc(), audit_seals::number.desc()))
            .select(audit_seals::last_position)
            .first(c))
        .optional()?;
        let astray: Option<i64> = on!(db, c => audit_seals::table
            .filter(audit_seals::astray.eq(true))
            .filter(audit_seals::oldest_at.lt(until))
            .order(audit_seals::number.desc())
            .select(audit_seals::last_position)
            .first(c))
        .optional()?;
        let Some(place) = regular.into_iter().chain(astray).max() else { return Ok(None) };
        last = place;
    }
    Ok(Some((first, last)))
}

//! Queries over events.

use super::model::{EventRow, ListEvents, PositionRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{event_positions, events, unplaced_events};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;

/// A page of the events that these eyes see, each with its position.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListEvents, page: &Page) -> Result<Vec<(EventRow, i64)>> {
    let mut after: i64 = page.after().parse().unwrap_or_default();
    if let Some(id) = &asked.after {
        after = after.max(position_of(viewer, db, id).await?);
    }
    let positions: Vec<(i64, i64)> = on!(db, c => {
        let mut rows = seen_by!(event_positions, viewer).filter(event_positions::position.gt(after));
        if let Some(kind) = &asked.kind {
            rows = match kind.strip_suffix('*') {
                Some(thing) => rows.filter(event_positions::topic.like(format!("{}%", thing.replace('%', "")))),
                None => rows.filter(event_positions::topic.eq(kind)),
            };
        }
        rows.order(event_positions::position.asc())
            .limit(page.rows())
            .select((event_positions::position, event_positions::event_seq))
            .load(c)
    })?;
    let seqs: Vec<i64> = positions.iter().map(|(_, seq)| *seq).collect();
    let mut rows: Vec<EventRow> =
        on!(db, c => events::table.filter(events::seq.eq_any(&seqs)).select(EventRow::as_select()).load(c))?;
    let mut placed = Vec::new();
    for (position, seq) in positions {
        if let Some(index) = rows.iter().position(|row| row.seq == seq) {
            placed.push((rows.swap_remove(index), position));
        }
    }
    Ok(placed)
}

/// The place of an event that these eyes see.
async fn position_of(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<i64> {
    on!(db, c => seen_by!(event_positions, viewer)
        .filter(event_positions::event_id.eq(id))
        .select(event_positions::position)
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("event"))
}

/// The event with this id.
pub async fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<EventRow>> {
    Ok(on!(db, c => events::table.filter(events::id.eq(id)).select(EventRow::as_select()).first(c)).optional()?)
}

/// Events without a place, in the order in which they came to be.
pub async fn unplaced(db: &mut Db<'_>, most: i64) -> Result<Vec<EventRow>> {
    Ok(on!(db, c => events::table
        .inner_join(unplaced_events::table.on(unplaced_events::seq.eq(events::seq)))
        .order(events::seq.asc())
        .limit(most)
        .select(EventRow::as_select())
        .load(c))?)
}

/// The last place that was given; 0 before the first.
pub async fn last_position(db: &mut Db<'_>) -> Result<i64> {
    let last: Option<i64> = on!(db, c => event_positions::table
        .order(event_positions::position.desc())
        .select(event_positions::position)
        .first(c))
    .optional()?;
    Ok(last.unwrap_or_default())
}

/// Gives an event its place.
pub async fn insert_position(tx: &mut Tx<'_>, row: &PositionRow<'_>) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(event_positions::table).values(row).execute(c))?;
    Ok(())
}

/// Takes the notes of placed events away.
pub async fn forget_notes(tx: &mut Tx<'_>, placed: &[EventRow]) -> Result<()> {
    let seqs: Vec<i64> = placed.iter().map(|event| event.seq).collect();
    on!(tx.db(), c => diesel::delete(unplaced_events::table.filter(unplaced_events::seq.eq_any(&seqs))).execute(c))?;
    Ok(())
}

//! Queries over events.

use super::model::{EventRow, ListEvents, PositionRow};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{event_positions, events, unplaced_events};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::{insert_all, on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryableByName,
    SelectableHelper,
};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use std::collections::{BTreeMap, HashMap};

/// A page of the events that these eyes see, each with its position.
///
/// A partner sees events as their partner and as their partner of record, of one type or of several. Asked for all of
/// that at once, a database sorts everything that is left of the feed for each page. So each owner and each type is
/// asked for by itself, by an index that ends in the place of the feed, and they are merged here.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, asked: &ListEvents, page: &Page) -> Result<Vec<(EventRow, i64)>> {
    let mut after: i64 = page.after().parse().unwrap_or_default();
    if let Some(id) = &asked.after {
        after = after.max(position_of(viewer, db, id).await?);
    }
    let topics = match asked.kind.as_deref().map(|kind| (kind, kind.strip_suffix('*'))) {
        None => vec![None],
        Some((_, Some(thing))) => topics_of(db, thing).await?.into_iter().map(Some).collect(),
        Some((kind, None)) => vec![Some(kind.to_owned())],
    };
    let roles: &[Role] =
        if matches!(viewer, Viewer::Partner(_)) { &[Role::Partner, Role::OfRecord] } else { &[Role::Any] };
    let mut positions = BTreeMap::new();
    for topic in &topics {
        for role in roles {
            positions.extend(places(viewer, db, *role, topic.as_deref(), after, page.rows()).await?);
        }
    }
    let most = usize::try_from(page.rows()).map_err(Error::internal)?;
    let positions: Vec<(i64, i64)> = positions.into_iter().take(most).collect();
    let seqs: Vec<i64> = positions.iter().map(|(_, seq)| *seq).collect();
    let rows = events(db, &seqs).await?.rows;
    let mut rows: HashMap<i64, EventRow> = rows.into_iter().map(|row| (row.seq, row)).collect();
    Ok(positions.into_iter().filter_map(|(position, seq)| rows.remove(&seq).map(|row| (row, position))).collect())
}

/// As what somebody sees an event.
#[derive(Clone, Copy)]
enum Role {
    Partner,
    OfRecord,
    /// Those who are no partner see in one way only.
    Any,
}

/// Places after this one with the numbers of their events, of one owner and one type.
async fn places(
    viewer: &Viewer,
    db: &mut Db<'_>,
    role: Role,
    topic: Option<&str>,
    after: i64,
    most: i64,
) -> Result<Vec<(i64, i64)>> {
    Ok(on!(db, c => {
        let mut rows = event_positions::table.filter(event_positions::position.gt(after)).into_boxed();
        rows = match (viewer, role) {
            (Viewer::Operator, _) => rows,
            (Viewer::Partner(id), Role::OfRecord) => rows.filter(event_positions::partner_of_record_id.assume_not_null().eq(id)),
            (Viewer::Partner(id), _) => rows.filter(event_positions::partner_id.assume_not_null().eq(id)),
            (Viewer::Customer(id), _) => rows.filter(event_positions::customer_id.assume_not_null().eq(id)),
            (Viewer::Enrolment, _) => rows.filter(event_positions::position.lt(0)),
        };
        if let Some(topic) = topic {
            rows = rows.filter(event_positions::topic.eq(topic));
        }
        rows.order(event_positions::position.asc())
            .limit(most)
            .select((event_positions::position, event_positions::event_seq))
            .load(c)
    })?)
}

#[derive(QueryableByName)]
struct TopicRow {
    #[diesel(sql_type = Text)]
    topic: String,
}

/// The types that begin so, of all that stand in the feed: those too that a newer release put there. It hops from one
/// type to the next, whatever the number of events.
async fn topics_of(db: &mut Db<'_>, thing: &str) -> Result<Vec<String>> {
    let hop = "WITH RECURSIVE found (topic) AS (
            SELECT min(topic) FROM event_positions
            UNION ALL
            SELECT (SELECT min(topic) FROM event_positions WHERE topic > found.topic)
            FROM found WHERE found.topic IS NOT NULL
        ) SELECT topic FROM found WHERE topic IS NOT NULL";
    let all: Vec<TopicRow> = on!(db, c => diesel::sql_query(hop).load(c))?;
    Ok(all.into_iter().map(|row| row.topic).filter(|topic| topic.starts_with(thing)).collect())
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

/// The numbers of events without a place, in the order in which they came to be.
pub async fn unplaced(db: &mut Db<'_>, most: i64) -> Result<Vec<i64>> {
    Ok(on!(db, c => unplaced_events::table
        .order(unplaced_events::seq.asc())
        .limit(most)
        .select(unplaced_events::seq)
        .load(c))?)
}

/// Events, as far as they can be read.
#[derive(Default)]
pub struct Events {
    /// In the order in which they came to be.
    pub rows: Vec<EventRow>,
    /// The numbers of those that hold a value that cannot be read.
    pub unreadable: Vec<i64>,
}

/// The events with these numbers.
pub async fn events(db: &mut Db<'_>, seqs: &[i64]) -> Result<Events> {
    let mut found = Events::default();
    if let Some(rows) = rows_of(db, seqs).await? {
        found.rows = rows;
    } else {
        for seq in seqs {
            match rows_of(db, &[*seq]).await? {
                Some(rows) => found.rows.extend(rows),
                None => found.unreadable.push(*seq),
            }
        }
    }
    found.rows.sort_by_key(|row| row.seq);
    Ok(found)
}

async fn rows_of(db: &mut Db<'_>, seqs: &[i64]) -> Result<Option<Vec<EventRow>>> {
    let loaded = on!(db, c => events::table.filter(events::seq.eq_any(seqs)).select(EventRow::as_select()).load(c));
    match loaded {
        Err(diesel::result::Error::DeserializationError(error)) => {
            tracing::debug!(error, "an event cannot be read");
            Ok(None)
        }
        loaded => Ok(Some(loaded?)),
    }
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

/// Gives events their places, in one statement: on SQLite every business write waits meanwhile.
pub async fn insert_positions(tx: &mut Tx<'_>, rows: Vec<PositionRow>) -> Result<()> {
    insert_all!(tx.db(), event_positions, rows)?;
    Ok(())
}

/// Takes the notes of events away.
pub async fn forget_notes(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<()> {
    on!(tx.db(), c => diesel::delete(unplaced_events::table.filter(unplaced_events::seq.eq_any(seqs))).execute(c))?;
    Ok(())
}

//! Giving committed events their place in the feed. Never inside their own transaction, because every write would then
//! wait for the one before.

use super::model::{EventRow, PositionRow};
use super::store;
use crate::db::write::Tx;
use crate::error::Result;

/// The most events that are placed in one transaction.
const BATCH: i64 = 500;

/// Places the events that have none yet, in the order in which they came to be, and answers them. The caller sees that
/// only one runs at once.
pub async fn place(tx: &mut Tx<'_>) -> Result<Vec<EventRow>> {
    let seqs = store::unplaced(tx.db(), BATCH).await?;
    let found = store::events(tx.db(), &seqs).await?;
    // What cannot be read was not written by this house. It gets no place, and everything behind it does.
    for seq in &found.unreadable {
        tracing::error!(seq, "an event holds a value that cannot be read: it gets no place in the feed");
    }
    store::forget_notes(tx, &seqs).await?;
    let events = found.rows;
    if events.is_empty() {
        return Ok(events);
    }
    let last = store::last_position(tx.db()).await?;
    let placed = (last + 1..).zip(&events).map(|(position, event)| PositionRow {
        position,
        event_seq: event.seq,
        event_id: event.id.clone(),
        topic: event.topic.clone(),
        partner_id: event.partner_id.clone(),
        partner_of_record_id: event.partner_of_record_id.clone(),
        customer_id: event.customer_id.clone(),
    });
    store::insert_positions(tx, placed.collect()).await?;
    Ok(events)
}

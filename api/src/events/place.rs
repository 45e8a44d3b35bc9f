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
    let events = store::unplaced(tx.db(), BATCH).await?;
    if events.is_empty() {
        return Ok(events);
    }
    let last = store::last_position(tx.db()).await?;
    for (position, event) in (last + 1..).zip(&events) {
        let row = PositionRow {
            position,
            event_seq: event.seq,
            event_id: &event.id,
            topic: &event.topic,
            partner_id: event.partner_id.as_deref(),
            partner_of_record_id: event.partner_of_record_id.as_deref(),
            customer_id: event.customer_id.as_deref(),
        };
        store::insert_position(tx, &row).await?;
    }
    store::forget_notes(tx, &events).await?;
    Ok(events)
}

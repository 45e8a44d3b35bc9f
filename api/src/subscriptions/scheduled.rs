//! What happens to seats when a new period is charged: scheduled changes take effect with a new term, and one line covers
//! all seats from then on.

use super::model::SubscriptionRow;
use super::{beginning, rules, store};
use crate::catalog;
use crate::db::write::Tx;
use crate::error::Result;
use crate::refunds;
use crate::topic::Topic;

/// Brings the number of seats to what was scheduled. More than may be had by now is left undone, and told.
pub async fn apply(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    let Some(wanted) = row.scheduled_quantity.take().filter(|wanted| *wanted != row.quantity) else { return Ok(()) };
    let more = wanted - row.quantity;
    if more > 0 {
        let now = tx.now();
        let cap = catalog::find(tx.db(), &row.offer_id, now).await?.seat_cap;
        let held = store::held_by(tx.db(), &row.tenant_id, None).await?;
        let is_over = rules::over_cap(&held, &row.product_id, cap, more, "").is_some();
        // What may no longer be sold is not sold by a wish of earlier days (ENR-11, LNK-10).
        if is_over || !rules::may_grow(tx.db(), row).await?.is_empty() {
            tx.emit(Topic::SubscriptionChangeDropped, row);
            return Ok(());
        }
        rules::hold_link(tx, row).await?;
        // The line that will cover it is the renewal's, which is not written yet.
        beginning::add_batch(tx, row, more, "").await?;
    } else {
        // Seats that are asked back already go first, then the oldest (REF-06).
        let asked_back = refunds::go_first(tx, &row.id, -more).await?;
        let mut batches = store::batches_of(tx.db(), std::slice::from_ref(row)).await?;
        batches.sort_by_key(|batch| batch.window_closes_at);
        let mut fewer = -more;
        for batch in &mut batches {
            let part: i64 = asked_back.iter().filter(|(id, _)| *id == batch.id).map(|(_, seats)| seats).sum();
            batch.seats -= part;
            fewer -= part;
        }
        for batch in &mut batches {
            let part = fewer.min(batch.seats);
            batch.seats -= part;
            fewer -= part;
            store::update_batch(tx, batch).await?;
        }
    }
    row.quantity = wanted;
    tx.emit(Topic::SubscriptionSeatsChanged, row);
    Ok(())
}

/// From now on this line of an invoice covers all seats. Batches whose windows are closed become one, but for those of
/// which a refund is not decided yet.
pub async fn cover(tx: &mut Tx<'_>, row: &SubscriptionRow, invoice_line_id: &str) -> Result<()> {
    let now = tx.now().naive_utc();
    let asked_back = refunds::open_batches_of(tx.db(), &row.id).await?;
    let mut oldest = None;
    for mut batch in store::batches_of(tx.db(), std::slice::from_ref(row)).await? {
        invoice_line_id.clone_into(&mut batch.invoice_line_id);
        if batch.window_closes_at > now || asked_back.contains(&batch.id) {
            store::update_batch(tx, &batch).await?;
            continue;
        }
        match &mut oldest {
            None => oldest = Some(batch),
            Some(oldest) => {
                oldest.seats += batch.seats;
                batch.seats = 0;
                store::update_batch(tx, &batch).await?;
            }
        }
    }
    match oldest {
        Some(batch) => store::update_batch(tx, &batch).await,
        None => Ok(()),
    }
}

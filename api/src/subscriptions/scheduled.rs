//! What happens to seats when a new period is charged: scheduled changes take effect with a new term, and one line covers
//! all seats from then on.

use super::model::SubscriptionRow;
use super::{batches, beginning, money, rules, store};
use crate::catalog;
use crate::db::write::Tx;
use crate::error::Result;
use crate::topic::Topic;

/// Brings the number of seats to what was scheduled. More than the plan's cap by now allows is left undone, and told.
pub async fn apply(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    let Some(wanted) = row.scheduled_quantity.take().filter(|wanted| *wanted != row.quantity) else { return Ok(()) };
    let more = wanted - row.quantity;
    if more > 0 {
        let now = tx.now();
        let cap = catalog::find(tx.db(), &row.offer_id, now).await?.seat_cap;
        let held = store::held_by(tx.db(), &row.tenant_id, None).await?;
        if rules::over_cap(&held, &row.product_id, cap, more, "").is_some() {
            tx.emit(Topic::SubscriptionChangeDropped, row);
            return Ok(());
        }
        // The line that will cover it is the renewal's, which is not written yet.
        beginning::add_batch(tx, row, more, "").await?;
    } else {
        let mut seats = money::Seats::of(tx.db(), row).await?;
        let fewer = u32::try_from(-more).unwrap_or_default();
        for (index, part) in batches::moving(&seats.facts()?, fewer).unwrap_or_default() {
            if let Some(batch) = seats.batches.get_mut(index) {
                batch.seats -= i64::from(part);
                store::update_batch(tx, batch).await?;
            }
        }
    }
    row.quantity = wanted;
    tx.emit(Topic::SubscriptionSeatsChanged, row);
    Ok(())
}

/// From now on this line of an invoice covers all seats. Batches whose windows are closed become one.
pub async fn cover(tx: &mut Tx<'_>, row: &SubscriptionRow, invoice_line_id: &str) -> Result<()> {
    let now = tx.now().naive_utc();
    let mut oldest = None;
    for mut batch in store::batches_of(tx.db(), std::slice::from_ref(row)).await? {
        invoice_line_id.clone_into(&mut batch.invoice_line_id);
        if batch.window_closes_at > now {
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

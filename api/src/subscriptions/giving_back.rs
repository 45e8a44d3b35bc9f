//! Seats that are given back for money, all of them or some: judged as cancelling and fewer seats are, granted by a
//! refund (SUB-01, SUB-03, REF-01).

use super::model::SubscriptionRow;
use super::money::{Credit, Seats};
use super::{batches, cancel, rules, seats, store};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Fault, Result};
use crate::refunds::{self, SeatRefund};
use crate::topic::Topic;

/// What would be given back.
pub struct GivingBack {
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
    /// Its arithmetic; none where nothing can be given back.
    pub refund: Option<SeatRefund<'static>>,
    /// The lines that are credited.
    pub credits: Vec<SeatCredit>,
}

/// Seats of a batch that are given back.
pub struct SeatCredit {
    /// Which batch.
    pub batch_id: String,
    /// The invoice's line that it is credited from.
    pub invoice_line_id: String,
    /// How many seats.
    pub seats: u32,
    /// What is given back for them, in minor units.
    pub amount_minor: i64,
}

/// Judges giving so many seats back at this instant; all of them unless said.
pub async fn plan_giving_back(
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    quantity: Option<u32>,
    at: Instant,
) -> Result<GivingBack> {
    let some = quantity.filter(|quantity| *quantity < row.seats());
    let (faults, credits) = match some {
        Some(quantity) => part(db, row, quantity, at).await?,
        None => {
            let plan = cancel::plan(db, row, at).await?;
            let mut faults = plan.faults;
            if let Some(more) = quantity.filter(|quantity| *quantity > row.seats()) {
                faults
                    .push(Fault::at("/quantity", Code::FieldOutOfRange).with("limit", row.seats()).with("value", more));
            }
            (faults, plan.credits)
        }
    };
    let amount: i64 = credits.iter().map(|credit| credit.amount.minor()).sum();
    if amount == 0 {
        return Ok(GivingBack { faults, refund: None, credits: Vec::new() });
    }
    let refund = cancel::seat_refund(row, &credits, amount, some.unwrap_or(row.seats()))?;
    let batches = store::batches_of(db, std::slice::from_ref(row)).await?;
    let credit = |credit: &Credit| {
        batches.get(credit.batch).map(|batch| SeatCredit {
            batch_id: batch.id.clone(),
            invoice_line_id: credit.line.id.clone(),
            seats: credit.seats,
            amount_minor: credit.amount.minor(),
        })
    };
    Ok(GivingBack { faults, refund: Some(refund), credits: credits.iter().filter_map(credit).collect() })
}

/// Fewer seats, from the batches whose windows are open, where the policy takes a part back.
async fn part(db: &mut Db<'_>, row: &SubscriptionRow, quantity: u32, at: Instant) -> Result<(Vec<Fault>, Vec<Credit>)> {
    let mut faults: Vec<Fault> = rules::must_go_on(row).into_iter().collect();
    faults.extend(cancel::open_refund(db, row).await?);
    let policy = refunds::policy_at(None, row.purchased_at.and_utc())?;
    if !policy.partial_quantity {
        let fault = Fault::at("/quantity", Code::PartialQuantityNotAllowed);
        faults.push(fault.with("policy", &policy.id).with("quantity", row.seats()));
    }
    let held = Seats::of(db, row).await?;
    match batches::open_for(&held.facts()?, quantity, at) {
        Some(taken) => {
            let credits = held.credits(&taken, row.period()?, at.date_naive())?;
            Ok((faults, credits))
        }
        None => {
            faults.push(seats::window_closed(&held, quantity, at));
            Ok((faults, Vec::new()))
        }
    }
}

/// Takes the seats of a refund out of their batches; with the last of them the subscription ends. What has ended
/// meanwhile stays as it is.
pub async fn take_back(tx: &mut Tx<'_>, subscription_id: &str, taken: &[(&str, i64)]) -> Result<()> {
    let mut row = store::get(tx.db(), subscription_id).await?;
    if !row.is_live() {
        return Ok(());
    }
    let mut left = 0;
    let mut gone = 0;
    for mut batch in store::batches_of(tx.db(), std::slice::from_ref(&row)).await? {
        let wanted: i64 = taken.iter().filter(|(id, _)| *id == batch.id).map(|(_, seats)| *seats).sum();
        let seats = wanted.min(batch.seats);
        if seats > 0 {
            batch.seats -= seats;
            gone += seats;
            store::update_batch(tx, &batch).await?;
        }
        left += batch.seats;
    }
    if left == 0 {
        return cancel::end(tx, &mut row).await;
    }
    row.quantity -= gone;
    if row.scheduled_quantity.take().is_some() {
        // It was meant for other seats than those that are left.
        tx.emit(Topic::SubscriptionChangeDropped, &row);
    }
    store::update(tx, &mut row).await?;
    tx.emit(Topic::SubscriptionSeatsChanged, &row);
    Ok(())
}

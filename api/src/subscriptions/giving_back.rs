//! Seats that are given back for money, all of them or some: judged as cancelling and fewer seats are, granted by a
//! refund (SUB-01, SUB-03, REF-01).

use super::model::SubscriptionRow;
use super::money::{Credit, Seats};
use super::{batches, cancel, rules, seats, store};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Fault, Result};
use crate::money::Money;
use crate::refunds::{self, SeatPart};
use crate::topic::Topic;

/// What would be given back.
pub struct GivingBack {
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
    /// Its arithmetic, by the lines that are credited.
    pub parts: Vec<SeatPart>,
    /// What each batch gives back.
    pub credits: Vec<Credit>,
}

/// Judges giving so many seats back at this instant; all of them unless said.
pub async fn plan_giving_back(
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    quantity: Option<u32>,
    at: Instant,
) -> Result<GivingBack> {
    let (mut faults, credits) = match quantity.filter(|quantity| *quantity < row.seats()) {
        Some(quantity) => part(db, row, quantity, at).await?,
        None => {
            let plan = cancel::plan(db, row, at).await?;
            (plan.faults, plan.credits)
        }
    };
    if let Some(more) = quantity.filter(|quantity| *quantity > row.seats()) {
        faults.push(Fault::at("/quantity", Code::FieldOutOfRange).with("limit", row.seats()).with("value", more));
    }
    Ok(GivingBack { faults, parts: parts(&credits)?, credits })
}

/// The credits by the lines that they are taken from, oldest first.
fn parts(credits: &[Credit]) -> Result<Vec<SeatPart>> {
    let mut parts: Vec<SeatPart> = Vec::new();
    for credit in credits {
        if let Some(part) = parts.iter_mut().find(|part| part.invoice_line_id == credit.line.id) {
            part.quantity += credit.seats;
            part.amount = Money::from_minor(part.amount.minor() + credit.amount.minor(), part.amount.currency());
            part.bought_at = part.bought_at.min(credit.bought_at);
            part.window_closes_at = part.window_closes_at.min(credit.window_closes_at);
            continue;
        }
        let money = |minor| Money::from_minor(minor, credit.amount.currency());
        parts.push(SeatPart {
            policy: refunds::policy_at(None, credit.bought_at)?,
            invoice_line_id: credit.line.id.clone(),
            bought_at: credit.bought_at,
            window_closes_at: credit.window_closes_at,
            unit_price: credit.unit_price,
            quantity: credit.seats,
            period: credit.period,
            unused_days: credit.unused_days,
            invoiced: money(credit.line.total_minor),
            credited: money(credit.credited_before),
            amount: credit.amount,
        });
    }
    Ok(parts)
}

/// Fewer seats, from the batches whose windows are open, where the policy takes a part back.
async fn part(db: &mut Db<'_>, row: &SubscriptionRow, quantity: u32, at: Instant) -> Result<(Vec<Fault>, Vec<Credit>)> {
    let mut faults: Vec<Fault> = rules::must_go_on(row).into_iter().collect();
    faults.extend(cancel::open_refund(db, row).await?);
    let held = Seats::of(db, row).await?;
    match batches::open_for(&held.facts()?, quantity, at) {
        Some(taken) => {
            let credits = held.credits(&taken, row.period()?, at.date_naive())?;
            for credit in &credits {
                let policy = refunds::policy_at(None, credit.bought_at)?;
                if !policy.partial_quantity && faults.iter().all(|fault| fault.code != Code::PartialQuantityNotAllowed)
                {
                    let fault = Fault::at("/quantity", Code::PartialQuantityNotAllowed);
                    faults.push(fault.with("policy", &policy.id).with("quantity", row.seats()));
                }
            }
            Ok((faults, credits))
        }
        None => {
            faults.push(seats::window_closed(&held, quantity, at));
            Ok((faults, Vec::new()))
        }
    }
}

/// Takes the seats of a refund out of their batches, and tells how many; with the last of them the subscription ends.
/// What has ended meanwhile stays as it is, and what went with a scheduled change is not taken once more.
pub async fn take_back(tx: &mut Tx<'_>, subscription_id: &str, taken: &[(&str, i64)]) -> Result<i64> {
    let mut row = store::get(tx.db(), subscription_id).await?;
    let mut batches = store::batches_of(tx.db(), std::slice::from_ref(&row)).await?;
    let mut gone = 0;
    for batch in &mut batches {
        let asked: i64 = taken.iter().filter(|(id, _)| *id == batch.id).map(|(_, seats)| *seats).sum();
        let part = asked.min(batch.seats);
        gone += part;
        batch.seats -= part;
    }
    if !row.is_live() {
        return Ok(gone);
    }
    for batch in &batches {
        store::update_batch(tx, batch).await?;
    }
    if batches.iter().all(|batch| batch.seats == 0) {
        cancel::end(tx, &mut row).await?;
        return Ok(gone);
    }
    row.quantity -= gone;
    if row.scheduled_quantity.take().is_some() {
        // It was meant for other seats than those that are left.
        tx.emit(Topic::SubscriptionChangeDropped, &row);
    }
    store::update(tx, &mut row).await?;
    tx.emit(Topic::SubscriptionSeatsChanged, &row);
    Ok(gone)
}

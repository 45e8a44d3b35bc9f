//! More seats and fewer (SUB-01).

use super::asked::{ChangeSeats, SeatChangeTime};
use super::model::{SeatBatch, SubscriptionRow};
use super::money::{self, Charge, Credit, Seats};
use super::{batches, beginning, cancel, rules, store};
use crate::billing::{CreditCause, CreditReason, InvoiceReason};
use crate::catalog;
use crate::clock::Instant;
use crate::config::Approval;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Fault, Result};
use crate::renewals;
use crate::topic::Topic;

/// What would become of a change of seats.
pub struct SeatPlan {
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
    /// What is charged.
    pub charges: Vec<Charge>,
    /// What is given back.
    pub credits: Vec<Credit>,
    seats: Seats,
}

/// Runs every check, the change's and the preview's alike.
///
/// Where refunds are reviewed, seats that were paid for are given back by asking for a refund (REF-08).
pub async fn plan(
    db: &mut Db<'_>,
    approval: Approval,
    row: &SubscriptionRow,
    asked: &ChangeSeats,
    now: Instant,
) -> Result<SeatPlan> {
    let seats = Seats::of(db, row).await?;
    let mut plan = SeatPlan { faults: Vec::new(), charges: Vec::new(), credits: Vec::new(), seats };
    plan.faults.extend(rules::must_go_on(row));
    let (period, day) = (row.period()?, now.date_naive());
    if asked.quantity < row.seats() || asked.effective == Some(SeatChangeTime::EndOfTerm) {
        // How many there will be is not known until that is decided (REF-06).
        plan.faults.extend(cancel::open_refund(db, row).await?);
    }
    let at_once = asked.effective.unwrap_or(SeatChangeTime::Now) == SeatChangeTime::Now;
    if asked.quantity > row.seats() {
        let more = asked.quantity - row.seats();
        plan.faults.extend(rules::needs_key(row, "/quantity"));
        plan.faults.extend(rules::may_grow(db, row).await?);
        let cap = catalog::find(db, &row.offer_id, now).await?.seat_cap;
        let held = store::held_by(db, &row.tenant_id, None).await?;
        plan.faults.extend(rules::over_cap(&held, &row.product_id, cap, more.into(), "/quantity"));
        if at_once {
            plan.charges.push(Charge::of(&row.name, more, row.unit_price()?, period, day)?);
        }
    } else if asked.quantity < row.seats() && at_once {
        let fewer = row.seats() - asked.quantity;
        match batches::open_for(&plan.seats.facts()?, fewer, now) {
            Some(taken) => {
                plan.credits = plan.seats.credits(&taken, period, day)?;
                let is_paid_for = plan.credits.iter().any(|credit| credit.amount.minor() > 0);
                if is_paid_for && approval == Approval::Reviewed {
                    let fault = Fault::at("/quantity", Code::RefundReviewRequired);
                    plan.faults.push(fault.with("subscriptionId", &row.id).with("quantity", fewer));
                }
            }
            None => plan.faults.push(window_closed(&plan.seats, fewer, now)),
        }
    } else if asked.quantity == row.seats() && at_once {
        plan.faults.push(Fault::at("/quantity", Code::SeatQuantityUnchanged).with("quantity", asked.quantity));
    }
    Ok(plan)
}

/// The refusal names the batches that are still open.
pub fn window_closed(seats: &Seats, fewer: u32, now: Instant) -> Fault {
    let is_open = |batch: &&super::model::BatchRow| now.naive_utc() < batch.window_closes_at;
    let open: Vec<SeatBatch> = seats.batches.iter().filter(is_open).map(SeatBatch::from).collect();
    let most: i64 = open.iter().map(|batch| batch.quantity).sum();
    Fault::at("/quantity", Code::SeatDecreaseWindowClosed)
        .with("fewer", fewer)
        .with("openSeats", most)
        .with("openBatches", open)
}

/// Makes the change that nothing stands against.
pub async fn apply(tx: &mut Tx<'_>, row: &mut SubscriptionRow, asked: &ChangeSeats, mut plan: SeatPlan) -> Result<()> {
    let wanted = i64::from(asked.quantity);
    if asked.effective == Some(SeatChangeTime::EndOfTerm) {
        // What there is already is no change: asking for it takes an earlier wish back.
        let change = (wanted != row.quantity).then_some(wanted);
        if change == row.scheduled_quantity {
            return Ok(());
        }
        let topic =
            if change.is_some() { Topic::SubscriptionChangeScheduled } else { Topic::SubscriptionChangeRevoked };
        row.scheduled_quantity = change;
        store::update(tx, row).await?;
        tx.emit(topic, row);
        return Ok(());
    }
    for charge in &plan.charges {
        rules::hold_link(tx, row).await?;
        let now = tx.now();
        let line_id = money::invoice(tx, row, InvoiceReason::SeatChange, charge, now).await?;
        beginning::add_batch(tx, row, charge.seats.into(), &line_id).await?;
    }
    if !plan.credits.is_empty() {
        let credits = std::mem::take(&mut plan.credits);
        plan.seats.take(tx, &credits).await?;
        let id = row.id.clone();
        let cause = CreditCause { reason: CreditReason::SeatChange, refund_id: None, subscription_id: Some(&id) };
        money::give_back(tx, &cause, &credits).await?;
        renewals::settle(tx, &id).await?;
    }
    row.quantity = wanted;
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionSeatsChanged, row);
    Ok(())
}

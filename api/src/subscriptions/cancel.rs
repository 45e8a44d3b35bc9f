//! Cancelling inside the refund window: the refund is opened with it (SUB-03, REF-01).

use super::asked::CancelSubscription;
use super::batches;
use super::model::{SubscriptionRow, SubscriptionState};
use super::money::{Credit, Seats};
use super::{rules, store};
use crate::access::Viewer;
use crate::billing::CreditedLine;
use crate::catalog::{Channel, RefundKind};
use crate::clock::Instant;
use crate::customers;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Money;
use crate::orders::{self, OrderLineRow, OrderRow};
use crate::profiles::Contact;
use crate::refunds::{self, AskedRefund, RefundContact, RefundImpact, SeatRefund};
use crate::renewals;
use crate::topic::Topic;
use std::collections::BTreeMap;

/// What would become of cancelling.
pub struct CancelPlan {
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
    /// What is given back.
    pub credits: Vec<Credit>,
    seats: Seats,
}

/// Runs every check, cancelling's and the preview's alike.
pub async fn plan(db: &mut Db<'_>, row: &SubscriptionRow, now: Instant) -> Result<CancelPlan> {
    let seats = Seats::of(db, row).await?;
    let mut plan = CancelPlan { faults: Vec::new(), credits: Vec::new(), seats };
    if !row.is_live() {
        plan.faults.push(Fault::at("", Code::SubscriptionNotActive).with("state", row.state));
    }
    if row.channel == Channel::Open {
        // Its key is redeemed: there it began (OPN-06).
        plan.faults.push(Fault::at("", Code::RefundNotAllowedKeyActivated).with("subscriptionId", &row.id));
        return Ok(plan);
    }
    let closes_at = rules::window_closes_at(row.refund, row.purchased_at.and_utc())?;
    if row.refund != RefundKind::CloudSeats || now >= closes_at {
        let fault = Fault::at("", Code::RefundWindowClosed).with("closedAt", closes_at);
        plan.faults.push(fault.with("subscriptionId", &row.id));
        return Ok(plan);
    }
    plan.faults.extend(open_refund(db, row).await?);
    // Whatever was added later has a window that closes later.
    let all = batches::moving(&plan.seats.facts()?, row.seats()).unwrap_or_default();
    plan.credits = plan.seats.credits(&all, row.period()?, now.date_naive())?;
    Ok(plan)
}

/// A refund of its seats that is not decided yet (REF-06).
pub async fn open_refund(db: &mut Db<'_>, row: &SubscriptionRow) -> Result<Option<Fault>> {
    let open = refunds::open_of_subscription(db, &row.id).await?;
    Ok(open.map(|refund_id| Fault::at("", Code::RefundAlreadyOpen).with("refundId", refund_id)))
}

/// Whom to ask: as the caller says, else the customer's contact where it can be called.
async fn contact(tx: &mut Tx<'_>, row: &SubscriptionRow, asked: &CancelSubscription) -> Result<RefundContact> {
    if let Some(contact) = &asked.contact {
        return Ok(contact.clone());
    }
    let customer = customers::find(&Viewer::Operator, tx.db(), &row.customer_id).await?;
    let known: Contact = customer.contact.read()?;
    let phone = known.phone.ok_or_else(|| Error::invalid(vec![Fault::at("/contact", Code::FieldRequired)]))?;
    Ok(RefundContact { name: format!("{} {}", known.first_name, known.last_name), email: known.email, phone })
}

/// Cancels what nothing stands against: the refund with its credit notes, then the end of the subscription.
pub async fn apply(
    tx: &mut Tx<'_>,
    row: &mut SubscriptionRow,
    asked: &CancelSubscription,
    mut plan: CancelPlan,
) -> Result<()> {
    let (_, line) = sold_with(tx, row).await?;
    let credits = std::mem::take(&mut plan.credits);
    let amount: i64 = credits.iter().map(|credit| credit.amount.minor()).sum();
    if amount > 0 {
        let contact = contact(tx, row, asked).await?;
        let refund = seat_refund(row, &credits, amount, row.seats())?;
        let asked = AskedRefund {
            line: &line,
            partner_of_record_id: row.partner_of_record_id.clone(),
            customer_id: row.customer_id.clone(),
            subscription_id: row.id.clone(),
            name: &row.name,
            reason: &asked.reason,
            impact: asked.impact.unwrap_or(RefundImpact::Minimal),
            contact,
        };
        let given: Vec<CreditedLine<'_>> = credits
            .iter()
            .filter(|credit| credit.amount.minor() > 0)
            .map(|credit| CreditedLine { line: &credit.line, quantity: credit.seats.into(), amount: credit.amount })
            .collect();
        refunds::grant_seats(tx, asked, &refund, &given).await?;
    }
    plan.seats.take(tx, &credits).await?;
    tx.because(&asked.reason);
    end(tx, row).await
}

/// Ends a subscription whose seats are given back; with the last one of its line the line is cancelled.
pub async fn end(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    row.state = SubscriptionState::Cancelled;
    row.suspended_because = None;
    row.scheduled_quantity = None;
    row.ended_at = Some(tx.now().naive_utc());
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionCancelled, row);
    renewals::withdraw_all(tx, &row.id).await?;
    if !store::is_line_live(tx.db(), &row.order_line_id).await? {
        let (order, line) = sold_with(tx, row).await?;
        orders::cancel_line(tx, &order, &line).await?;
    }
    Ok(())
}

/// The order, and the line of it, that a subscription was sold with.
async fn sold_with(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<(OrderRow, OrderLineRow)> {
    let order = orders::find(&Viewer::Operator, tx.db(), &row.order_id).await?;
    let mut lines = orders::lines_of(tx.db(), &order).await?;
    lines.retain(|line| line.id == row.order_line_id);
    let line = lines.pop().ok_or_else(|| Error::internal("a subscription without its order line"))?;
    Ok((order, line))
}

/// The arithmetic of giving these credits for so many seats.
pub fn seat_refund(row: &SubscriptionRow, credits: &[Credit], amount: i64, seats: u32) -> Result<SeatRefund<'static>> {
    let purchased_at = row.purchased_at.and_utc();
    let (unit_price, period) = (row.unit_price()?, row.period()?);
    let money = |minor| Money::from_minor(minor, unit_price.currency());
    let charged: BTreeMap<&str, i64> =
        credits.iter().map(|credit| (credit.line.id.as_str(), credit.line.total_minor)).collect();
    let before: BTreeMap<&str, i64> =
        credits.iter().map(|credit| (credit.line.id.as_str(), credit.credited_before)).collect();
    let formula = |credit: &Credit| {
        let (unused, total) = (credit.unused_days, credit.period.days());
        format!("{} × {} × {unused} ÷ {total}", credit.seats, credit.unit_price.amount())
    };
    Ok(SeatRefund {
        policy: refunds::policy_at(None, purchased_at)?,
        purchased_at,
        window_closes_at: rules::window_closes_at(row.refund, purchased_at)?,
        unit_price,
        quantity: seats,
        period,
        invoiced: money(charged.values().sum()),
        credited: money(before.values().sum()),
        amount: money(amount),
        formulas: credits.iter().map(formula).collect(),
    })
}

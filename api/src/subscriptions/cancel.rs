//! Cancelling inside the refund window: the refund is opened with it (SUB-03, REF-01).

use super::asked::CancelSubscription;
use super::batches;
use super::model::{SubscriptionRow, SubscriptionState};
use super::money::{self, Credit, Seats};
use super::{rules, store};
use crate::access::Viewer;
use crate::catalog::{Channel, RefundKind};
use crate::clock::Instant;
use crate::config::Approval;
use crate::customers;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Money;
use crate::orders::{self, OrderLineRow, OrderRow};
use crate::profiles::Contact;
use crate::refunds::{self, RefundContact, RefundImpact, RequestRefund};
use crate::renewals;
use crate::topic::Topic;

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
    let facts = plan.seats.facts()?;
    let closed_at = match row.refund {
        RefundKind::CloudSeats => batches::closed_first(&facts, now),
        _ => Some(rules::window_closes_at(row.refund, row.purchased_at.and_utc())?),
    };
    if let Some(closed_at) = closed_at {
        let fault = Fault::at("", Code::RefundWindowClosed).with("closedAt", closed_at);
        plan.faults.push(fault.with("subscriptionId", &row.id));
        return Ok(plan);
    }
    plan.faults.extend(open_refund(db, row).await?);
    // What is owed for the period is settled before it is given back (REN-03).
    if let Some(open) = renewals::open_of(db, &row.id).await? {
        plan.faults.push(Fault::at("", Code::RenewalPaymentPending).with("renewalId", open));
    }
    let all = batches::open_for(&facts, row.seats(), now).unwrap_or_default();
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

/// Cancels what nothing stands against, by a refund of all its seats, which goes the way of all refunds: where they are
/// reviewed, it waits (REF-08). What cost nothing ends at once.
pub async fn apply(
    tx: &mut Tx<'_>,
    approval: Approval,
    row: &mut SubscriptionRow,
    asked: &CancelSubscription,
    plan: CancelPlan,
) -> Result<()> {
    let amount = money::balance(&[], &plan.credits).filter(|amount| amount.minor() != 0);
    let Some(amount) = amount else {
        tx.because(&asked.reason);
        return end(tx, row).await;
    };
    let customer = customers::get(tx.db(), &row.customer_id).await?;
    let request = RequestRefund {
        customer: Some(customer.company_name),
        subscription_id: Some(row.id.clone()),
        amount: Some(Money::from_minor(-amount.minor(), amount.currency()).into()),
        reason: Some(asked.reason.clone()),
        title: Some(row.name.chars().take(200).collect()),
        impact: Some(asked.impact.unwrap_or(RefundImpact::Minimal)),
        contact: Some(contact(tx, row, asked).await?),
        ..RequestRefund::default()
    };
    refunds::request(tx, &Viewer::Operator, approval, &request).await?;
    *row = store::get(tx.db(), &row.id).await?;
    Ok(())
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

//! The refund of a whole cloud subscription: its seats were judged where they are known, here they become a refund with
//! its arithmetic and its credit notes (SUB-03, REF-08).

use super::asked::{RefundContact, RefundImpact, RequestRefund};
use super::model::{RefundRow, RefundState};
use super::policies::RefundPolicy;
use super::rules::RefundQuote;
use super::store;
use crate::billing::{self, CreditCause, CreditedLine};
use crate::clock::Instant;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::Result;
use crate::money::Money;
use crate::orders::OrderLineRow;
use crate::period::Period;
use crate::topic::Topic;

/// What is given back of a subscription.
pub struct SeatRefund<'a> {
    /// The policy of the day of the purchase.
    pub policy: &'a RefundPolicy,
    /// When it was bought.
    pub purchased_at: Instant,
    /// When its window closes.
    pub window_closes_at: Instant,
    /// Price of one seat.
    pub unit_price: Money,
    /// Seats.
    pub quantity: u32,
    /// The period that they are charged for.
    pub period: Period,
    /// What was charged for them.
    pub invoiced: Money,
    /// What was given back of it before.
    pub credited: Money,
    /// What is given back.
    pub amount: Money,
    /// The sums in words, one for each batch: `10 × 4.10 × 28 ÷ 31`.
    pub formulas: Vec<String>,
}

/// The arithmetic of it.
pub fn quote(refund: &SeatRefund<'_>, now: Instant) -> RefundQuote {
    let day = now.date_naive().clamp(refund.period.start, refund.period.end);
    let mut formula = refund.formulas.join(" + ");
    if formula.chars().count() > 200 {
        formula = formula.chars().take(199).chain(['…']).collect();
    }
    RefundQuote {
        policy: refund.policy.clone(),
        purchased_at: refund.purchased_at,
        window_closes_at: refund.window_closes_at,
        quoted_at: now,
        unit_price: refund.unit_price.into(),
        quantity: refund.quantity,
        period: Some(refund.period),
        unused_days: Some(refund.period.unused_on(day)),
        total_days: Some(refund.period.days()),
        rounding: "halfUp".to_owned(),
        formula,
        invoiced: refund.invoiced.into(),
        credited: refund.credited.into(),
        amount: refund.amount.into(),
    }
}

/// Whose refund it is, and why.
pub struct Asked<'a> {
    /// The order's line.
    pub line: &'a OrderLineRow,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// The customer.
    pub customer_id: String,
    /// The subscription.
    pub subscription_id: String,
    /// What was bought.
    pub name: &'a str,
    /// Why.
    pub reason: &'a str,
    /// How much it hurts.
    pub impact: RefundImpact,
    /// Whom to ask about it.
    pub contact: RefundContact,
}

/// Writes the refund and its credit notes: inside the policy it is granted at once, and there is no key.
pub async fn grant(
    tx: &mut Tx<'_>,
    asked: Asked<'_>,
    refund: &SeatRefund<'_>,
    credits: &[CreditedLine<'_>],
) -> Result<()> {
    let request = RequestRefund {
        order_id: Some(asked.line.order_id.clone()),
        subscription_id: Some(asked.subscription_id.clone()),
        line_number: u32::try_from(asked.line.number).ok(),
        amount: Some(refund.amount.into()),
        reason: Some(asked.reason.to_owned()),
        title: Some(asked.name.chars().take(200).collect()),
        impact: Some(asked.impact),
        contact: Some(asked.contact),
        ..RequestRefund::default()
    };
    let now = tx.now();
    let row = RefundRow {
        id: tx.id(),
        partner_id: asked.line.partner_id.clone(),
        partner_of_record_id: asked.partner_of_record_id,
        customer_id: asked.customer_id,
        order_id: asked.line.order_id.clone(),
        order_line_id: asked.line.id.clone(),
        entitlement_id: None,
        subscription_id: Some(asked.subscription_id),
        state: RefundState::Credited,
        amount_minor: refund.amount.minor(),
        currency: refund.amount.currency().code().to_owned(),
        request: Json::of(&request)?,
        quote: Json::of(&quote(refund, now))?,
        version: 1,
        created_at: now.naive_utc(),
        credits: None,
        rejected_because: None,
        decided_at: Some(now.naive_utc()),
        key_revoked_at: None,
        credited_at: Some(now.naive_utc()),
    };
    tx.because(asked.reason);
    tx.emit(Topic::RefundRequested, &row);
    tx.emit(Topic::RefundApproved, &row);
    store::insert(tx, &row).await?;
    let cause = CreditCause::refund(&row.id, row.subscription_id.as_deref());
    billing::issue_credit_notes(tx, &cause, credits).await?;
    tx.emit(Topic::RefundCredited, &row);
    Ok(())
}

//! The arithmetic of seats that are given back, shown: seats that one invoice's line covers are one part of it (REF-03,
//! REF-04).

use super::policies::RefundPolicy;
use super::rules::{RefundPart, RefundQuote};
use crate::clock::Instant;
use crate::money::Money;
use crate::period::Period;

/// Seats that one line of an invoice covers, and that are given back.
pub struct SeatPart {
    /// The policy of the day on which they were bought.
    pub policy: &'static RefundPolicy,
    /// The invoice's line.
    pub invoice_line_id: String,
    /// When they were bought.
    pub bought_at: Instant,
    /// When their window closes.
    pub window_closes_at: Instant,
    /// Price of one seat.
    pub unit_price: Money,
    /// Seats.
    pub quantity: u32,
    /// The period that they are charged for.
    pub period: Period,
    /// Days that are left of it.
    pub unused_days: u32,
    /// What the line charged.
    pub invoiced: Money,
    /// What was given back of it before.
    pub credited: Money,
    /// What is given back.
    pub amount: Money,
}

impl SeatPart {
    fn formula(&self) -> String {
        let (unused, total) = (self.unused_days, self.period.days());
        format!("{} × {} × {unused} ÷ {total}", self.quantity, self.unit_price.amount())
    }

    fn shown(&self) -> RefundPart {
        RefundPart {
            invoice_line_id: self.invoice_line_id.clone(),
            policy_id: self.policy.id.clone(),
            purchased_at: self.bought_at,
            window_closes_at: self.window_closes_at,
            unit_price: self.unit_price.into(),
            quantity: self.quantity,
            period: Some(self.period),
            unused_days: Some(self.unused_days),
            total_days: Some(self.period.days()),
            invoiced: self.invoiced.into(),
            credited: self.credited.into(),
            amount: self.amount.into(),
        }
    }
}

/// The arithmetic of all of it, and its sum; none where there is nothing to give back.
pub fn quote(parts: &[SeatPart], now: Instant) -> Option<(RefundQuote, Money)> {
    let first = parts.iter().min_by_key(|part| part.bought_at)?;
    let sum = |of: fn(&SeatPart) -> Money| -> Money {
        Money::from_minor(parts.iter().map(|part| of(part).minor()).sum(), first.amount.currency())
    };
    let amount = sum(|part| part.amount);
    if amount.minor() == 0 {
        return None;
    }
    let mut formula = parts.iter().map(SeatPart::formula).collect::<Vec<_>>().join(" + ");
    if formula.chars().count() > 200 {
        formula = formula.chars().take(199).chain(['…']).collect();
    }
    let quote = RefundQuote {
        policy: first.policy.clone(),
        purchased_at: first.bought_at,
        window_closes_at: parts.iter().map(|part| part.window_closes_at).min()?,
        quoted_at: now,
        unit_price: first.unit_price.into(),
        quantity: parts.iter().map(|part| part.quantity).sum(),
        period: Some(first.period),
        unused_days: Some(first.unused_days),
        total_days: Some(first.period.days()),
        rounding: "halfUp".to_owned(),
        formula,
        invoiced: sum(|part| part.invoiced).into(),
        credited: sum(|part| part.credited).into(),
        amount: amount.into(),
        parts: parts.iter().map(SeatPart::shown).collect(),
    };
    Some((quote, amount))
}

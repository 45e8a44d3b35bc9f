//! Whether an order can be placed, and what it would come to (ORD-01). Facts in; a plan and *all* reasons out.

use super::model::{OrderPreviewLine, PlaceOrder, PlaceOrderLine};
use crate::catalog::OfferRow;
use crate::clock::Instant;
use crate::error::{Code, Fault};
use crate::money::Money;
use crate::partners::{PartnerRow, is_active};
use crate::period::Period;
use crate::tenants::{TenantRow, TenantState};
use std::collections::{BTreeMap, HashMap};

/// What the decision rests on.
pub struct Facts<'a> {
    /// Who sells.
    pub partner: &'a PartnerRow,
    /// For which tenant.
    pub tenant: &'a TenantRow,
    /// Whether the customer has accepted the MCA (CUS-06).
    pub has_accepted_mca: bool,
    /// The offers that are named, those there are.
    pub offers: &'a [OfferRow],
    /// Keys in stock that nobody has reserved, by product.
    pub free_keys: HashMap<String, i64>,
    /// When.
    pub now: Instant,
}

/// What would be bought.
pub struct Plan {
    /// The lines that have a price.
    pub lines: Vec<PlannedLine>,
    /// Their sum.
    pub total: Option<Money>,
    /// Units that nobody has reserved once it is placed, by product; below zero where some wait.
    pub left: BTreeMap<String, i64>,
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
}

/// A line with its price.
pub struct PlannedLine {
    /// Counts from 1.
    pub number: i64,
    /// What is bought.
    pub offer: OfferRow,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit_price: Money,
    /// Price of the line.
    pub total: Money,
    /// The days that are paid for.
    pub period: Option<Period>,
    /// Whether a key is there for it.
    pub in_stock: bool,
}

/// Runs every check, the order's and the preview's alike.
pub fn plan(mut facts: Facts<'_>, order: &PlaceOrder) -> Plan {
    let mut faults: Vec<Fault> = is_active(facts.partner).into_iter().collect();
    if !facts.has_accepted_mca {
        faults.push(Fault::at("/customerId", Code::McaRequired));
    }
    if facts.tenant.state != TenantState::Active {
        faults.push(Fault::at("/tenantId", Code::TenantNotActive).with("state", facts.tenant.state));
    }
    let mut lines = Vec::new();
    for (index, asked) in order.lines.iter().enumerate() {
        match line(&mut facts, index, asked) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(fault),
        }
    }
    let total = sum(&lines, &mut faults);
    let mut left = BTreeMap::new();
    for line in &lines {
        let free = facts.free_keys.get(&line.offer.product_id).copied().unwrap_or_default();
        left.insert(line.offer.product_id.clone(), free);
    }
    Plan { lines, total, left, faults }
}

fn line(facts: &mut Facts<'_>, index: usize, asked: &PlaceOrderLine) -> Result<PlannedLine, Fault> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let not_sold = || Fault::at(at("offerId"), Code::OfferNotAvailable).with("offer", &asked.offer_id);
    let offer = facts
        .offers
        .iter()
        .find(|offer| offer.id == asked.offer_id && offer.is_sold_at(facts.now))
        .ok_or_else(not_sold)?;
    let unit_price = offer.price().map_err(|_fault| not_sold())?;
    let total = unit_price.times(asked.quantity).ok_or_else(|| Fault::at(at("quantity"), Code::AmountTooLarge))?;
    let months = offer.term_months.and_then(|months| u32::try_from(months).ok());
    let free = facts.free_keys.entry(offer.product_id.clone()).or_default();
    *free -= 1;
    Ok(PlannedLine {
        number: i64::try_from(index).unwrap_or(i64::MAX - 1) + 1,
        offer: offer.clone(),
        quantity: asked.quantity,
        unit_price,
        total,
        period: months.and_then(|months| Period::of_months(facts.now.date_naive(), months)),
        in_stock: *free >= 0,
    })
}

/// The lines' sum: one currency, because nothing is converted silently (MKT-03).
fn sum(lines: &[PlannedLine], faults: &mut Vec<Fault>) -> Option<Money> {
    let currency = lines.first()?.total.currency();
    let mut minor = 0_i64;
    for line in lines {
        if line.total.currency() != currency {
            faults.push(
                Fault::at(format!("/lines/{}/offerId", line.number - 1), Code::CurrencyMismatch)
                    .with("expected", currency.code()),
            );
            return None;
        }
        minor = minor.checked_add(line.total.minor())?;
    }
    Some(Money::from_minor(minor, currency))
}

impl From<&PlannedLine> for OrderPreviewLine {
    fn from(line: &PlannedLine) -> Self {
        Self {
            number: line.number,
            offer_id: line.offer.id.clone(),
            name: line.offer.name.clone(),
            quantity: i64::from(line.quantity),
            unit_price: line.unit_price.into(),
            total: line.total.into(),
            period: line.period,
            in_stock: line.in_stock,
        }
    }
}

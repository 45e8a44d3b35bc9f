//! Whether an order can be placed, and what it would come to (ORD-01). Facts in; a plan and *all* reasons out.

use super::model::{OrderPreviewLine, OrderState, PlaceOrder, PlaceOrderLine};
use super::parties::Parties;
use crate::access::Role;
use crate::catalog::{Channel, OfferKind, OfferRow, Term};
use crate::clock::Instant;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::Gate;
use crate::markets;
use crate::money::Money;
use crate::partners::is_active;
use crate::period::Period;
use crate::subscriptions::{self, Held};
use crate::tenants::TenantState;
use std::collections::{BTreeMap, HashMap};

/// What the decision rests on.
pub struct Facts<'a> {
    /// Everybody that it is about.
    pub parties: &'a Parties,
    /// Through which channel.
    pub channel: Channel,
    /// Whether the customer has accepted the MCA (CUS-06).
    pub has_accepted_mca: bool,
    /// The offers that are named, those that are sold now.
    pub offers: &'a [OfferRow],
    /// What the tenant has, and what waits for it.
    pub held: Vec<Held>,
    /// What stands between both sides where an offer is one of the government cloud.
    pub gcc: Option<Gate>,
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
    /// For how long, paid how often.
    pub term: Term,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit_price: Money,
    /// Price of the line.
    pub total: Money,
    /// The days that are paid for.
    pub period: Option<Period>,
    /// Whether a key is there for it; plans of the cloud need none.
    pub in_stock: bool,
}

/// The checks of an order as a whole, each a line: what is added here holds for the order and its preview.
const CHECKS: &[fn(&Facts<'_>) -> Vec<Fault>] = &[partner, named_parties, relationship, agreement, region, tenant];

/// A check of a line once its offer is known.
type LineCheck = fn(&Facts<'_>, &OfferRow, &PlaceOrderLine, &Places) -> Option<Fault>;

/// All of them, each a line; what the lines before it take is counted.
const LINE_CHECKS: &[LineCheck] = &[gcc_seller, gcc_customer, family, cap, limit];

/// Where the fields of a line stand.
struct Places {
    offer: String,
    quantity: String,
    term: String,
}

impl Places {
    fn of(index: usize) -> Self {
        let at = |field: &str| format!("/lines/{index}/{field}");
        Self { offer: at("offerId"), quantity: at("quantity"), term: at("termMonths") }
    }
}

/// Runs every check, the order's and the preview's alike.
pub fn plan(mut facts: Facts<'_>, order: &PlaceOrder) -> Plan {
    let mut faults: Vec<Fault> = CHECKS.iter().flat_map(|check| check(&facts)).collect();
    let mut lines = Vec::new();
    for (index, asked) in order.lines.iter().enumerate() {
        match line(&mut facts, index, asked) {
            Ok((line, found)) => {
                lines.push(line);
                faults.extend(found);
            }
            Err(fault) => faults.push(fault),
        }
    }
    let total = sum(&lines, &mut faults);
    let mut left = BTreeMap::new();
    for line in lines.iter().filter(|line| line.offer.kind == OfferKind::Software) {
        let free = facts.free_keys.get(&line.offer.product_id).copied().unwrap_or_default();
        left.insert(line.offer.product_id.clone(), free);
    }
    Plan { lines, total, left, faults }
}

/// The seller is active (ENR-11), and so is the reseller for whom it buys.
fn partner(facts: &Facts<'_>) -> Vec<Fault> {
    let both = [Some(&facts.parties.seller), facts.parties.of_record.as_ref()];
    both.into_iter().flatten().filter_map(is_active).take(1).collect()
}

/// Provider and partner of record are named as they should be (ORD-02, LNK-11).
fn named_parties(facts: &Facts<'_>) -> Vec<Fault> {
    facts.parties.faults.clone()
}

/// The provider has a relationship of its own with the customer (LNK-09).
fn relationship(facts: &Facts<'_>) -> Vec<Fault> {
    let missing = !facts.parties.is_accepted && facts.parties.of_record.is_some();
    let fault =
        || Fault::at("/customerId", Code::ProviderRelationshipRequired).with("providerId", &facts.parties.seller.id);
    missing.then(fault).into_iter().collect()
}

fn agreement(facts: &Facts<'_>) -> Vec<Fault> {
    (!facts.has_accepted_mca).then(|| Fault::at("/customerId", Code::McaRequired)).into_iter().collect()
}

/// The seller's region is the customer's (MKT-02).
fn region(facts: &Facts<'_>) -> Vec<Fault> {
    let (seller, buyer) = (&facts.parties.seller.country, &facts.parties.customer.country);
    let at_customer = |fault| Fault { pointer: "/customerId".to_owned(), ..fault };
    markets::may_sell(seller, buyer, facts.now.date_naive()).into_iter().map(at_customer).collect()
}

/// The tenant is there, or will be once the customer accepts (ORD-03).
fn tenant(facts: &Facts<'_>) -> Vec<Fault> {
    let state = facts.parties.tenant.state;
    let fits = matches!(state, TenantState::Active | TenantState::AwaitingAcceptance);
    (!fits).then(|| Fault::at("/tenantId", Code::TenantNotActive).with("state", state)).into_iter().collect()
}

/// Offers of the government cloud are sold by qualified partners (GCC-07).
fn gcc_seller(facts: &Facts<'_>, offer: &OfferRow, _: &PlaceOrderLine, at: &Places) -> Option<Fault> {
    facts.gcc.as_ref().filter(|_| offer.gcc).and_then(|gate| gate.seller(&at.offer))
}

/// And to validated customers only (GCC-13).
fn gcc_customer(facts: &Facts<'_>, offer: &OfferRow, _: &PlaceOrderLine, at: &Places) -> Option<Fault> {
    facts.gcc.as_ref().filter(|_| offer.gcc).and_then(|gate| gate.customer(&at.offer))
}

/// One family on a tenant (CAT-03).
fn family(facts: &Facts<'_>, offer: &OfferRow, _: &PlaceOrderLine, at: &Places) -> Option<Fault> {
    subscriptions::other_family(&facts.held, offer.family.as_deref(), &at.offer)
}

/// The plan's cap over the whole tenant (CAT-02).
fn cap(facts: &Facts<'_>, offer: &OfferRow, asked: &PlaceOrderLine, at: &Places) -> Option<Fault> {
    subscriptions::over_cap(&facts.held, &offer.product_id, offer.seat_cap, asked.quantity.into(), &at.quantity)
}

/// The most subscriptions on a tenant (TEN-10).
fn limit(facts: &Facts<'_>, offer: &OfferRow, _: &PlaceOrderLine, at: &Places) -> Option<Fault> {
    let most = subscriptions::MOST_ON_TENANT;
    let is_over = offer.kind == OfferKind::Cloud && facts.held.len() >= most;
    is_over.then(|| Fault::at(&at.offer, Code::SubscriptionLimitReached).with("limit", most))
}

fn line(facts: &mut Facts<'_>, index: usize, asked: &PlaceOrderLine) -> Result<(PlannedLine, Vec<Fault>), Fault> {
    let at = Places::of(index);
    let not_sold =
        || Fault::at(&at.offer, Code::OfferNotAvailable).with("offer", &asked.offer_id).with("channel", facts.channel);
    let offer = facts.offers.iter().find(|offer| offer.id == asked.offer_id && offer.is_sold_at(facts.now));
    let offer = offer.ok_or_else(not_sold)?.clone();
    if !offer.channels().is_ok_and(|channels| channels.contains(&facts.channel)) {
        return Err(not_sold());
    }
    let term = offer.term(asked.term_months, asked.billing_cycle).map_err(|_fault| not_sold())?;
    let term = term.ok_or_else(|| {
        Fault::at(&at.term, Code::TermNotAvailable)
            .with("offer", &offer.id)
            .with("termMonths", asked.term_months)
            .with("billingCycle", asked.billing_cycle)
    })?;
    let unit_price = term
        .price(&offer.currency)
        .map_err(|_fault| not_sold())?
        .ok_or_else(|| Fault::at(&at.offer, Code::PriceNotAvailable).with("offer", &asked.offer_id))?;
    let total = unit_price.times(asked.quantity).ok_or_else(|| Fault::at(&at.quantity, Code::AmountTooLarge))?;
    let mut faults = Vec::new();
    let mut in_stock = true;
    if offer.kind == OfferKind::Cloud {
        faults.extend(LINE_CHECKS.iter().filter_map(|check| check(facts, &offer, asked, &at)));
        facts.held.push(Held {
            subscription_id: None,
            product_id: offer.product_id.clone(),
            family: offer.family.clone(),
            seats: asked.quantity.into(),
        });
    } else {
        let free = facts.free_keys.entry(offer.product_id.clone()).or_default();
        *free -= 1;
        in_stock = *free >= 0;
    }
    let line = PlannedLine {
        number: i64::try_from(index).unwrap_or(i64::MAX - 1) + 1,
        period: period(offer.kind, &term, facts.now),
        offer,
        term,
        quantity: asked.quantity,
        unit_price,
        total,
        in_stock,
    };
    Ok((line, faults))
}

/// Through Open nothing is bought without an agreement (OPN-01).
pub fn needs_agreement(order: &PlaceOrder) -> Option<Fault> {
    (order.channel == Some(Channel::Open)).then(|| Fault::at("/channel", Code::OpenOrderRequired))
}

/// The days that are paid for from now on: software for its whole term, seats for a billing cycle.
pub fn period(kind: OfferKind, term: &Term, now: Instant) -> Option<Period> {
    let months = match kind {
        OfferKind::Software => term.term_months,
        OfferKind::Cloud => term.months_of_cycle(),
    };
    Period::of_months(now.date_naive(), months?)
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

/// Where the order would stand: the strictest line's gate holds for all of them (ORD-06).
pub fn state(parties: &Parties, lines: &[PlannedLine]) -> OrderState {
    if parties.tenant.state == TenantState::AwaitingAcceptance {
        OrderState::AwaitingAcceptance
    } else if lines.iter().all(|line| line.in_stock) {
        OrderState::Completed
    } else {
        OrderState::AwaitingStock
    }
}

/// The role that the strictest line demands of the whole order (ORD-06): sales agents buy for the government cloud only,
/// global administrators everything else, admin agents both.
pub fn role(plan: &Plan, order: &PlaceOrder, held: &[Role]) -> Result<()> {
    let only_gcc = plan.lines.len() == order.lines.len() && plan.lines.iter().all(|line| line.offer.gcc);
    let may = if only_gcc { [Role::AdminAgent, Role::SalesAgent] } else { [Role::AdminAgent, Role::GlobalAdmin] };
    if may.iter().any(|role| held.contains(role)) {
        Ok(())
    } else {
        Err(Error::new(Code::RoleRequired).with("roles", may))
    }
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
            term_months: line.term.term_months,
            billing_cycle: line.term.billing_cycle,
            in_stock: line.in_stock,
        }
    }
}

//! Moving to another plan: along the table, some users inside a family, all of the tenant's across families
//! (CAT-04, CAT-05, CAT-06). The end of the term stays; what is left of the period is given back and charged anew.

use super::asked::UpgradeSubscription;
use super::model::{BatchRow, EndOfTerm, SubscriptionRow, SubscriptionState};
use super::money::{self, Charge, Credit, Seats};
use super::{batches, cancel, rules, store};
use crate::access::Viewer;
use crate::billing::{CreditCause, CreditReason, InvoiceReason};
use crate::catalog::{self, OfferRow, RefundKind, Term, UpgradeScope, UpgradeTarget};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::Gate;
use crate::money::Money;
use crate::topic::Topic;
use crate::{partners, renewals};

const POINTER: &str = "/targetOfferId";

/// One subscription that moves, or some of its seats.
pub struct Move {
    row: SubscriptionRow,
    seats: Seats,
    quantity: u32,
    target: OfferRow,
    term: Term,
    charge: Charge,
    credits: Vec<Credit>,
}

/// What would become of an upgrade.
#[derive(Default)]
pub struct UpgradePlan {
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
    moves: Vec<Move>,
}

impl UpgradePlan {
    /// What is charged.
    pub fn charges(&self) -> Vec<Charge> {
        self.moves.iter().map(|one| one.charge.clone()).collect()
    }

    /// What is given back.
    pub fn credits(&self) -> Vec<Credit> {
        self.moves.iter().flat_map(|one| one.credits.clone()).collect()
    }
}

/// The way from a subscription's plan to the target, where the table has it for its channel.
async fn way(
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    target: &str,
    now: Instant,
) -> Result<std::result::Result<UpgradeTarget, Fault>> {
    let from = catalog::find(db, &row.offer_id, now).await?;
    let targets = catalog::upgrade_targets(db, &from, now).await?;
    Ok(catalog::choose(&from, &targets, target, row.channel, POINTER).cloned())
}

/// The term of the target that is the subscription's own, with its price.
fn same_term(row: &SubscriptionRow, target: &OfferRow) -> Result<std::result::Result<(Term, Money), Fault>> {
    let months = u32::try_from(row.term_months).ok();
    let Some(term) = target.term(months, Some(row.billing_cycle))? else {
        return Ok(Err(Fault::at(POINTER, Code::TermNotAvailable)
            .with("offer", &target.id)
            .with("termMonths", months)
            .with("billingCycle", row.billing_cycle)));
    };
    // Nothing is converted: what is sold in another currency has no price here (MKT-03).
    let price = if target.currency == row.currency { term.price(&target.currency)? } else { None };
    Ok(price
        .map(|price| (term, price))
        .ok_or_else(|| Fault::at(POINTER, Code::PriceNotAvailable).with("offer", &target.id)))
}

/// Runs every check, the upgrade's and the preview's alike.
pub async fn plan(
    viewer: &Viewer,
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    asked: &UpgradeSubscription,
    now: Instant,
) -> Result<UpgradePlan> {
    let mut plan = UpgradePlan::default();
    plan.faults.extend(rules::must_be_active(row));
    plan.faults.extend(rules::may_grow(db, row).await?);
    let quantity = asked.quantity.unwrap_or(row.seats());
    if quantity > row.seats() {
        plan.faults.push(Fault::at("/quantity", Code::SeatsExceedSubscription).with("seats", row.seats()));
    }
    let target = match way(db, row, &asked.target_offer, now).await? {
        Ok(target) => target,
        Err(fault) => {
            plan.faults.push(fault);
            return Ok(plan);
        }
    };
    let live = store::live_on(db, &row.tenant_id).await?;
    let same_family =
        |other: &&SubscriptionRow| other.id != row.id && row.family.is_some() && other.family == row.family;
    let others: Vec<SubscriptionRow> = live.iter().filter(same_family).cloned().collect();
    let mut moving = vec![(row.clone(), quantity)];
    if target.scope == UpgradeScope::AllUsers {
        let all = asked.all_users.unwrap_or(false);
        let seen = |other: &&SubscriptionRow| match viewer {
            Viewer::Partner(id) => other.partner_id == *id || other.partner_of_record_id.as_ref() == Some(id),
            _ => true,
        };
        let unseen = others.len() - others.iter().filter(seen).count();
        if quantity < row.seats() || (!others.is_empty() && !all) || unseen > 0 {
            let known: Vec<&str> = others.iter().filter(seen).map(|other| other.id.as_str()).collect();
            plan.faults.push(
                Fault::at("/quantity", Code::UpgradeRequiresAllUsers)
                    .with("from", &row.offer_id)
                    .with("to", &target.offer.id)
                    .with("subscriptions", known)
                    .with("ofOtherPartners", unseen),
            );
            return Ok(plan);
        }
        moving.extend(others.into_iter().map(|other| (other.clone(), other.seats())));
    }
    fits(db, row, &moving, &target.offer, &mut plan).await?;
    for (index, (row, quantity)) in moving.into_iter().enumerate() {
        if index > 0 {
            let about = |fault: Fault| fault.with("subscriptionId", &row.id);
            plan.faults.extend(rules::must_be_active(&row).map(about));
            plan.faults.extend(rules::may_grow(db, &row).await?.into_iter().map(about));
        }
        plan.faults.extend(cancel::open_refund(db, &row).await?);
        add_move(db, &mut plan, row, quantity, asked, now).await?;
    }
    Ok(plan)
}

/// Whether the tenant may hold the target plan beside what stays (CAT-02, CAT-03).
async fn fits(
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    moving: &[(SubscriptionRow, u32)],
    target: &OfferRow,
    plan: &mut UpgradePlan,
) -> Result<()> {
    let mut held = store::held_by(db, &row.tenant_id, None).await?;
    let splits = moving.iter().filter(|(row, quantity)| *quantity < row.seats()).count();
    let most = rules::MOST_ON_TENANT;
    if held.len() + splits > most {
        plan.faults.push(Fault::at("/quantity", Code::SubscriptionLimitReached).with("limit", most));
    }
    for (row, quantity) in moving {
        let own = |held: &&mut store::Held| held.subscription_id.as_ref() == Some(&row.id);
        if let Some(held) = held.iter_mut().find(own) {
            held.seats -= i64::from(*quantity);
        }
    }
    held.retain(|held| held.seats > 0);
    let more: i64 = moving.iter().map(|(_, quantity)| i64::from(*quantity)).sum();
    plan.faults.extend(rules::over_cap(&held, &target.product_id, target.seat_cap, more, POINTER));
    plan.faults.extend(rules::other_family(&held, target.family.as_deref(), POINTER));
    if target.gcc {
        // What an order needs, an upgrade needs too (GCC-07, GCC-13).
        let seller = partners::find(db, &row.partner_id).await?;
        let gate = Gate::of(db, &seller, row.partner_of_record_id.as_deref(), &row.customer_id).await?;
        plan.faults.extend([gate.seller(POINTER), gate.customer(POINTER)].into_iter().flatten());
    }
    Ok(())
}

async fn add_move(
    db: &mut Db<'_>,
    plan: &mut UpgradePlan,
    row: SubscriptionRow,
    quantity: u32,
    asked: &UpgradeSubscription,
    now: Instant,
) -> Result<()> {
    let about = |fault: Fault| fault.with("subscriptionId", &row.id);
    // What is owed for the period is settled before it is given back and charged anew (REN-03).
    if let Some(open) = renewals::open_of(db, &row.id).await? {
        plan.faults.push(about(Fault::at("", Code::RenewalPaymentPending).with("renewalId", open)));
    }
    let target = match way(db, &row, &asked.target_offer, now).await? {
        Ok(target) => target.offer,
        Err(fault) => {
            plan.faults.push(about(fault));
            return Ok(());
        }
    };
    if !target.channels()?.contains(&row.channel) {
        let fault = Fault::at(POINTER, Code::OfferNotAvailable).with("offer", &target.id);
        plan.faults.push(about(fault.with("channel", row.channel)));
    }
    if row.end_of_term == EndOfTerm::Extend && target.extension_price()?.is_none() {
        plan.faults.push(about(Fault::at(POINTER, Code::ExtensionNotAvailable).with("offer", &target.id)));
    }
    let (term, price) = match same_term(&row, &target)? {
        Ok(found) => found,
        Err(fault) => {
            plan.faults.push(about(fault));
            return Ok(());
        }
    };
    let seats = Seats::of(db, &row).await?;
    let (period, day) = (row.period()?, now.date_naive());
    let taken = batches::moving(&seats.facts()?, quantity.min(row.seats())).unwrap_or_default();
    let credits = seats.credits(&taken, period, day)?;
    let charge = Charge::of(&target.name, quantity, price, period, day)?;
    plan.moves.push(Move { row, seats, quantity, target, term, charge, credits });
    Ok(())
}

/// Makes the upgrade that nothing stands against; answers the subscription that was asked for.
pub async fn apply(tx: &mut Tx<'_>, settings: renewals::Settings, plan: UpgradePlan) -> Result<SubscriptionRow> {
    let mut first = None;
    for one in plan.moves {
        let row = make(tx, settings, one).await?;
        first.get_or_insert(row);
    }
    first.ok_or_else(|| Error::internal("an upgrade of nothing"))
}

async fn make(tx: &mut Tx<'_>, settings: renewals::Settings, one: Move) -> Result<SubscriptionRow> {
    let Move { mut row, mut seats, quantity, target, term, charge, credits } = one;
    rules::hold_link(tx, &row).await?;
    let is_whole = quantity == row.seats();
    if row.scheduled_quantity.is_some() {
        // It was meant for other seats than those that there are now.
        tx.emit(Topic::SubscriptionChangeDropped, &row);
    }
    let mut moved = row.clone();
    moved.offer_id = target.id;
    moved.product_id = target.product_id;
    moved.family = target.family;
    moved.name = target.name;
    moved.refund = term.refund;
    moved.unit_price_minor = charge.unit_price.minor();
    moved.scheduled_quantity = None;
    if !is_whole {
        moved.id = tx.id();
        moved.split_from = Some(row.id.clone());
        moved.split_into = None;
        moved.quantity = i64::from(quantity);
        moved.state = SubscriptionState::Active;
        moved.version = 1;
        store::insert(tx, &moved).await?;
    }
    let now = tx.now();
    let line_id = money::invoice(tx, &moved, InvoiceReason::Upgrade, &charge, now).await?;
    // The windows are those that the seats had: an upgrade opens none anew, and closes them where the new plan has none.
    let windows: Vec<BatchRow> = credits
        .iter()
        .filter_map(|credit| {
            let batch = seats.batches.get(credit.batch)?.clone();
            let mut window_closes_at = batch.window_closes_at;
            if moved.refund != RefundKind::CloudSeats {
                window_closes_at = window_closes_at.min(now.naive_utc());
            }
            Some(BatchRow { seats: i64::from(credit.seats), window_closes_at, ..batch })
        })
        .collect();
    seats.take(tx, &credits).await?;
    for window in windows {
        let batch =
            BatchRow { id: tx.id(), subscription_id: moved.id.clone(), invoice_line_id: line_id.clone(), ..window };
        store::insert_batch(tx, &batch).await?;
    }
    let cause = CreditCause { reason: CreditReason::Upgrade, refund_id: None, subscription_id: Some(&row.id) };
    money::give_back(tx, &cause, &credits).await?;
    renewals::settle(tx, &row.id).await?;
    if is_whole {
        store::update(tx, &mut moved).await?;
        tx.emit(Topic::SubscriptionUpgraded, &moved);
        return Ok(moved);
    }
    row.quantity -= i64::from(quantity);
    row.scheduled_quantity = None;
    row.split_into = Some(moved.id.clone());
    store::update(tx, &mut row).await?;
    tx.emit(Topic::SubscriptionUpgraded, &row);
    tx.emit(Topic::SubscriptionCreated, &moved);
    renewals::schedule(tx, settings, &moved).await?;
    Ok(row)
}

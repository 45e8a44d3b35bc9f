//! Placing an order: the plan, then the rows.

use super::fulfil;
use super::model::{LineState, OrderLineRow, OrderRow, OrderState, PlaceOrder};
use super::parties::Parties;
use super::rules::{self, Facts, Plan, PlannedLine};
use super::store;
use crate::access::Viewer;
use crate::catalog::{self, Channel, OfferKind};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::gcc::Gate;
use crate::renewals::Settings;
use crate::topic::Topic;
use crate::{customers, links, software, subscriptions};
use std::collections::HashMap;

/// Gathers the facts and makes the plan.
pub async fn plan(
    viewer: &Viewer,
    db: &mut Db<'_>,
    partner_id: &str,
    now: Instant,
    order: &PlaceOrder,
) -> Result<(Parties, Plan)> {
    let parties = Parties::of(viewer, db, partner_id, order).await?;
    let ids: Vec<String> = order.lines.iter().map(|line| line.offer_id.clone()).collect();
    let offers = catalog::offers_at(db, &ids, now).await?;
    let mut free_keys = HashMap::new();
    for offer in offers.iter().filter(|offer| offer.kind == OfferKind::Software) {
        if !free_keys.contains_key(&offer.product_id) {
            free_keys.insert(offer.product_id.clone(), software::free_keys(db, &offer.product_id).await?);
        }
    }
    let has_accepted_mca = customers::has_accepted_mca(db, &parties.customer.id).await?;
    let held = match offers.iter().any(|offer| offer.kind == OfferKind::Cloud) {
        true => subscriptions::held_by(db, &parties.tenant.id, None).await?,
        false => Vec::new(),
    };
    let gcc = match offers.iter().any(|offer| offer.gcc) {
        true => {
            let of_record = parties.of_record.as_ref().map(|reseller| reseller.id.as_str());
            Some(Gate::of(db, &parties.seller, of_record, &parties.customer.id).await?)
        }
        false => None,
    };
    let channel = order.channel.unwrap_or(Channel::Csp);
    let facts = Facts { parties: &parties, channel, has_accepted_mca, offers: &offers, held, gcc, free_keys, now };
    let plan = rules::plan(facts, order);
    Ok((parties, plan))
}

/// Writes an order that nothing stands against: complete with its invoice, or waiting for the customer (ORD-03) or for
/// keys (SWK-09).
pub async fn place(
    tx: &mut Tx<'_>,
    settings: Settings,
    parties: &Parties,
    plan: &Plan,
    channel: Channel,
) -> Result<(OrderRow, Vec<OrderLineRow>)> {
    let total = plan.total.ok_or_else(|| Error::new(Code::AmountTooLarge))?;
    if let Some(reseller) = &parties.of_record {
        links::hold(tx, &parties.seller.id, &reseller.id).await?;
    }
    let order = OrderRow {
        id: tx.id(),
        partner_id: parties.seller.id.clone(),
        partner_of_record_id: parties.of_record.as_ref().map(|reseller| reseller.id.clone()),
        customer_id: parties.customer.id.clone(),
        tenant_id: parties.tenant.id.clone(),
        state: rules::state(parties, &plan.lines),
        channel,
        total_minor: total.minor(),
        currency: total.currency().code().to_owned(),
        version: 1,
        created_at: tx.now().naive_utc(),
        cancelled_because: None,
        cancelled_at: None,
    };
    store::insert(tx, &order).await?;
    let mut lines = Vec::new();
    for planned in &plan.lines {
        let line = line_of(tx, &order, planned);
        store::insert_line(tx, &line).await?;
        if order.state != OrderState::AwaitingAcceptance && !line.is_cloud() {
            fulfil::grant_software(tx, &order, &line, &planned.offer).await?;
        }
        lines.push(line);
    }
    tx.emit(Topic::OrderPlaced, &order);
    match order.state {
        OrderState::AwaitingAcceptance => drop(tx.emit(Topic::OrderAwaitingAcceptance, &order)),
        OrderState::AwaitingStock => drop(tx.emit(Topic::OrderAwaitingStock, &order)),
        _ => fulfil::charge(tx, settings, &order, &lines).await?,
    }
    if order.state != OrderState::AwaitingAcceptance {
        for (product, left) in &plan.left {
            let taken = plan.lines.iter().filter(|line| line.offer.product_id == *product).count();
            let before = left + i64::try_from(taken).unwrap_or(0);
            software::tell_when_low(tx, settings.low_stock, product, before, *left);
        }
    }
    Ok((order, lines))
}

fn line_of(tx: &mut Tx<'_>, order: &OrderRow, planned: &PlannedLine) -> OrderLineRow {
    let is_cloud = planned.offer.kind == OfferKind::Cloud;
    let state = match order.state {
        OrderState::AwaitingAcceptance => LineState::AwaitingAcceptance,
        OrderState::AwaitingStock => LineState::AwaitingStock,
        _ => LineState::Completed,
    };
    let period = planned.period.filter(|_| state == LineState::Completed);
    OrderLineRow {
        id: tx.id(),
        partner_id: order.partner_id.clone(),
        order_id: order.id.clone(),
        number: planned.number,
        offer_id: planned.offer.id.clone(),
        name: planned.offer.name.clone(),
        quantity: i64::from(planned.quantity),
        unit_price_minor: planned.unit_price.minor(),
        total_minor: planned.total.minor(),
        currency: planned.total.currency().code().to_owned(),
        period_start: period.map(|period| period.start.to_string()),
        period_end: period.map(|period| period.end.to_string()),
        state,
        entitlement_id: (!is_cloud && state != LineState::AwaitingAcceptance).then(|| tx.id()),
        subscription_id: (is_cloud && state == LineState::Completed).then(|| tx.id()),
        product_id: is_cloud.then(|| planned.offer.product_id.clone()),
        family: planned.offer.family.clone().filter(|_| is_cloud),
        term_months: planned.term.term_months.map(i64::from),
        billing_cycle: Some(planned.term.billing_cycle),
        refund: Some(planned.term.refund),
    }
}

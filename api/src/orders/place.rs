//! Placing an order: the plan, then the rows.

use super::model::{LineState, OrderChannel, OrderLineRow, OrderRow, OrderState, PlaceOrder};
use super::rules::{self, Facts, Plan, PlannedLine};
use super::store;
use crate::access::Viewer;
use crate::billing::{self, NewInvoice, NewInvoiceLine};
use crate::clock::Instant;
use crate::customers::CustomerRow;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::partners::PartnerRow;
use crate::software::{self, EntitlementState, NewEntitlement};
use crate::tenants::TenantRow;
use crate::topic::Topic;
use crate::{catalog, customers, partners, tenants};
use std::collections::HashMap;

/// Who buys what for whom.
pub struct Parties {
    partner: PartnerRow,
    customer: CustomerRow,
    tenant: TenantRow,
}

/// Gathers the facts and makes the plan. A customer or tenant that the caller does not see is not found.
pub async fn plan(
    viewer: &Viewer,
    db: &mut Db<'_>,
    partner_id: &str,
    now: Instant,
    order: &PlaceOrder,
) -> Result<(Parties, Plan)> {
    let customer = customers::find(viewer, db, &order.customer_id).await?;
    let tenant = tenants::find(viewer, db, &order.tenant_id).await?;
    if tenant.customer_id != customer.id {
        return Err(Error::not_found("tenant"));
    }
    let partner = partners::find(db, partner_id).await?;
    let ids: Vec<String> = order.lines.iter().map(|line| line.offer_id.clone()).collect();
    let offers = catalog::offers(db, &ids).await?;
    let mut free_keys = HashMap::new();
    for offer in &offers {
        if !free_keys.contains_key(&offer.product_id) {
            free_keys.insert(offer.product_id.clone(), software::free_keys(db, &offer.product_id).await?);
        }
    }
    let has_accepted_mca = customers::has_accepted_mca(db, &customer.id).await?;
    let facts = Facts { partner: &partner, tenant: &tenant, has_accepted_mca, offers: &offers, free_keys, now };
    let plan = rules::plan(facts, order);
    Ok((Parties { partner, customer, tenant }, plan))
}

/// Writes an order that nothing stands against: complete with its invoice, or waiting for keys (SWK-09).
pub async fn place(
    tx: &mut Tx<'_>,
    parties: &Parties,
    plan: &Plan,
    channel: OrderChannel,
    low_stock: u32,
) -> Result<(OrderRow, Vec<OrderLineRow>)> {
    let total = plan.total.ok_or_else(|| Error::new(Code::AmountTooLarge))?;
    let complete = plan.lines.iter().all(|line| line.in_stock);
    let order = OrderRow {
        id: tx.id(),
        partner_id: parties.partner.id.clone(),
        partner_of_record_id: None,
        customer_id: parties.customer.id.clone(),
        tenant_id: parties.tenant.id.clone(),
        state: if complete { OrderState::Completed } else { OrderState::AwaitingStock },
        channel,
        total_minor: total.minor(),
        currency: total.currency().code().to_owned(),
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    store::insert(tx, &order).await?;
    let mut lines = Vec::new();
    for planned in &plan.lines {
        lines.push(place_line(tx, &order, planned, complete).await?);
    }
    tx.emit(Topic::OrderPlaced, &order);
    for (product, left) in &plan.left {
        let taken = plan.lines.iter().filter(|line| line.offer.product_id == *product).count();
        let before = left + i64::try_from(taken).unwrap_or(0);
        software::tell_when_low(tx, low_stock, product, before, *left);
    }
    if complete {
        invoice(tx, &order, &lines).await?;
        tx.emit(Topic::OrderCompleted, &order);
    } else {
        tx.emit(Topic::OrderAwaitingStock, &order);
    }
    Ok((order, lines))
}

async fn place_line(tx: &mut Tx<'_>, order: &OrderRow, planned: &PlannedLine, complete: bool) -> Result<OrderLineRow> {
    let period = planned.period.filter(|_| complete);
    let line = OrderLineRow {
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
        state: if complete { LineState::Completed } else { LineState::AwaitingStock },
        entitlement_id: tx.id(),
    };
    store::insert_line(tx, &line).await?;
    let new = NewEntitlement {
        id: line.entitlement_id.clone(),
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        tenant_id: order.tenant_id.clone(),
        order_id: order.id.clone(),
        order_line_id: line.id.clone(),
        offer: planned.offer.clone(),
        quantity: line.quantity,
        state: if complete { EntitlementState::Active } else { EntitlementState::AwaitingStock },
    };
    software::grant(tx, new).await?;
    Ok(line)
}

/// Writes the invoice of a completed order.
pub async fn invoice(tx: &mut Tx<'_>, order: &OrderRow, lines: &[OrderLineRow]) -> Result<()> {
    let mut new = NewInvoice {
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        order_id: order.id.clone(),
        lines: Vec::new(),
    };
    for line in lines {
        new.lines.push(NewInvoiceLine {
            order_line_id: line.id.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price()?,
            total: line.total()?,
            period: line.period(),
        });
    }
    billing::issue_invoice(tx, new).await
}

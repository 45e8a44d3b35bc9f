//! What an order brings once nothing is waited for: software, subscriptions, and the invoice.

use super::model::{LineState, OrderLineRow, OrderRow, OrderState};
use super::{rules, store};
use crate::billing::{self, InvoiceReason, NewInvoice, NewInvoiceLine};
use crate::catalog::{self, OfferKind, OfferRow, Term};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::renewals::Settings;
use crate::software::{self, EntitlementState, NewEntitlement};
use crate::subscriptions;
use crate::topic::Topic;

/// Grants the software of a line: to be used, or waiting for keys.
pub async fn grant_software(tx: &mut Tx<'_>, order: &OrderRow, line: &OrderLineRow, offer: &OfferRow) -> Result<()> {
    let Some(id) = line.entitlement_id.clone() else {
        return Err(Error::internal(format!("order line {} brings no software", line.id)));
    };
    let is_complete = line.state == LineState::Completed;
    let new = NewEntitlement {
        id,
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        tenant_id: order.tenant_id.clone(),
        order_id: order.id.clone(),
        order_line_id: line.id.clone(),
        offer: offer.clone(),
        quantity: line.quantity,
        state: if is_complete { EntitlementState::Active } else { EntitlementState::AwaitingStock },
    };
    software::grant(tx, new).await
}

/// Invoices a complete order, and begins its subscriptions.
pub async fn charge(tx: &mut Tx<'_>, settings: Settings, order: &OrderRow, lines: &[OrderLineRow]) -> Result<()> {
    let subscription_id = match lines {
        [only] => only.subscription_id.clone(),
        _ => None,
    };
    let mut new = NewInvoice {
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        order_id: order.id.clone(),
        reason: InvoiceReason::Order,
        subscription_id,
        renewal_id: None,
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
    let issued = billing::issue_invoice(tx, new).await?;
    for (line, charged) in lines.iter().zip(&issued.line_ids) {
        if line.is_cloud() {
            subscriptions::begin(tx, settings, order, line, charged).await?;
        }
    }
    tx.emit(Topic::OrderCompleted, order);
    Ok(())
}

/// Goes on with an order that waited: to its end, or to the wait for keys. Purchase is this instant, the price that of the
/// order (REF-01).
pub async fn go_on(tx: &mut Tx<'_>, settings: Settings, order: &mut OrderRow, has_keys: bool) -> Result<()> {
    let now = tx.now();
    let mut lines = store::lines_of(tx.db(), order).await?;
    for line in &mut lines {
        let offer = catalog::find(tx.db(), &line.offer_id, order.created_at.and_utc()).await?;
        let kind = if line.is_cloud() { OfferKind::Cloud } else { OfferKind::Software };
        line.state = if has_keys { LineState::Completed } else { LineState::AwaitingStock };
        if has_keys {
            let period = rules::period(kind, &sold(line, &offer)?, now);
            line.period_start = period.map(|period| period.start.to_string());
            line.period_end = period.map(|period| period.end.to_string());
        }
        match (kind, &line.entitlement_id) {
            (OfferKind::Software, None) => {
                line.entitlement_id = Some(tx.id());
                grant_software(tx, order, line, &offer).await?;
            }
            (OfferKind::Software, Some(id)) if has_keys => software::activate(tx, id).await?,
            (OfferKind::Cloud, _) if has_keys => line.subscription_id = Some(tx.id()),
            _ => {}
        }
        store::update_line(tx, line).await?;
    }
    order.state = if has_keys { OrderState::Completed } else { OrderState::AwaitingStock };
    store::update(tx, order).await?;
    if has_keys {
        charge(tx, settings, order, &lines).await
    } else {
        tx.emit(Topic::OrderAwaitingStock, order);
        Ok(())
    }
}

/// The term that a line was sold for.
fn sold(line: &OrderLineRow, offer: &OfferRow) -> Result<Term> {
    let months = line.term_months.and_then(|months| u32::try_from(months).ok());
    match offer.term(months, line.billing_cycle)? {
        Some(term) => Ok(term),
        None => offer.first_term(),
    }
}

//! A complete order has a key for each line: taken out of the stock together, and then invoiced (SWK-09, OPN-02).

use super::store;
use crate::billing::{self, InvoiceReason, NewInvoice, NewInvoiceLine};
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::open::agreements::{self, AgreementRow};
use crate::open::keys::{self, OpenKeyState};
use crate::orders::{self, LineState, OrderRow, OrderState};
use crate::software;
use crate::topic::Topic;
use std::collections::BTreeMap;

/// Whether so many keys of a plan are in stock.
pub async fn has(db: &mut Db<'_>, product_id: &str, wanted: i64) -> Result<bool> {
    Ok(software::free_open_keys(db, product_id).await? >= wanted)
}

/// Completes an order whose keys are all there: `false` where one is not, and nothing is done.
pub async fn complete(tx: &mut Tx<'_>, order: &mut OrderRow, agreement: &AgreementRow) -> Result<bool> {
    let mut own = keys::of_order(tx.db(), &order.id).await?;
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for key in &own {
        *wanted.entry(&key.product_id).or_default() += 1;
    }
    for (product_id, count) in wanted {
        if !has(tx.db(), product_id, count).await? {
            return Ok(false);
        }
    }
    for key in &mut own {
        let taken = software::take_open_key(tx, &key.product_id, &order.partner_id).await?;
        let taken = taken.ok_or_else(|| Error::internal(format!("no key of {} is left", key.product_id)))?;
        (key.product_key_id, key.masked) = (Some(taken.id), Some(taken.masked));
        if agreement.is_signed() {
            key.state = OpenKeyState::Available;
        }
        keys::update(tx, key).await?;
        if agreement.is_signed() {
            tx.emit(Topic::OpenKeyAvailable, key);
        }
    }
    invoice(tx, order).await?;
    order.state = OrderState::Completed;
    orders::update(tx, order).await?;
    tx.emit(Topic::OrderCompleted, order);
    Ok(true)
}

/// The provider owes for it, up front (OPN-08).
async fn invoice(tx: &mut Tx<'_>, order: &OrderRow) -> Result<()> {
    let mut new = NewInvoice {
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        order_id: order.id.clone(),
        reason: InvoiceReason::Order,
        subscription_id: None,
        renewal_id: None,
        lines: Vec::new(),
    };
    for mut line in orders::lines_of(tx.db(), order).await? {
        new.lines.push(NewInvoiceLine {
            order_line_id: line.id.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price()?,
            total: line.total()?,
            // The year is known once it begins.
            period: None,
        });
        line.state = LineState::Completed;
        orders::update_line(tx, &line).await?;
    }
    billing::issue_invoice(tx, new).await?;
    Ok(())
}

/// Keys have come into stock: the orders that waited for them go on, oldest first.
pub async fn fill(tx: &mut Tx<'_>) -> Result<()> {
    for mut order in store::awaiting_stock(tx.db()).await? {
        let own = store::get_own(tx.db(), &order.id).await?;
        let agreement = agreements::get(tx.db(), &own.agreement_id).await?;
        complete(tx, &mut order, &agreement).await?;
    }
    Ok(())
}

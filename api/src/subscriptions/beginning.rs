//! How a subscription begins: with the order's line that has completed (ORD-03).

use super::model::{BatchRow, EndOfTerm, SubscriptionRow, SubscriptionState};
use super::{rules, store};
use crate::catalog::{BillingCycle, Channel, RefundKind};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::orders::{OrderLineRow, OrderRow};
use crate::renewals;
use crate::topic::Topic;

/// What a line says of the subscription that it brings.
fn missing(line: &OrderLineRow) -> Error {
    Error::internal(format!("order line {} brings no subscription", line.id))
}

/// Begins the subscription of a line that this invoice's line charges. It is to be renewed until somebody says otherwise;
/// a year that was bought through Open ends, because another one needs another key (OPN-05).
pub async fn begin(
    tx: &mut Tx<'_>,
    settings: renewals::Settings,
    order: &OrderRow,
    line: &OrderLineRow,
    invoice_line_id: &str,
) -> Result<()> {
    let now = tx.now();
    let refund: RefundKind = line.refund.ok_or_else(|| missing(line))?;
    let billing_cycle: BillingCycle = line.billing_cycle.ok_or_else(|| missing(line))?;
    let row = SubscriptionRow {
        id: line.subscription_id.clone().ok_or_else(|| missing(line))?,
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        tenant_id: order.tenant_id.clone(),
        order_id: order.id.clone(),
        order_line_id: line.id.clone(),
        split_from: None,
        split_into: None,
        offer_id: line.offer_id.clone(),
        product_id: line.product_id.clone().ok_or_else(|| missing(line))?,
        family: line.family.clone(),
        name: line.name.clone(),
        friendly_name: None,
        channel: order.channel,
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        currency: line.currency.clone(),
        term_months: line.term_months.ok_or_else(|| missing(line))?,
        billing_cycle,
        refund,
        anchor: now.date_naive().to_string(),
        term_passed: 0,
        period_passed: 0,
        is_extended: false,
        state: SubscriptionState::Active,
        suspended_because: None,
        end_of_term: if order.channel == Channel::Open { EndOfTerm::Cancel } else { EndOfTerm::Renew },
        scheduled_quantity: None,
        version: 1,
        purchased_at: now.naive_utc(),
        ended_at: None,
    };
    store::insert(tx, &row).await?;
    add_batch(tx, &row, row.quantity, invoice_line_id).await?;
    tx.emit(Topic::SubscriptionCreated, &row);
    renewals::schedule(tx, settings, &row).await
}

/// Adds seats as a batch of their own, with a window of their own.
pub(super) async fn add_batch(tx: &mut Tx<'_>, row: &SubscriptionRow, seats: i64, invoice_line_id: &str) -> Result<()> {
    let now = tx.now();
    let batch = BatchRow {
        id: tx.id(),
        subscription_id: row.id.clone(),
        seats,
        added_at: now.naive_utc(),
        window_closes_at: rules::window_closes_at(row.refund, now)?.naive_utc(),
        invoice_line_id: invoice_line_id.to_owned(),
    };
    store::insert_batch(tx, &batch).await
}

//! Orders that wait: what ends the wait, and how it is given up (ORD-03, ORD-05).

use super::model::{CancelledBecause, LineState, OrderRow, OrderState};
use super::{fulfil, store};
use crate::access::Viewer;
use crate::catalog;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::renewals::Settings;
use crate::software;
use crate::tenants::TenantRow;
use crate::topic::Topic;
use std::collections::BTreeMap;

/// How a tenant's wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantOutcome {
    /// It is active.
    Active,
    /// The customer said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// It could not be made.
    Failed,
}

/// What waited for a tenant completes by itself, or is cancelled with the reason.
pub async fn tenant_decided(
    tx: &mut Tx<'_>,
    settings: Settings,
    tenant: &TenantRow,
    outcome: TenantOutcome,
) -> Result<()> {
    for mut order in store::awaiting_acceptance(tx.db(), &tenant.id).await? {
        match outcome {
            TenantOutcome::Active => {
                let units = units(tx, &order).await?;
                let has_keys = units.values().all(|(_, left)| *left >= 0);
                fulfil::go_on(tx, settings, &mut order, has_keys).await?;
                for (product, (before, left)) in &units {
                    software::tell_when_low(tx, settings.low_stock, product, *before, *left);
                }
            }
            TenantOutcome::Declined => cancel(tx, &mut order, CancelledBecause::AcceptanceDeclined).await?,
            TenantOutcome::Expired => cancel(tx, &mut order, CancelledBecause::AcceptanceExpired).await?,
            TenantOutcome::Failed => cancel(tx, &mut order, CancelledBecause::TenantFailed).await?,
        }
    }
    Ok(())
}

/// Units of each product that nobody has reserved, before an order takes its own and after.
async fn units(tx: &mut Tx<'_>, order: &OrderRow) -> Result<BTreeMap<String, (i64, i64)>> {
    let mut units: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for product in products(tx, order).await? {
        if !units.contains_key(&product) {
            let free = software::free_keys(tx.db(), &product).await?;
            units.insert(product.clone(), (free, free));
        }
        units.entry(product).or_default().1 -= 1;
    }
    Ok(units)
}

/// The products of which an order needs a key, one for each line of software.
pub(super) async fn products(tx: &mut Tx<'_>, order: &OrderRow) -> Result<Vec<String>> {
    let mut products = Vec::new();
    for line in store::lines_of(tx.db(), order).await?.iter().filter(|line| !line.is_cloud()) {
        products.push(catalog::find(tx.db(), &line.offer_id, order.created_at.and_utc()).await?.product_id);
    }
    Ok(products)
}

/// Only what waits can be cancelled; what is complete is given back by a refund (ORD-05).
pub fn is_waiting(order: &OrderRow) -> Result<()> {
    if matches!(order.state, OrderState::AwaitingAcceptance | OrderState::AwaitingStock) {
        return Ok(());
    }
    Err(Error::refused(vec![Fault::at("", Code::OrderNotCancellable).with("state", order.state)]))
}

/// Gives a waiting order up. Nothing of it was charged.
pub async fn cancel(tx: &mut Tx<'_>, order: &mut OrderRow, because: CancelledBecause) -> Result<()> {
    for mut line in store::lines_of(tx.db(), order).await? {
        line.state = LineState::Cancelled;
        store::update_line(tx, &line).await?;
        if let Some(id) = &line.entitlement_id {
            let entitlement = software::find(&Viewer::Operator, tx.db(), id).await?;
            software::cancel(tx, &entitlement).await?;
        }
    }
    order.state = OrderState::Cancelled;
    order.cancelled_because = Some(because);
    order.cancelled_at = Some(tx.now().naive_utc());
    store::update(tx, order).await?;
    tx.emit(Topic::OrderCancelled, order);
    Ok(())
}

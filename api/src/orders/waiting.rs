//! Orders that wait: what ends the wait, and how it is given up (ORD-03, ORD-05).

use super::model::{CancelledBecause, LineState, OrderRow, OrderState};
use super::{fulfil, store};
use crate::access::Viewer;
use crate::catalog;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::open;
use crate::renewals::Settings;
use crate::software;
use crate::subscriptions::{self, Held};
use crate::tenants::{TenantOutcome, TenantRow};
use crate::topic::Topic;
use std::collections::HashMap;

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
                let has_keys = has_keys(tx, &order).await?;
                fulfil::go_on(tx, settings, &mut order, has_keys).await?;
            }
            TenantOutcome::Declined => cancel(tx, &mut order, CancelledBecause::AcceptanceDeclined).await?,
            TenantOutcome::Expired => cancel(tx, &mut order, CancelledBecause::AcceptanceExpired).await?,
            TenantOutcome::Failed => cancel(tx, &mut order, CancelledBecause::TenantFailed).await?,
        }
    }
    Ok(())
}

/// What waits for a tenant goes on with the one that it turned out to be, where that one may hold it (CAT-02, CAT-03).
pub async fn move_to(tx: &mut Tx<'_>, settings: Settings, from: &str, kept: &TenantRow) -> Result<()> {
    for mut order in store::awaiting_acceptance(tx.db(), from).await? {
        order.customer_id.clone_from(&kept.customer_id);
        order.tenant_id.clone_from(&kept.id);
        if fits(tx, &order).await? {
            let has_keys = has_keys(tx, &order).await?;
            fulfil::go_on(tx, settings, &mut order, has_keys).await?;
        } else {
            cancel(tx, &mut order, CancelledBecause::TenantHoldsOtherPlans).await?;
        }
    }
    Ok(())
}

/// Whether the tenant of an order may hold its plans beside what is on it.
async fn fits(tx: &mut Tx<'_>, order: &OrderRow) -> Result<bool> {
    let mut held = subscriptions::held_by(tx.db(), &order.tenant_id, Some(&order.id)).await?;
    for line in store::lines_of(tx.db(), order).await? {
        let Some(product_id) = line.product_id.clone() else { continue };
        let cap = catalog::find(tx.db(), &line.offer_id, order.created_at.and_utc()).await?.seat_cap;
        let over = subscriptions::over_cap(&held, &product_id, cap, line.quantity, "");
        let other = subscriptions::other_family(&held, line.family.as_deref(), "");
        if over.or(other).is_some() || held.len() >= subscriptions::MOST_ON_TENANT {
            return Ok(false);
        }
        held.push(Held { product_id, family: line.family, seats: line.quantity });
    }
    Ok(true)
}

/// Whether a key is there for every line that needs one.
async fn has_keys(tx: &mut Tx<'_>, order: &OrderRow) -> Result<bool> {
    let mut free: HashMap<String, i64> = HashMap::new();
    for line in store::lines_of(tx.db(), order).await?.iter().filter(|line| !line.is_cloud()) {
        let product = catalog::find(tx.db(), &line.offer_id, order.created_at.and_utc()).await?.product_id;
        if !free.contains_key(&product) {
            let count = software::free_keys(tx.db(), &product).await?;
            free.insert(product.clone(), count);
        }
        let left = free.entry(product).or_default();
        *left -= 1;
        if *left < 0 {
            return Ok(false);
        }
    }
    Ok(true)
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
    open::given_up(tx, &order.id).await?;
    order.state = OrderState::Cancelled;
    order.cancelled_because = Some(because);
    order.cancelled_at = Some(tx.now().naive_utc());
    store::update(tx, order).await?;
    tx.emit(Topic::OrderCancelled, order);
    Ok(())
}

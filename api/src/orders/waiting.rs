//! Orders that wait: what ends the wait, and how it is given up (ORD-03, ORD-05).

use super::model::{CancelledBecause, LineState, OrderRow, OrderState};
use super::{fulfil, store};
use crate::access::Viewer;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::Gate;
use crate::renewals::Settings;
use crate::subscriptions::{self, Held};
use crate::tenants::{TenantOutcome, TenantRow};
use crate::topic::Topic;
use crate::{catalog, customers, links, markets, open, partners, software};
use std::collections::BTreeMap;

/// What waited for a tenant completes by itself, or is cancelled with the reason.
pub async fn tenant_decided(
    tx: &mut Tx<'_>,
    settings: Settings,
    tenant: &TenantRow,
    outcome: TenantOutcome,
) -> Result<()> {
    for mut order in store::awaiting_acceptance(tx.db(), &tenant.id).await? {
        match outcome {
            TenantOutcome::Active if may_go_on(tx, &order).await? => go_on(tx, settings, &mut order).await?,
            TenantOutcome::Active => cancel(tx, &mut order, CancelledBecause::NoLongerPossible).await?,
            TenantOutcome::Declined => cancel(tx, &mut order, CancelledBecause::AcceptanceDeclined).await?,
            TenantOutcome::Expired => cancel(tx, &mut order, CancelledBecause::AcceptanceExpired).await?,
            TenantOutcome::Failed => cancel(tx, &mut order, CancelledBecause::TenantFailed).await?,
        }
    }
    Ok(())
}

/// Goes on, to its end or to the wait for keys, and tells when few are left.
async fn go_on(tx: &mut Tx<'_>, settings: Settings, order: &mut OrderRow) -> Result<()> {
    let units = units(tx, order).await?;
    let has_keys = units.values().all(|(_, left)| *left >= 0);
    fulfil::go_on(tx, settings, order, has_keys).await?;
    for (product, (before, left)) in &units {
        software::tell_when_low(tx, settings.low_stock, product, *before, *left);
    }
    Ok(())
}

/// What waits for a tenant goes on with the one that it turned out to be, where that one may hold it (CAT-02, CAT-03).
pub async fn move_to(tx: &mut Tx<'_>, settings: Settings, from: &str, kept: &TenantRow) -> Result<()> {
    for mut order in store::awaiting_acceptance(tx.db(), from).await? {
        order.customer_id.clone_from(&kept.customer_id);
        order.tenant_id.clone_from(&kept.id);
        if !may_go_on(tx, &order).await? {
            cancel(tx, &mut order, CancelledBecause::NoLongerPossible).await?;
        } else if fits(tx, &order).await? {
            go_on(tx, settings, &mut order).await?;
        } else {
            cancel(tx, &mut order, CancelledBecause::TenantHoldsOtherPlans).await?;
        }
    }
    Ok(())
}

/// Whether what waited may still be sold: the wait may have been long (ENR-11, LNK-10, MKT-02, CUS-06, GCC-13).
async fn may_go_on(tx: &mut Tx<'_>, order: &OrderRow) -> Result<bool> {
    let seller = partners::find(tx.db(), &order.partner_id).await?;
    if let Some(reseller_id) = &order.partner_of_record_id {
        links::hold(tx, &seller.id, reseller_id).await?;
        let reseller = partners::find(tx.db(), reseller_id).await?;
        if partners::is_active(&reseller).is_some() || !links::is_live(tx.db(), &seller.id, reseller_id).await? {
            return Ok(false);
        }
    }
    let customer = customers::get(tx.db(), &order.customer_id).await?;
    let day = tx.now().date_naive();
    let mut is_gcc = false;
    for line in store::lines_of(tx.db(), order).await? {
        is_gcc |= catalog::find(tx.db(), &line.offer_id, order.created_at.and_utc()).await?.gcc;
    }
    if is_gcc {
        let gate = Gate::of(tx.db(), &seller, order.partner_of_record_id.as_deref(), &customer.id).await?;
        if gate.seller("").or(gate.customer("")).is_some() {
            return Ok(false);
        }
    }
    Ok(partners::is_active(&seller).is_none()
        && markets::may_sell(&seller.country, &customer.country, day).is_empty()
        && customers::has_accepted_mca(tx.db(), &customer.id).await?
        && store::has_relationship(tx.db(), &seller.id, &customer.id).await?)
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
        held.push(Held { subscription_id: None, product_id, family: line.family, seats: line.quantity });
    }
    Ok(true)
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
    open::given_up(tx, &order.id).await?;
    order.state = OrderState::Cancelled;
    order.cancelled_because = Some(because);
    order.cancelled_at = Some(tx.now().naive_utc());
    store::update(tx, order).await?;
    tx.emit(Topic::OrderCancelled, order);
    Ok(())
}

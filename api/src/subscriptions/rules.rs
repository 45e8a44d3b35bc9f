//! What may be done to a subscription, and what a tenant may hold (CAT-02, CAT-03, TEN-06, LNK-10).

use super::model::{SubscriptionRow, SubscriptionState};
use super::store::Held;
use crate::catalog::{Channel, RefundKind};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::{links, partners, refunds};
use chrono::TimeDelta;
use serde_json::json;

/// The most subscriptions on one tenant (TEN-10).
pub const MOST_ON_TENANT: usize = 300;

/// The state of one that is not suspended.
pub fn running(row: &SubscriptionRow) -> SubscriptionState {
    if row.is_extended { SubscriptionState::Extended } else { SubscriptionState::Active }
}

/// Only what is active moves to another plan: what is suspended or extended first goes on.
pub fn must_be_active(row: &SubscriptionRow) -> Option<Fault> {
    (row.state != SubscriptionState::Active).then(|| {
        Fault::at("", Code::SubscriptionNotActive)
            .with("state", row.state)
            .with("suspendedBecause", row.suspended_because)
    })
}

/// Seats change while it goes on, in its term or by the month after it (SUB-01).
pub fn must_go_on(row: &SubscriptionRow) -> Option<Fault> {
    if row.state == SubscriptionState::Extended { None } else { must_be_active(row) }
}

/// Whether there may be more of it: its partners are active, and a provider still has its link with the reseller
/// (ENR-11, LNK-10).
pub async fn may_grow(db: &mut Db<'_>, row: &SubscriptionRow) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for id in std::iter::once(&row.partner_id).chain(&row.partner_of_record_id) {
        let partner = partners::find(db, id).await?;
        faults.extend(partners::is_active(&partner));
    }
    faults.truncate(1);
    if let Some(reseller_id) = &row.partner_of_record_id
        && !links::is_live(db, &row.partner_id, reseller_id).await?
    {
        faults.push(Fault::at("", Code::LinkNotActive).with("state", "ended"));
    }
    Ok(faults)
}

/// What was bought through Open grows and goes on by another key, which an Open order brings (OPN-05).
pub fn needs_key(row: &SubscriptionRow, pointer: &str) -> Option<Fault> {
    (row.channel == Channel::Open).then(|| Fault::at(pointer, Code::OpenOrderRequired).with("subscriptionId", &row.id))
}

/// Keeps the link that more is sold through as it is until it is written (LNK-10).
pub async fn hold_link(tx: &mut Tx<'_>, row: &SubscriptionRow) -> Result<()> {
    match &row.partner_of_record_id {
        Some(reseller_id) => links::hold(tx, &row.partner_id, reseller_id).await,
        None => Ok(()),
    }
}

/// More seats of a plan than it may have on a tenant, all of its subscriptions counted (CAT-02).
pub fn over_cap(held: &[Held], product_id: &str, cap: Option<i64>, more: i64, pointer: &str) -> Option<Fault> {
    let cap = cap?;
    let now: i64 = held.iter().filter(|held| held.product_id == product_id).map(|held| held.seats).sum();
    (now + more > cap).then(|| {
        Fault::at(pointer, Code::SeatCapExceeded)
            .with("plan", product_id)
            .with("cap", cap)
            .with("held", now)
            .with("seats", now + more)
    })
}

/// A plan of another family than those that a tenant holds (CAT-03).
pub fn other_family(held: &[Held], family: Option<&str>, pointer: &str) -> Option<Fault> {
    let family = family?;
    let other = held.iter().filter_map(|held| held.family.as_deref()).find(|held| *held != family)?;
    Some(Fault::at(pointer, Code::PlanFamilyConflict).with("held", other).with("family", family))
}

/// When seats that were bought at this instant can no longer be given back (REF-01).
pub fn window_closes_at(refund: RefundKind, bought_at: Instant) -> Result<Instant> {
    if refund != RefundKind::CloudSeats {
        return Ok(bought_at);
    }
    let policy = refunds::policy_at(None, bought_at)?;
    Ok(bought_at + TimeDelta::hours(policy.window_hours.into()))
}

/// A licence stays with its tenant: the refusal advises to buy again, and carries the order (TEN-06).
pub fn stays_with_its_tenant(row: &SubscriptionRow, asked: Option<&String>) -> Result<()> {
    match asked {
        Some(tenant_id) if *tenant_id != row.tenant_id => {
            let order = json!({
                "customerId": row.customer_id,
                "tenantId": tenant_id,
                "channel": row.channel,
                "lines": [{
                    "offerId": row.offer_id,
                    "quantity": row.quantity,
                    "termMonths": row.term_months,
                    "billingCycle": row.billing_cycle,
                }],
            });
            let fault = Fault::at("/tenantId", Code::LicenseBoundToTenant)
                .with("tenantId", &row.tenant_id)
                .with("order", order);
            Err(Error::refused(vec![fault]))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn held(product_id: &str, family: Option<&str>, seats: i64) -> Held {
        Held { subscription_id: None, product_id: product_id.to_owned(), family: family.map(str::to_owned), seats }
    }

    #[test_case(Some(25), 5, None; "exactly the cap")]
    #[test_case(Some(25), 6, Some(26); "one more")]
    #[test_case(Some(25), 0, None; "nothing more")]
    #[test_case(None, 10_000, None; "no cap")]
    fn rule_cat_02_caps_count_all_subscriptions_of_the_plan(cap: Option<i64>, more: i64, told: Option<i64>) {
        let tenant = [held("small", Some("s"), 12), held("premium", Some("s"), 25), held("small", Some("s"), 8)];
        let fault = over_cap(&tenant, "small", cap, more, "/quantity");
        assert_eq!(fault.map(|fault| fault.context["seats"].as_i64().unwrap()), told);
    }

    #[test]
    fn rule_cat_03_one_family_on_a_tenant_and_what_has_none_stands_beside_any() {
        let tenant = [held("bi", None, 3), held("small", Some("s"), 12)];
        assert_eq!(other_family(&tenant, Some("s"), ""), None);
        assert_eq!(other_family(&tenant, None, ""), None);
        assert_eq!(other_family(&tenant, Some("e"), "").unwrap().code, Code::PlanFamilyConflict);
        assert_eq!(other_family(&tenant[..1], Some("e"), ""), None);
    }
}

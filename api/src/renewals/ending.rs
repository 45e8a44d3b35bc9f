//! How things end that are not paid for, or not wanted any more (REN-03, SUB-02).

use super::course::Settings;
use super::model::{RenewalRow, RenewalState};
use super::{notices, store};
use crate::db::write::Tx;
use crate::error::Result;
use crate::subscriptions::{self, SubscriptionRow, SubscriptionState, SuspendedBecause};
use crate::topic::Topic;

/// The cut-off has come: the subscription is suspended.
pub(super) async fn fall_late(tx: &mut Tx<'_>, settings: Settings, mut renewal: RenewalRow) -> Result<()> {
    renewal.state = RenewalState::Overdue;
    renewal.next_at = Some(renewal.grace_ends_at);
    store::update(tx, &mut renewal).await?;
    tx.emit(Topic::RenewalOverdue, &renewal);
    let mut subscription = subscriptions::get(tx.db(), &renewal.subscription_id).await?;
    if matches!(subscription.state, SubscriptionState::Active | SubscriptionState::Extended) {
        subscription.state = SubscriptionState::Suspended;
        subscription.suspended_because = Some(SuspendedBecause::RenewalPaymentOverdue);
        subscriptions::update(tx, &mut subscription).await?;
        tx.emit(Topic::SubscriptionSuspended, &subscription);
    }
    notices::tell_overdue(tx, settings, &renewal, &subscription).await
}

/// The grace is over: the subscription is cancelled, and with it whatever waits.
pub(super) async fn give_up(tx: &mut Tx<'_>, renewal: RenewalRow) -> Result<()> {
    let mut subscription = subscriptions::get(tx.db(), &renewal.subscription_id).await?;
    if subscription.is_live() {
        subscription.state = SubscriptionState::Cancelled;
        subscription.suspended_because = None;
        subscription.ended_at = Some(tx.now().naive_utc());
        subscription.scheduled_quantity = None;
        subscriptions::update(tx, &mut subscription).await?;
        tx.because("a renewal was not paid for within its grace");
        tx.emit(Topic::SubscriptionCancelled, &subscription);
    }
    withdraw_all(tx, &subscription.id).await
}

/// The term is over, and it was not to go on.
pub(super) async fn expire(tx: &mut Tx<'_>, mut renewal: RenewalRow, mut subscription: SubscriptionRow) -> Result<()> {
    subscription.state = SubscriptionState::Expired;
    subscription.suspended_because = None;
    subscription.ended_at = Some(tx.now().naive_utc());
    subscription.scheduled_quantity = None;
    subscriptions::update(tx, &mut subscription).await?;
    tx.emit(Topic::SubscriptionExpired, &subscription);
    cancel(tx, &mut renewal).await
}

/// Nothing comes of a renewal any more.
pub(super) async fn cancel(tx: &mut Tx<'_>, renewal: &mut RenewalRow) -> Result<()> {
    renewal.state = RenewalState::Cancelled;
    renewal.next_at = None;
    store::update(tx, renewal).await?;
    tx.emit(Topic::RenewalCancelled, renewal);
    Ok(())
}

/// Nothing comes of whatever waits for a subscription.
pub async fn withdraw_all(tx: &mut Tx<'_>, subscription_id: &str) -> Result<()> {
    for mut renewal in store::unfinished(tx.db(), subscription_id).await? {
        cancel(tx, &mut renewal).await?;
    }
    Ok(())
}

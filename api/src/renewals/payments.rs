//! Payments, and those that failed, as the storefront records them (REN-03, REN-04).

use super::asked::{RecordPayment, RecordPaymentFailure};
use super::course::{self, Settings};
use super::model::{FailureRow, PaymentRow, RenewalRow, RenewalState};
use super::{notices, store};
use crate::access::Viewer;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::http::IfMatch;
use crate::money::{Amount, Money, MoneyFault};
use crate::subscriptions::{self, SubscriptionState, SuspendedBecause};
use crate::topic::Topic;

/// The renewal as it is now, whatever was due of it done.
async fn present(
    tx: &mut Tx<'_>,
    settings: Settings,
    viewer: &Viewer,
    id: &str,
    if_match: &IfMatch,
) -> Result<RenewalRow> {
    let found = store::find(viewer, tx.db(), id).await?;
    // Who owes does not confirm its own payment (REN-04): the reseller of record reads.
    if let Viewer::Partner(partner_id) = viewer
        && *partner_id != found.partner_id
    {
        return Err(Error::new(Code::PaymentByTransactingPartner));
    }
    if_match.honour(found.version)?;
    course::catch_up(tx, settings, &found.subscription_id).await?;
    let renewal = store::find(viewer, tx.db(), id).await?;
    if renewal.is_open() {
        return Ok(renewal);
    }
    let fault = Fault::at("", Code::RenewalNotPayable).with("state", renewal.state);
    Err(Error::refused(vec![fault.with("opensAt", renewal.opens_at.and_utc())]))
}

/// Whether this is what is owed: all of it, in its currency, exact.
pub(super) fn covers(paid: &Amount, owed: Money) -> Option<Fault> {
    let money = match Money::try_from(paid) {
        Ok(money) => money,
        Err(MoneyFault::UnknownCurrency) => return Some(Fault::at("/amount/currency", Code::CurrencyUnknown)),
        Err(MoneyFault::NotANumber) => return Some(Fault::at("/amount/amount", Code::AmountInvalid)),
        Err(MoneyFault::TooManyDecimals) => return Some(Fault::at("/amount/amount", Code::AmountTooPrecise)),
        Err(MoneyFault::TooLarge) => return Some(Fault::at("/amount/amount", Code::AmountTooLarge)),
    };
    if money.currency() != owed.currency() {
        let expected = owed.currency().code();
        return Some(Fault::at("/amount/currency", Code::CurrencyMismatch).with("expected", expected));
    }
    if money.minor() <= 0 {
        return Some(Fault::at("/amount/amount", Code::AmountNotPositive));
    }
    (money != owed).then(|| Fault::at("/amount/amount", Code::PaymentAmountDiffers).with("owed", Amount::from(owed)))
}

/// Records a payment: it closes the renewal, and a subscription that was suspended for it goes on by itself.
pub(super) async fn pay(
    tx: &mut Tx<'_>,
    settings: Settings,
    viewer: &Viewer,
    id: &str,
    if_match: &IfMatch,
    asked: &RecordPayment,
) -> Result<RenewalRow> {
    let mut renewal = present(tx, settings, viewer, id, if_match).await?;
    let owed = renewal.owed()?.ok_or_else(|| Error::internal("an open renewal that owes nothing"))?;
    all_or((), covers(&asked.amount, owed).into_iter().collect())?;
    let payment = PaymentRow {
        id: tx.id(),
        partner_id: renewal.partner_id.clone(),
        partner_of_record_id: renewal.partner_of_record_id.clone(),
        customer_id: renewal.customer_id.clone(),
        renewal_id: renewal.id.clone(),
        amount_minor: owed.minor(),
        currency: owed.currency().code().to_owned(),
        method: asked.method.as_str().to_owned(),
        reference: asked.reference.clone(),
        recorded_at: tx.now().naive_utc(),
    };
    store::insert_payment(tx, &payment).await?;
    renewal.state = RenewalState::Paid;
    renewal.paid_at = Some(payment.recorded_at);
    renewal.next_at = None;
    store::update(tx, &mut renewal).await?;
    tx.emit(Topic::RenewalPaid, &renewal);
    resume(tx, &renewal.subscription_id).await?;
    Ok(renewal)
}

/// A subscription that was suspended for late payments alone goes on with the last of them.
pub(super) async fn resume(tx: &mut Tx<'_>, subscription_id: &str) -> Result<()> {
    let mut subscription = subscriptions::get(tx.db(), subscription_id).await?;
    let is_for_this = subscription.state == SubscriptionState::Suspended
        && subscription.suspended_because == Some(SuspendedBecause::RenewalPaymentOverdue);
    if is_for_this && !store::has_overdue(tx.db(), subscription_id).await? {
        subscription.state = subscriptions::running(&subscription);
        subscription.suspended_because = None;
        subscriptions::update(tx, &mut subscription).await?;
        tx.emit(Topic::SubscriptionResumed, &subscription);
    }
    Ok(())
}

/// Records a payment that did not go through: a notice of its own.
pub(super) async fn fail(
    tx: &mut Tx<'_>,
    settings: Settings,
    viewer: &Viewer,
    id: &str,
    if_match: &IfMatch,
    asked: &RecordPaymentFailure,
) -> Result<RenewalRow> {
    let mut renewal = present(tx, settings, viewer, id, if_match).await?;
    let failure = FailureRow {
        id: tx.id(),
        partner_id: renewal.partner_id.clone(),
        partner_of_record_id: renewal.partner_of_record_id.clone(),
        customer_id: renewal.customer_id.clone(),
        renewal_id: renewal.id.clone(),
        method: asked.method.as_str().to_owned(),
        reason: asked.reason.clone(),
        recorded_at: tx.now().naive_utc(),
    };
    store::insert_failure(tx, &failure).await?;
    renewal.failed_at = Some(failure.recorded_at);
    store::update(tx, &mut renewal).await?;
    tx.emit(Topic::RenewalPaymentFailed, &renewal);
    notices::tell_failed(tx, settings, &renewal, &asked.reason).await?;
    Ok(renewal)
}

//! What people are told of a renewal's payment: to the customer's contact by mail, to programs as events (REN-02, REN-04).

use super::course::Settings;
use super::due::PaymentCalendar;
use super::model::RenewalRow;
use super::store;
use crate::access::Viewer;
use crate::customers;
use crate::db::write::Tx;
use crate::error::Result;
use crate::mail::{self, Mail};
use crate::profiles::Contact;
use crate::subscriptions::{self, SubscriptionRow};
use crate::topic::Topic;
use chrono::TimeDelta;

/// A notice's time has come. Several that were missed, because the house was shut, are told as one.
pub(super) async fn tell(tx: &mut Tx<'_>, settings: Settings, mut renewal: RenewalRow) -> Result<()> {
    let now = tx.now();
    let calendar = PaymentCalendar::opened(renewal.opens_at.and_utc(), settings.zone);
    let passed = calendar.as_ref().map_or(0, |calendar| calendar.notices.iter().filter(|at| **at <= now).count());
    let next = calendar.map_or(renewal.due_at, |calendar| calendar.after_notices(passed).naive_utc());
    renewal.notices_sent = i64::try_from(passed).unwrap_or(i64::MAX);
    renewal.next_at = Some(next.min(renewal.due_at));
    store::update(tx, &mut renewal).await?;
    tx.emit(Topic::RenewalPaymentDue, &renewal);
    let subscription = subscriptions::get(tx.db(), &renewal.subscription_id).await?;
    send(tx, settings, "mail_renewal_payment_due", &renewal, &subscription, "").await
}

/// The payment is late.
pub(super) async fn tell_overdue(
    tx: &mut Tx<'_>,
    settings: Settings,
    renewal: &RenewalRow,
    subscription: &SubscriptionRow,
) -> Result<()> {
    send(tx, settings, "mail_renewal_overdue", renewal, subscription, "").await
}

/// A payment did not go through.
pub(super) async fn tell_failed(tx: &mut Tx<'_>, settings: Settings, renewal: &RenewalRow, reason: &str) -> Result<()> {
    let subscription = subscriptions::get(tx.db(), &renewal.subscription_id).await?;
    send(tx, settings, "mail_renewal_payment_failed", renewal, &subscription, reason).await
}

async fn send(
    tx: &mut Tx<'_>,
    settings: Settings,
    kind: &'static str,
    renewal: &RenewalRow,
    subscription: &SubscriptionRow,
    reason: &str,
) -> Result<()> {
    let customer = customers::find(&Viewer::Operator, tx.db(), &renewal.customer_id).await?;
    let contact: Contact = customer.contact.read()?;
    // The last day on which it is in time, where the storefront is.
    let last_day = |end: chrono::NaiveDateTime| {
        let instant = end.and_utc() - TimeDelta::microseconds(1);
        instant.with_timezone(&settings.zone).format("%Y-%m-%d").to_string()
    };
    let amount = renewal.owed()?.map(|money| money.to_string()).unwrap_or_default();
    let mail = Mail::new(kind, &contact.email, customer.language)
        .with("company", customer.company_name.as_str())
        .with("plan", subscription.friendly_name.as_deref().unwrap_or(&subscription.name))
        .with("seats", subscription.quantity)
        .with("amount", amount)
        .with("until", last_day(renewal.due_at))
        .with("grace", last_day(renewal.grace_ends_at))
        .with("reason", reason);
    mail::send(tx, &mail).await
}

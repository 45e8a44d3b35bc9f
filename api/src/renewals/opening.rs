//! The renewal day: a new period is charged, or the subscription ends (REN-01, SUB-02).

use super::course::Settings;
use super::due::PaymentCalendar;
use super::model::{RenewalRow, RenewalState};
use super::{ending, payments, store};
use crate::billing::{self, InvoiceReason, NewInvoice, NewInvoiceLine};
use crate::catalog;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::money::Money;
use crate::subscriptions::{self, EndOfTerm, SubscriptionRow, SubscriptionState};
use crate::topic::Topic;
use chrono::TimeDelta;

/// Lays the next renewal of a subscription ahead.
pub async fn schedule(tx: &mut Tx<'_>, settings: Settings, subscription: &SubscriptionRow) -> Result<()> {
    let renews_on = subscription.period()?.renews_on();
    let calendar = PaymentCalendar::of(renews_on, settings.zone)
        .ok_or_else(|| Error::internal(format!("no payment can open on {renews_on}")))?;
    let row = RenewalRow {
        id: tx.id(),
        partner_id: subscription.partner_id.clone(),
        partner_of_record_id: subscription.partner_of_record_id.clone(),
        customer_id: subscription.customer_id.clone(),
        subscription_id: subscription.id.clone(),
        state: RenewalState::Scheduled,
        ends_term: subscription.is_last_period(),
        renews_on: renews_on.to_string(),
        opens_at: calendar.opens_at.naive_utc(),
        due_at: calendar.due_at.naive_utc(),
        grace_ends_at: calendar.due_at.naive_utc() + TimeDelta::days(settings.grace_days.into()),
        period_start: None,
        period_end: None,
        quantity: None,
        amount_minor: None,
        currency: None,
        invoice_id: None,
        notices_sent: 0,
        next_at: Some(calendar.opens_at.naive_utc()),
        paid_at: None,
        failed_at: None,
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    store::insert(tx, &row).await
}

/// What a seat costs in the next period, and whether that is a month of an extended term; none: it ends.
async fn next_price(tx: &mut Tx<'_>, subscription: &SubscriptionRow, ends_term: bool) -> Result<Option<(Money, bool)>> {
    let sold_at = subscription.unit_price()?;
    if !ends_term {
        return Ok(Some((sold_at, subscription.is_extended)));
    }
    let now = tx.now();
    // Also of one that is no longer sold: who has it goes on with its last version, in the currency that it was sold in.
    let offer = catalog::find(tx.db(), &subscription.offer_id, now).await?;
    let is_same_currency = offer.currency == subscription.currency;
    match subscription.end_of_term {
        EndOfTerm::Cancel => Ok(None),
        EndOfTerm::Renew => {
            let months = u32::try_from(subscription.term_months).ok();
            let term = offer.term(months, Some(subscription.billing_cycle))?.filter(|_| is_same_currency);
            let price = term.map(|term| term.price(&offer.currency)).transpose()?.flatten();
            // Without a price for its term it goes on as it was: of an extended one that is by the month.
            Ok(Some(price.map_or((sold_at, subscription.is_extended), |price| (price, false))))
        }
        EndOfTerm::Extend => {
            let price = if is_same_currency { offer.extension_price()? } else { None };
            Ok(price.or(subscription.is_extended.then_some(sold_at)).map(|price| (price, true)))
        }
    }
}

/// The renewal day of a subscription.
pub(super) async fn open(tx: &mut Tx<'_>, settings: Settings, mut renewal: RenewalRow) -> Result<()> {
    let mut subscription = subscriptions::get(tx.db(), &renewal.subscription_id).await?;
    if !subscription.is_live() {
        return ending::cancel(tx, &mut renewal).await;
    }
    let Some((price, is_extended)) = next_price(tx, &subscription, renewal.ends_term).await? else {
        return ending::expire(tx, renewal, subscription).await;
    };
    let was_extended = subscription.is_extended;
    subscription.period_passed += subscription.present_cycle();
    subscription.unit_price_minor = price.minor();
    if renewal.ends_term {
        subscription.term_passed = subscription.period_passed;
        subscription.is_extended = is_extended;
        subscriptions::apply_scheduled(tx, &mut subscription).await?;
        if subscription.state != SubscriptionState::Suspended {
            subscription.state = subscriptions::running(&subscription);
        }
    }
    charge(tx, &mut renewal, &subscription, price).await?;
    subscriptions::update(tx, &mut subscription).await?;
    match (renewal.ends_term, is_extended) {
        (true, false) => drop(tx.emit(Topic::SubscriptionRenewed, &subscription)),
        (true, true) if !was_extended => drop(tx.emit(Topic::SubscriptionExtended, &subscription)),
        _ => {}
    }
    if renewal.amount_minor == Some(0) {
        pay_nothing(tx, &mut renewal).await?;
    } else {
        let now = tx.now();
        let mut calendar = PaymentCalendar::opened(renewal.opens_at.and_utc(), settings.zone);
        if now.naive_utc() >= renewal.due_at {
            // Nobody could pay before it was opened: it is due as one that opens now (REN-01).
            calendar = PaymentCalendar::opened(now, settings.zone);
            if let Some(calendar) = &calendar {
                renewal.opens_at = now.naive_utc();
                renewal.due_at = calendar.due_at.naive_utc();
                renewal.grace_ends_at = renewal.due_at + TimeDelta::days(settings.grace_days.into());
            }
        }
        let next = calendar.map_or(renewal.due_at, |calendar| calendar.after_notices(0).naive_utc());
        renewal.state = RenewalState::PaymentPending;
        renewal.next_at = Some(next);
        store::update(tx, &mut renewal).await?;
        tx.emit(Topic::RenewalPaymentPending, &renewal);
    }
    schedule(tx, settings, &subscription).await
}

/// Invoices the new period; from now on its line covers all seats.
async fn charge(tx: &mut Tx<'_>, renewal: &mut RenewalRow, subscription: &SubscriptionRow, price: Money) -> Result<()> {
    let period = subscription.period()?;
    let total = price.times(subscription.seats()).ok_or_else(|| Error::new(Code::AmountTooLarge))?;
    let line = NewInvoiceLine {
        order_line_id: subscription.order_line_id.clone(),
        name: subscription.name.clone(),
        quantity: subscription.quantity,
        unit_price: price,
        total,
        period: Some(period),
    };
    let invoice = NewInvoice {
        partner_id: subscription.partner_id.clone(),
        partner_of_record_id: subscription.partner_of_record_id.clone(),
        customer_id: subscription.customer_id.clone(),
        order_id: subscription.order_id.clone(),
        reason: InvoiceReason::Renewal,
        subscription_id: Some(subscription.id.clone()),
        renewal_id: Some(renewal.id.clone()),
        lines: vec![line],
    };
    let issued = billing::issue_invoice(tx, invoice).await?;
    if let Some(line_id) = issued.line_ids.as_slice().first() {
        subscriptions::cover(tx, subscription, line_id).await?;
    }
    renewal.period_start = Some(period.start.to_string());
    renewal.period_end = Some(period.end.to_string());
    renewal.quantity = Some(subscription.quantity);
    renewal.amount_minor = Some(total.minor());
    renewal.currency = Some(subscription.currency.clone());
    renewal.invoice_id = Some(issued.id);
    Ok(())
}

/// Where nothing is owed, nothing is waited for.
async fn pay_nothing(tx: &mut Tx<'_>, renewal: &mut RenewalRow) -> Result<()> {
    renewal.state = RenewalState::Paid;
    renewal.paid_at = Some(tx.now().naive_utc());
    renewal.next_at = None;
    store::update(tx, renewal).await?;
    tx.emit(Topic::RenewalPaid, renewal);
    Ok(())
}

/// What was given back of an open renewal's invoice is not owed any more.
pub async fn settle(tx: &mut Tx<'_>, subscription_id: &str) -> Result<()> {
    for mut renewal in store::unfinished(tx.db(), subscription_id).await? {
        let Some(invoice_id) = renewal.invoice_id.clone().filter(|_| renewal.is_open()) else { continue };
        let owed = billing::owed_minor(tx.db(), &invoice_id).await?;
        if Some(owed) == renewal.amount_minor {
            continue;
        }
        renewal.amount_minor = Some(owed);
        if owed == 0 {
            pay_nothing(tx, &mut renewal).await?;
            payments::resume(tx, subscription_id).await?;
        } else {
            store::update(tx, &mut renewal).await?;
            tx.emit(Topic::RenewalAmountChanged, &renewal);
        }
    }
    Ok(())
}

//! The partner of record is told that a redeemed key's year comes to its end: nothing renews by itself (OPN-07).

use super::model::OpenKeyRow;
use super::store;
use crate::access::Viewer;
use crate::calendar;
use crate::clock::Instant;
use crate::db::write::{Actor, Tx};
use crate::error::Result;
use crate::mail::{self, Mail};
use crate::open::{orders, programme};
use crate::period::Period;
use crate::state::State;
use crate::subscriptions;
use crate::topic::Topic;
use crate::{customers, partners};
use chrono::{Days, NaiveTime};
use chrono_tz::Tz;

/// When the partner of record is told next, after this instant, of a term that ends.
pub fn first_notice(term: Period, after: Instant, zone: Tz) -> Result<Option<Instant>> {
    let terms = programme::items(term.start)?;
    let notice = |days: &u64| {
        let day = term.renews_on().checked_sub_days(Days::new(*days))?;
        calendar::at(day, NaiveTime::from_hms_opt(terms.notice_hour, 0, 0)?, zone)
    };
    Ok(terms.notice_days_before.iter().filter_map(notice).filter(|at| *at > after).min())
}

/// Tells whatever is to be told by now. Each is a transaction of its own.
pub async fn tell_due(state: &State) -> Result<()> {
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let now = state.now(&mut db).await?;
    let due = store::to_be_told(&mut db, now).await?;
    drop(reader);
    let zone = state.config.storefront.time_zone;
    for id in due {
        state
            .write(&Actor::house("tell_open_renewal"), async |tx| {
                let key = store::find(&Viewer::Operator, tx.db(), &id).await?;
                let is_due = key.next_notice_at.is_some_and(|at| at <= tx.now().naive_utc());
                if is_due { tell(tx, key, zone).await } else { Ok(()) }
            })
            .await?;
    }
    Ok(())
}

async fn tell(tx: &mut Tx<'_>, mut key: OpenKeyRow, zone: Tz) -> Result<()> {
    let now = tx.now();
    let subscription = match &key.subscription_id {
        Some(id) => Some(subscriptions::get(tx.db(), id).await?),
        None => None,
    };
    let Some(subscription) = subscription.filter(|subscription| subscription.is_live()) else {
        key.next_notice_at = None;
        return store::update(tx, &mut key).await;
    };
    let term = subscription.term()?;
    key.next_notice_at = first_notice(term, now, zone)?.map(|at| at.naive_utc());
    store::update(tx, &mut key).await?;
    tx.emit(Topic::OpenKeyRenewalNotice, &key);
    let customer = customers::get(tx.db(), &key.customer_id).await?;
    let reseller = partners::find(tx.db(), key.reseller_id()).await?;
    let contact = orders::reseller_contact(tx.db(), &key.order_id).await?;
    let mail = Mail::new("mail_open_renewal_notice", &contact.email, reseller.language)
        .with("company", customer.company_name.as_str())
        .with("plan", key.name.as_str())
        .with("seats", subscription.quantity)
        .with("until", term.end.to_string());
    mail::send(tx, &mail).await
}

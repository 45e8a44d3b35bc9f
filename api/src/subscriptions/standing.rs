//! Suspending, resuming, what becomes of it at the end of the term, and taking scheduled changes back (SUB-02, SUB-03).

use super::model::{EndOfTerm, SubscriptionRow, SubscriptionState, SuspendedBecause};
use super::{rules, store};
use crate::catalog;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::renewals;
use crate::topic::Topic;

fn refuse(fault: Fault) -> Result<()> {
    Err(Error::refused(vec![fault]))
}

fn in_wrong_state(row: &SubscriptionRow) -> Fault {
    Fault::at("", Code::SubscriptionNotActive).with("state", row.state).with("suspendedBecause", row.suspended_because)
}

/// Stops it. What is paid for goes on being paid for.
pub async fn suspend(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    if !matches!(row.state, SubscriptionState::Active | SubscriptionState::Extended) {
        return refuse(in_wrong_state(row));
    }
    row.state = SubscriptionState::Suspended;
    row.suspended_because = Some(SuspendedBecause::Requested);
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionSuspended, row);
    Ok(())
}

/// Lets it go on; never while a renewal is late: its payment does that by itself (REN-03).
pub async fn resume(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    if row.state != SubscriptionState::Suspended {
        return refuse(Fault::at("", Code::SubscriptionNotSuspended).with("state", row.state));
    }
    if renewals::has_overdue(tx.db(), &row.id).await? {
        return refuse(Fault::at("", Code::RenewalPaymentOverdue).with("subscriptionId", &row.id));
    }
    row.state = rules::running(row);
    row.suspended_because = None;
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionResumed, row);
    Ok(())
}

/// Says what becomes of it at the end of the term.
pub async fn set_end_of_term(tx: &mut Tx<'_>, row: &mut SubscriptionRow, asked: EndOfTerm) -> Result<()> {
    if !row.is_live() {
        return refuse(in_wrong_state(row));
    }
    if let Some(fault) = rules::needs_key(row, "/endOfTerm").filter(|_| asked != EndOfTerm::Cancel) {
        return refuse(fault);
    }
    if asked == EndOfTerm::Extend {
        let now = tx.now();
        let offer = catalog::find(tx.db(), &row.offer_id, now).await?;
        let fault = Fault::at("/endOfTerm", Code::ExtensionNotAvailable).with("offer", &row.offer_id);
        all_or((), offer.extension_price()?.is_none().then_some(fault).into_iter().collect())?;
    }
    row.end_of_term = asked;
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionEndOfTermSet, row);
    Ok(())
}

/// Takes back what was to change at the end of the term.
pub async fn revoke_scheduled(tx: &mut Tx<'_>, row: &mut SubscriptionRow) -> Result<()> {
    if row.scheduled_quantity.take().is_none() {
        return refuse(Fault::at("", Code::NothingScheduled));
    }
    store::update(tx, row).await?;
    tx.emit(Topic::SubscriptionChangeRevoked, row);
    Ok(())
}

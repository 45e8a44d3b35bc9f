//! The course of a renewal in time: it opens, is told of, falls late, is given up. Each step is one transaction, and
//! happens once: it moves the row on to the instant of its next one.

use super::model::{RenewalRow, RenewalState};
use super::{ending, notices, opening, store};
use crate::config::Config;
use crate::db::write::{Actor, Tx};
use crate::error::Result;
use crate::state::State;
use chrono_tz::Tz;

/// What the course of renewals goes by.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The storefront's zone.
    pub zone: Tz,
    /// For how many days after the cut-off a payment still helps.
    pub grace_days: u32,
    /// The operator is told when so many units of software are left; 0: never (SWK-09).
    pub low_stock: u32,
}

impl Settings {
    /// Those in force.
    pub fn of(config: &Config) -> Self {
        Self {
            zone: config.storefront.time_zone,
            grace_days: config.renewals.grace_days,
            low_stock: config.software.low_stock,
        }
    }
}

/// Does everything that is due by the business clock, in the order of the instants. What cannot be done is left for the
/// next time, told, and holds up nothing else.
pub async fn do_due(state: &State) -> Result<()> {
    let settings = Settings::of(&state.config);
    let (mut failed, mut first_error) = (Vec::new(), None);
    loop {
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let now = state.now(&mut db).await?;
        // Looked at first, so that an idle house writes nothing.
        let due = store::first_due(&mut db, None, &failed, now).await?;
        drop(reader);
        let Some(due) = due else { return first_error.map_or(Ok(()), Err) };
        let work = async |tx: &mut Tx<'_>| {
            let now = tx.now();
            // As it is now: another replica may have done it.
            match store::if_due(tx.db(), &due.id, now).await? {
                Some(renewal) => step(tx, settings, renewal).await,
                None => Ok(()),
            }
        };
        if let Err(error) = state.write(&Actor::house("renewal_step"), work).await {
            tracing::error!(renewal = due.id, causes = error.private_causes(), %error, "a renewal could not go on");
            failed.push(due.id);
            first_error.get_or_insert(error);
        }
    }
}

/// Does what is due of one subscription, before anything else is done to it.
pub async fn catch_up(tx: &mut Tx<'_>, settings: Settings, subscription_id: &str) -> Result<()> {
    let now = tx.now();
    while let Some(renewal) = store::first_due(tx.db(), Some(subscription_id), &[], now).await? {
        step(tx, settings, renewal).await?;
    }
    Ok(())
}

/// The one step that is due.
async fn step(tx: &mut Tx<'_>, settings: Settings, mut renewal: RenewalRow) -> Result<()> {
    match renewal.state {
        RenewalState::Scheduled => opening::open(tx, settings, renewal).await,
        RenewalState::PaymentPending if tx.now().naive_utc() >= renewal.due_at => {
            ending::fall_late(tx, settings, renewal).await
        }
        RenewalState::PaymentPending => notices::tell(tx, settings, renewal).await,
        RenewalState::Overdue => ending::give_up(tx, renewal).await,
        RenewalState::Paid | RenewalState::Cancelled => {
            renewal.next_at = None;
            store::update(tx, &mut renewal).await
        }
    }
}

//! How many product keys may be revealed in 24 hours, by one client and by all clients of one partner: counted in the
//! database, so that it holds over all replicas, and nobody empties a stock unnoticed (SWK-03). Like all limits they go by
//! the machine's clock: whoever moves a sandbox's gets no more (PLT-08).

use super::model::{KeyRow, NewKeyReveal};
use super::store::{self, Revealers};
use crate::clock::Instant;
use crate::config::LimitConfig;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::topic::Topic;
use chrono::TimeDelta;

const WINDOW: TimeDelta = TimeDelta::hours(24);

/// A limit with nothing left.
struct UsedUp {
    per: &'static str,
    limit: u32,
    next_at: Instant,
}

/// Whether the caller may reveal one more key now.
pub async fn admit(tx: &mut Tx<'_>, limits: &LimitConfig) -> Result<()> {
    let Some(UsedUp { per, limit, next_at }) = used_up(tx, limits).await? else { return Ok(()) };
    let seconds = (next_at - tx.machine_now()).num_seconds() + 1;
    Err(Error::new(Code::KeyRevealLimitReached)
        .with("per", per)
        .with("limit", limit)
        .with("nextAt", next_at)
        .retry_in(u32::try_from(seconds).unwrap_or(1)))
}

/// Counts a reveal. The event comes with the last one that is allowed, because a refusal leaves nothing behind.
pub async fn count(tx: &mut Tx<'_>, limits: &LimitConfig, key: &KeyRow) -> Result<()> {
    let actor = tx.actor();
    let row = NewKeyReveal {
        id: tx.id(),
        product_key_id: key.id.clone(),
        client_id: actor.client_id.clone(),
        partner_id: actor.partner_id.clone(),
        revealed_at: tx.machine_now().naive_utc(),
    };
    store::note_reveal(tx, row).await?;
    if used_up(tx, limits).await?.is_some() {
        tx.emit(Topic::ClientKeyRevealLimitReached, actor);
    }
    Ok(())
}

/// The limit with nothing left that lasts longest.
async fn used_up(tx: &mut Tx<'_>, limits: &LimitConfig) -> Result<Option<UsedUp>> {
    let actor = tx.actor();
    let since = tx.machine_now() - WINDOW;
    let mut found: Option<UsedUp> = None;
    for (per, limit, whose) in [
        ("client", limits.client_key_reveals_per_day, Some(Revealers::Client(&actor.client_id))),
        ("partner", limits.partner_key_reveals_per_day, actor.partner_id.as_deref().map(Revealers::Partner)),
    ] {
        let (Some(whose), 1..) = (whose, limit) else { continue };
        // With as many inside the window as are allowed, the oldest of them has to leave it first.
        if let Some(oldest) = store::newest_reveal_but(tx.db(), whose, since, limit - 1).await? {
            let next_at = oldest + WINDOW;
            if found.as_ref().is_none_or(|other| other.next_at < next_at) {
                found = Some(UsedUp { per, limit, next_at });
            }
        }
    }
    Ok(found)
}

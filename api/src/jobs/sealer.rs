//! The sealer: what has been committed gets its place in the feed and its seal, and then its deliveries. One at a time,
//! over all replicas.

use crate::db::schema::{unplaced_events, unsealed_records};
use crate::error::Result;
use crate::state::State;
use crate::{audit, events, on, webhooks};
use diesel::prelude::QueryDsl;
use diesel_async::RunQueryDsl;

/// Seals everything that waits.
pub async fn seal(state: &State) -> Result<()> {
    while seal_some(state).await? {}
    Ok(())
}

/// One batch of each: sealing waits for no deliveries, and deliveries for no seals. `false`: nothing is left to do, or
/// another replica is at it.
pub async fn seal_some(state: &State) -> Result<bool> {
    // What fails of the one does not keep the other from being done.
    let (sealed, told) = (seal_waiting(state).await, webhooks::fan_out(state).await);
    let (sealed, told) = (sealed?, told?);
    Ok(sealed || told)
}

async fn seal_waiting(state: &State) -> Result<bool> {
    record_refusals(state).await?;
    Ok(is_any_waiting(state).await? && seal_batch(state).await?)
}

async fn record_refusals(state: &State) -> Result<()> {
    let refusals = state.refusals.take();
    if refusals.is_empty() {
        return Ok(());
    }
    let recorded = async |tx: &mut crate::db::write::Tx<'_>| {
        audit::refusals::record(tx, &refusals);
        Ok(())
    };
    if let Err(error) = state.upkeep("record_refusals", recorded).await {
        // They were gathered once; written twice they would be worse than lost, so they go back.
        refusals.into_iter().for_each(|(refusal, times)| state.refusals.put_back(refusal, times));
        return Err(error);
    }
    Ok(())
}

async fn is_any_waiting(state: &State) -> Result<bool> {
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let records: Vec<i64> = on!(&mut db, c => unsealed_records::table.select(unsealed_records::seq).limit(1).load(c))?;
    let events: Vec<i64> = on!(&mut db, c => unplaced_events::table.select(unplaced_events::seq).limit(1).load(c))?;
    Ok(!records.is_empty() || !events.is_empty())
}

/// `false`: another replica is at it.
async fn seal_batch(state: &State) -> Result<bool> {
    let done = state
        .upkeep("seal", async |tx| {
            if !tx.is_alone("sealer").await? {
                return Ok(None);
            }
            events::place(tx).await?;
            Ok(Some(audit::seal(tx).await?))
        })
        .await?;
    if let Some(Some(sealed)) = &done {
        // Kept with the log, the digest proves later that nothing was cut off (`lonja audit verify --head`).
        tracing::info!(target: "audit", seal = sealed.number, records = sealed.records, digest = sealed.digest, "sealed");
    }
    Ok(done.is_some())
}

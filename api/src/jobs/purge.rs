//! Forgetting what nobody asks for any more: idempotency keys after at least 72 hours (PLT-02), old deliveries.

use crate::db::write;
use crate::error::Result;
use crate::state::State;
use crate::webhooks;
use chrono::TimeDelta;

/// How many rows of a kind one transaction forgets.
const BATCH: i64 = 500;

/// Forgets everything that is old enough, a batch a transaction.
pub async fn purge(state: &State) -> Result<()> {
    while turn(state).await? > 0 {}
    Ok(())
}

/// Forgets one batch; answers how many that were. 0: nothing is left to forget, or another replica is at it.
pub async fn turn(state: &State) -> Result<usize> {
    let keys = TimeDelta::hours(state.config.jobs.keep_idempotency_hours.into());
    let deliveries = TimeDelta::days(state.config.webhooks.keep_days.into());
    let forgotten = state
        .upkeep("purge", async |tx| {
            if !tx.is_alone("purge").await? {
                return Ok(0);
            }
            let now = tx.machine_now();
            let keys = write::forget_claims(tx, now - keys, BATCH).await?;
            Ok(keys + webhooks::forget_before(tx, now - deliveries, BATCH).await?)
        })
        .await?;
    if forgotten > 0 {
        tracing::debug!(forgotten, "old idempotency keys and deliveries were forgotten");
    }
    Ok(forgotten)
}

//! Requests that nobody answered. Whoever reads one judges by the clock at once; this tells its parties, once.

use super::asking::tell;
use super::request_store;
use crate::db::write::Actor;
use crate::error::Result;
use crate::state::State;
use crate::topic::Topic;

/// How many one transaction tells of.
const BATCH: i64 = 100;

/// Tells of what ran out by the business clock (CUS-04).
pub async fn expire_due(state: &State) -> Result<()> {
    loop {
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let now = state.now(&mut db).await?;
        // Looked at first, so that an idle house writes nothing.
        if request_store::run_out(&mut db, now, 1).await?.is_empty() {
            return Ok(());
        }
        drop(reader);
        state
            .write(&Actor::house("expire_relationship_requests"), async |tx| {
                let now = tx.now();
                for mut row in request_store::run_out(tx.db(), now, BATCH).await? {
                    row.expiry_told = true;
                    request_store::update(tx, &row).await?;
                    let parties = request_store::parties_of(tx.db(), &row).await?;
                    tell(tx, Topic::RelationshipRequestExpired, &row, &parties);
                }
                Ok(())
            })
            .await?;
    }
}

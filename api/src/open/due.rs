//! What falls due by the business clock: agreements that end, and notices of years that do (OPN-01, OPN-07).

use super::{agreements, keys};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::state::State;

/// When something falls due next; what is due already, counts.
pub async fn next(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let all = [agreements::next_end(db).await?, keys::next_notice(db).await?];
    Ok(all.into_iter().flatten().min())
}

/// Does whatever is due by now.
pub async fn do_due(state: &State) -> Result<()> {
    agreements::expire_due(state).await?;
    keys::tell_due(state).await
}

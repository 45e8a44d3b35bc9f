//! What falls due by the business clock. The loop looks every few seconds; a sandbox's clock stops at each instant on its
//! way, so that everything happens in its order and at its time (PLT-08).

use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::state::State;
use crate::{gcc, links, open, partners, relationships, renewals};

/// When something falls due next; what is due already, counts.
pub async fn next(db: &mut Db<'_>) -> Result<Option<Instant>> {
    let all = [
        links::next_expiry(db).await?,
        relationships::next_expiry(db).await?,
        partners::next_overdue(db).await?,
        gcc::next_overdue(db).await?,
        renewals::next_due(db).await?,
        open::next_due(db).await?,
    ];
    Ok(all.into_iter().flatten().min())
}

/// Does whatever is due by now.
pub async fn do_due(state: &State) -> Result<()> {
    links::expire_due(state).await?;
    relationships::expire_due(state).await?;
    partners::mark_overdue(state).await?;
    gcc::mark_overdue(state).await?;
    renewals::do_due(state).await?;
    open::do_due(state).await
}

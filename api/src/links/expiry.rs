//! Invitations that nobody answered. A use is judged by the clock at once; this writes it down, for lists and events.

use super::invitations::close;
use super::model::{InvitationState, LinkState};
use super::store;
use crate::db::write::Actor;
use crate::error::Result;
use crate::state::State;
use crate::topic::Topic;

/// How many one transaction writes down.
const BATCH: i64 = 100;

/// Writes down what ran out by the business clock (LNK-12).
pub async fn expire_due(state: &State) -> Result<()> {
    loop {
        let mut reader = state.read().await?;
        let mut db = reader.db()?;
        let now = state.now(&mut db).await?;
        // Looked at first, so that an idle house writes nothing.
        if store::run_out(&mut db, now, 1).await?.is_empty() {
            return Ok(());
        }
        drop(reader);
        state
            .write(&Actor::house("expire_link_invitations"), async |tx| {
                let now = tx.now();
                for (mut link, mut invitation) in store::run_out(tx.db(), now, BATCH).await? {
                    close(tx, &mut invitation, InvitationState::Expired).await?;
                    if link.state == LinkState::Invited {
                        link.state = LinkState::Expired;
                    }
                    store::update(tx, &mut link).await?;
                    tx.emit(Topic::IndirectProviderLinkExpired, &link);
                }
                Ok(())
            })
            .await?;
    }
}

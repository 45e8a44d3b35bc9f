//! The end of an agreement's term (OPN-01). What was bought on it stays: a year begins at its redemption (OPN-05).

use super::model::OpenAgreementState;
use super::{rules, store};
use crate::db::write::Actor;
use crate::error::Result;
use crate::state::State;
use crate::topic::Topic;

pub use store::next_end;

/// Says of the agreements whose term is over that it is. Each is a transaction of its own.
pub async fn expire_due(state: &State) -> Result<()> {
    let mut reader = state.read().await?;
    let mut db = reader.db()?;
    let now = state.now(&mut db).await?;
    let ended = store::ended(&mut db, now).await?;
    drop(reader);
    for id in ended {
        state
            .write(&Actor::house("expire_open_agreement"), async |tx| {
                let mut row = store::get(tx.db(), &id).await?;
                if row.state == OpenAgreementState::Expired || !rules::is_over(&row, tx.now()) {
                    return Ok(());
                }
                row.state = OpenAgreementState::Expired;
                store::update(tx, &mut row).await?;
                tx.emit(Topic::OpenAgreementExpired, &row);
                Ok(())
            })
            .await?;
    }
    Ok(())
}

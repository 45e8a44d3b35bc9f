//! A new master key: every data key is wrapped anew under it, one by one, while the house is open. What was sealed with a
//! data key stays as it is, and processes that run have their data keys already: nobody notices (SWK-03).

use crate::db::schema::data_keys;
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Result};
use crate::house::all_data_keys;
use crate::on;
use crate::state::State;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use serde::Serialize;

/// What became of a rotation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// The word for the master key of now.
    pub master_key: String,
    /// Data keys that this run has wrapped anew.
    pub rewrapped: usize,
    /// Data keys in all.
    pub data_keys: usize,
    /// Data keys that are still under another master key: none, when it has ended.
    pub left: usize,
}

/// Wraps what is under another master key anew, each data key in a transaction of its own: a run that is cut off is gone
/// on with by the next. `progress` is told how many are done, of how many.
pub async fn rotate(state: &State, progress: impl Fn(usize, usize)) -> Result<Rotation> {
    let actor = Actor::house("rotate_master_key");
    let master_key = state.vault.master_id();
    let keys = all(state).await?;
    let total = keys.len();
    let mut rewrapped = 0;
    for (done, key) in keys.iter().enumerate() {
        if key.master_id.as_deref() != Some(&master_key) {
            let key = state.vault.rewrap(key)?;
            let work = async |tx: &mut Tx<'_>| {
                let changed = on!(tx.db(), c => diesel::update(data_keys::table.find(&key.id))
                    .set((data_keys::wrapped.eq(&key.wrapped), data_keys::master_id.eq(&key.master_id)))
                    .execute(c))?;
                tx.about("data_key", &key.id);
                tx.because("a data key was wrapped under the new master key");
                if changed == 1 { Ok(()) } else { Err(Error::new(Code::Integrity).caused_by("a data key is gone")) }
            };
            state.write(&actor, work).await?;
            rewrapped += 1;
        }
        progress(done + 1, total);
    }
    // Asked again: another process may have made one meanwhile.
    let keys = all(state).await?;
    let left = keys.iter().filter(|key| key.master_id.as_deref() != Some(&master_key)).count();
    Ok(Rotation { master_key, rewrapped, data_keys: keys.len(), left })
}

async fn all(state: &State) -> Result<Vec<crate::vault::WrappedKey>> {
    let mut reader = state.read().await?;
    all_data_keys(&mut reader.db()?).await
}

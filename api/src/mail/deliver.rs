//! One attempt to send a mail. It may happen twice, after a crash in between; the `Message-ID` stays the same.

use super::model::EmailState;
use super::postman::Fared;
use super::store;
use crate::clock::machine_now;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::state::State;
use chrono::TimeDelta;

/// The kind of the job.
pub const SEND: &str = "mail.send";
/// Pauses between attempts, in minutes: as long as mail servers usually try.
const PAUSES: [i64; 9] = [1, 5, 15, 60, 180, 360, 720, 1440, 1440];

/// Sends the mail that this job names.
pub async fn deliver(state: &State, job: &Job) -> Result<()> {
    let id: String = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let mut reader = state.read().await?;
    let row = store::find(&mut reader.db()?, &id).await?;
    drop(reader);
    let Some(row) = row.filter(|row| row.state != EmailState::Sent) else {
        return state.upkeep(SEND, async |tx| job.finish(tx).await.map(drop)).await;
    };
    let fared = state.postman.carry(&row.id, &row.recipient, &row.letter(&state.vault)?).await?;
    let keep_words = state.config.is_sandbox();
    state.upkeep(SEND, async |tx| record(tx, job, &row.id, &fared, keep_words).await).await
}

/// Writes that a mail is given up whose job is.
pub async fn give_up(tx: &mut Tx<'_>, payload: &str) -> Result<()> {
    let Ok(id) = serde_json::from_str::<String>(payload) else { return Ok(()) };
    match store::find(tx.db(), &id).await? {
        Some(row) if row.state != EmailState::Sent => store::end(tx, &id, EmailState::Failed, false).await,
        _ => Ok(()),
    }
}

async fn record(tx: &mut Tx<'_>, job: &Job, id: &str, fared: &Fared, keep_words: bool) -> Result<()> {
    let pause = usize::try_from(job.tries() - 1).ok().and_then(|made| PAUSES.get(made));
    match (fared, pause) {
        (Fared::Taken, _) => {
            if job.finish(tx).await? {
                store::end(tx, id, EmailState::Sent, !keep_words).await?;
            }
        }
        (Fared::NotNow(why), Some(minutes)) => {
            job.again_at(tx, machine_now() + TimeDelta::minutes(*minutes), why).await?;
        }
        // The words stay: an operator who has mended the cause can requeue the job.
        (Fared::NotNow(why) | Fared::Refused(why), _) => {
            job.bury(tx, why).await?;
            store::end(tx, id, EmailState::Failed, false).await?;
        }
    }
    Ok(())
}

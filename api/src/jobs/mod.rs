//! Work that was left for after a commit: a row each, done by a loop, safe to do twice.

mod gauges;

use crate::clock::machine_now;
use crate::db::schema::jobs;
use crate::db::write::{self, Actor, Tx};
use crate::error::{Error, Result};
use crate::on;
use crate::state::State;
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use std::time::Duration;

pub use gauges::gauges;

/// How many jobs one round looks at.
const ROUND: i64 = 100;
/// How long the loop rests when nothing is due.
const REST: Duration = Duration::from_secs(1);

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct Job {
    id: String,
    kind: String,
    payload: String,
    due_at: NaiveDateTime,
}

/// Runs what is due, for ever.
pub async fn run(state: State) {
    loop {
        if let Err(error) = run_due(&state).await {
            tracing::error!(code = error.code().as_str(), causes = error.private_causes(), "jobs could not be run");
        }
        tokio::time::sleep(REST).await;
    }
}

/// Runs everything that is due now, oldest first.
pub async fn run_due(state: &State) -> Result<()> {
    let now = machine_now().naive_utc();
    let mut reader = state.read().await?;
    let due: Vec<Job> = {
        let mut db = reader.db()?;
        on!(&mut db, c => jobs::table
            .filter(jobs::due_at.le(now))
            .order((jobs::due_at.asc(), jobs::id.asc()))
            .limit(ROUND)
            .select(Job::as_select())
            .load(c))?
    };
    drop(reader);
    for job in &due {
        let actor = Actor::house(&job.kind);
        if let Err(error) = state.write(&actor, async |tx| run_one(tx, job).await).await {
            let causes = error.private_causes();
            tracing::error!(job = job.id, kind = job.kind, due_at = %job.due_at, causes, "a job failed and stays due");
        }
    }
    Ok(())
}

/// Takes the job away and does it, in one transaction: another replica that was first leaves nothing to take.
async fn run_one(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let taken = on!(tx.db(), c => diesel::delete(jobs::table.find(&job.id)).execute(c))?;
    match job.kind.as_str() {
        _ if taken == 0 => Ok(()),
        write::FORGET_ANSWER => tx.forget_answer(&job.payload).await,
        other => Err(Error::internal(format!("there is no job {other:?}"))),
    }
}

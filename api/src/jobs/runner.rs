//! The tasks beside the requests: one seals, one runs due jobs, one forgets. Each does a bounded piece at a time, so that
//! none holds the others up, and looks before each whether it is to stop.

use super::places::{Room, Share, Taken};
use super::store::{self, Job};
use super::{dated, purge, sealer};
use crate::config::JobConfig;
use crate::db::write::{Actor, FORGET_ANSWER, Tx};
use crate::error::{Error, Result};
use crate::state::State;
use crate::{links, mail, orders, partners, refunds, relationships, renewals, software, webhooks};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

/// How long a task rests when nothing is to be done.
const REST: Duration = Duration::from_millis(250);
/// How often the old is forgotten.
const PURGE: Duration = Duration::from_secs(10 * 60);
/// How often what ran out by the business clock is noticed.
const NOTICE: Duration = Duration::from_secs(5);
/// A job that the house itself spoilt so often is dead.
const MOST_FAILURES: i64 = 10;

/// Runs what is due until told to stop; then lets what is running end.
pub async fn run(state: Rc<State>, stop: watch::Receiver<bool>) {
    let seals = tokio::task::spawn_local(keep_sealing(state.clone(), stop.clone()));
    let purges = tokio::task::spawn_local(keep_forgetting(state.clone(), stop.clone()));
    let notices = tokio::task::spawn_local(keep_noticing(state.clone(), stop.clone()));
    keep_working(state, stop).await;
    for ended in [seals.await, purges.await, notices.await] {
        if let Err(error) = ended {
            tracing::error!(%error, "a task beside the requests panicked");
        }
    }
}

async fn keep_sealing(state: Rc<State>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match sealer::seal_some(&state).await {
            // On SQLite a transaction never waits: without this the other tasks would never come in between.
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => rest(&mut stop, REST).await,
            Err(error) => {
                told(Err(error), "the ledgers could not be sealed");
                rest(&mut stop, REST).await;
            }
        }
    }
}

async fn keep_forgetting(state: Rc<State>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let began = Instant::now();
        let pause = match purge::turn(&state).await {
            Ok(0) => PURGE,
            // The writer is half free for all others.
            Ok(_) => began.elapsed(),
            Err(error) => {
                told(Err(error), "the old could not be forgotten");
                PURGE
            }
        };
        rest(&mut stop, pause).await;
    }
}

async fn keep_noticing(state: Rc<State>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        told(links::expire_due(&state).await, "invitations that ran out could not be written down");
        told(relationships::expire_due(&state).await, "requests that ran out could not be told of");
        told(partners::mark_overdue(&state).await, "late reviews could not be marked");
        told(renewals::do_due(&state).await, "renewals could not go on");
        rest(&mut stop, NOTICE).await;
    }
}

async fn rest(stop: &mut watch::Receiver<bool>, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        _ = stop.changed() => {}
    }
}

async fn keep_working(state: Rc<State>, mut stop: watch::Receiver<bool>) {
    // Tasks of their own: a job that holds a connection must go on while this loop waits for one.
    let mut running = JoinSet::new();
    let mut places: HashMap<Id, Taken> = HashMap::new();
    while !*stop.borrow() {
        match lease(&state, &places, &Share::ALL).await {
            Ok(jobs) => {
                for (share, job) in jobs {
                    let (state, taken) = (state.clone(), Taken::now(job.clone(), share));
                    let task = running.spawn_local(async move { attempt(&state, &job).await });
                    places.insert(task.id(), taken);
                }
            }
            Err(error) => told(Err(error), "jobs could not be taken"),
        }
        // Until something ends, and with it perhaps a lane has room again, or something new may be due.
        tokio::select! {
            Some(ended) = running.join_next_with_id() => leave(&state, &mut places, ended).await,
            () = rest(&mut stop, REST) => {}
        }
        while let Some(ended) = running.try_join_next_with_id() {
            leave(&state, &mut places, ended).await;
        }
    }
    while let Some(ended) = running.join_next_with_id().await {
        leave(&state, &mut places, ended).await;
    }
}

async fn leave(state: &State, places: &mut HashMap<Id, Taken>, ended: Result<(Id, ()), JoinError>) {
    let (id, panic) = match ended {
        Ok((id, ())) => (id, None),
        Err(error) => (error.id(), Some(error)),
    };
    if let (Some(taken), Some(error)) = (places.remove(&id), panic) {
        let job = taken.job();
        tracing::error!(%error, job = job.id, kind = job.kind, "a job panicked");
        told(failed(state, job, "it panicked").await, "a job's failure could not be written down");
    }
}

/// Seals, and runs everything of the house's own that is due now, until nothing is. Webhooks are left to the loop:
/// their receivers are slow.
pub async fn run_due(state: &State) -> Result<()> {
    dated::do_due(state).await?;
    sealer::seal(state).await?;
    loop {
        let jobs = lease(state, &HashMap::new(), &[Share::House]).await?;
        if jobs.is_empty() {
            return sealer::seal(state).await;
        }
        for (_, job) in jobs {
            attempt(state, &job).await;
        }
    }
}

async fn lease(state: &State, places: &HashMap<Id, Taken>, shares: &[Share]) -> Result<Vec<(Share, Job)>> {
    let config = &state.config.jobs;
    let room = |share| Room::of(share, config, places.values());
    let mut reader = state.read().await?;
    // Looked at first, so that an idle house writes nothing.
    let mut is_any = false;
    for share in shares {
        let room = room(*share);
        is_any = is_any || (room.is_any() && store::is_any_due(&mut reader.db()?, *share, &room).await?);
    }
    drop(reader);
    if !is_any {
        return Ok(Vec::new());
    }
    let work = async |tx: &mut Tx<'_>| {
        if !tx.is_alone("jobs.lease").await? {
            return Ok(Vec::new());
        }
        let mut leased = Vec::new();
        for share in shares {
            let jobs = lease_in(tx, *share, room(*share), config).await?;
            leased.extend(jobs.into_iter().map(|job| (*share, job)));
        }
        Ok(leased)
    };
    state.upkeep("lease_jobs", work).await
}

async fn lease_in(tx: &mut Tx<'_>, share: Share, room: Room, config: &JobConfig) -> Result<Vec<Job>> {
    if !room.is_any() {
        return Ok(Vec::new());
    }
    let due = store::due(tx, share, &room).await?;
    let mut jobs = Vec::new();
    for job in room.pick(due) {
        // A job that ends its process each time writes no failure down: its leases that ran out are those.
        if job.leased_until.is_some() && job.failures + 1 >= MOST_FAILURES {
            tracing::error!(job = job.id, kind = job.kind, "a job was given up: each process that began it ended");
            bury(tx, &job, "each process that began it ended").await?;
        } else {
            jobs.push(job);
        }
    }
    store::lease(tx, &mut jobs, config.lease_seconds).await?;
    Ok(jobs)
}

async fn attempt(state: &State, job: &Job) {
    if let Err(error) = work(state, job).await {
        let causes = error.private_causes().unwrap_or_else(|| error.to_string());
        tracing::error!(job = job.id, kind = job.kind, attempt = job.attempts, causes, "a job failed");
        told(failed(state, job, &causes).await, "a job's failure could not be written down");
    }
}

async fn work(state: &State, job: &Job) -> Result<()> {
    match job.kind.as_str() {
        webhooks::DELIVER => webhooks::deliver(state, job).await,
        mail::SEND => mail::deliver(state, job).await,
        refunds::GO_ON => refunds::go_on(state, job).await,
        software::STOCK_CAME => orders::complete_waiting(state, job).await,
        FORGET_ANSWER => {
            let forget = async |tx: &mut Tx<'_>| {
                if job.finish(tx).await? { tx.forget_answer(&job.payload).await } else { Ok(()) }
            };
            state.write(&Actor::house(&job.kind), forget).await
        }
        other => Err(Error::internal(format!("there is no job {other:?}"))),
    }
}

/// Tries again later, twice as late each time; gives up in the end.
async fn failed(state: &State, job: &Job, causes: &str) -> Result<()> {
    state
        .upkeep("job_failed", async |tx| {
            let failures = job.failures + 1;
            if failures >= MOST_FAILURES {
                bury(tx, job, causes).await
            } else {
                let pause = TimeDelta::seconds(1 << failures.clamp(0, 12));
                job.again_after_failure(tx, tx.machine_now() + pause, causes).await.map(drop)
            }
        })
        .await
}

/// Gives a job up, and with it what it was to do.
async fn bury(tx: &mut Tx<'_>, job: &Job, causes: &str) -> Result<()> {
    if job.bury(tx, causes).await? {
        match job.kind.as_str() {
            webhooks::DELIVER => webhooks::give_up(tx, &job.payload).await?,
            mail::SEND => mail::give_up(tx, &job.payload).await?,
            _ => {}
        }
    }
    Ok(())
}

fn told(result: Result<()>, what: &str) {
    if let Err(error) = result {
        tracing::error!(code = error.code().as_str(), causes = error.private_causes(), "{what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::db::schema::jobs;
    use crate::on;
    use chrono::NaiveDateTime;
    use diesel::prelude::{ExpressionMethods, QueryDsl};
    use diesel_async::RunQueryDsl;
    use std::collections::BTreeMap;

    /// It leaves its lane, is tried again later, and in the end is dead, like any job that fails.
    #[tokio::test]
    async fn rule_plt_06_a_job_that_panics_has_failed_and_frees_its_place() {
        let directory = std::env::temp_dir().join(format!("lonja-panic-{}", std::process::id()));
        let variables = [("LONJA_ENVIRONMENT", "sandbox"), ("LONJA_DATA_DIR", &directory.display().to_string())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_layers(None, &BTreeMap::from(variables)).unwrap();
        let state = crate::house::open(config).await.unwrap().worker();
        let enqueue = async |tx: &mut Tx<'_>| {
            tx.enqueue("no.such.job", "", "", serde_json::json!(1), tx.machine_now());
            Ok(())
        };
        state.upkeep("test", enqueue).await.unwrap();
        let (share, job) = lease(&state, &HashMap::new(), &[Share::House]).await.unwrap().remove(0);
        let mut running: JoinSet<()> = JoinSet::new();
        let task = running.spawn(async { std::panic::resume_unwind(Box::new("on purpose")) });
        let mut places = HashMap::from([(task.id(), Taken::now(job, share))]);
        leave(&state, &mut places, running.join_next_with_id().await.unwrap()).await;
        assert!(places.is_empty());
        let mut reader = state.read().await.unwrap();
        let mut db = reader.db().unwrap();
        let left: (i64, i64, Option<NaiveDateTime>, Option<String>) = on!(&mut db, c => jobs::table
            .filter(jobs::kind.eq("no.such.job"))
            .select((jobs::attempts, jobs::failures, jobs::leased_until, jobs::last_error))
            .first(c))
        .unwrap();
        assert_eq!(left, (1, 1, None, Some("it panicked".to_owned())));
        drop(reader);
        drop(state);
        std::fs::remove_dir_all(&directory).unwrap();
    }
}

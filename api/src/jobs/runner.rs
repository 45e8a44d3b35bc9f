//! The loop that runs due jobs.

use super::store::{self, Job, Room};
use super::{purge, sealer};
use crate::db::write::{Actor, FORGET_ANSWER};
use crate::error::{Error, Result};
use crate::state::State;
use crate::{links, mail, webhooks};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// How long the loop rests when nothing is due.
const REST: Duration = Duration::from_millis(250);
/// How often the old is forgotten.
const PURGE: Duration = Duration::from_secs(10 * 60);
/// How often what ran out by the business clock is noticed.
const NOTICE: Duration = Duration::from_secs(5);
/// After so many failures a job is dead.
const MOST_ATTEMPTS: i64 = 10;

/// Runs what is due until told to stop; then lets what is running end.
pub async fn run(state: Rc<State>, mut stop: watch::Receiver<bool>) {
    // Tasks of their own: a job that holds a connection must go on while this loop waits for one.
    let mut running = JoinSet::new();
    let mut lanes: HashMap<String, usize> = HashMap::new();
    let mut purged = Instant::now();
    let mut noticed = Instant::now();
    while !*stop.borrow() {
        told(sealer::seal(&state).await, "the ledgers could not be sealed");
        if purged.elapsed() >= PURGE {
            told(purge(&state).await, "the old could not be forgotten");
            purged = Instant::now();
        }
        if noticed.elapsed() >= NOTICE {
            told(links::expire_due(&state).await, "invitations that ran out could not be written down");
            noticed = Instant::now();
        }
        match lease(&state, running.len(), &lanes, None).await {
            Ok(jobs) => {
                for job in jobs {
                    *lanes.entry(job.lane.clone()).or_default() += 1;
                    running.spawn_local(run_one(state.clone(), job));
                }
            }
            Err(error) => told(Err(error), "jobs could not be taken"),
        }
        // Until something ends, and with it perhaps a lane has room again, or something new may be due.
        let rest = tokio::time::sleep(REST);
        tokio::select! {
            Some(ended) = running.join_next() => leave(&mut lanes, ended),
            () = rest => {}
            _ = stop.changed() => {}
        }
        while let Some(ended) = running.try_join_next() {
            leave(&mut lanes, ended);
        }
    }
    while running.join_next().await.is_some() {}
}

fn leave(lanes: &mut HashMap<String, usize>, ended: Result<String, JoinError>) {
    match ended {
        Ok(lane) => {
            if let Some(count) = lanes.get_mut(&lane) {
                *count -= 1;
            }
            lanes.retain(|_, count| *count > 0);
        }
        // Its lane keeps the place of a job that panicked: a lane that panics again and again comes to a halt.
        Err(error) => tracing::error!(%error, "a job panicked"),
    }
}

/// Seals, and runs everything that is due now, until nothing is. Webhooks are left to the loop: their receivers are
/// slow.
pub async fn run_due(state: &State) -> Result<()> {
    links::expire_due(state).await?;
    sealer::seal(state).await?;
    loop {
        let jobs = lease(state, 0, &HashMap::new(), Some(webhooks::DELIVER)).await?;
        if jobs.is_empty() {
            return sealer::seal(state).await;
        }
        for job in jobs {
            attempt(state, &job).await;
        }
    }
}

async fn lease(
    state: &State,
    running: usize,
    lanes: &HashMap<String, usize>,
    except: Option<&str>,
) -> Result<Vec<Job>> {
    let config = &state.config.jobs;
    let room = Room {
        jobs: config.at_once.saturating_sub(running),
        in_a_lane: config.at_once_in_a_lane,
        running: lanes,
        except,
        seconds: config.lease_seconds,
    };
    let mut reader = state.read().await?;
    // Looked at first, so that an idle house writes nothing.
    if room.jobs == 0 || !store::is_any_due(&mut reader.db()?).await? {
        return Ok(Vec::new());
    }
    drop(reader);
    state.upkeep("lease_jobs", async |tx| store::lease(tx, &room).await).await
}

/// Runs a job; answers its lane.
async fn run_one(state: Rc<State>, job: Job) -> String {
    attempt(&state, &job).await;
    job.lane
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
        FORGET_ANSWER => {
            let forget = async |tx: &mut crate::db::write::Tx<'_>| {
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
            if job.attempts >= MOST_ATTEMPTS {
                job.bury(tx, causes).await?;
            } else {
                let pause = TimeDelta::seconds(1 << job.attempts.clamp(0, 12));
                job.again_at(tx, tx.machine_now() + pause, causes).await?;
            }
            Ok(())
        })
        .await
}

fn told(result: Result<()>, what: &str) {
    if let Err(error) = result {
        tracing::error!(code = error.code().as_str(), causes = error.private_causes(), "{what}");
    }
}

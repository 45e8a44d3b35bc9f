//! Queries over jobs.

use crate::clock::{Instant, machine_now};
use crate::db::Db;
use crate::db::schema::jobs;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, Queryable, Selectable,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::collections::HashMap;

/// How many due jobs one round looks at.
const WINDOW: i64 = 500;
/// How much of an error is kept.
const LONGEST_ERROR: usize = 500;

/// A job that this process has leased.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// Of jobs in one lane only a few run at once.
    pub lane: String,
    /// What it is done to, as JSON.
    pub payload: String,
    /// Which attempt this is, from 1. Each lease counts it up, so it also tells whose lease is the newest.
    pub attempts: i64,
}

/// What may be leased now.
pub struct Room<'a> {
    /// How many in all.
    pub jobs: usize,
    /// How many in one lane.
    pub in_a_lane: usize,
    /// How many of each lane run in this process already.
    pub running: &'a HashMap<String, usize>,
    /// A kind that is left alone.
    pub except: Option<&'a str>,
    /// For how long.
    pub seconds: u32,
}

impl Room<'_> {
    fn left_in(&self, lane: &str) -> usize {
        // The house's own work has no lane, and no other bound than that of all.
        if lane.is_empty() {
            return usize::MAX;
        }
        self.in_a_lane.saturating_sub(self.running.get(lane).copied().unwrap_or_default())
    }

    fn full_lanes(&self) -> Vec<&str> {
        self.running.keys().map(String::as_str).filter(|lane| self.left_in(lane) == 0).collect()
    }
}

/// Whether a job is due that nobody has leased.
pub async fn is_any_due(db: &mut Db<'_>) -> Result<bool> {
    let now = machine_now().naive_utc();
    let due: Vec<String> = on!(db, c => jobs::table
        .filter(jobs::dead_at.is_null())
        .filter(jobs::due_at.le(now))
        .filter(jobs::leased_until.is_null().or(jobs::leased_until.assume_not_null().le(now)))
        .order((jobs::due_at.asc(), jobs::id.asc()))
        .limit(1)
        .select(jobs::id)
        .load(c))?;
    Ok(!due.is_empty())
}

/// Leases due jobs, oldest first. A lease counts as an attempt: a job that kills its process dies too.
pub async fn lease(tx: &mut Tx<'_>, room: &Room<'_>) -> Result<Vec<Job>> {
    if !tx.is_alone("jobs.lease").await? {
        return Ok(Vec::new());
    }
    let now = tx.machine_now().naive_utc();
    let full = room.full_lanes();
    let due: Vec<Job> = on!(tx.db(), c => jobs::table
        .filter(jobs::dead_at.is_null())
        .filter(jobs::due_at.le(now))
        .filter(jobs::leased_until.is_null().or(jobs::leased_until.assume_not_null().le(now)))
        .filter(jobs::lane.ne_all(&full))
        .filter(jobs::kind.ne(room.except.unwrap_or_default()))
        .order((jobs::due_at.asc(), jobs::id.asc()))
        .limit(WINDOW)
        .select(Job::as_select())
        .load(c))?;
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut leased = Vec::new();
    for mut job in due {
        let in_lane = taken.entry(job.lane.clone()).or_default();
        if leased.len() >= room.jobs || *in_lane >= room.left_in(&job.lane) {
            continue;
        }
        *in_lane += 1;
        job.attempts += 1;
        leased.push(job);
    }
    let ids: Vec<&str> = leased.iter().map(|job| job.id.as_str()).collect();
    on!(tx.db(), c => diesel::update(jobs::table.filter(jobs::id.eq_any(&ids)))
        .set((
            jobs::leased_until.eq(Some(now + TimeDelta::seconds(room.seconds.into()))),
            jobs::attempts.eq(jobs::attempts + 1),
        ))
        .execute(c))?;
    Ok(leased)
}

/// `leased!(job)`: the row of a job while this process's lease is the newest.
macro_rules! leased {
    ($job:expr) => {
        jobs::table
            .filter(jobs::id.eq(&$job.id))
            .filter(jobs::attempts.eq($job.attempts))
            .filter(jobs::leased_until.is_not_null())
    };
}

impl Job {
    /// Ends the job. `false`: the lease has run out and another process has taken it over.
    pub async fn finish(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let ended = on!(tx.db(), c => diesel::delete(leased!(self)).execute(c))?;
        Ok(ended == 1)
    }

    /// Leaves the job for a later instant. `false`: another process has taken it over.
    pub async fn again_at(&self, tx: &mut Tx<'_>, due_at: Instant, error: &str) -> Result<bool> {
        let error: String = error.chars().take(LONGEST_ERROR).collect();
        let changed = on!(tx.db(), c => diesel::update(leased!(self))
            .set((
                jobs::due_at.eq(due_at.naive_utc()),
                jobs::leased_until.eq(None::<NaiveDateTime>),
                jobs::last_error.eq(Some(&error)),
            ))
            .execute(c))?;
        Ok(changed == 1)
    }

    /// Gives the job up.
    pub async fn bury(&self, tx: &mut Tx<'_>, error: &str) -> Result<bool> {
        let error: String = error.chars().take(LONGEST_ERROR).collect();
        let dead_at = tx.machine_now().naive_utc();
        let changed = on!(tx.db(), c => diesel::update(leased!(self))
            .set((
                jobs::dead_at.eq(Some(dead_at)),
                jobs::leased_until.eq(None::<NaiveDateTime>),
                jobs::last_error.eq(Some(&error)),
            ))
            .execute(c))?;
        Ok(changed == 1)
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// Due now or later.
    Waiting,
    /// Some process does it.
    Leased,
    /// It failed too often.
    Dead,
}

/// A job as the command line shows it. The payload is left out: it is the house's own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedJob {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// How often it was begun.
    pub attempts: i64,
    /// Why it failed last.
    pub last_error: Option<String>,
}

type Listed = (String, String, NaiveDateTime, i64, Option<NaiveDateTime>, Option<NaiveDateTime>, Option<String>);

/// Jobs in this state, oldest due first, dead ones before others; at most `most`.
pub async fn list(db: &mut Db<'_>, state: Option<JobState>, most: i64) -> Result<Vec<ListedJob>> {
    let now = machine_now().naive_utc();
    let rows: Vec<Listed> = on!(db, c => {
        let mut rows = jobs::table.into_boxed();
        rows = match state {
            None => rows,
            Some(JobState::Dead) => rows.filter(jobs::dead_at.is_not_null()),
            Some(JobState::Leased) => rows.filter(jobs::leased_until.assume_not_null().gt(now)),
            Some(JobState::Waiting) => rows
                .filter(jobs::dead_at.is_null())
                .filter(jobs::leased_until.is_null().or(jobs::leased_until.assume_not_null().le(now))),
        };
        rows.order((jobs::dead_at.is_null(), jobs::due_at.asc(), jobs::id.asc()))
            .limit(most)
            .select((
                jobs::id,
                jobs::kind,
                jobs::due_at,
                jobs::attempts,
                jobs::leased_until,
                jobs::dead_at,
                jobs::last_error,
            ))
            .load(c)
    })?;
    let listed = |(id, kind, due_at, attempts, leased_until, dead_at, last_error): Listed| ListedJob {
        id,
        kind,
        state: match (dead_at, leased_until) {
            (Some(_), _) => JobState::Dead,
            (None, Some(until)) if until > now => JobState::Leased,
            _ => JobState::Waiting,
        },
        due_at: due_at.and_utc(),
        attempts,
        last_error,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// Makes dead jobs due now, with their attempts counted anew: these ids, or all of them. Answers how many.
pub async fn requeue(tx: &mut Tx<'_>, ids: Option<&[String]>) -> Result<usize> {
    let now = tx.machine_now().naive_utc();
    let fresh = (jobs::dead_at.eq(None::<NaiveDateTime>), jobs::attempts.eq(0_i64), jobs::due_at.eq(now));
    let dead = jobs::table.filter(jobs::dead_at.is_not_null());
    Ok(match ids {
        None => on!(tx.db(), c => diesel::update(dead).set(fresh).execute(c))?,
        Some(ids) => on!(tx.db(), c => diesel::update(dead.filter(jobs::id.eq_any(ids))).set(fresh).execute(c))?,
    })
}

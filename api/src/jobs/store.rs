//! Queries over jobs.

use super::places::{Room, Share};
use crate::clock::{Instant, machine_now};
use crate::db::Db;
use crate::db::schema::{jobs, slow_lanes};
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::dsl::{not, sql};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, Queryable, Selectable,
    SelectableHelper,
};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use serde::Serialize;

/// How many due jobs one round looks at in each share.
const WINDOW: i64 = 200;
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
    /// Whose work it is; of one party's jobs only some run at once.
    pub party: String,
    /// What it is done to, as JSON.
    pub payload: String,
    /// Which attempt this is, from 1. Each lease counts it up, so it also tells whose lease is the newest.
    pub attempts: i64,
    /// How many of its attempts the house itself spoilt.
    pub failures: i64,
    /// Until when it was leased when it was read.
    pub leased_until: Option<NaiveDateTime>,
}

impl Job {
    /// Which attempt this is for a schedule of retries, from 1: what the house itself spoilt does not count.
    pub fn tries(&self) -> i64 {
        self.attempts - self.failures
    }
}

/// `due!(share, room, now)`: the jobs of a share that may be leased now.
macro_rules! due {
    ($share:expr, $room:expr, $now:expr) => {{
        let rows = jobs::table
            .filter(jobs::dead_at.is_null())
            .filter(jobs::due_at.le($now))
            .filter(jobs::leased_until.is_null().or(jobs::leased_until.assume_not_null().le($now)))
            .filter(jobs::lane.ne_all($room.full_lanes()))
            .filter(jobs::party.ne_all($room.full_parties()))
            .into_boxed();
        // In words of the index, which holds the house's own work apart.
        let house = || sql::<Bool>("party IN ('', 'mail')");
        let slow = || slow_lanes::table.select(slow_lanes::lane);
        match $share {
            Share::House => rows.filter(house()),
            Share::Prompt => rows.filter(not(house())).filter(jobs::lane.ne_all(slow())),
            Share::Slow => rows.filter(not(house())).filter(jobs::lane.eq_any(slow())),
        }
    }};
}

/// Whether a job is due that has a place.
pub async fn is_any_due(db: &mut Db<'_>, share: Share, room: &Room) -> Result<bool> {
    let now = machine_now().naive_utc();
    let due: Vec<String> = on!(db, c => due!(share, room, now)
        .order((jobs::due_at.asc(), jobs::id.asc()))
        .limit(1)
        .select(jobs::id)
        .load(c))?;
    Ok(!due.is_empty())
}

/// Due jobs, oldest first.
pub async fn due(tx: &mut Tx<'_>, share: Share, room: &Room) -> Result<Vec<Job>> {
    let now = tx.machine_now().naive_utc();
    Ok(on!(tx.db(), c => due!(share, room, now)
        .order((jobs::due_at.asc(), jobs::id.asc()))
        .limit(WINDOW)
        .select(Job::as_select())
        .load(c))?)
}

/// Leases these jobs. One whose lease has run out was begun by a process that ended: that attempt is spoilt.
pub async fn lease(tx: &mut Tx<'_>, taken: &mut [Job], seconds: u32) -> Result<()> {
    let until = tx.machine_now().naive_utc() + TimeDelta::seconds(seconds.into());
    let abandoned: Vec<&str> =
        taken.iter().filter(|job| job.leased_until.is_some()).map(|job| job.id.as_str()).collect();
    if !abandoned.is_empty() {
        on!(tx.db(), c => diesel::update(jobs::table.filter(jobs::id.eq_any(&abandoned)))
            .set(jobs::failures.eq(jobs::failures + 1))
            .execute(c))?;
    }
    let ids: Vec<&str> = taken.iter().map(|job| job.id.as_str()).collect();
    on!(tx.db(), c => diesel::update(jobs::table.filter(jobs::id.eq_any(&ids)))
        .set((jobs::leased_until.eq(Some(until)), jobs::attempts.eq(jobs::attempts + 1)))
        .execute(c))?;
    for job in taken {
        job.attempts += 1;
        job.failures += i64::from(job.leased_until.replace(until).is_some());
    }
    Ok(())
}

/// Gives a lane that was slow the small share of those, or takes it out of that again.
pub async fn set_slow(tx: &mut Tx<'_>, lane: &str, is_slow: bool) -> Result<()> {
    if is_slow {
        on!(tx.db(), c => diesel::insert_into(slow_lanes::table)
            .values(slow_lanes::lane.eq(lane))
            .on_conflict_do_nothing()
            .execute(c))?;
    } else {
        on!(tx.db(), c => diesel::delete(slow_lanes::table.find(lane)).execute(c))?;
    }
    Ok(())
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

    /// The same after an attempt that the house itself spoilt.
    pub async fn again_after_failure(&self, tx: &mut Tx<'_>, due_at: Instant, error: &str) -> Result<bool> {
        let ours = self.again_at(tx, due_at, error).await?;
        if ours {
            on!(tx.db(), c => diesel::update(jobs::table.find(&self.id))
                .set(jobs::failures.eq(jobs::failures + 1))
                .execute(c))?;
        }
        Ok(ours)
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
    let fresh = (
        jobs::dead_at.eq(None::<NaiveDateTime>),
        jobs::attempts.eq(0_i64),
        jobs::failures.eq(0_i64),
        jobs::due_at.eq(now),
    );
    let dead = jobs::table.filter(jobs::dead_at.is_not_null());
    Ok(match ids {
        None => on!(tx.db(), c => diesel::update(dead).set(fresh).execute(c))?,
        Some(ids) => on!(tx.db(), c => diesel::update(dead.filter(jobs::id.eq_any(ids))).set(fresh).execute(c))?,
    })
}

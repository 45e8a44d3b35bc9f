//! The one write path. Everything that changes a row runs in [`once`] or [`run`]: one transaction that claims the
//! idempotency key, runs the work, writes the rows, the audit record, the events, the jobs and the answer to replay,
//! and commits. A crash at any point leaves nothing or everything (PLT-02, PLT-06).

use super::idempotency::{self, ClaimRow};
use super::schema::{idempotency_claims, sandbox_clock};
use super::{Db, Pool, pause_up_to, postgres, sqlite};
use crate::clock::{Instant, machine_now};
use crate::error::{Code, Error, Result};
use crate::on;
use chrono::NaiveDateTime;
use diesel::prelude::QueryDsl;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

pub use super::actor::Actor;
pub use super::idempotency::{Answer, Claim, FORGET_ANSWER, forget_claims};
pub use super::tx::{Refusal, Subject, Tools, Tx};

/// How often a transaction that lost against another is run again.
const ATTEMPTS: u32 = 10;

/// What became of a write with a claim.
pub enum Outcome<T> {
    /// It ran now.
    Done(T, Answer),
    /// It ran before; this is its answer.
    Replayed(Answer),
}

/// In which way a transaction runs.
#[derive(Clone, Copy)]
enum Manner<'a> {
    /// Once for a claim.
    Once(&'a Claim),
    /// Without a claim.
    Plain,
    /// The house's own bookkeeping.
    Upkeep,
}

/// Runs `work` in one transaction, without a claim: for jobs, commands and public pages.
pub async fn run<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    without_claim(pool, tools, actor, Manner::Plain, work).await
}

/// Runs the house's own bookkeeping: sealing, leases, the log of deliveries. It decides nothing about the business, so
/// it runs at READ COMMITTED, where it holds no business transaction up, and leaves an audit record only where it
/// tells something.
pub async fn upkeep<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    without_claim(pool, tools, actor, Manner::Upkeep, work).await
}

async fn without_claim<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    manner: Manner<'_>,
    work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let answer = |_: &T| Ok(None);
    match again_while_transient(async || attempt(pool, tools, actor, manner, &work, &answer).await).await? {
        (Some(value), _) => Ok(value),
        (None, _) => Err(Error::internal("a write without a claim was replayed")),
    }
}

/// Runs `work` once for the claim: a repeat of the same request gets the same answer, without a second effect.
pub async fn once<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    claim: &Claim,
    work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    answer: impl Fn(&T) -> Result<Answer>,
) -> Result<Outcome<T>> {
    let answer = |value: &T| answer(value).map(Some);
    let manner = Manner::Once(claim);
    match again_while_transient(async || attempt(pool, tools, actor, manner, &work, &answer).await).await? {
        (Some(value), Some(answer)) => Ok(Outcome::Done(value, answer)),
        (None, Some(answer)) => Ok(Outcome::Replayed(answer)),
        _ => Err(Error::internal("a write with a claim has no answer")),
    }
}

async fn again_while_transient<T>(attempt: impl AsyncFn() -> Result<T>) -> Result<T> {
    let mut tried = 0;
    loop {
        tried += 1;
        match attempt().await {
            Err(error) if error.is_transient() && tried < ATTEMPTS => pause_up_to(u64::from(tried) * 10).await,
            other => return other,
        }
    }
}

type Finished<T> = (Option<T>, Option<Answer>);

async fn attempt<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    manner: Manner<'_>,
    work: &impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    answer: &impl Fn(&T) -> Result<Option<Answer>>,
) -> Result<Finished<T>> {
    let mut lease = pool.lease().await?;
    // Until the end is known the connection is not clean: dropped here, it is thrown away or rolled back.
    lease.mark(false);
    let finished = inside(lease.db()?, tools, actor, manner, work, answer).await;
    let ended = lease.end(if finished.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    // A COMMIT that PostgreSQL refuses because of another transaction has ended this one: the connection is as new.
    let refused = |error: &Error| error.is_transient() && matches!(lease, Lease::Pg(_));
    let clean = ended.as_ref().err().is_none_or(refused);
    lease.mark(clean);
    let finished = finished?;
    ended?;
    Ok(finished)
}

async fn inside<T>(
    mut db: Db<'_>,
    tools: &Tools<'_>,
    actor: &Actor,
    manner: Manner<'_>,
    work: &impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    answer: &impl Fn(&T) -> Result<Option<Answer>>,
) -> Result<Finished<T>> {
    let machine_now = machine_now();
    let claim = match manner {
        Manner::Once(claim) => Some(claim),
        Manner::Plain | Manner::Upkeep => None,
    };
    if let Some(claim) = claim {
        let row = ClaimRow {
            subject: actor.subject().to_owned(),
            operation: actor.operation.clone(),
            key: claim.key.clone(),
            fingerprint: claim.fingerprint.clone(),
            claimed_at: machine_now.naive_utc(),
        };
        if !begin_with(&mut db, &row).await? {
            let answer = idempotency::replay(&mut db, tools.vault, actor, claim).await?;
            if let Some(secret) = &answer.secret_of {
                // Showing a secret again is an event of its own (SWK-03, TEN-04).
                let mut tx = Tx::new(db, machine_now, machine_now, actor, tools);
                tx.because(&format!("the same answer was shown again: {secret}"));
                if let Some((kind, id)) = secret.split_once(':') {
                    tx.about(kind, id);
                }
                tx.flush(true, None).await?;
            }
            return Ok((None, Some(answer)));
        }
    } else {
        begin(&mut db, manner).await?;
    }
    let now = if tools.sandbox { business_now(&mut db).await? } else { machine_now };
    let mut tx = Tx::new(db, now, machine_now, actor, tools);
    let value = work(&mut tx).await?;
    let answer = answer(&value)?;
    let audited = !matches!(manner, Manner::Upkeep) || !tx.has_told_nothing();
    tx.flush(audited, claim.zip(answer.as_ref())).await?;
    Ok((Some(value), answer))
}

/// A connection held for one write.
pub enum Lease<'p> {
    /// One of the worker's pool.
    Pg(Box<postgres::Lease>),
    /// The one writer of the process.
    Sqlite(sqlite::Lease<'p>),
}

impl Lease<'_> {
    fn db(&mut self) -> Result<Db<'_>> {
        match self {
            Self::Pg(lease) => lease.connection().map(Db::Pg),
            Self::Sqlite(lease) => lease.connection().map(Db::Sqlite),
        }
    }

    fn mark(&mut self, clean: bool) {
        match self {
            Self::Pg(lease) => lease.mark(clean),
            Self::Sqlite(lease) => lease.mark(clean),
        }
    }

    async fn end(&mut self, statement: &str) -> Result<()> {
        match self.db()? {
            Db::Pg(mut shared) => shared.batch_execute(statement).await?,
            Db::Sqlite(own) => match own.batch_execute(statement).await {
                // SQLite has rolled back by itself where BEGIN failed or the disk is full.
                Err(error) if statement == "ROLLBACK" => tracing::debug!(%error, "nothing to roll back"),
                other => other?,
            },
        }
        Ok(())
    }
}

async fn begin(db: &mut Db<'_>, manner: Manner<'_>) -> Result<()> {
    match db {
        Db::Pg(shared) if matches!(manner, Manner::Upkeep) => {
            { *shared }.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        }
        Db::Pg(shared) => { *shared }.batch_execute("BEGIN").await?,
        Db::Sqlite(own) => own.batch_execute("BEGIN IMMEDIATE").await?,
    }
    Ok(())
}

/// Begins and claims; on PostgreSQL in one round trip. `false`: the key was claimed before.
async fn begin_with(db: &mut Db<'_>, row: &ClaimRow) -> Result<bool> {
    let insert = diesel::insert_into(idempotency_claims::table).values(row).on_conflict_do_nothing();
    use diesel::result::{DatabaseErrorKind, Error as Diesel};
    let claimed = match db {
        Db::Pg(shared) => {
            let (mut first, mut second) = (*shared, *shared);
            let both = async { futures_util::try_join!(first.batch_execute("BEGIN"), insert.execute(&mut second)) };
            match both.await {
                Ok((_, claimed)) => claimed,
                // Another replica holds the same key in a transaction that has not ended. The server may say so in
                // any language, so nothing hangs on its words.
                Err(error @ Diesel::DatabaseError(DatabaseErrorKind::Unknown, _)) => {
                    return Err(Error::new(Code::IdempotencyInFlight).caused_by(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Db::Sqlite(own) => {
            own.batch_execute("BEGIN IMMEDIATE").await?;
            insert.execute(own).await?
        }
    };
    Ok(claimed == 1)
}

/// The business instant: where a sandbox has set it, else the machine's (PLT-08).
pub async fn business_now(db: &mut Db<'_>) -> Result<Instant> {
    let set: Vec<NaiveDateTime> = on!(db, c => sandbox_clock::table.select(sandbox_clock::now).load(c))?;
    Ok(set.as_slice().first().map_or_else(machine_now, NaiveDateTime::and_utc))
}

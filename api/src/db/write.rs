//! The one write path. Everything that changes a row runs in [`once`] or [`run`]: one transaction that claims the
//! idempotency key, runs the work, writes the rows, the audit record, the events, the jobs and the answer to replay,
//! and commits. A crash at any point leaves nothing or everything (PLT-02, PLT-06).

use super::schema::{audit_records, events, idempotency_answers, idempotency_claims, jobs, sandbox_clock};
use super::{Db, Pool, pause_up_to, postgres, sqlite};
use crate::clock::{Instant, machine_now};
use crate::error::{Code, Error, Result};
use crate::vault::{Place, Vault};
use crate::{ids, on};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

/// How often a transaction that lost against another is run again.
const ATTEMPTS: u32 = 10;

/// Who changes something, and through what: the audit record's face.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The operation id, the command or the job.
    pub operation: String,
    /// The API client; empty for commands and jobs.
    pub client_id: String,
    /// The partner of the token.
    pub partner_id: Option<String>,
    /// The customer of the token.
    pub customer_id: Option<String>,
    /// The request id.
    pub request_id: String,
    /// Where the request came from.
    pub source_address: String,
}

impl Actor {
    /// A command of the operator or a job of this house.
    pub fn house(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            client_id: String::new(),
            partner_id: None,
            customer_id: None,
            request_id: ids::new_id(machine_now()),
            source_address: String::new(),
        }
    }

    /// Whose idempotency keys these are: the partner's, else the client's, so that a new token changes nothing.
    fn subject(&self) -> &str {
        self.partner_id.as_deref().unwrap_or(&self.client_id)
    }
}

/// What the write path needs beside a connection.
pub struct Tools<'a> {
    /// Opens and seals.
    pub vault: &'a Vault,
    /// Whether the business clock may stand elsewhere than the machine's (PLT-08).
    pub sandbox: bool,
}

/// An idempotency key and what it was used for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The key of the header.
    pub key: String,
    /// The digest of method, path and canonical body.
    pub fingerprint: String,
}

/// An answer that can be given again, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers that belong to the effect: `Location`, `ETag`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What secret it shows, such as `entitlement:ID`: kept encrypted, for one client, for a day.
    pub secret_of: Option<String>,
    /// Whether this is the answer of an earlier request.
    pub replayed: bool,
}

/// What an event is about; gives its rows their owners.
pub trait Subject {
    /// Id of the object.
    fn object_id(&self) -> &str;
    /// The transacting partner.
    fn partner_id(&self) -> Option<&str>;
    /// The partner of record.
    fn partner_of_record_id(&self) -> Option<&str> {
        None
    }
    /// The customer.
    fn customer_id(&self) -> Option<&str> {
        None
    }
}

/// An open write transaction: rows may be changed, and what happened is told.
pub struct Tx<'a> {
    db: Db<'a>,
    now: Instant,
    machine_now: Instant,
    actor: &'a Actor,
    tools: &'a Tools<'a>,
    reason: Option<String>,
    events: Vec<EventRow>,
    jobs: Vec<JobRow>,
}

impl<'a> Tx<'a> {
    /// The connection, for statements.
    pub fn db(&mut self) -> &mut Db<'a> {
        &mut self.db
    }

    /// The business instant of this transaction.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The machine's instant, for leases and keeping.
    pub fn machine_now(&self) -> Instant {
        self.machine_now
    }

    /// A new id.
    pub fn id(&self) -> String {
        ids::new_id(self.machine_now)
    }

    /// Opens and seals.
    pub fn vault(&self) -> &'a Vault {
        self.tools.vault
    }

    /// Why this is done; stands in the audit record.
    pub fn because(&mut self, reason: &str) {
        self.reason = Some(reason.to_owned());
    }

    /// Tells that something happened. `topic` is `thing.happened`; the payload names ids only, never a secret.
    pub fn emit(&mut self, topic: &'static str, about: &impl Subject) {
        let data = json!({
            "id": about.object_id(),
            "partnerId": about.partner_id(),
            "partnerOfRecordId": about.partner_of_record_id(),
            "customerId": about.customer_id(),
        });
        self.events.push(EventRow {
            id: self.id(),
            topic: topic.to_owned(),
            partner_id: about.partner_id().map(str::to_owned),
            partner_of_record_id: about.partner_of_record_id().map(str::to_owned),
            customer_id: about.customer_id().map(str::to_owned),
            object_id: about.object_id().to_owned(),
            data: data.to_string(),
            occurred_at: self.now.naive_utc(),
            request_id: self.actor.request_id.clone(),
        });
    }

    /// Leaves work for after the commit.
    pub fn enqueue(&mut self, kind: &'static str, payload: Value, due_at: Instant) {
        self.jobs.push(JobRow {
            id: self.id(),
            kind: kind.to_owned(),
            payload: payload.to_string(),
            due_at: due_at.naive_utc(),
            created_at: self.machine_now.naive_utc(),
        });
    }

    /// Deletes the answers that show this secret, because it is revoked now (PLT-02).
    pub async fn forget_answers(&mut self, secret_of: &str) -> Result<()> {
        on!(self.db(), c => diesel::delete(idempotency_answers::table.filter(idempotency_answers::about.eq(secret_of))).execute(c))?;
        Ok(())
    }

    /// Sends what was gathered, in one go where the database pipelines.
    async fn flush(&mut self, claim: Option<&Claim>, answer: Option<&Answer>) -> Result<()> {
        let audit = self.audit_record();
        let answer = match (claim, answer) {
            (Some(claim), Some(answer)) => Some(self.answer_row(claim, answer)?),
            _ => None,
        };
        if let Some(row) = answer.as_ref().filter(|row| row.secret) {
            let due_at = self.machine_now + TimeDelta::hours(SECRET_ANSWER_HOURS);
            self.enqueue(FORGET_ANSWER, json!([row.subject, row.operation, row.key]), due_at);
        }
        match &mut self.db {
            Db::Pg(shared) => {
                let shared: &diesel_async::AsyncPgConnection = shared;
                let insert_audit =
                    async { diesel::insert_into(audit_records::table).values(&audit).execute(&mut { shared }).await };
                let insert_answer = async {
                    match &answer {
                        Some(row) => {
                            diesel::insert_into(idempotency_answers::table).values(row).execute(&mut { shared }).await
                        }
                        None => Ok(0),
                    }
                };
                let insert_events = try_join_all(self.events.iter().map(|row| async move {
                    diesel::insert_into(events::table).values(row).execute(&mut { shared }).await
                }));
                let insert_jobs = try_join_all(self.jobs.iter().map(|row| async move {
                    diesel::insert_into(jobs::table).values(row).execute(&mut { shared }).await
                }));
                futures_util::try_join!(insert_audit, insert_answer, insert_events, insert_jobs)?;
            }
            Db::Sqlite(own) => {
                diesel::insert_into(audit_records::table).values(&audit).execute(own).await?;
                for row in &self.events {
                    diesel::insert_into(events::table).values(row).execute(own).await?;
                }
                for row in &self.jobs {
                    diesel::insert_into(jobs::table).values(row).execute(own).await?;
                }
                if let Some(row) = &answer {
                    diesel::insert_into(idempotency_answers::table).values(row).execute(own).await?;
                }
            }
        }
        Ok(())
    }

    fn audit_record(&self) -> AuditRow {
        let first = self.events.as_slice().first();
        AuditRow {
            id: self.id(),
            at: self.now.naive_utc(),
            operation: self.actor.operation.clone(),
            client_id: self.actor.client_id.clone(),
            partner_id: self.actor.partner_id.clone(),
            customer_id: self.actor.customer_id.clone(),
            object_kind: first.and_then(|event| event.topic.split('.').next()).map(str::to_owned),
            object_id: first.map(|event| event.object_id.clone()),
            reason: self.reason.clone(),
            request_id: self.actor.request_id.clone(),
            source_address: self.actor.source_address.clone(),
        }
    }

    fn answer_row(&self, claim: &Claim, answer: &Answer) -> Result<AnswerRow> {
        let mut row = AnswerRow {
            subject: self.actor.subject().to_owned(),
            operation: self.actor.operation.clone(),
            key: claim.key.clone(),
            status: i64::from(answer.status),
            headers: serde_json::to_string(&answer.headers).map_err(Error::internal)?,
            body: answer.body.clone(),
            secret: answer.secret_of.is_some(),
            client_id: self.actor.client_id.clone(),
            about: answer.secret_of.clone(),
            answered_at: self.machine_now.naive_utc(),
        };
        if row.secret {
            row.body = self.vault().seal(answer.body.as_bytes(), row.place(&row.row_name()))?;
        }
        Ok(row)
    }
}

/// What became of a write with a claim.
pub enum Outcome<T> {
    /// It ran now.
    Done(T, Answer),
    /// It ran before; this is its answer.
    Replayed(Answer),
}

/// Runs `work` in one transaction, without a claim: for jobs, commands and public pages.
pub async fn run<T>(
    pool: &Pool,
    tools: &Tools<'_>,
    actor: &Actor,
    work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let answer = |_: &T| Ok(None);
    match again_while_transient(async || attempt(pool, tools, actor, None, &work, &answer).await).await? {
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
    match again_while_transient(async || attempt(pool, tools, actor, Some(claim), &work, &answer).await).await? {
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
    claim: Option<&Claim>,
    work: &impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    answer: &impl Fn(&T) -> Result<Option<Answer>>,
) -> Result<Finished<T>> {
    let mut lease = pool.lease().await?;
    // Until the end is known the connection is not clean: dropped here, it is thrown away or rolled back.
    lease.mark(false);
    let finished = inside(lease.db()?, tools, actor, claim, work, answer).await;
    let commit = matches!(finished, Ok((Some(_), _)));
    let ended = lease.end(if commit { "COMMIT" } else { "ROLLBACK" }).await;
    lease.mark(ended.is_ok());
    let finished = finished?;
    ended?;
    Ok(finished)
}

async fn inside<T>(
    mut db: Db<'_>,
    tools: &Tools<'_>,
    actor: &Actor,
    claim: Option<&Claim>,
    work: &impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    answer: &impl Fn(&T) -> Result<Option<Answer>>,
) -> Result<Finished<T>> {
    let machine_now = machine_now();
    if let Some(claim) = claim {
        let row = ClaimRow {
            subject: actor.subject().to_owned(),
            operation: actor.operation.clone(),
            key: claim.key.clone(),
            fingerprint: claim.fingerprint.clone(),
            claimed_at: machine_now.naive_utc(),
        };
        if !begin_with(&mut db, &row).await? {
            return Ok((None, Some(replay(&mut db, tools.vault, actor, claim).await?)));
        }
    } else {
        begin(&mut db).await?;
    }
    let now = if tools.sandbox { business_now(&mut db).await? } else { machine_now };
    let mut tx = Tx { db, now, machine_now, actor, tools, reason: None, events: Vec::new(), jobs: Vec::new() };
    let value = work(&mut tx).await?;
    let answer = answer(&value)?;
    tx.flush(claim, answer.as_ref()).await?;
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

async fn begin(db: &mut Db<'_>) -> Result<()> {
    match db {
        Db::Pg(shared) => { *shared }.batch_execute("BEGIN").await?,
        Db::Sqlite(own) => own.batch_execute("BEGIN IMMEDIATE").await?,
    }
    Ok(())
}

/// Begins and claims; on PostgreSQL in one round trip. `false`: the key was claimed before.
async fn begin_with(db: &mut Db<'_>, row: &ClaimRow) -> Result<bool> {
    let insert = diesel::insert_into(idempotency_claims::table).values(row).on_conflict_do_nothing();
    let claimed = match db {
        Db::Pg(shared) => {
            let (mut first, mut second) = (*shared, *shared);
            let both = async { futures_util::try_join!(first.batch_execute("BEGIN"), insert.execute(&mut second)) };
            both.await.map(|(_, claimed)| claimed)
        }
        Db::Sqlite(own) => {
            own.batch_execute("BEGIN IMMEDIATE").await?;
            insert.execute(own).await
        }
    };
    match claimed {
        Ok(claimed) => Ok(claimed == 1),
        // Another replica holds the same key in a transaction that has not ended.
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::Unknown, details))
            if details.message().contains("lock timeout") =>
        {
            Err(Error::new(Code::IdempotencyInFlight))
        }
        Err(error) => Err(error.into()),
    }
}

/// How long a secret answer replays (TEN-04, PLT-02).
const SECRET_ANSWER_HOURS: i64 = 24;
/// The job that deletes a secret answer when it no longer replays.
pub const FORGET_ANSWER: &str = "idempotency.forget_answer";

/// Deletes the secret answer that a [`FORGET_ANSWER`] job names.
pub async fn forget_answer(tx: &mut Tx<'_>, payload: &str) -> Result<()> {
    let (subject, operation, key): (String, String, String) = serde_json::from_str(payload).map_err(Error::internal)?;
    on!(tx.db(), c => diesel::delete(idempotency_answers::table.find((subject, operation, key))).execute(c))?;
    Ok(())
}

async fn replay(db: &mut Db<'_>, vault: &Vault, actor: &Actor, claim: &Claim) -> Result<Answer> {
    let (subject, operation, key) = (actor.subject(), &actor.operation, &claim.key);
    let fingerprint: String = on!(db, c => idempotency_claims::table
        .find((subject, operation, key))
        .select(idempotency_claims::fingerprint)
        .first(c))?;
    if fingerprint != claim.fingerprint {
        return Err(Error::new(Code::IdempotencyKeyReused));
    }
    let row: Option<AnswerRow> = on!(db, c => idempotency_answers::table
        .find((subject, operation, key))
        .select(AnswerRow::as_select())
        .first(c))
    .optional()?;
    row.map(|row| row.into_answer(vault, actor)).unwrap_or_else(|| Err(Error::new(Code::SecretAlreadyShown)))
}

/// The business instant: where a sandbox has set it, else the machine's (PLT-08).
pub async fn business_now(db: &mut Db<'_>) -> Result<Instant> {
    let set: Vec<NaiveDateTime> = on!(db, c => sandbox_clock::table.select(sandbox_clock::now).load(c))?;
    Ok(set.as_slice().first().map_or_else(machine_now, NaiveDateTime::and_utc))
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_claims, treat_none_as_default_value = false)]
struct ClaimRow {
    subject: String,
    operation: String,
    key: String,
    fingerprint: String,
    claimed_at: NaiveDateTime,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_answers, treat_none_as_default_value = false)]
struct AnswerRow {
    subject: String,
    operation: String,
    key: String,
    status: i64,
    headers: String,
    body: String,
    secret: bool,
    client_id: String,
    about: Option<String>,
    answered_at: NaiveDateTime,
}

impl AnswerRow {
    fn row_name(&self) -> String {
        format!("{}|{}|{}", self.operation, self.key, self.client_id)
    }

    fn place<'a>(&'a self, row_name: &'a str) -> Place<'a> {
        Place { column: "idempotency_answers.body", row: row_name, owner: &self.subject }
    }

    fn into_answer(self, vault: &Vault, actor: &Actor) -> Result<Answer> {
        let kept_until = self.answered_at + TimeDelta::hours(SECRET_ANSWER_HOURS);
        if self.secret && (self.client_id != actor.client_id || machine_now().naive_utc() >= kept_until) {
            return Err(Error::new(Code::SecretAlreadyShown));
        }
        let body =
            if self.secret { vault.open_text(&self.body, self.place(&self.row_name()))? } else { self.body.clone() };
        Ok(Answer {
            status: u16::try_from(self.status).map_err(Error::internal)?,
            headers: serde_json::from_str(&self.headers).map_err(Error::internal)?,
            body,
            secret_of: self.about,
            replayed: true,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit_records, treat_none_as_default_value = false)]
struct AuditRow {
    id: String,
    at: NaiveDateTime,
    operation: String,
    client_id: String,
    partner_id: Option<String>,
    customer_id: Option<String>,
    object_kind: Option<String>,
    object_id: Option<String>,
    reason: Option<String>,
    request_id: String,
    source_address: String,
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct EventRow {
    id: String,
    topic: String,
    partner_id: Option<String>,
    partner_of_record_id: Option<String>,
    customer_id: Option<String>,
    object_id: String,
    data: String,
    occurred_at: NaiveDateTime,
    request_id: String,
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct JobRow {
    id: String,
    kind: String,
    payload: String,
    due_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

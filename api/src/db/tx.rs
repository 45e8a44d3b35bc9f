//! An open write transaction, and what it gathers: who did it, what happened, and what is left to do.

use super::Db;
use super::actor::Actor;
use super::idempotency::{Answer, AnswerRow, Claim, FORGET_ANSWER, SECRET_ANSWER_HOURS};
use super::schema::{audit_records, events, idempotency_answers, jobs};
use crate::clock::Instant;
use crate::error::{Code, Error, Result};
use crate::topic::Topic;
use crate::vault::Vault;
use crate::{ids, on};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

/// So many rows go into one statement; few go in statements that the database knows by heart.
const MANY: usize = 8;

/// What the write path needs beside a connection.
pub struct Tools<'a> {
    /// Opens and seals.
    pub vault: &'a Vault,
    /// Whether the business clock may stand elsewhere than the machine's (PLT-08).
    pub sandbox: bool,
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

/// An event about the API client that acts.
impl Subject for Actor {
    fn object_id(&self) -> &str {
        &self.client_id
    }
    fn partner_id(&self) -> Option<&str> {
        self.partner_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }
}

/// An attempt that was refused.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Who tried what.
    pub actor: Actor,
    /// Why it was refused.
    pub code: Code,
    /// What the path named.
    pub object_id: Option<String>,
    /// When, by the machine's clock.
    pub at: Instant,
}

/// An open write transaction: rows may be changed, and what happened is told.
pub struct Tx<'a> {
    db: Db<'a>,
    now: Instant,
    machine_now: Instant,
    actor: &'a Actor,
    tools: &'a Tools<'a>,
    reason: Option<String>,
    about: Option<(String, String)>,
    refusals: Vec<AuditRow>,
    events: Vec<EventRow>,
    jobs: Vec<JobRow>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(db: Db<'a>, now: Instant, machine_now: Instant, actor: &'a Actor, tools: &'a Tools<'a>) -> Self {
        let (refusals, events, jobs) = (Vec::new(), Vec::new(), Vec::new());
        Self { db, now, machine_now, actor, tools, reason: None, about: None, refusals, events, jobs }
    }

    /// The connection, for statements.
    pub fn db(&mut self) -> &mut Db<'a> {
        &mut self.db
    }

    /// Who does it.
    pub fn actor(&self) -> &'a Actor {
        self.actor
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

    /// What this is done to, where no event says so; stands in the audit record.
    pub fn about(&mut self, kind: &str, id: &str) {
        self.about = Some((kind.to_owned(), id.to_owned()));
    }

    /// Tells that something happened; the payload names ids only, never a secret.
    /// Answers the event's id.
    pub fn emit(&mut self, topic: Topic, about: &impl Subject) -> String {
        let id = self.id();
        let data = json!({
            "id": about.object_id(),
            "partnerId": about.partner_id(),
            "partnerOfRecordId": about.partner_of_record_id(),
            "customerId": about.customer_id(),
        });
        self.events.push(EventRow {
            id: id.clone(),
            topic: topic.as_str(),
            partner_id: about.partner_id().map(str::to_owned),
            partner_of_record_id: about.partner_of_record_id().map(str::to_owned),
            customer_id: about.customer_id().map(str::to_owned),
            object_id: about.object_id().to_owned(),
            data: data.to_string(),
            occurred_at: self.now.naive_utc(),
            request_id: self.actor.request_id.clone(),
        });
        id
    }

    /// Whether this is the only transaction of its name now, over all replicas: until its end no other one is.
    pub async fn is_alone(&mut self, name: &str) -> Result<bool> {
        match self.db() {
            Db::Pg(shared) => super::postgres::try_lock(shared, name).await,
            // SQLite has one writer at a time.
            Db::Sqlite(_) => Ok(true),
        }
    }

    /// Tells that an attempt was refused, for the audit trail.
    pub fn tell_refusal(&mut self, refusal: &Refusal, times: i64) {
        let actor = &refusal.actor;
        self.refusals.push(AuditRow {
            id: self.id(),
            at: refusal.at.naive_utc(),
            outcome: "refused",
            code: Some(refusal.code.as_str()),
            times,
            operation: actor.operation.clone(),
            client_id: actor.client_id.clone(),
            token_id: actor.token_id.clone(),
            partner_id: actor.partner_id.clone(),
            customer_id: actor.customer_id.clone(),
            object_kind: None,
            object_id: refusal.object_id.clone(),
            reason: None,
            request_id: actor.request_id.clone(),
            source_address: actor.source_address.clone(),
        });
    }

    /// Leaves work for after the commit. Of the work in one lane only a few run at once, and of one party's only some,
    /// so that one that is slow does not hold up the others. The house's own has neither.
    pub fn enqueue(&mut self, kind: &'static str, party: &str, lane: &str, payload: Value, due_at: Instant) {
        self.jobs.push(JobRow {
            id: self.id(),
            kind,
            party: party.to_owned(),
            lane: lane.to_owned(),
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

    /// Deletes the secret answer that a [`FORGET_ANSWER`] job names.
    pub async fn forget_answer(&mut self, payload: &str) -> Result<()> {
        let (subject, operation, key): (String, String, String) =
            serde_json::from_str(payload).map_err(Error::internal)?;
        on!(self.db(), c => diesel::delete(idempotency_answers::table.find((subject, operation, key))).execute(c))?;
        Ok(())
    }

    /// Whether nothing happened that anybody would want to know.
    pub(super) fn has_told_nothing(&self) -> bool {
        self.events.is_empty() && self.reason.is_none()
    }

    /// Sends what was gathered, in one go where the database pipelines: the audit record first, then the events in
    /// their order, because the order of these rows is the order of the feed.
    pub(super) async fn flush(&mut self, audited: bool, answered: Option<(&Claim, &Answer)>) -> Result<()> {
        let mut audit = std::mem::take(&mut self.refusals);
        audit.extend(audited.then(|| self.audit_record()));
        let answer = answered
            .map(|(claim, answer)| AnswerRow::of(claim, answer, self.actor, self.machine_now, self.vault()))
            .transpose()?;
        if let Some(row) = answer.as_ref().filter(|row| row.secret) {
            let due_at = self.machine_now + TimeDelta::hours(SECRET_ANSWER_HOURS);
            self.enqueue(FORGET_ANSWER, "", "", json!([row.subject, row.operation, row.key]), due_at);
        }
        match &mut self.db {
            Db::Pg(shared) => {
                let shared: &AsyncPgConnection = shared;
                if self.jobs.len() > MANY {
                    let jobs = std::mem::take(&mut self.jobs);
                    diesel::insert_into(jobs::table).values(&jobs).execute(&mut { shared }).await?;
                }
                macro_rules! insert {
                    ($table:ident, $rows:expr) => {
                        try_join_all($rows.iter().map(|row| async move {
                            diesel::insert_into($table::table).values(row).execute(&mut { shared }).await
                        }))
                    };
                }
                futures_util::try_join!(
                    insert!(audit_records, audit),
                    insert!(idempotency_answers, answer),
                    insert!(events, self.events),
                    insert!(jobs, self.jobs),
                )?;
            }
            Db::Sqlite(own) => {
                macro_rules! insert {
                    ($table:ident, $rows:expr) => {
                        for row in $rows.iter() {
                            diesel::insert_into($table::table).values(row).execute(own).await?;
                        }
                    };
                }
                insert!(audit_records, audit);
                insert!(events, self.events);
                insert!(jobs, self.jobs);
                insert!(idempotency_answers, answer);
            }
        }
        Ok(())
    }

    fn audit_record(&self) -> AuditRow {
        let first = self.events.as_slice().first();
        let (object_kind, object_id) = match (&self.about, first) {
            (Some((kind, id)), _) => (Some(kind.clone()), Some(id.clone())),
            (None, Some(event)) => {
                (Topic::of(event.topic).map(|topic| topic.thing().to_owned()), Some(event.object_id.clone()))
            }
            (None, None) => (None, None),
        };
        AuditRow {
            id: self.id(),
            at: self.now.naive_utc(),
            outcome: "done",
            code: None,
            times: 1,
            operation: self.actor.operation.clone(),
            client_id: self.actor.client_id.clone(),
            token_id: self.actor.token_id.clone(),
            partner_id: self.actor.partner_id.clone(),
            customer_id: self.actor.customer_id.clone(),
            object_kind,
            object_id,
            reason: self.reason.clone(),
            request_id: self.actor.request_id.clone(),
            source_address: self.actor.source_address.clone(),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit_records, treat_none_as_default_value = false)]
struct AuditRow {
    id: String,
    at: NaiveDateTime,
    outcome: &'static str,
    code: Option<&'static str>,
    times: i64,
    operation: String,
    client_id: String,
    token_id: String,
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
    topic: &'static str,
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
    kind: &'static str,
    party: String,
    lane: String,
    payload: String,
    due_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

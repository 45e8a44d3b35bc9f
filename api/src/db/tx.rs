//! An open write transaction, and what it gathers: who did it, what happened, and what is left to do.

use super::Db;
use super::actor::Actor;
use super::idempotency::{Answer, AnswerRow, Claim, FORGET_ANSWER, SECRET_ANSWER_HOURS};
use super::schema::{audit_records, events, idempotency_answers, jobs};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::topic::Topic;
use crate::vault::Vault;
use crate::{ids, on};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

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
    pub(super) fn new(db: Db<'a>, now: Instant, machine_now: Instant, actor: &'a Actor, tools: &'a Tools<'a>) -> Self {
        Self { db, now, machine_now, actor, tools, reason: None, events: Vec::new(), jobs: Vec::new() }
    }

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

    /// Tells that something happened; the payload names ids only, never a secret.
    pub fn emit(&mut self, topic: Topic, about: &impl Subject) {
        let data = json!({
            "id": about.object_id(),
            "partnerId": about.partner_id(),
            "partnerOfRecordId": about.partner_of_record_id(),
            "customerId": about.customer_id(),
        });
        self.events.push(EventRow {
            id: self.id(),
            topic: topic.as_str(),
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

    /// Deletes the secret answer that a [`FORGET_ANSWER`] job names.
    pub async fn forget_answer(&mut self, payload: &str) -> Result<()> {
        let (subject, operation, key): (String, String, String) =
            serde_json::from_str(payload).map_err(Error::internal)?;
        on!(self.db(), c => diesel::delete(idempotency_answers::table.find((subject, operation, key))).execute(c))?;
        Ok(())
    }

    /// Sends what was gathered, in one go where the database pipelines.
    pub(super) async fn flush(&mut self, claim: Option<&Claim>, answer: Option<&Answer>) -> Result<()> {
        let audit = self.audit_record();
        let answer = match (claim, answer) {
            (Some(claim), Some(answer)) => {
                Some(AnswerRow::of(claim, answer, self.actor, self.machine_now, self.vault())?)
            }
            _ => None,
        };
        if let Some(row) = answer.as_ref().filter(|row| row.secret) {
            let due_at = self.machine_now + TimeDelta::hours(SECRET_ANSWER_HOURS);
            self.enqueue(FORGET_ANSWER, json!([row.subject, row.operation, row.key]), due_at);
        }
        match &mut self.db {
            Db::Pg(shared) => {
                let shared: &AsyncPgConnection = shared;
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
            object_kind: first.and_then(|event| Topic::of(event.topic)).map(Topic::thing),
            object_id: first.map(|event| event.object_id.clone()),
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
    operation: String,
    client_id: String,
    partner_id: Option<String>,
    customer_id: Option<String>,
    object_kind: Option<&'static str>,
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
    kind: String,
    payload: String,
    due_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

//! What makes a repeated request harmless (PLT-02): a claim on the key, and the answer to give again. They are two
//! rows, because rows that are only ever inserted cost least.

use super::Db;
use super::actor::Actor;
use super::schema::{idempotency_answers, idempotency_claims};
use super::tx::Tx;
use crate::clock::{Instant, machine_now};
use crate::error::{Code, Error, Result};
use crate::on;
use crate::vault::{Place, Vault};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::{Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel::sql_types::{BigInt, Timestamp};
use diesel_async::RunQueryDsl;

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

/// How many hours a secret answer replays (TEN-04, PLT-02).
pub(super) const SECRET_ANSWER_HOURS: i64 = 24;
/// The job that deletes a secret answer when it no longer replays.
pub const FORGET_ANSWER: &str = "idempotency.forget_answer";

pub(super) async fn replay(db: &mut Db<'_>, vault: &Vault, actor: &Actor, claim: &Claim) -> Result<Answer> {
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

/// Forgets some claims, with their answers, that were made before this instant; answers how many.
pub async fn forget_claims(tx: &mut Tx<'_>, before: Instant, most: i64) -> Result<usize> {
    // In this order the claims are the same ones twice.
    let forget = |table: &str| {
        let text = format!(
            "DELETE FROM {table} WHERE (subject, operation, key) IN (
                SELECT subject, operation, key FROM idempotency_claims WHERE claimed_at < $1
                ORDER BY claimed_at, subject, operation, key LIMIT $2)"
        );
        diesel::sql_query(text).bind::<Timestamp, _>(before.naive_utc()).bind::<BigInt, _>(most)
    };
    on!(tx.db(), c => forget("idempotency_answers").execute(c))?;
    Ok(on!(tx.db(), c => forget("idempotency_claims").execute(c))?)
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_claims, treat_none_as_default_value = false)]
pub(super) struct ClaimRow {
    pub(super) subject: String,
    pub(super) operation: String,
    pub(super) key: String,
    pub(super) fingerprint: String,
    pub(super) claimed_at: NaiveDateTime,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_answers, treat_none_as_default_value = false)]
pub(super) struct AnswerRow {
    pub(super) subject: String,
    pub(super) operation: String,
    pub(super) key: String,
    status: i64,
    headers: String,
    body: String,
    pub(super) secret: bool,
    client_id: String,
    about: Option<String>,
    answered_at: NaiveDateTime,
}

impl AnswerRow {
    pub(super) fn of(
        claim: &Claim,
        answer: &Answer,
        actor: &Actor,
        answered_at: Instant,
        vault: &Vault,
    ) -> Result<Self> {
        let mut row = Self {
            subject: actor.subject().to_owned(),
            operation: actor.operation.clone(),
            key: claim.key.clone(),
            status: i64::from(answer.status),
            headers: serde_json::to_string(&answer.headers).map_err(Error::internal)?,
            body: answer.body.clone(),
            secret: answer.secret_of.is_some(),
            client_id: actor.client_id.clone(),
            about: answer.secret_of.clone(),
            answered_at: answered_at.naive_utc(),
        };
        if row.secret {
            row.body = vault.seal(answer.body.as_bytes(), row.place(&row.row_name()))?;
        }
        Ok(row)
    }

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

//! The types of the audit trail.

use crate::db::schema::{audit_keys, audit_links, audit_records, audit_seals};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

crate::word_enum! {
    /// What became of an attempt.
    pub enum AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}

/// One thing that somebody did, or was refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its id.
    #[schema(max_length = 36)]
    pub id: String,
    /// When, by the business clock; refusals by the machine's.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: AuditOutcome,
    /// Why it was refused: the code of the answer.
    #[schema(max_length = 64, example = "insufficient_scope")]
    pub code: Option<String>,
    /// How many equal refusals this record stands for; 1 for what was done.
    #[schema(minimum = 1)]
    pub times: i64,
    /// The operation id of the API, the command or the job.
    #[schema(max_length = 64, example = "reveal_key")]
    pub operation: String,
    /// The API client; none for commands and jobs, and where no valid token came.
    #[schema(max_length = 36)]
    pub client_id: Option<String>,
    /// The id of the access token (`jti`).
    #[schema(max_length = 64)]
    pub token_id: Option<String>,
    /// The partner on whose behalf.
    #[schema(max_length = 36)]
    pub partner_id: Option<String>,
    /// The customer on whose behalf, for a customer's token.
    #[schema(max_length = 36)]
    pub customer_id: Option<String>,
    /// What kind of thing it was done to.
    #[schema(max_length = 64, example = "product_key")]
    pub object_kind: Option<String>,
    /// The id of the thing.
    #[schema(max_length = 100)]
    pub object_id: Option<String>,
    /// Why, as the caller said.
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// The id of the request, also in its answer and in the log.
    #[schema(max_length = 64)]
    pub request_id: String,
    /// The network address it came from; none for commands and jobs.
    #[schema(max_length = 64)]
    pub source_address: Option<String>,
    /// Its place in the chain: ascending without gaps.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The seal that binds it.
    #[schema(minimum = 1)]
    pub seal: i64,
    /// Its SHA-256 digest, in hex.
    #[schema(max_length = 64)]
    pub digest: String,
}

crate::list_parameters! {
    /// Which audit records are wanted.
    pub struct ListAuditRecords {
        /// Of this operation.
        #[validate(length(min = 1, max = 64))]
        #[param(min_length = 1, max_length = 64)]
        pub operation: Option<String>,
        /// About the thing with this id.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 100))]
        #[param(min_length = 1, max_length = 100)]
        pub object_id: Option<String>,
        /// By this API client.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub client_id: Option<String>,
        /// Done, or refused.
        pub outcome: Option<AuditOutcome>,
        /// Not before this instant.
        pub since: Option<DateTime<Utc>>,
        /// Before this instant.
        pub until: Option<DateTime<Utc>>,
    }
}

crate::page_of! {
    /// A page of audit records.
    pub struct AuditRecordPage of AuditRecord;
}

/// Where a verification begins.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct VerifyAuditRecords {
    /// The first seal to look at; 1 unless said. `nextSeal` of the answer goes on.
    #[validate(range(min = 1, max = 9_007_199_254_740_991_i64))]
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_i64, nullable = false)]
    pub from_seal: Option<i64>,
}

/// A row of `audit_records`, for reading.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_records)]
pub struct RecordRow {
    pub seq: i64,
    pub id: String,
    pub at: NaiveDateTime,
    pub outcome: String,
    pub code: Option<String>,
    pub times: i64,
    pub operation: String,
    pub client_id: String,
    pub token_id: String,
    pub partner_id: Option<String>,
    pub customer_id: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    pub reason: Option<String>,
    pub request_id: String,
    pub source_address: String,
}

/// A row of `audit_links`: the place of a record in the chain, with what lists filter by.
#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_links, treat_none_as_default_value = false)]
pub struct LinkRow {
    pub position: i64,
    pub seal: i64,
    pub record_seq: i64,
    pub record_id: String,
    pub digest: String,
    pub partner_id: Option<String>,
    pub object_id: Option<String>,
    pub operation: String,
    pub client_id: String,
    pub outcome: String,
}

/// A row of `audit_seals`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_seals, treat_none_as_default_value = false)]
pub struct SealRow {
    pub number: i64,
    pub sealed_at: NaiveDateTime,
    pub first_position: i64,
    pub last_position: i64,
    pub previous: String,
    pub digest: String,
    pub key_id: String,
    pub signature: String,
    /// The least instant of its records.
    pub oldest_at: NaiveDateTime,
    /// The greatest.
    pub newest_at: NaiveDateTime,
    /// Whether a record's instant lies further than [`NEAR`] from the seal's own: sealed late, because no sealer ran,
    /// or under a sandbox's clock.
    pub astray: bool,
}

/// How near to its records' instants a seal is made, as a rule.
pub const NEAR: TimeDelta = TimeDelta::seconds(60);

impl LinkRow {
    /// The place of a record.
    pub fn of(record: &RecordRow, seal: i64, position: i64, digest: String) -> Self {
        Self {
            position,
            seal,
            record_seq: record.seq,
            record_id: record.id.clone(),
            digest,
            partner_id: record.partner_id.clone(),
            object_id: record.object_id.clone(),
            operation: record.operation.clone(),
            client_id: record.client_id.clone(),
            outcome: record.outcome.clone(),
        }
    }
}

impl SealRow {
    /// Whether instants from the one to the other are further from the seal's own than they should be.
    pub fn is_astray(sealed_at: NaiveDateTime, oldest_at: NaiveDateTime, newest_at: NaiveDateTime) -> bool {
        sealed_at.signed_duration_since(oldest_at) > NEAR || newest_at.signed_duration_since(sealed_at) > NEAR
    }
}

/// A row of `audit_keys`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_keys, treat_none_as_default_value = false)]
pub struct AuditKeyRow {
    pub id: String,
    pub sealed: String,
    pub created_at: NaiveDateTime,
}

impl AuditRecord {
    /// A record as callers see it.
    pub fn of(record: RecordRow, link: LinkRow) -> Self {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: record.id,
            at: record.at.and_utc(),
            outcome: if record.outcome == "refused" { AuditOutcome::Refused } else { AuditOutcome::Done },
            code: record.code,
            times: record.times,
            operation: record.operation,
            client_id: said(record.client_id),
            token_id: said(record.token_id),
            partner_id: record.partner_id,
            customer_id: record.customer_id,
            object_kind: record.object_kind,
            object_id: record.object_id,
            reason: record.reason,
            request_id: record.request_id,
            source_address: said(record.source_address),
            position: link.position,
            seal: link.seal,
            digest: link.digest,
        }
    }
}

//! The types of the partner agreement.

use super::texts::Text;
use crate::db::schema::partner_agreements;
use crate::db::write::Subject;
use crate::http::Resource;
use crate::messages::Language;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What a partner accepts.
    pub enum PartnerAgreementKind {
        /// The partner agreement.
        Mpa = "mpa",
    }
}

/// That a partner accepts its agreement.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptPartnerAgreement {
    /// The version that was read: the one in force.
    #[validate(length(min = 1, max = 10))]
    #[schema(min_length = 1, max_length = 10, example = "2026-10-01")]
    pub version: String,
}

/// A row of `partner_agreements`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = partner_agreements, treat_none_as_default_value = false)]
pub(super) struct AcceptedRow {
    pub(super) id: String,
    pub(super) partner_id: String,
    pub(super) kind: PartnerAgreementKind,
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) client_id: String,
    pub(super) source_address: String,
    pub(super) accepted_at: NaiveDateTime,
}

impl Subject for AcceptedRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
}

/// An agreement that a partner has accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerAgreement {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// Which agreement.
    pub kind: PartnerAgreementKind,
    /// Which version of it.
    #[schema(max_length = 10, example = "2026-10-01")]
    pub version: String,
    /// SHA-256 of the text in force, in hex.
    #[schema(max_length = 64)]
    pub digest: String,
    /// The API client that accepted it.
    #[schema(format = Uuid, max_length = 36)]
    pub client_id: String,
    /// When.
    pub accepted_at: DateTime<Utc>,
}

impl From<AcceptedRow> for PartnerAgreement {
    fn from(row: AcceptedRow) -> Self {
        Self {
            id: row.id,
            partner_id: row.partner_id,
            kind: row.kind,
            version: row.version,
            digest: row.digest,
            client_id: row.client_id,
            accepted_at: row.accepted_at.and_utc(),
        }
    }
}

impl Resource for PartnerAgreement {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/partners/{}/agreements", self.partner_id))
    }
}

crate::page_of! {
    /// A page of accepted agreements.
    pub struct PartnerAgreementPage of PartnerAgreement;
}

crate::list_parameters! {
    /// Which agreements.
    pub struct ListPartnerAgreements {}
}

/// Which text.
#[derive(Debug, Deserialize, utoipa::IntoParams, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct GetPartnerAgreementDocument {
    /// The version; the one in force unless said.
    #[validate(length(min = 1, max = 10))]
    #[param(min_length = 1, max_length = 10, nullable = false)]
    pub version: Option<String>,
    /// The language; that of `Accept-Language` unless said.
    #[param(nullable = false)]
    pub language: Option<Language>,
}

/// The text of the agreement, to be read and kept before it is accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerAgreementDocument {
    /// Which agreement.
    pub kind: PartnerAgreementKind,
    /// Which version: the one to name when accepting.
    #[schema(max_length = 10, example = "2026-10-01")]
    pub version: String,
    /// From which day it holds.
    pub effective_from: NaiveDate,
    /// The language of the text.
    pub language: Language,
    /// Whether it is the sample that comes with the service: then it binds nobody.
    pub is_sample: bool,
    /// A name for a file to keep it in.
    #[schema(max_length = 64, example = "mpa-2026-10-01.en.txt")]
    pub file_name: String,
    /// SHA-256 of the text, in hex.
    #[schema(max_length = 64)]
    pub digest: String,
    /// The text.
    #[schema(max_length = 1_000_000)]
    pub text: String,
}

impl PartnerAgreementDocument {
    pub(super) fn of(text: &Text, is_sample: bool) -> Self {
        Self {
            kind: PartnerAgreementKind::Mpa,
            version: text.version(),
            effective_from: text.since,
            language: text.language,
            is_sample,
            file_name: format!("mpa-{}.{}.txt", text.version(), text.language.tag()),
            digest: digest_of(&text.words),
            text: text.words.clone(),
        }
    }
}

/// What proves later which text it was.
pub(super) fn digest_of(words: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, words.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

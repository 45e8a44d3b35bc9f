//! The types of partners.

use crate::db::schema::partners;
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// How a partner takes part.
    pub enum PartnerKind {
        /// Buys from the vendor and sells to customers.
        DirectBill = "directBill",
        /// A distributor: sells to customers through resellers.
        IndirectProvider = "indirectProvider",
        /// Sells through a provider.
        IndirectReseller = "indirectReseller",
    }
}

crate::word_enum! {
    /// Where a partner's enrolment stands.
    pub enum PartnerState {
        /// Being filled in.
        Draft = "draft",
        /// Waiting for the contact to prove its mail address.
        AwaitingEmailProof = "awaitingEmailProof",
        /// With the operator.
        InReview = "inReview",
        /// May accept the MPA.
        Approved = "approved",
        /// May sell.
        Active = "active",
        /// Refused with reasons.
        Rejected = "rejected",
        /// Stopped by the operator.
        Suspended = "suspended",
    }
}

/// A partner to be registered by the operator (ENR-01).
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The PartnerID of type location.
    pub partner_location_id: Option<String>,
    /// Where its enrolment stands.
    pub state: PartnerState,
}

/// A row of `partners`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = partners, treat_none_as_default_value = false)]
pub struct PartnerRow {
    /// Id.
    pub id: String,
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The PartnerID.
    pub partner_location_id: Option<String>,
    /// Where its enrolment stands.
    pub state: PartnerState,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
}

impl Subject for PartnerRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.id)
    }
}

/// A company that sells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    #[schema(max_length = 255, example = "Distribuidora del Golfo")]
    pub legal_name: String,
    /// The country of its legal location, ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The PartnerID (numeric location account); null until it is linked.
    #[schema(max_length = 10, example = "1234567")]
    pub partner_location_id: Option<String>,
    /// Where its enrolment stands.
    pub state: PartnerState,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<PartnerRow> for Partner {
    fn from(row: PartnerRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            legal_name: row.legal_name,
            country: row.country,
            partner_location_id: row.partner_location_id,
            state: row.state,
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl Resource for Partner {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

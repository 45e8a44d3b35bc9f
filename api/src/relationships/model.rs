//! The types of relationships.

use crate::db::schema::relationships;
use crate::db::write::Subject;
use crate::partners::PartnerKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// Where a relationship stands.
    pub enum RelationshipState {
        /// The organisation has accepted the partner.
        Accepted = "accepted",
        /// It was ended.
        Removed = "removed",
    }
}

/// A row of `relationships`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = relationships, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RelationshipRow {
    /// Id.
    pub id: String,
    /// The partner.
    pub partner_id: String,
    /// The organisation.
    pub customer_id: String,
    /// Where it stands.
    pub state: RelationshipState,
    /// When it first came to be.
    pub created_at: NaiveDateTime,
    /// The request by which it was accepted; none where the partner created the customer.
    pub request_id: Option<String>,
    /// When it was accepted, the last time.
    pub accepted_at: Option<NaiveDateTime>,
    /// When it was ended.
    pub ended_at: Option<NaiveDateTime>,
    /// Counts changes.
    pub version: i64,
}

impl Subject for RelationshipRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer_id)
    }
}

/// That an organisation has accepted a partner.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The organisation.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner's registered name.
    #[schema(max_length = 255, example = "Distribuidora del Golfo")]
    pub partner_name: String,
    /// How the partner takes part.
    pub partner_kind: PartnerKind,
    /// Where it stands.
    pub state: RelationshipState,
    /// The request by which it was accepted; null where the partner created the customer.
    #[schema(format = Uuid, max_length = 36)]
    pub request_id: Option<String>,
    /// When it was accepted.
    pub accepted_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Relationship {
    /// Of a row and the partner's name and kind.
    pub fn of((row, partner_name, partner_kind): (RelationshipRow, String, PartnerKind)) -> Self {
        Self {
            accepted_at: row.accepted_at.unwrap_or(row.created_at).and_utc(),
            ended_at: row.ended_at.map(|at| at.and_utc()),
            id: row.id,
            customer_id: row.customer_id,
            partner_id: row.partner_id,
            partner_name,
            partner_kind,
            state: row.state,
            request_id: row.request_id,
        }
    }
}

crate::page_of! {
    /// A page of relationships.
    pub struct RelationshipPage of Relationship;
}

crate::list_parameters! {
    /// Which relationships.
    pub struct ListCustomerRelationships {}
}

//! The types of relationships.

use crate::db::schema::relationships;
use chrono::NaiveDateTime;
use diesel::prelude::Insertable;

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
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = relationships, treat_none_as_default_value = false)]
pub struct RelationshipRow {
    /// Id.
    pub id: String,
    /// The partner.
    pub partner_id: String,
    /// The organisation.
    pub customer_id: String,
    /// Where it stands.
    pub state: RelationshipState,
    /// When it came to be.
    pub created_at: NaiveDateTime,
}

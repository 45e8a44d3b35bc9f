//! The types of the feed.

use crate::db::schema::{event_positions, events};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that happened. The same in the feed and as the body of a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its id: the same in the feed, in `webhook-id`, and on every repeat.
    #[schema(max_length = 36, example = "01983f6e-7d4b-7e52-b1a4-9d1f5a0c2e11")]
    pub id: String,
    /// What happened: `thing.happened`. Expect new ones.
    #[serde(rename = "type")]
    #[schema(max_length = 64, example = "refund.credited")]
    pub kind: String,
    /// When, by the business clock.
    pub timestamp: DateTime<Utc>,
    /// What it happened to. Thin on purpose: read the thing itself for its present state.
    pub data: EventData,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventData {
    /// The id of the thing.
    #[schema(max_length = 100)]
    pub id: String,
    /// The partner whose it is.
    #[schema(max_length = 36)]
    pub partner_id: Option<String>,
    /// The partner of record.
    #[schema(max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// The customer.
    #[schema(max_length = 36)]
    pub customer_id: Option<String>,
}

crate::list_parameters! {
    /// Which events are wanted.
    pub struct ListEvents {
        /// Of this type, such as `refund.credited`; with `*` after the dot, of every type of a thing.
        #[validate(length(min = 3, max = 64))]
        #[param(rename = "type", min_length = 3, max_length = 64)]
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Those that came after the event with this id. Keep the id of the last event you handled, and go on after it.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub after: Option<String>,
    }
}

crate::page_of! {
    /// A page of events.
    pub struct EventPage of Event;
}

/// A row of `events`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventRow {
    pub seq: i64,
    pub id: String,
    pub topic: String,
    pub partner_id: Option<String>,
    pub partner_of_record_id: Option<String>,
    pub customer_id: Option<String>,
    pub object_id: String,
    pub data: String,
    pub occurred_at: NaiveDateTime,
}

/// A row of `event_positions`: the place of an event in the feed.
#[derive(Debug, Insertable)]
#[diesel(table_name = event_positions, treat_none_as_default_value = false)]
pub struct PositionRow {
    pub position: i64,
    pub event_seq: i64,
    pub event_id: String,
    pub topic: String,
    pub partner_id: Option<String>,
    pub partner_of_record_id: Option<String>,
    pub customer_id: Option<String>,
}

impl TryFrom<EventRow> for Event {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: row.topic,
            timestamp: row.occurred_at.and_utc(),
            data: serde_json::from_str(&row.data).map_err(Error::internal)?,
        })
    }
}

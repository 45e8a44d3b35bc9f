//! The types of webhooks.

use super::rules::SECRET_PREFIX;
use crate::db::schema::{webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_fan_out, webhook_secrets};
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::Error;
use crate::http::Resource;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Identifiable, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use validator::{Validate, ValidationError};

/// The job that makes one attempt of a delivery. Its payload is the delivery's id.
pub const DELIVER: &str = "webhooks.deliver";

crate::word_enum! {
    /// Whether an endpoint is told of events.
    pub enum WebhookEndpointState {
        /// It is told.
        Enabled = "enabled",
        /// It is not told; events meanwhile are not kept for it, but stand in the feed.
        Disabled = "disabled",
        /// It is gone.
        Deleted = "deleted",
    }
}

crate::word_enum! {
    /// Why an endpoint is disabled.
    pub enum DisabledBecause {
        /// Its owner said so.
        ByCaller = "byCaller",
        /// Its receiver answered 410.
        Gone = "gone",
        /// Its receiver failed for five days.
        Failing = "failing",
    }
}

crate::word_enum! {
    /// Where a delivery stands.
    pub enum WebhookDeliveryState {
        /// Attempts are under way.
        Pending = "pending",
        /// The receiver answered 2xx.
        Delivered = "delivered",
        /// No further attempt will be made by itself.
        Failed = "failed",
    }
}

/// Where a partner wants to be told of events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEndpoint {
    /// Its id.
    #[schema(max_length = 36)]
    pub id: String,
    /// Where deliveries go.
    #[schema(format = "uri", max_length = 2000, example = "https://hooks.example.com/lonja")]
    pub url: String,
    /// For people.
    #[schema(max_length = 200)]
    pub description: Option<String>,
    /// Which events it is told of; all where there are none.
    #[schema(max_items = 100)]
    pub event_types: Vec<String>,
    /// Whether it is told.
    pub state: WebhookEndpointState,
    /// Why it is disabled.
    pub disabled_because: Option<DisabledBecause>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The secret by which the receiver knows that a delivery is genuine (`whsec_…`, Standard Webhooks). Only in the
    /// answers that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password, max_length = 128, nullable = false)]
    pub secret: Option<String>,
    #[serde(skip)]
    version: i64,
}

impl Resource for WebhookEndpoint {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/webhook-endpoints/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn secret_of(&self) -> Option<String> {
        self.secret.as_ref().map(|_| secret_of(&self.id))
    }
}

/// What the answers that show an endpoint's secret are kept as.
pub fn secret_of(endpoint_id: &str) -> String {
    format!("webhook_endpoint:{endpoint_id}")
}

/// The longest type of an event, or pattern of one.
pub const LONGEST_TYPE: usize = 64;

/// Each item of a filter has a bound of its own, which the derive cannot say of a list's items.
fn wanted_types() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_TYPE));
    ArrayBuilder::new()
        .items(item)
        .max_items(Some(100))
        .description(Some(
            "Which events it is told of: `refund.credited`, `order.*` for all of a thing; all when empty.",
        ))
        .build()
}

fn each_is_short(filter: &[String]) -> Result<(), ValidationError> {
    let fits = |item: &String| (1..=LONGEST_TYPE).contains(&item.chars().count());
    if filter.iter().all(fits) { Ok(()) } else { Err(ValidationError::new("length")) }
}

/// A webhook endpoint to be made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateWebhookEndpoint {
    /// Where deliveries go: an `https` address on the public internet; a sandbox takes any.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000, example = "https://hooks.example.com/lonja")]
    pub url: String,
    /// For people.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 200))]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub description: Option<String>,
    /// Which events it is told of, such as `refund.credited`, or `order.*` for all of a thing; all unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(max = 100), custom(function = "each_is_short"))]
    #[schema(schema_with = wanted_types)]
    pub event_types: Option<Vec<String>>,
}

/// A change to a webhook endpoint; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateWebhookEndpoint {
    /// Where deliveries go.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 2000))]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub url: Option<String>,
    /// For people.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 200))]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub description: Option<String>,
    /// Which events it is told of; all when empty.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(max = 100), custom(function = "each_is_short"))]
    #[schema(schema_with = wanted_types)]
    pub event_types: Option<Vec<String>>,
    /// `enabled` or `disabled`.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub state: Option<WantedState>,
}

crate::word_enum! {
    /// What an endpoint can be set to.
    pub enum WantedState {
        /// To be told.
        Enabled = "enabled",
        /// Not to be told.
        Disabled = "disabled",
    }
}

/// How a secret is rotated.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateWebhookSecret {
    /// For how many seconds the old secret signs beside the new one; a day unless said. 0 ends it at once.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 0, max = 604_800))]
    #[schema(nullable = false, minimum = 0, maximum = 604_800)]
    pub overlap_seconds: Option<u32>,
}

/// The delivery of an event to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    /// Its id.
    #[schema(max_length = 36)]
    pub id: String,
    /// The event: `webhook-id` of the message.
    #[schema(max_length = 36)]
    pub event_id: String,
    /// What happened.
    #[schema(max_length = 64, example = "refund.credited")]
    pub event_type: String,
    /// Where it stands.
    pub state: WebhookDeliveryState,
    /// When the next attempt is due, while there will be one.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
    /// When the event got its place in the feed.
    pub created_at: DateTime<Utc>,
    /// The newest attempts, oldest first.
    #[schema(max_items = 20)]
    pub attempts: Vec<WebhookAttempt>,
}

impl Resource for WebhookDelivery {}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttempt {
    /// The how manieth.
    #[schema(minimum = 1)]
    pub number: i64,
    /// When it began.
    pub attempted_at: DateTime<Utc>,
    /// The HTTP status of the receiver's answer; none where there was no answer.
    #[schema(minimum = 100, maximum = 999)]
    pub status: Option<i64>,
    /// How long it took.
    #[schema(minimum = 0)]
    pub milliseconds: i64,
    /// Why there was no answer: `timeout`, `connection`, `addressNotAllowed`.
    #[schema(max_length = 64)]
    pub error: Option<String>,
}

crate::list_parameters! {
    /// A page of webhook endpoints.
    pub struct ListWebhookEndpoints {}
}

crate::list_parameters! {
    /// Which deliveries are wanted.
    pub struct ListWebhookDeliveries {
        /// In this state.
        pub state: Option<WebhookDeliveryState>,
    }
}

crate::page_of! {
    /// A page of webhook endpoints.
    pub struct WebhookEndpointPage of WebhookEndpoint;
}

crate::page_of! {
    /// A page of deliveries.
    pub struct WebhookDeliveryPage of WebhookDelivery;
}

/// A row of `webhook_endpoints`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = webhook_endpoints, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct EndpointRow {
    pub id: String,
    pub partner_id: Option<String>,
    pub url: String,
    pub description: Option<String>,
    /// A list of words.
    pub event_types: Json,
    pub state: WebhookEndpointState,
    pub disabled_because: Option<DisabledBecause>,
    pub failing_since: Option<NaiveDateTime>,
    pub version: i64,
    pub created_at: NaiveDateTime,
}

impl Subject for EndpointRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        self.partner_id.as_deref()
    }
}

/// A row of `webhook_secrets`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = webhook_secrets, treat_none_as_default_value = false)]
pub struct SecretRow {
    pub id: String,
    pub endpoint_id: String,
    pub sealed: String,
    pub created_at: NaiveDateTime,
    pub expires_at: Option<NaiveDateTime>,
}

/// A row of `webhook_deliveries`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DeliveryRow {
    pub id: String,
    pub endpoint_id: String,
    pub event_id: String,
    pub event_type: String,
    pub state: WebhookDeliveryState,
    pub attempts: i64,
    pub next_attempt_at: Option<NaiveDateTime>,
    pub finished_at: Option<NaiveDateTime>,
    pub created_at: NaiveDateTime,
}

/// The row of `webhook_fan_out`.
#[derive(Debug, Clone, Queryable, Selectable, AsChangeset, Identifiable)]
#[diesel(table_name = webhook_fan_out)]
pub struct FanOutRow {
    pub id: i64,
    /// Every endpoint was told of the events up to here.
    pub position: i64,
    /// Of the next event, the endpoints up to this one.
    pub endpoint_id: String,
}

/// A row of `webhook_attempts`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = webhook_attempts, treat_none_as_default_value = false)]
pub struct AttemptRow {
    pub id: String,
    pub delivery_id: String,
    pub number: i64,
    pub attempted_at: NaiveDateTime,
    pub status: Option<i64>,
    pub milliseconds: i64,
    pub error: Option<String>,
}

impl EndpointRow {
    /// Whose jobs its deliveries are.
    pub fn party(&self) -> &str {
        self.partner_id.as_deref().unwrap_or("operator")
    }

    /// Which events it is told of.
    pub fn filter(&self) -> Result<Vec<String>, Error> {
        self.event_types.read()
    }
}

impl TryFrom<EndpointRow> for WebhookEndpoint {
    type Error = Error;

    fn try_from(row: EndpointRow) -> Result<Self, Error> {
        Ok(Self {
            event_types: row.filter()?,
            id: row.id,
            url: row.url,
            description: row.description,
            state: row.state,
            disabled_because: row.disabled_because,
            created_at: row.created_at.and_utc(),
            secret: None,
            version: row.version,
        })
    }
}

impl WebhookEndpoint {
    /// The same, showing its new secret.
    pub fn showing(self, secret: &[u8]) -> Self {
        Self { secret: Some(format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))), ..self }
    }
}

impl WebhookDelivery {
    /// A delivery as callers see it.
    pub fn of(row: DeliveryRow, attempts: Vec<AttemptRow>) -> Self {
        let attempt = |row: AttemptRow| WebhookAttempt {
            number: row.number,
            attempted_at: row.attempted_at.and_utc(),
            status: row.status,
            milliseconds: row.milliseconds,
            error: row.error,
        };
        Self {
            id: row.id,
            event_id: row.event_id,
            event_type: row.event_type,
            state: row.state,
            next_attempt_at: row.next_attempt_at.map(|at| at.and_utc()),
            finished_at: row.finished_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            attempts: attempts.into_iter().map(attempt).collect(),
        }
    }
}

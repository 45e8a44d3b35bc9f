//! The types of redemptions.

use crate::db::schema::open_redemptions;
use crate::db::words::Json;
use crate::http::Resource;
use crate::open::keys::OpenKey;
use crate::profiles::{Address, Contact};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::Insertable;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use validator::{Validate, ValidationError};

/// How long a key may be written: its 25 characters with blanks and dashes.
const LONGEST_KEY: usize = 64;
/// So many keys in one go.
const MOST_KEYS: usize = 50;

/// Keys to be redeemed.
// It has no `Debug`: a key must not be printed (SWK-03).
#[derive(Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedeemOpenKeys {
    /// The keys as they were retrieved; lower case and blanks mean the same key. All are redeemed, or none.
    #[validate(length(min = 1, max = 50), custom(function = "each_is_short"))]
    #[schema(schema_with = wanted_keys)]
    pub keys: Vec<String>,
    /// The organisation's registered name.
    #[validate(length(min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255, example = "Panadería Sol S.A. de C.V.")]
    pub company_name: String,
    /// Where it is.
    #[validate(nested)]
    pub address: Address,
    /// Whom to reach when nobody can sign in any more.
    #[validate(nested)]
    pub contact: Contact,
}

fn wanted_keys() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_KEY));
    let item = item.format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    ArrayBuilder::new()
        .items(item)
        .min_items(Some(1))
        .max_items(Some(MOST_KEYS))
        .description(Some(
            "The keys as they were retrieved; lower case and blanks mean the same key. All are redeemed, or none.",
        ))
        .examples([json!(["BCDFG-HJKMN-PQRTV-WXY23-46789"])])
        .build()
}

fn each_is_short(keys: &[String]) -> Result<(), ValidationError> {
    let fits = |key: &String| (1..=LONGEST_KEY).contains(&key.chars().count());
    if keys.iter().all(fits) { Ok(()) } else { Err(ValidationError::new("length")) }
}

/// A row of `open_redemptions`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = open_redemptions, treat_none_as_default_value = false)]
pub struct RedemptionRow {
    /// Id.
    pub id: String,
    /// Whose keys.
    pub customer_id: String,
    /// The organisation's name, as it was given.
    pub company_name: String,
    /// An `Address`.
    pub address: Json,
    /// A `Contact`.
    pub contact: Json,
    /// When.
    pub created_at: NaiveDateTime,
}

/// Keys that were redeemed together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenRedemption {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Whose keys.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The keys, masked, each with the subscription that has begun.
    #[schema(max_items = 50)]
    pub keys: Vec<OpenKey>,
    /// When.
    pub redeemed_at: DateTime<Utc>,
}

impl Resource for OpenRedemption {}

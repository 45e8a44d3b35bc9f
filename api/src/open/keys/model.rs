//! The types of keys of the Open programme.

use crate::db::schema::open_keys;
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where a key of the Open programme stands.
    pub enum OpenKeyState {
        /// Bought: the agreement is not signed yet, or no key is in stock.
        Ordered = "ordered",
        /// May be retrieved.
        Available = "available",
        /// Was retrieved.
        Retrieved = "retrieved",
        /// Was redeemed: its subscription's year has begun.
        Redeemed = "redeemed",
        /// Cancelled before it was redeemed.
        Cancelled = "cancelled",
    }
}

/// A row of `open_keys`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = open_keys, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OpenKeyRow {
    /// Id.
    pub id: String,
    /// The transacting partner: the provider that the order goes through.
    pub partner_id: String,
    /// The partner of record, where it is another one.
    pub partner_of_record_id: Option<String>,
    /// Who bought it.
    pub customer_id: String,
    /// On which tenant its subscription will be (TEN-06).
    pub tenant_id: String,
    /// The agreement.
    pub agreement_id: String,
    /// The order.
    pub order_id: String,
    /// Its line.
    pub order_line_id: String,
    /// The offer.
    pub offer_id: String,
    /// The plan.
    pub product_id: String,
    /// The offer's name when it was sold.
    pub name: String,
    /// Seats.
    pub quantity: i64,
    /// Where it stands.
    pub state: OpenKeyState,
    /// The key of the stock; none while there is none.
    pub product_key_id: Option<String>,
    /// All but its last group hidden.
    pub masked: Option<String>,
    /// What it was redeemed by.
    pub redemption_id: Option<String>,
    /// What began with it.
    pub subscription_id: Option<String>,
    /// When the partner of record is told next that the year ends.
    pub next_notice_at: Option<NaiveDateTime>,
    /// Counts changes.
    pub version: i64,
    /// When it was ordered.
    pub created_at: NaiveDateTime,
    /// When it was first retrieved.
    pub retrieved_at: Option<NaiveDateTime>,
    /// When it was redeemed.
    pub redeemed_at: Option<NaiveDateTime>,
    /// When it was cancelled.
    pub cancelled_at: Option<NaiveDateTime>,
}

impl OpenKeyRow {
    /// The reseller that the order names: the partner of record, or the partner that sells by itself (OPN-03).
    pub fn reseller_id(&self) -> &str {
        self.partner_of_record_id.as_deref().unwrap_or(&self.partner_id)
    }

    /// What answers that show the key are remembered by.
    pub fn secret_name(&self) -> String {
        secret_name(&self.id)
    }
}

fn secret_name(id: &str) -> String {
    format!("open_key:{id}")
}

impl Subject for OpenKeyRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.partner_of_record_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer_id)
    }
}

/// A key that was bought through Open, masked. It covers all seats of its order line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenKey {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: OpenKeyState,
    /// The provider that the order goes through.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner of record, where it is another one.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// Who bought it.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// On which tenant its subscription is, or will be.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// The agreement.
    #[schema(format = Uuid, max_length = 36)]
    pub agreement_id: String,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// The offer.
    #[schema(max_length = 100, example = "office-365-enterprise-e3")]
    pub offer_id: String,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// Seats that it brings.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// The last group only; null while no key is in stock.
    #[schema(max_length = 29, example = "XXXXX-XXXXX-XXXXX-XXXXX-46789")]
    pub masked: Option<String>,
    /// The subscription that began with its redemption.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When it was first retrieved.
    pub retrieved_at: Option<DateTime<Utc>>,
    /// When it was redeemed.
    pub redeemed_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl From<OpenKeyRow> for OpenKey {
    fn from(row: OpenKeyRow) -> Self {
        let at = |at: Option<NaiveDateTime>| at.map(|at| at.and_utc());
        Self {
            retrieved_at: at(row.retrieved_at),
            redeemed_at: at(row.redeemed_at),
            cancelled_at: at(row.cancelled_at),
            created_at: row.created_at.and_utc(),
            id: row.id,
            state: row.state,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            customer_id: row.customer_id,
            tenant_id: row.tenant_id,
            agreement_id: row.agreement_id,
            order_id: row.order_id,
            offer_id: row.offer_id,
            name: row.name,
            quantity: row.quantity,
            masked: row.masked,
            subscription_id: row.subscription_id,
            version: row.version,
        }
    }
}

impl Resource for OpenKey {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/open/keys/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Why a key is retrieved.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetrieveOpenKey {
    /// Why the key is needed; kept in the audit record (SWK-03).
    #[validate(length(min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500, example = "Alta de la panadería en Office 365")]
    pub reason: String,
}

/// A key of the Open programme in clear. Never cached, never logged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetrievedOpenKey {
    /// The key's id.
    #[schema(format = Uuid, max_length = 36)]
    pub open_key_id: String,
    /// The key: five groups of five.
    #[schema(format = Password, max_length = 29)]
    pub product_key: String,
    /// The offer.
    #[schema(max_length = 100)]
    pub offer_id: String,
    /// Seats that it brings.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// When it was first retrieved.
    pub first_retrieved_at: DateTime<Utc>,
}

impl Resource for RetrievedOpenKey {
    fn secret_of(&self) -> Option<String> {
        Some(secret_name(&self.open_key_id))
    }
}

crate::page_of! {
    /// A page of keys of the Open programme, masked.
    pub struct OpenKeyPage of OpenKey;
}

crate::list_parameters! {
    /// Which keys.
    pub struct ListOpenKeys {
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only those of this order.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub order_id: Option<String>,
        /// Only those in this state.
        pub state: Option<OpenKeyState>,
    }
}

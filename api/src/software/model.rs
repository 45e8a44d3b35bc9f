//! The types of software.

use super::choice::Chosen;
use crate::catalog::{Bitness, License, OfferRow};
use crate::db::schema::{entitlements, key_reveals, product_keys};
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where bought software stands.
    pub enum EntitlementState {
        /// Waits for product keys.
        AwaitingStock = "awaitingStock",
        /// Keys may be had.
        Active = "active",
        /// Cancelled, its key revoked.
        Cancelled = "cancelled",
    }
}

crate::word_enum! {
    /// How a key activates. Keys of the CSP programme are MAK; KMS does not exist here (SWK-06).
    pub enum KeyKind {
        /// A multiple-activation key.
        Mak = "mak",
        /// A key of the Open programme, which is redeemed.
        Open = "open",
    }
}

crate::word_enum! {
    /// Where a key stands.
    pub enum KeyState {
        /// Nobody's yet.
        InStock = "inStock",
        /// A purchase's, not seen yet.
        Assigned = "assigned",
        /// Seen.
        Revealed = "revealed",
        /// Taken back.
        Revoked = "revoked",
    }
}

/// A reveal, as it is counted.
#[derive(Insertable)]
#[diesel(table_name = key_reveals, treat_none_as_default_value = false)]
pub struct NewKeyReveal {
    /// Id.
    pub id: String,
    /// The key.
    pub product_key_id: String,
    /// The API client that saw it.
    pub client_id: String,
    /// The partner of that client.
    pub partner_id: Option<String>,
    /// When, by the machine's clock (PLT-08).
    pub revealed_at: NaiveDateTime,
}

/// What an order line grants.
pub struct NewEntitlement {
    /// Id.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// Who owns it.
    pub customer_id: String,
    /// The tenant it is bound to (TEN-06).
    pub tenant_id: String,
    /// The order.
    pub order_id: String,
    /// Its line.
    pub order_line_id: String,
    /// What was bought.
    pub offer: OfferRow,
    /// How many.
    pub quantity: i64,
    /// Active, or waiting for keys.
    pub state: EntitlementState,
}

/// A row of `entitlements`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = entitlements, treat_none_as_default_value = false)]
pub struct EntitlementRow {
    /// Id.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// Who owns it.
    pub customer_id: String,
    /// The tenant it is bound to.
    pub tenant_id: String,
    /// The order.
    pub order_id: String,
    /// Its line.
    pub order_line_id: String,
    /// The offer.
    pub offer_id: String,
    /// The product.
    pub product_id: String,
    /// The offer's name when it was sold.
    pub name: String,
    /// What the partner calls it.
    pub friendly_name: Option<String>,
    /// How it is licensed.
    pub license: License,
    /// How many.
    pub quantity: i64,
    /// Where it stands.
    pub state: EntitlementState,
    /// Counts changes.
    pub version: i64,
    /// When it was ordered.
    pub created_at: NaiveDateTime,
    /// When the line completed (REF-01).
    pub purchased_at: Option<NaiveDateTime>,
    /// When it was cancelled.
    pub cancelled_at: Option<NaiveDateTime>,
    /// The newest version when it was bought; none where that was not kept yet.
    pub product_version: Option<String>,
}

impl EntitlementRow {
    /// What replayable answers that show its key are filed under.
    pub fn secret_name(&self) -> String {
        format!("entitlement:{}", self.id)
    }
}

impl Subject for EntitlementRow {
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

/// A row of `product_keys`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = product_keys, treat_none_as_default_value = false)]
pub struct KeyRow {
    /// Id.
    pub id: String,
    /// The product.
    pub product_id: String,
    /// Its version.
    pub version: String,
    /// How it activates.
    pub kind: KeyKind,
    /// The key, sealed for its owner.
    pub sealed: String,
    /// `stock`, or the partner it was issued to.
    pub owner: String,
    /// Recognises the same key without knowing it.
    pub fingerprint: String,
    /// All but the last group hidden.
    pub masked: String,
    /// Where it stands.
    pub state: KeyState,
    /// What it was issued for: one purchase, once ever (SWK-09).
    pub entitlement_id: Option<String>,
    /// When it came into stock.
    pub imported_at: NaiveDateTime,
    /// When it was first seen.
    pub revealed_at: Option<NaiveDateTime>,
    /// When it was taken back.
    pub revoked_at: Option<NaiveDateTime>,
    /// The language that was chosen with its version.
    pub language: Option<String>,
    /// The bitness that was chosen with its version.
    pub bitness: Option<Bitness>,
    /// The import that brought it.
    pub import_id: Option<String>,
}

/// On-premises software that a customer owns.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: EntitlementState,
    /// Who owns it.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The tenant it is bound to, for good (TEN-06).
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// The product.
    #[schema(max_length = 100, example = "windows-server-standard")]
    pub product_id: String,
    /// The newest version when it was bought: the one that downgrades count from (SWK-08).
    #[schema(max_length = 50, example = "2025")]
    pub product_version: Option<String>,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// What the partner calls it.
    #[schema(max_length = 100)]
    pub friendly_name: Option<String>,
    /// How it is licensed.
    pub license: License,
    /// How many.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// Its key, masked, with what was chosen; null until it was first revealed or shared.
    pub product_key: Option<MaskedKey>,
    /// What may be had, in lists only; of one alone `GET …/media` tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 1000, nullable = false)]
    pub media: Option<Vec<Medium>>,
    /// When it was bought: refund windows begin here. Null while it waits.
    pub purchased_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

/// A product key with all but its last group hidden (SWK-03).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MaskedKey {
    /// How it activates.
    pub kind: KeyKind,
    /// For which version.
    #[schema(max_length = 50, example = "2022")]
    pub version: String,
    /// In which language.
    #[schema(max_length = 20, example = "es")]
    pub language: Option<String>,
    /// For which processor.
    pub bitness: Option<Bitness>,
    /// The last group only.
    #[schema(max_length = 29, example = "XXXXX-XXXXX-XXXXX-XXXXX-46789")]
    pub masked: String,
    /// Where it stands.
    pub state: KeyState,
}

impl Entitlement {
    /// From the rows.
    pub fn of(row: EntitlementRow, key: Option<KeyRow>) -> Self {
        let masked = |key: KeyRow| MaskedKey {
            kind: key.kind,
            version: key.version,
            language: key.language,
            bitness: key.bitness,
            masked: key.masked,
            state: key.state,
        };
        Self {
            id: row.id,
            state: row.state,
            customer_id: row.customer_id,
            tenant_id: row.tenant_id,
            order_id: row.order_id,
            product_id: row.product_id,
            product_version: row.product_version,
            media: None,
            name: row.name,
            friendly_name: row.friendly_name,
            license: row.license,
            quantity: row.quantity,
            product_key: key.map(masked),
            purchased_at: row.purchased_at.map(|at| at.and_utc()),
            cancelled_at: row.cancelled_at.map(|at| at.and_utc()),
            version: row.version,
        }
    }
}

impl Resource for Entitlement {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/entitlements/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Changes of bought software: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateEntitlement {
    /// What the partner calls it; null takes the name away.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Servidor de la tienda")]
    pub friendly_name: Option<Option<String>>,
    /// Refused unless it is the tenant that it has: a licence never moves (TEN-06). The refusal carries the order to
    /// place instead.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub tenant_id: Option<String>,
}

/// The media that bought software comes on: what may be chosen in the reveal (SWK-02).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaPage {
    /// Every combination.
    #[schema(max_items = 1000)]
    pub items: Vec<Medium>,
    /// Always null: all of them fit a page.
    #[schema(max_length = 1000)]
    pub next_cursor: Option<String>,
}

/// One combination of version, language and bitness.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Medium {
    /// Version.
    #[schema(max_length = 50, example = "2022")]
    pub version: String,
    /// Language.
    #[schema(max_length = 20, example = "es")]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// Whether the version is older than the one that was bought (SWK-08).
    pub is_downgrade: bool,
}

/// Which key is wanted, and why.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevealKey {
    /// Version; see `GET /v1/entitlements/{id}/media`.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "2022")]
    pub version: String,
    /// Language.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, example = "es")]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// The kind of key: MAK, which is also what is given when absent. KMS does not exist here (SWK-06).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 20))]
    #[schema(nullable = false, min_length = 1, max_length = 20, example = "mak")]
    pub kind: Option<String>,
    /// Why the key is needed; kept in the audit record (SWK-03).
    #[validate(length(min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500, example = "Instalación en el servidor de la tienda")]
    pub reason: String,
}

impl RevealKey {
    /// What is chosen.
    pub fn chosen(&self) -> Chosen<'_> {
        Chosen { version: &self.version, language: &self.language, bitness: self.bitness, kind: self.kind.as_deref() }
    }
}

/// A product key in clear. Never cached, never logged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevealedKey {
    /// What it was issued for.
    #[schema(format = Uuid, max_length = 36)]
    pub entitlement_id: String,
    /// The key: five groups of five.
    #[schema(format = Password, max_length = 29)]
    pub product_key: String,
    /// How it activates.
    pub kind: KeyKind,
    /// For which version.
    #[schema(max_length = 50)]
    pub version: String,
    /// Language.
    #[schema(max_length = 20)]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// When it was first seen.
    pub first_revealed_at: DateTime<Utc>,
}

impl Resource for RevealedKey {
    fn secret_of(&self) -> Option<String> {
        Some(format!("entitlement:{}", self.entitlement_id))
    }
}

/// How many keys there are of a product's version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyStock {
    /// The product.
    #[schema(max_length = 100)]
    pub product_id: String,
    /// Its version.
    #[schema(max_length = 50)]
    pub version: String,
    /// Nobody's yet. Purchases without a key have reserved some of them, across versions.
    #[schema(minimum = 0)]
    pub in_stock: i64,
    /// Issued for a purchase.
    #[schema(minimum = 0)]
    pub issued: i64,
    /// Taken back.
    #[schema(minimum = 0)]
    pub revoked: i64,
}

crate::page_of! {
    /// A page of the stock, by product and version.
    pub struct KeyStockPage of KeyStock;
}

crate::page_of! {
    /// A page of bought software.
    pub struct EntitlementPage of Entitlement;
}

crate::list_parameters! {
    /// Which software.
    pub struct ListSoftware {
        /// Only that in this state.
        pub state: Option<EntitlementState>,
    }
}

crate::list_parameters! {
    /// Which part of the stock.
    pub struct ListKeyStock {
        /// Only this product.
        #[validate(length(min = 1, max = 100))]
        #[param(min_length = 1, max_length = 100)]
        pub product_id: Option<String>,
    }
}

//! The types of validation codes.

use crate::db::schema::gcc_validation_codes;
use crate::db::write::Subject;
use crate::gcc::eligibility::GccOperation;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where a validation code stands.
    pub enum GccCodeState {
        /// It can be used while uses are left.
        Active = "active",
        /// The operator has withdrawn it; who was qualified with it stays so.
        Withdrawn = "withdrawn",
    }
}

/// A row of `gcc_validation_codes`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = gcc_validation_codes, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct CodeRow {
    /// Id, which is the code itself: it helps nobody but its partners.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The reseller that submitted the organisation.
    pub partner_of_record_id: Option<String>,
    /// None: a code is for an organisation.
    pub customer_id: Option<String>,
    /// The validation that it came of.
    pub validation_id: String,
    /// The name of the validated organisation.
    pub organization: String,
    /// The same without what people write differently.
    pub organization_key: String,
    /// Where it stands.
    pub state: GccCodeState,
    /// How many customers it creates in all.
    pub max_creates: i64,
    /// How many it still creates.
    pub remaining_creates: i64,
    /// Counts changes.
    pub version: i64,
    /// When it was issued.
    pub created_at: NaiveDateTime,
}

impl Subject for CodeRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.partner_of_record_id.as_deref()
    }
}

/// A validation code: with it a validated organisation is made a customer that holds the qualification.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccValidationCode {
    /// The code: what `validationCode` takes.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The partner that transacts.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The reseller that submitted the organisation.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// The validation that it came of.
    #[schema(format = Uuid, max_length = 36)]
    pub validation_id: String,
    /// The validated organisation.
    #[schema(max_length = 255, example = "City of Marble Falls")]
    pub organization_name: String,
    /// Where it stands.
    pub state: GccCodeState,
    /// How many customers it creates in all.
    #[schema(minimum = 1, maximum = 100, example = 5)]
    pub max_creates: i64,
    /// How many it still creates.
    #[schema(minimum = 0, maximum = 100, example = 4)]
    pub remaining_creates: i64,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<CodeRow> for GccValidationCode {
    fn from(row: CodeRow) -> Self {
        Self {
            id: row.id,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            validation_id: row.validation_id,
            organization_name: row.organization,
            state: row.state,
            max_creates: row.max_creates,
            remaining_creates: row.remaining_creates,
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl Resource for GccValidationCode {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A page of validation codes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccValidationCodePage {
    /// Oldest first.
    #[schema(max_items = 200)]
    pub items: Vec<GccValidationCode>,
    /// Goes on after the last one; null at the end.
    #[schema(max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Where there is no code yet: how to ask for one (GCC-12).
    pub how_to_ask: Option<GccOperation>,
}

crate::list_parameters! {
    /// Which validation codes.
    pub struct ListGccValidationCodes {
        /// Only those in this state.
        pub state: Option<GccCodeState>,
    }
}

/// Why a validation code is withdrawn.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawGccValidationCode {
    /// In words for the partner.
    #[validate(length(min = 3, max = 1000))]
    #[schema(min_length = 3, max_length = 1000, example = "The organisation no longer exists.")]
    pub reason: String,
}

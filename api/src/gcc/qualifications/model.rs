//! The types of customers' qualifications.

use crate::db::schema::customer_qualifications;
use crate::db::write::Subject;
use crate::gcc::codes::CodeRow;
use crate::gcc::model::ValidationRow;
use crate::http::Resource;
use crate::partners::Qualification;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// How far the vetting has come.
    pub enum VettingStatus {
        /// The qualification holds.
        Approved = "approved",
    }
}

/// A row of `customer_qualifications`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = customer_qualifications, primary_key(customer_id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct QualificationRow {
    /// Who holds it.
    pub customer_id: String,
    /// What it is.
    pub qualification: Qualification,
    /// The validation that it came of.
    pub validation_id: String,
    /// The code that was used up for it.
    pub code_id: Option<String>,
    /// The partner that got it for the customer.
    pub partner_id: String,
    /// The reseller of record then.
    pub partner_of_record_id: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub granted_at: NaiveDateTime,
}

impl Subject for QualificationRow {
    fn object_id(&self) -> &str {
        &self.customer_id
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

/// By what a qualification is granted.
pub struct Grant<'a> {
    /// The validation.
    pub validation_id: &'a str,
    /// The code that is used up.
    pub code_id: Option<&'a str>,
    /// The transacting partner.
    pub partner_id: &'a str,
    /// The reseller of record.
    pub partner_of_record_id: Option<&'a str>,
}

impl<'a> Grant<'a> {
    /// By the validation of the customer itself.
    pub fn of(validation: &'a ValidationRow) -> Self {
        Self {
            validation_id: &validation.id,
            code_id: None,
            partner_id: &validation.partner_id,
            partner_of_record_id: validation.partner_of_record_id.as_deref(),
        }
    }

    /// With a code.
    pub fn with(code: &'a CodeRow) -> Self {
        Self {
            validation_id: &code.validation_id,
            code_id: Some(&code.id),
            partner_id: &code.partner_id,
            partner_of_record_id: code.partner_of_record_id.as_deref(),
        }
    }
}

/// What a customer is qualified for. It holds for all offers of the government cloud alike: Office 365, Dynamics 365, EMS
/// and Power BI (GCC-13).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerQualification {
    /// The customer.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// What it is qualified for.
    pub qualification: Qualification,
    /// How far the vetting has come.
    pub vetting_status: VettingStatus,
    /// Since when.
    pub vetting_created_date: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<QualificationRow> for CustomerQualification {
    fn from(row: QualificationRow) -> Self {
        Self {
            customer_id: row.customer_id,
            qualification: row.qualification,
            vetting_status: VettingStatus::Approved,
            vetting_created_date: row.granted_at.and_utc(),
            version: row.version,
        }
    }
}

impl Resource for CustomerQualification {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of qualifications.
    pub struct CustomerQualificationPage of CustomerQualification;
}

crate::list_parameters! {
    /// Which qualifications.
    pub struct ListCustomerQualifications {}
}

/// The code with which a customer is qualified.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QualifyCustomer {
    /// A validation code for this very organisation, of `GET /v1/gcc/validation-codes`.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(min_length = 1, max_length = 36, example = "019aa3c0-5a5c-7cc2-9f0d-6f0a6a1f8a10")]
    pub validation_code: String,
}

//! The types of advisor agreements.

use crate::db::schema::advisor_agreements;
use crate::db::write::Subject;
use crate::earnings::rate::Rate;
use crate::error::{Error, Result};
use crate::http::Resource;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// An agreement to be made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MakeAgreement {
    /// Whom the partner advises.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub customer_id: String,
    /// The share of the first year's sales, in per cent with two decimals at most: from 16 to 23. Each later year's is 4.
    #[validate(length(min = 1, max = 6))]
    #[schema(min_length = 1, max_length = 6, example = "18.5")]
    pub first_year_percent: String,
    /// From which day invoices earn, UTC; today unless said. Years are counted from it.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub starts_on: Option<NaiveDate>,
}

/// A row of `advisor_agreements`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = advisor_agreements, treat_none_as_default_value = false)]
pub struct AgreementRow {
    /// Id.
    pub id: String,
    /// The advisor.
    pub partner_id: String,
    /// The customer.
    pub customer_id: String,
    /// The share of the first year's sales, in hundredths of a per cent.
    pub first_year_rate: i64,
    /// The share of each later year's.
    pub later_years_rate: i64,
    /// From which day.
    pub starts_on: String,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

impl AgreementRow {
    /// From which day.
    pub fn starts_on(&self) -> Option<NaiveDate> {
        self.starts_on.parse().ok()
    }
}

impl Subject for AgreementRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
}

/// Who advises whom.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdvisorAgreement {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The advisor.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The customer.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The share of the first year's sales, in per cent.
    #[schema(max_length = 6, example = "18.5")]
    pub first_year_percent: String,
    /// The share of each later year's sales while the customer stays, in per cent.
    #[schema(max_length = 6, example = "4")]
    pub later_years_percent: String,
    /// From which day invoices earn, UTC.
    pub starts_on: NaiveDate,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<AgreementRow> for AdvisorAgreement {
    type Error = Error;

    fn try_from(row: AgreementRow) -> Result<Self> {
        let starts_on = row.starts_on();
        Ok(Self {
            starts_on: starts_on.ok_or_else(|| Error::internal(format!("agreement {} starts on no day", row.id)))?,
            first_year_percent: Rate::of(row.first_year_rate).percent(),
            later_years_percent: Rate::of(row.later_years_rate).percent(),
            id: row.id,
            partner_id: row.partner_id,
            customer_id: row.customer_id,
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for AdvisorAgreement {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of advisor agreements.
    pub struct AdvisorAgreementPage of AdvisorAgreement;
}

crate::list_parameters! {
    /// Which agreements.
    pub struct ListAdvisorAgreements {
        /// Only those with this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
    }
}

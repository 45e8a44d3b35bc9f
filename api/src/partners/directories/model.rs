//! The types of the directories.

use crate::db::schema::{companies, partner_locations};
use crate::db::words::Json;
use crate::error::{Error, Result};
use crate::profiles::Address;
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What a PartnerID stands for.
    pub enum PartnerLocationKind {
        /// A place of business: what a partner links.
        Location = "location",
        /// The company as a whole: it trades nothing.
        Global = "global",
    }
}

/// The PartnerID that a partner links (ENR-03).
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPartnerLocation {
    /// The PartnerID: digits, no leading zero.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, example = "1234567")]
    pub partner_location_id: String,
    /// What it stands for, where the operator's directory does not know it; a location unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub kind: Option<PartnerLocationKind>,
    /// Its country, where the operator's directory does not know it; the partner's unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, nullable = false, example = "MX")]
    pub country: Option<String>,
}

/// A row of `partner_locations`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = partner_locations, treat_none_as_default_value = false)]
pub(super) struct LocationRow {
    pub(super) id: String,
    pub(super) kind: PartnerLocationKind,
    pub(super) country: String,
    pub(super) name: Option<String>,
    /// The directory of its work account, a GUID.
    pub(super) tenant_id: Option<String>,
    /// An `Address`.
    pub(super) address: Option<Json>,
    /// A `Contact`.
    pub(super) contact: Option<Json>,
}

/// A row of `companies`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = companies, treat_none_as_default_value = false)]
pub(super) struct CompanyRow {
    pub(super) duns: String,
    pub(super) name: String,
    pub(super) country: String,
    pub(super) address: Option<Json>,
}

/// Which company.
#[derive(Debug, Deserialize, utoipa::IntoParams, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct GetCompany {
    /// Its DUNS number: nine digits, dashes allowed.
    #[validate(length(min = 9, max = 20))]
    #[param(min_length = 9, max_length = 20, example = "08-146-6849")]
    pub duns: String,
}

/// A company as the operator's directory knows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Its DUNS number, nine digits.
    #[schema(max_length = 9, example = "081466849")]
    pub duns: String,
    /// The registered name.
    #[schema(max_length = 255)]
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// Where it is, where that is known.
    pub address: Option<Address>,
}

impl TryFrom<CompanyRow> for Company {
    type Error = Error;

    fn try_from(row: CompanyRow) -> Result<Self> {
        let address = row.address.as_ref().map(Json::read).transpose()?;
        Ok(Self { duns: row.duns, legal_name: row.name, country: row.country, address })
    }
}

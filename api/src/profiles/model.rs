//! Addresses, people and languages.

use crate::messages::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// The language that somebody is written to.
    pub enum PreferredLanguage {
        /// Spanish.
        Spanish = "es",
        /// English.
        English = "en",
    }
}

impl From<PreferredLanguage> for Language {
    fn from(preferred: PreferredLanguage) -> Self {
        match preferred {
            PreferredLanguage::Spanish => Self::Spanish,
            PreferredLanguage::English => Self::English,
        }
    }
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "Av. Reforma 222")]
    pub line1: String,
    /// Whatever does not fit the first line.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub line2: Option<String>,
    /// City.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "Ciudad de México")]
    pub city: String,
    /// State or province, where the country has them.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, nullable = false, example = "CMX")]
    pub state: Option<String>,
    /// Postal code.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, example = "06600")]
    pub postal_code: String,
}

/// A person at the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contact {
    /// First name; no placeholders such as `test` (CUS-02).
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "Lucía")]
    pub first_name: String,
    /// Last name.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, example = "Hernández")]
    pub last_name: String,
    /// Mail address.
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, example = "lucia@panaderiasol.example")]
    pub email: String,
    /// Phone number.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 5, max = 30))]
    #[schema(min_length = 5, max_length = 30, nullable = false, example = "+52 55 5555 0100")]
    pub phone: Option<String>,
}

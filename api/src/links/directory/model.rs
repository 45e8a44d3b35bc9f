//! The types of the directory.

use crate::db::schema::provider_directory_entries;
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What a provider offers its resellers beside prices.
    pub enum ProviderOffering {
        /// Training and technical help.
        Training = "training",
        /// Help with marketing.
        Marketing = "marketing",
        /// Financing and credit.
        Financing = "financing",
    }
}

/// What a provider says of itself: all of it at once.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateDirectoryEntry {
    /// What it offers; several entries of one word count once.
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    pub offerings: Vec<ProviderOffering>,
    /// In its own words.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000, nullable = false)]
    pub description: Option<String>,
    /// Where resellers write.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, nullable = false, example = "canal@mayoristanorte.example")]
    pub contact_email: Option<String>,
    /// Where resellers call.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 5, max = 30))]
    #[schema(min_length = 5, max_length = 30, nullable = false, example = "+52 81 5555 0140")]
    pub contact_phone: Option<String>,
    /// Its web site: http or https.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 8, max = 500))]
    #[schema(min_length = 8, max_length = 500, nullable = false, example = "https://mayoristanorte.example/socios")]
    pub website: Option<String>,
}

/// A row of `provider_directory_entries`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = provider_directory_entries, primary_key(provider_id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct EntryRow {
    pub(super) provider_id: String,
    pub(super) offers_training: bool,
    pub(super) offers_marketing: bool,
    pub(super) offers_financing: bool,
    pub(super) description: Option<String>,
    pub(super) contact_email: Option<String>,
    pub(super) contact_phone: Option<String>,
    pub(super) website: Option<String>,
    pub(super) version: i64,
    pub(super) updated_at: NaiveDateTime,
}

impl Subject for EntryRow {
    fn object_id(&self) -> &str {
        &self.provider_id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.provider_id)
    }
}

/// A provider of the directory.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndirectProvider {
    /// The partner's id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The registered name.
    #[schema(max_length = 255, example = "Mayorista Nube del Norte S.A. de C.V.")]
    pub legal_name: String,
    /// The country of its legal location, ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// What it offers; empty until it says so.
    #[schema(max_items = 3)]
    pub offerings: Vec<ProviderOffering>,
    /// In its own words.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Where resellers write.
    #[schema(max_length = 254)]
    pub contact_email: Option<String>,
    /// Where resellers call.
    #[schema(max_length = 30)]
    pub contact_phone: Option<String>,
    /// Its web site.
    #[schema(max_length = 500)]
    pub website: Option<String>,
    /// When it last changed its entry; null while it has none.
    pub updated_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl IndirectProvider {
    pub(super) fn of((id, legal_name, country): (String, String, String), entry: Option<EntryRow>) -> Self {
        let offerings = entry.as_ref().map(EntryRow::offerings).unwrap_or_default();
        let (updated_at, version) = entry.as_ref().map_or((None, 0), |entry| (Some(entry.updated_at), entry.version));
        let (description, contact_email, contact_phone, website) = entry
            .map(|entry| (entry.description, entry.contact_email, entry.contact_phone, entry.website))
            .unwrap_or_default();
        Self {
            id,
            legal_name,
            country,
            offerings,
            description,
            contact_email,
            contact_phone,
            website,
            updated_at: updated_at.map(|instant| instant.and_utc()),
            version,
        }
    }
}

impl EntryRow {
    fn offerings(&self) -> Vec<ProviderOffering> {
        let all = [
            (self.offers_training, ProviderOffering::Training),
            (self.offers_marketing, ProviderOffering::Marketing),
            (self.offers_financing, ProviderOffering::Financing),
        ];
        all.into_iter().filter_map(|(offers, offering)| offers.then_some(offering)).collect()
    }
}

impl Resource for IndirectProvider {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of providers.
    pub struct IndirectProviderPage of IndirectProvider;
}

crate::list_parameters! {
    /// Which providers.
    pub struct ListIndirectProviders {
        /// Only those that offer this.
        pub offering: Option<ProviderOffering>,
    }
}

//! Where the marketplace itself is at home (`[storefront]`).

use crate::{ids, profiles};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Where the marketplace itself is at home: what its business days are counted by.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct StorefrontConfig {
    /// Its time zone, by its name in the IANA database.
    pub time_zone: Tz,
    /// The country whose holidays it keeps, ISO 3166-1 alpha-2.
    pub country: String,
    /// The id of its partner: whom customers accept for a tenant beside the distributor (TEN-05). Empty: the partner
    /// that orders.
    pub partner_id: String,
}

/// What is wrong with it.
pub(super) fn faults(storefront: &StorefrontConfig) -> Option<String> {
    let country = &storefront.country;
    let known = profiles::country(country, "").is_ok_and(|stored| stored == *country);
    let partner_id = &storefront.partner_id;
    if !partner_id.is_empty() && !ids::is_id(partner_id) {
        return Some(format!("`storefront.partner_id`: {partner_id:?} is no id of a partner"));
    }
    (!known).then(|| format!("`storefront.country`: {country:?} is no country code such as MX (ISO 3166-1 alpha-2)"))
}

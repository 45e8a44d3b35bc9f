//! The storefront that this marketplace serves (`[storefront]`).

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Where the storefront is: whose days and holidays count.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct StorefrontConfig {
    /// Its time zone, such as `America/Mexico_City`.
    pub time_zone: Tz,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
}

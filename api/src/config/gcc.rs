//! Validations for the US government cloud (`[gcc]`).

use crate::profiles;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Validations for the US government cloud: whatever the vendor may change about them.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct GccConfig {
    /// On how many business days after its submission a validation is answered (GCC-04).
    pub answer_business_days: u32,
    /// The zone in which they end, by its name in the IANA database.
    pub time_zone: Tz,
    /// The country whose holidays are kept, ISO 3166-1 alpha-2.
    pub country: String,
    /// How many customers a validation code creates, unless the reviewer says so (GCC-10).
    pub code_uses: u32,
}

impl GccConfig {
    /// What stands against these settings.
    pub(super) fn faults(&self) -> Vec<String> {
        let is_known = profiles::country(&self.country, "").is_ok_and(|stored| stored == self.country);
        [
            ((1..=30).contains(&self.answer_business_days), "`gcc.answer_business_days` must be from 1 to 30"),
            (is_known, "`gcc.country` is no country code such as US (ISO 3166-1 alpha-2)"),
            ((1..=100).contains(&self.code_uses), "`gcc.code_uses` must be from 1 to 100"),
        ]
        .into_iter()
        .filter(|(is_fit, _)| !is_fit)
        .map(|(_, words)| words.to_owned())
        .collect()
    }
}

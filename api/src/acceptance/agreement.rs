//! Where the text of the customer agreement is: dated rows (`api/data/customer-agreements.json`), because the vendor
//! changes it.

use crate::clock::Instant;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::LazyLock;

const FILE: &str = include_str!("../../data/customer-agreements.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Agreement {
    valid_from: DateTime<Utc>,
    url: String,
}

static AGREEMENTS: LazyLock<Vec<Agreement>> = LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());

/// Where the text that holds at this instant can be read.
pub fn url_at(now: Instant) -> Option<&'static str> {
    let all = AGREEMENTS.iter().filter(|agreement| agreement.valid_from <= now);
    all.max_by_key(|agreement| agreement.valid_from).map(|agreement| agreement.url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_text_to_read() {
        assert!(url_at(crate::clock::machine_now()).unwrap().starts_with("https://"));
    }
}

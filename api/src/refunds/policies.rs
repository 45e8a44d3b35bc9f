//! Refund policies: dated rows (`api/data/refund-policies.json`), because vendors change them (REF-01).

use crate::catalog::License;
use crate::clock::Instant;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use utoipa::ToSchema;

const FILE: &str = include_str!("../../data/refund-policies.json");

crate::word_enum! {
    /// How much is given back.
    pub enum RefundMethod {
        /// The share of the days that are left.
        ProRata = "proRata",
        /// All of it.
        Full = "full",
    }
}

/// One row: from when it holds, for which licences, and what it grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundPolicy {
    /// The row's name.
    #[schema(max_length = 100, example = "software-subscription-2020")]
    pub id: String,
    /// For which licences of software; null for seats of cloud plans.
    pub license: Option<License>,
    /// From when it holds: a purchase keeps the policy of its day.
    pub valid_from: DateTime<Utc>,
    /// The window in hours from the purchase; exactly at its end it is closed.
    #[schema(minimum = 1, maximum = 100_000, example = 168)]
    pub window_hours: u32,
    /// How much is given back.
    pub method: RefundMethod,
    /// Whether a part of the quantity may be given back.
    pub partial_quantity: bool,
}

#[derive(Deserialize)]
struct Policies {
    policies: Vec<RefundPolicy>,
}

/// The policy that holds for a purchase of this kind at this instant.
pub fn at(license: Option<License>, purchased_at: Instant) -> Result<&'static RefundPolicy> {
    static POLICIES: OnceLock<Vec<RefundPolicy>> = OnceLock::new();
    let read = || serde_json::from_str::<Policies>(FILE).map(|file| file.policies).unwrap_or_default();
    in_force(POLICIES.get_or_init(read), license, purchased_at)
        .ok_or_else(|| Error::internal(format!("no refund policy covers {license:?} at {purchased_at}")))
}

/// The newest of these rows that held already.
fn in_force(policies: &[RefundPolicy], license: Option<License>, purchased_at: Instant) -> Option<&RefundPolicy> {
    policies
        .iter()
        .filter(|policy| policy.license == license && policy.valid_from <= purchased_at)
        .max_by_key(|policy| policy.valid_from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn rows() -> Vec<RefundPolicy> {
        let row = |id: &str, license: &str, from: &str, hours: u32| {
            serde_json::json!({
                "id": id, "license": license, "validFrom": from, "windowHours": hours, "method": "proRata",
                "partialQuantity": false,
            })
        };
        // In no order, as an operator may write them down.
        let rows = serde_json::json!([
            row("third", "subscription", "2028-01-01T00:00:00Z", 24),
            row("first", "subscription", "2020-01-01T00:00:00Z", 168),
            row("other", "perpetual", "2020-01-01T00:00:00Z", 720),
            row("second", "subscription", "2027-01-01T00:00:00Z", 72),
        ]);
        serde_json::from_value(rows).unwrap()
    }

    #[test_case("2019-12-31T23:59:59Z", None; "before the first row")]
    #[test_case("2026-12-31T23:59:59.999999Z", Some("first"); "the instant before a new row")]
    #[test_case("2027-01-01T00:00:00Z", Some("second"); "with the row")]
    #[test_case("2031-05-01T12:00:00Z", Some("third"); "the newest")]
    fn rule_ref_01_a_purchase_keeps_the_policy_of_its_day(purchased_at: &str, expected: Option<&str>) {
        let rows = rows();
        let found = in_force(&rows, Some(License::Subscription), purchased_at.parse().unwrap());
        assert_eq!(found.map(|row| row.id.as_str()), expected);
    }

    /// What ships: REF-01, word for word.
    #[test]
    fn rule_ref_01_the_rows_that_ship() {
        let row = |license| {
            let row = at(license, "2026-03-01T00:00:00Z".parse().unwrap()).unwrap();
            (row.window_hours, row.method, row.partial_quantity)
        };
        assert_eq!(row(Some(License::Subscription)), (168, RefundMethod::ProRata, false));
        assert_eq!(row(Some(License::Perpetual)), (720, RefundMethod::Full, false));
        assert_eq!(row(None), (168, RefundMethod::ProRata, true));
    }
}

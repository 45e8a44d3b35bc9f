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
    POLICIES
        .get_or_init(read)
        .iter()
        .filter(|policy| policy.license == license && policy.valid_from <= purchased_at)
        .max_by_key(|policy| policy.valid_from)
        .ok_or_else(|| Error::internal(format!("no refund policy covers {license:?} at {purchased_at}")))
}

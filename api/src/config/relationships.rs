//! Relationships with customers (`[relationships]`).

use serde::{Deserialize, Serialize};

/// Relationships with customers.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub struct RelationshipConfig {
    /// For how many days a relationship request's link is good (CUS-04).
    pub request_days: u32,
}

impl RelationshipConfig {
    /// What stands against these settings.
    pub(super) fn faults(self) -> Vec<String> {
        let is_fit = (1..=365).contains(&self.request_days);
        (!is_fit).then(|| "`relationships.request_days` must be from 1 to 365".to_owned()).into_iter().collect()
    }
}

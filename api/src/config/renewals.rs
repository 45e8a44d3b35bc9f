//! Renewals of subscriptions (`[renewals]`).

use serde::{Deserialize, Serialize};

/// Renewals of subscriptions.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub struct RenewalConfig {
    /// For how many days after the cut-off a payment still helps (REN-03).
    pub grace_days: u32,
}

impl RenewalConfig {
    /// What stands against these settings.
    pub(super) fn faults(self) -> Option<String> {
        let fits = (0..=365).contains(&self.grace_days);
        (!fits).then(|| "`renewals.grace_days` must be from 0 to 365".to_owned())
    }
}

//! Links between providers and resellers (`[links]`).

use serde::{Deserialize, Serialize};

/// Links between providers and resellers.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub struct LinkConfig {
    /// For how many days an invitation can be answered (LNK-01).
    pub invitation_days: u32,
}

impl LinkConfig {
    /// What stands against these settings.
    pub(super) fn faults(self) -> Option<String> {
        let fits = (1..=365).contains(&self.invitation_days);
        (!fits).then(|| "`links.invitation_days` must be from 1 to 365".to_owned())
    }
}

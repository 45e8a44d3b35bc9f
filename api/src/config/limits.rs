//! Bounds on requests (`[limits]`).

use serde::{Deserialize, Serialize};

/// Bounds on requests.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct LimitConfig {
    /// The largest body.
    pub body_bytes: usize,
    /// The largest body of an import.
    pub import_bytes: usize,
    /// How long a body may take to arrive.
    pub body_seconds: u64,
    /// What all bodies together may take in memory, in mebibytes.
    pub bodies_mebibytes: usize,
    /// The most connections at once, of all workers.
    pub connections: usize,
    /// Requests a minute of one API client; 0 for no limit, as in all of these.
    pub client_per_minute: u32,
    /// Requests a minute of all clients of one partner.
    pub partner_per_minute: u32,
    /// Requests a minute without a valid token from one address.
    pub address_per_minute: u32,
    /// Requests a minute for tokens that name one client, from one address.
    pub token_per_minute: u32,
    /// Requests a minute for tokens from one address.
    pub token_address_per_minute: u32,
    /// How many replicas serve: each grants its share of the quotas.
    pub replicas: u32,
    /// Product keys that one API client may reveal in 24 hours; 0 for no limit.
    pub client_key_reveals_per_day: u32,
    /// Product keys that all clients of one partner may reveal in 24 hours; 0 for no limit.
    pub partner_key_reveals_per_day: u32,
}

impl LimitConfig {
    /// What is wrong with these settings.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.replicas == 0 {
            faults.push("`limits.replicas` must be at least 1".to_owned());
        }
        if self.connections == 0 {
            faults.push("`limits.connections` must be at least 1".to_owned());
        }
        // A semaphore counts the bytes.
        if !(1..=1_048_576).contains(&self.bodies_mebibytes)
            || self.bodies_mebibytes * 1024 * 1024 < self.body_bytes.max(self.import_bytes)
        {
            faults.push(
                "`limits.bodies_mebibytes` must be from 1 to 1048576, and at least one body of `limits.body_bytes` \
                 and of `limits.import_bytes`"
                    .to_owned(),
            );
        }
        faults
    }
}

//! Work beside the requests (`[jobs]`), and traces of all of it (`[telemetry]`).

use serde::{Deserialize, Serialize};

/// Work left for after a commit.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct JobConfig {
    /// How many run at once in this process.
    pub at_once: usize,
    /// How many of one lane, such as one webhook endpoint, run at once in this process.
    pub at_once_in_a_lane: usize,
    /// How many of one partner run at once in this process.
    pub at_once_for_a_partner: usize,
    /// How many in lanes that were slow last, or overrun, run at once in this process.
    pub at_once_slow: usize,
    /// For how long a job belongs to the process that took it.
    pub lease_seconds: u32,
    /// For how long idempotency keys are kept, in hours (PLT-02).
    pub keep_idempotency_hours: u32,
}

/// Traces.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct TelemetryConfig {
    /// The collector's address; empty for none.
    pub otlp_endpoint: String,
    /// The share of traces that is recorded, from 0 to 1.
    pub sampling_ratio: f64,
}

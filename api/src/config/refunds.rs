//! Refunds (`[refunds]`).

use serde::{Deserialize, Serialize};

/// Refunds.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub struct RefundConfig {
    /// Who approves what is inside its policy (REF-08).
    pub approval: Approval,
}

/// Who approves a refund that is inside its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Approval {
    /// The policy itself, at once.
    Automatic,
    /// The operator, each one.
    Reviewed,
}

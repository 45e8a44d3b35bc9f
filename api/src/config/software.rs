//! Product keys and downloads (`[software]`).

use serde::{Deserialize, Serialize};

/// Product keys and downloads.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct SoftwareConfig {
    /// The operator is told when so many keys are left; 0: never.
    pub low_stock: u32,
}

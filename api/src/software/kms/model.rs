//! The types of migration plans.

use crate::software::RefusedLine;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// How much a device presses.
    pub enum KmsUrgency {
        /// Its activation has ended: it may work with limits already.
        Late = "late",
        /// It ends within seven days.
        Urgent = "urgent",
        /// It ends within thirty days.
        Soon = "soon",
        /// It ends later.
        Later = "later",
    }
}

/// A device of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KmsDevice<'a> {
    /// Its name in the network.
    #[schema(max_length = 255, example = "CAJA-01")]
    pub device: &'a str,
    /// The line of the file that tells it.
    #[schema(minimum = 2)]
    pub line: u32,
    /// When it activated last against the KMS host.
    pub last_activated_at: DateTime<Utc>,
    /// By when the MAK must be in: 180 × 24 hours later. At that instant it is late.
    pub due_at: DateTime<Utc>,
    /// How much it presses.
    pub urgency: KmsUrgency,
    /// The lines that put the key in and activate, for a command file that sets `MAK` first. They never hold the key.
    #[schema(max_items = 2)]
    pub script: [String; 2],
}

/// Until when each device needs its MAK.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KmsMigrationPlan<'a> {
    /// The instant that the plan is for.
    pub evaluated_at: DateTime<Utc>,
    /// How many devices there are.
    #[schema(minimum = 0)]
    pub devices: usize,
    /// How many of them are late.
    #[schema(minimum = 0)]
    pub late: usize,
    /// What stands in the script lines for the key.
    #[schema(max_length = 20, example = "%MAK%")]
    pub placeholder: &'a str,
    /// Lines that are not in the plan, each with its number and why; the first 1000 of them.
    #[schema(max_items = 1000)]
    pub refused: Vec<RefusedLine>,
    /// How many lines are not in the plan.
    #[schema(minimum = 0)]
    pub refused_total: usize,
    /// The devices, the most urgent first.
    #[schema(max_items = 2_000_000)]
    pub items: Vec<KmsDevice<'a>>,
}

//! How far the sealer is behind, for whoever watches the service.

use super::store;
use crate::db::Db;
use crate::error::Result;
use crate::telemetry::Gauges;

/// How many audit records wait for their seal; more than a few seconds' worth means that no sealer runs.
pub async fn gauges(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
    let unsealed = store::count_unsealed(db).await?;
    gauges.put("lonja_audit_records_unsealed", "Audit records that no seal binds yet.", &[], unsealed)
}

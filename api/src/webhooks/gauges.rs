//! The backlog, for whoever watches the service.

use super::store;
use crate::db::Db;
use crate::error::Result;
use crate::telemetry::Gauges;

/// How many deliveries are under way.
pub async fn gauges(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
    let pending = store::count_pending(db).await?;
    gauges.put("lonja_webhook_deliveries_pending", "Webhook deliveries that are under way.", &[], pending)
}

//! What is left to do, for whoever watches the service.

use crate::clock::machine_now;
use crate::db::Db;
use crate::db::schema::jobs;
use crate::error::Result;
use crate::on;
use crate::telemetry::Gauges;
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// How many jobs wait, and for how long the oldest has been due.
pub async fn gauges(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
    let now = machine_now().naive_utc();
    let live = jobs::table.filter(jobs::dead_at.is_null());
    let due: i64 = on!(db, c => live.filter(jobs::due_at.le(now)).count().get_result(c))?;
    let later: i64 = on!(db, c => live.filter(jobs::due_at.gt(now)).count().get_result(c))?;
    let dead: i64 = on!(db, c => jobs::table.filter(jobs::dead_at.is_not_null()).count().get_result(c))?;
    let oldest: Option<NaiveDateTime> = on!(db, c => live.select(diesel::dsl::min(jobs::due_at)).get_result(c))?;
    let overdue = oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    let (name, help) = ("lonja_jobs", "Jobs that are left to do, by state.");
    gauges.put(name, help, &[("state", "due")], due)?;
    gauges.put(name, help, &[("state", "later")], later)?;
    gauges.put(name, help, &[("state", "dead")], dead)?;
    gauges.put("lonja_jobs_oldest_due_seconds", "For how long the oldest job has been due.", &[], overdue)
}

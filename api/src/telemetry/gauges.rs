//! Numbers that are read when somebody scrapes, and cost requests nothing: how the connections are used, and what the
//! features say of their tables.

use crate::clock::machine_now;
use crate::db::{Db, Usage};
use crate::error::{Error, Result};
use crate::state::State;
use crate::{audit, jobs, software, webhooks};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, Opts};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long all reading of one scrape may take: a scrape that waits for a slow database shows nothing of it.
const LONGEST: Duration = Duration::from_secs(2);

/// Every feature's numbers. A feature joins with a function of this form and a line here:
///
/// ```ignore
/// pub async fn gauges(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
///     let waiting: i64 = on!(db, c => things::table.count().get_result(c))?;
///     gauges.put("lonja_things", "Things by state.", &[("state", "waiting")], waiting)
/// }
/// ```
async fn read_all(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
    audit::gauges(db, gauges).await?;
    jobs::gauges(db, gauges).await?;
    software::gauges(db, gauges).await?;
    webhooks::gauges(db, gauges).await?;
    Ok(())
}

/// Numbers by name and labels.
#[derive(Default)]
pub struct Gauges(BTreeMap<&'static str, GaugeVec>);

impl Gauges {
    /// Sets one. The same name takes the same label names each time; labels come from small fixed sets, never ids.
    /// Numbers beyond 2^53 lose their last digits, as they do in Prometheus.
    pub fn put(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: i64,
    ) -> Result<()> {
        let (names, values): (Vec<_>, Vec<_>) = labels.iter().copied().unzip();
        let gauge = match self.0.get(name) {
            Some(gauge) => gauge,
            None => {
                let gauge = GaugeVec::new(Opts::new(name, help), &names).map_err(Error::internal)?;
                self.0.entry(name).or_insert(gauge)
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
        gauge.get_metric_with_label_values(&values).map_err(Error::internal)?.set(value as f64);
        Ok(())
    }

    /// All that was read.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.0.values().flat_map(Collector::collect).collect()
    }
}

/// Reads everything. Where the database does not answer in time, what was read until then and a 0 that says so.
pub async fn read(state: &State) -> Result<Gauges> {
    let mut gauges = Gauges::default();
    usage(&state.database.usage(), &mut gauges)?;
    let started = machine_now();
    let in_time = tokio::time::timeout(LONGEST, async {
        let mut reader = state.read().await?;
        read_all(&mut reader.db()?, &mut gauges).await
    });
    let read = in_time.await.unwrap_or_else(|elapsed| Err(Error::internal(elapsed)));
    if let Err(error) = &read {
        let milliseconds = (machine_now() - started).num_milliseconds();
        tracing::warn!(causes = error.private_causes(), milliseconds, "not all metrics could be read");
    }
    let help = "1: the numbers that lie in the database were read for this scrape.";
    gauges.put("lonja_database_up", help, &[], i64::from(read.is_ok()))?;
    Ok(gauges)
}

fn usage(usage: &Usage, gauges: &mut Gauges) -> Result<()> {
    let (name, help) = ("lonja_database_write_connections", "Open connections for writes of all workers, by use.");
    gauges.put(name, help, &[("state", "used")], usage.writes_used)?;
    gauges.put(name, help, &[("state", "idle")], usage.writes_idle)?;
    let (name, help) = ("lonja_database_write_connections_max", "The most connections for writes of all workers.");
    gauges.put(name, help, &[], usage.writes_max)?;
    let (name, help) = ("lonja_database_write_waiting", "Writes that wait for a connection.");
    gauges.put(name, help, &[], usage.writes_waiting)?;
    let (name, help) = ("lonja_database_reads_in_flight", "Reads that are running or queued on shared connections.");
    gauges.put(name, help, &[], usage.reads_used)?;
    let (name, help) = ("lonja_database_reads_max", "The most reads at once of all workers; beyond, callers get 503.");
    gauges.put(name, help, &[], usage.reads_max)
}

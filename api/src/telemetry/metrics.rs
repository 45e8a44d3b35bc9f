//! Counting. Rate, errors and duration of requests by the route's template: an id or a token never becomes a label.

use crate::http::document::Operation;
use actix_web::http::Method;
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// In seconds: those that OpenTelemetry's conventions give for HTTP servers.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// What this process counts; all workers share it.
pub struct Metrics {
    registry: Registry,
    durations: HistogramVec,
    /// Requests that are being answered.
    pub in_flight: IntGauge,
    /// Requests whose caller hung up before the answer.
    pub abandoned: IntCounter,
    /// Answers that were given again for an `Idempotency-Key` (PLT-02).
    pub idempotency_replays: IntCounter,
}

impl Metrics {
    /// Everything at zero.
    pub fn new(database: &str) -> prometheus::Result<Self> {
        let durations = HistogramOpts::new(
            "http_server_request_duration_seconds",
            "How long requests of the public port took, by the template of the route.",
        );
        let build = Opts::new("lonja_build_info", "Always 1; the labels say what runs.");
        let build = IntGaugeVec::new(build, &["version", "database"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), database]).set(1);
        let metrics = Self {
            registry: Registry::new(),
            durations: HistogramVec::new(durations.buckets(BUCKETS.to_vec()), &["method", "route", "status"])?,
            in_flight: IntGauge::new("http_server_active_requests", "Requests that are being answered.")?,
            abandoned: IntCounter::new(
                "http_server_requests_abandoned_total",
                "Requests whose caller hung up before the answer; they are in no other count.",
            )?,
            idempotency_replays: IntCounter::new(
                "lonja_idempotency_replays_total",
                "Answers that were given again because the Idempotency-Key was known.",
            )?,
        };
        let all: [Box<dyn Collector>; 6] = [
            Box::new(build),
            Box::new(metrics.durations.clone()),
            Box::new(metrics.in_flight.clone()),
            Box::new(metrics.abandoned.clone()),
            Box::new(metrics.idempotency_replays.clone()),
            Box::new(ProcessCollector::for_self()),
        ];
        for collector in all {
            metrics.registry.register(collector)?;
        }
        Ok(metrics)
    }

    /// All that was counted.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    fn duration(&self, method: &Method, route: &str, status: u16) -> Histogram {
        self.durations.with_label_values(&[known(method), route, &status.to_string()])
    }
}

/// A caller may invent methods: those do not become labels.
fn known(method: &Method) -> &str {
    match method.as_str() {
        method @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT") => method,
        _ => "_OTHER",
    }
}

/// Counts for one worker. Remembers the series of the operations it has answered: a request then costs a look-up
/// without a lock or an allocation, and two atomic additions.
pub struct Meter {
    metrics: Arc<Metrics>,
    operations: RefCell<HashMap<String, Vec<(u16, Histogram)>>>,
}

impl Meter {
    /// For a worker of this process.
    pub fn of(metrics: &Arc<Metrics>) -> Self {
        Self { metrics: metrics.clone(), operations: RefCell::default() }
    }

    /// What all workers share.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts an answer of an operation of the document, or of what stands at `route` outside it.
    pub fn count(&self, operation: Option<&Operation>, method: &Method, route: &str, status: u16, seconds: f64) {
        let Some(operation) = operation else {
            return self.metrics.duration(method, route, status).observe(seconds);
        };
        let mut operations = self.operations.borrow_mut();
        let series = operations.get(operation.id.as_str());
        if let Some((_, series)) = series.and_then(|series| series.iter().find(|(known, _)| *known == status)) {
            return series.observe(seconds);
        }
        let series = self.metrics.duration(method, route, status);
        series.observe(seconds);
        operations.entry(operation.id.clone()).or_default().push((status, series));
    }
}

//! What the people who run Lonja see of it beside the log: Prometheus metrics on the admin port, and traces sent to an
//! OpenTelemetry collector where one is configured.
//!
//! - A counter that grows with requests: a field of [`Metrics`], moved by a handle that is ready.
//! - A number that lies in the database: a line in `read_all` of `gauges.rs`, read when somebody scrapes.

mod gauges;
mod metrics;
mod routes;
mod traces;
mod watch;

pub use gauges::Gauges;
pub use metrics::{Meter, Metrics};
pub use routes::routes;
pub use traces::{TraceParent, Traces};
pub use watch::Watch;

//! One request, watched from its first byte to its answer: counted, timed, and told to the trace.

use super::traces::{RequestSpan, TraceParent};
use super::{Meter, Traces};
use crate::http::context::RequestContext;
use crate::state::App;
use actix_web::HttpRequest;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use opentelemetry::trace::TraceId;
use prometheus::{IntCounter, IntGauge};
use std::time::Instant;

/// The route of everything that is nowhere: callers must not be able to make labels.
const NOWHERE: &str = "unmatched";

/// A request under way.
pub struct Watch {
    started: Instant,
    span: RequestSpan,
    in_flight: Option<InFlight>,
}

/// Counted down however the request ends.
struct InFlight {
    gauge: IntGauge,
    abandoned: IntCounter,
    answered: bool,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.dec();
        if !self.answered {
            self.abandoned.inc();
        }
    }
}

impl Watch {
    /// A request begins.
    pub fn begin(request: &ServiceRequest) -> Self {
        let parent = parent(request.request());
        let span = match App::of(request.request()) {
            Ok(app) => app.traces.begin(parent),
            Err(_no_state) => Traces::default().begin(parent),
        };
        // The admin port has no meter: whoever scrapes does not count.
        let in_flight = request.app_data::<Meter>().map(|meter| {
            let (gauge, abandoned) = (meter.metrics().in_flight.clone(), meter.metrics().abandoned.clone());
            gauge.inc();
            InFlight { gauge, abandoned, answered: false }
        });
        Self { started: Instant::now(), span, in_flight }
    }

    /// The id of its trace, for the log.
    pub fn trace_id(&self) -> TraceId {
        self.span.trace_id()
    }

    /// How long it has taken.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// It was answered. `route`: the template, where it has one.
    pub fn end(mut self, response: &ServiceResponse, context: &RequestContext, route: Option<&str>) {
        let (request, status) = (response.request(), response.status().as_u16());
        let operation = context.operation().ok().map(AsRef::as_ref);
        if let Some(in_flight) = self.in_flight.as_mut() {
            in_flight.answered = true;
        }
        if let Some(meter) = request.app_data::<Meter>() {
            meter.count(operation, request.method(), route.unwrap_or(NOWHERE), status, self.seconds());
        }
        let name = operation.map(|operation| operation.id.as_str()).or(route).unwrap_or(NOWHERE);
        self.span.end(name, request.method().as_str(), route, status, &context.request_id);
    }
}

/// Two of them are none: nobody could say which one counts.
fn parent(request: &HttpRequest) -> Option<TraceParent> {
    let mut headers = request.headers().get_all("traceparent");
    let first = headers.next()?;
    TraceParent::parse(first.to_str().ok().filter(|_| headers.next().is_none())?)
}

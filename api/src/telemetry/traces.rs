//! Traces: which one a request belongs to (W3C Trace Context), and its span on the way to a collector (OTLP over HTTP).

use crate::config::TelemetryConfig;
use crate::error::{Error, Result};
use opentelemetry::KeyValue;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer as _,
    TracerProvider as _,
};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, Sampler, SdkTracerProvider, Span, Tracer,
};
use std::time::Duration;

/// How many spans wait for the collector; what comes beyond is dropped, and no request waits.
const QUEUE: usize = 4096;
/// How long one delivery may take, and the last one at the end of the process.
const DELIVERY: Duration = Duration::from_secs(3);
/// How often spans are delivered.
const PAUSE: Duration = Duration::from_secs(2);
/// The path of traces below a collector's address.
const PATH: &str = "/v1/traces";

/// The caller's place in a trace: the header `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span.
    pub span_id: SpanId,
    /// Whether the caller records its part.
    pub sampled: bool,
}

impl TraceParent {
    /// Reads the header by the letter (W3C Trace Context §3.2): anything else is no trace. The propagator of
    /// OpenTelemetry's own crate takes ids of any length.
    pub fn parse(header: &str) -> Option<Self> {
        let (known, rest) = header.split_at_checked(55)?;
        let mut parts = known.split('-');
        let mut hex = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length)?;
            let fits = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            fits.then_some(part)
        };
        let (version, trace_id, span_id, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        // A later version may say more after a dash; the first one says nothing more.
        let ends_well = rest.is_empty() || (version != "00" && rest.starts_with('-'));
        let (trace_id, span_id) = (TraceId::from_hex(trace_id).ok()?, SpanId::from_hex(span_id).ok()?);
        let is_one = version != "ff" && ends_well && trace_id != TraceId::INVALID && span_id != SpanId::INVALID;
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        is_one.then_some(Self { trace_id, span_id, sampled })
    }

    fn context(self) -> SpanContext {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        SpanContext::new(self.trace_id, self.span_id, flags, true, TraceState::NONE)
    }
}

/// Where spans go; nowhere, unless a collector is configured.
#[derive(Default)]
pub struct Traces(Option<(SdkTracerProvider, Tracer)>);

impl Traces {
    /// By the settings. Connects to nothing yet: a collector that is down holds nothing up.
    pub fn of(config: &TelemetryConfig) -> Result<Self> {
        if config.otlp_endpoint.is_empty() {
            return Ok(Self::default());
        }
        let base = config.otlp_endpoint.trim_end_matches('/');
        let endpoint = if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") };
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(endpoint)
            .with_headers([("user-agent".to_owned(), concat!("lonja/", env!("CARGO_PKG_VERSION")).to_owned())].into())
            .with_timeout(DELIVERY)
            .build()
            .map_err(Error::internal)?;
        let batches = BatchConfigBuilder::default().with_max_queue_size(QUEUE).with_scheduled_delay(PAUSE).build();
        let service = Resource::builder_empty()
            .with_service_name("lonja")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sampling_ratio))))
            .with_resource(service)
            .build();
        let tracer = provider.tracer("lonja");
        Ok(Self(Some((provider, tracer))))
    }

    /// A request begins, in the caller's trace or in a new one.
    pub fn begin(&self, parent: Option<TraceParent>) -> RequestSpan {
        match (&self.0, parent) {
            (Some((_, tracer)), parent) => {
                let context = opentelemetry::Context::new();
                let context = match parent {
                    Some(parent) => context.with_remote_span_context(parent.context()),
                    None => context,
                };
                let builder = tracer.span_builder("HTTP").with_kind(SpanKind::Server);
                RequestSpan::Recorded(Box::new(tracer.build_with_context(builder, &context)))
            }
            (None, Some(parent)) => RequestSpan::Named(parent.trace_id),
            (None, None) => RequestSpan::Named(RandomIdGenerator::default().new_trace_id()),
        }
    }

    /// Delivers what waits, for the end of the process; a collector that is down holds it up for a few seconds.
    pub fn finish(&self) {
        if let Some((provider, _)) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(DELIVERY)
        {
            tracing::warn!(%error, "the last traces could not be delivered");
        }
    }
}

/// A request's part of its trace.
pub enum RequestSpan {
    /// Only the trace's id, for the log.
    Named(TraceId),
    /// A span for the collector.
    Recorded(Box<Span>),
}

impl RequestSpan {
    /// The trace's id.
    pub fn trace_id(&self) -> TraceId {
        match self {
            Self::Named(id) => *id,
            Self::Recorded(span) => span.span_context().trace_id(),
        }
    }

    /// The request was answered. `name`: the operation id, else the route.
    pub fn end(&mut self, name: &str, method: &str, route: Option<&str>, status: u16, request_id: &str) {
        let Self::Recorded(span) = self else { return };
        if span.is_recording() {
            span.update_name(name.to_owned());
            span.set_attribute(KeyValue::new("http.request.method", method.to_owned()));
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
            span.set_attribute(KeyValue::new("lonja.request_id", request_id.to_owned()));
            if let Some(route) = route {
                span.set_attribute(KeyValue::new("http.route", route.to_owned()));
            }
            // A refusal is the caller's error, not the server's.
            if status >= 500 {
                span.set_status(Status::error(""));
            }
        }
        span.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true; "sampled")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false; "not sampled")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true; "flags of later days")]
    #[test_case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-and-more", true; "a later version")]
    fn a_good_traceparent_is_read(header: &str, sampled: bool) {
        let parent = TraceParent::parse(header).unwrap();
        assert_eq!((parent.trace_id.to_string(), parent.sampled), (TRACE.to_owned(), sampled));
    }

    #[test_case(""; "nothing")]
    #[test_case("00-00000000000000000000000000000000-00f067aa0ba902b7-01"; "a trace of zeros")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"; "a span of zeros")]
    #[test_case("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "version ff")]
    #[test_case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"; "upper case")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01"; "a short trace")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736a-00f067aa0ba902b7-1"; "parts of wrong lengths")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"; "a tail on the first version")]
    #[test_case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"; "a tail without a dash")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"; "no flags")]
    #[test_case("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "a sign")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e473é-0f067aa0ba902b7-01"; "letters of two bytes")]
    #[test_case(" 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "a blank")]
    fn a_bad_traceparent_is_none(header: &str) {
        assert_eq!(TraceParent::parse(header), None);
    }
}

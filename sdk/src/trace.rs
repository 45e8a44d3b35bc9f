//! What a call tells `tracing`. Without the feature it tells nobody.
//!
//! The route is the path of the document, with its `{…}`: what a caller puts in can be a secret, such as the token of a
//! personal link. Headers, queries and bodies are never told.

use crate::{Error, Method};
use std::time::Duration;

/// Watches one call.
pub struct Watch {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Watch {
    pub fn new(method: &Method, route: &str) -> Self {
        use tracing::field::Empty;
        let span = tracing::info_span!(
            "lonja",
            method = method.as_str(),
            route,
            attempt = Empty,
            status = Empty,
            request_id = Empty,
            error = Empty
        );
        Watch { span }
    }

    /// An answer came.
    pub fn answered(&self, attempt: u32, status: u16, request_id: Option<&str>) {
        self.span.record("attempt", attempt).record("status", status);
        if let Some(id) = request_id {
            self.span.record("request_id", id);
        }
        tracing::debug!(parent: &self.span, attempt, status, request_id, "answered");
    }

    /// It will be sent again.
    pub fn repeats(&self, attempt: u32, error: &Error, pause: Duration) {
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(parent: &self.span, attempt, error = error.code(), pause_ms, "is repeated");
    }

    /// Its token could not be renewed yet, and is still good.
    pub fn goes_on(&self, error: &Error) {
        tracing::warn!(parent: &self.span, error = error.code(), "the token is not renewed yet");
    }

    /// It ended without a value.
    pub fn failed(&self, error: &Error) {
        self.span.record("error", error.code());
        tracing::debug!(parent: &self.span, error = error.code(), "failed");
    }

    /// The future, inside the call's span.
    pub async fn over<F: Future>(&self, future: F) -> F::Output {
        tracing::Instrument::instrument(future, self.span.clone()).await
    }
}

#[cfg(not(feature = "tracing"))]
impl Watch {
    pub fn new(_: &Method, _: &str) -> Self {
        Watch {}
    }

    pub fn answered(&self, _: u32, _: u16, _: Option<&str>) {}

    pub fn repeats(&self, _: u32, _: &Error, _: Duration) {}

    pub fn goes_on(&self, _: &Error) {}

    pub fn failed(&self, _: &Error) {}

    pub async fn over<F: Future>(&self, future: F) -> F::Output {
        future.await
    }
}

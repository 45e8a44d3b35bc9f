use crate::{ErrorCode, FieldError, Problem, Secret, problem::one_line, response::text};
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::Error as _;
use serde_json::error::Category;
use std::{sync::Arc, time::Duration};
use tokio::time::error::Elapsed;

/// How much of an answer that cannot be read is kept.
const KEPT: usize = 16 * 1024;

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service answered that it refuses, or something on the way to it did.
    #[error("{0}")]
    Problem(Box<Problem>),

    /// No answer in time. Whether the service acted is unknown: repeat with the same idempotency key.
    #[error("no answer in time")]
    #[non_exhaustive]
    Timeout {
        /// What the connection reported; nothing when the call's deadline passed before it could be sent.
        source: Option<Arc<reqwest::Error>>,
        /// The key of the call.
        idempotency_key: Option<String>,
    },

    /// The service could not be reached, or the connection broke before the answer was complete.
    #[error("connection failed: {}", innermost(source))]
    #[non_exhaustive]
    Transport {
        /// What the connection reported. Calls that waited for the same token share it.
        source: Arc<reqwest::Error>,
        /// The key of the call.
        idempotency_key: Option<String>,
    },

    /// The service answered with success, but not with what the operation promises.
    #[error("{path} answered something unexpected: {source}{}", in_request(request_id))]
    #[non_exhaustive]
    Decode {
        /// The path that was called, as the document has it.
        path: String,
        /// The HTTP status.
        status: StatusCode,
        /// What was answered, as far as 16 KiB. It may hold a key, so it does not print.
        body: Secret,
        /// The name of the exchange.
        request_id: Option<String>,
        /// The key of the call.
        idempotency_key: Option<String>,
        /// What did not fit.
        source: serde_json::Error,
    },

    /// The token endpoint refused the credentials (RFC 6749, section 5.2).
    #[error("no token: {status} {}{}{}", one_line(code), because(description), in_request(request_id))]
    #[non_exhaustive]
    Auth {
        /// The HTTP status.
        status: StatusCode,
        /// The word of the standard, such as `invalid_client`.
        code: String,
        /// What the service says about it.
        description: Option<String>,
        /// The name of the exchange.
        request_id: Option<String>,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
        /// The key of the call that needed the token.
        idempotency_key: Option<String>,
    },

    /// The client was set up, or the call written, in a way that cannot be sent.
    #[error("{0}")]
    Config(String),
}

impl Error {
    /// The stable word for what went wrong: the problem's code, the token endpoint's word, else the kind of failure.
    pub fn code(&self) -> &str {
        match self {
            Error::Problem(problem) => problem.code.as_str(),
            Error::Auth { code, .. } => code,
            Error::Timeout { .. } => "timeout",
            Error::Transport { .. } => "transport",
            Error::Decode { .. } => "decode",
            Error::Config(_) => "config",
        }
    }

    /// The problem's code as a value to match on, when the service answered with a problem.
    pub fn problem_code(&self) -> Option<&ErrorCode> {
        Some(&self.problem()?.code)
    }

    /// The problem, when the service answered with one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Error::Problem(problem) => StatusCode::from_u16(problem.status).ok(),
            Error::Auth { status, .. } | Error::Decode { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The name of the exchange, for a question to the marketplace.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Problem(problem) => problem.request_id.as_deref(),
            Error::Decode { request_id, .. } | Error::Auth { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Problem(problem) => problem.retry_after(),
            Error::Auth { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What is wrong with single fields.
    pub fn field_errors(&self) -> &[FieldError] {
        self.problem().map_or(&[], |problem| &problem.errors)
    }

    /// The idempotency key of the call; repeating it under this key is safe, whether it was sent or not.
    pub fn idempotency_key(&self) -> Option<&str> {
        match self {
            Error::Problem(problem) => problem.idempotency_key.as_deref(),
            Error::Timeout { idempotency_key, .. }
            | Error::Transport { idempotency_key, .. }
            | Error::Decode { idempotency_key, .. }
            | Error::Auth { idempotency_key, .. } => idempotency_key.as_deref(),
            Error::Config(_) => None,
        }
    }

    /// Whether the reason may pass: the same call may succeed later. Whether the service acted on this one may be
    /// unknown, so repeat a write only under its idempotency key.
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Problem(problem) => problem.is_retryable(),
            Error::Timeout { .. } | Error::Transport { .. } => true,
            Error::Auth { status, .. } => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
            Error::Decode { .. } | Error::Config(_) => false,
        }
    }

    /// Whether the service surely did not act: it was not reached, or it put the call off.
    pub(crate) fn is_not_done(&self) -> bool {
        match self {
            Error::Problem(problem) => match problem.status {
                429 => true,
                503 => problem.retry_after().is_some(),
                _ => false,
            },
            Error::Timeout { source: Some(source), .. } | Error::Transport { source, .. } => source.is_connect(),
            Error::Timeout { source: None, .. } => true,
            Error::Decode { .. } | Error::Auth { .. } | Error::Config(_) => false,
        }
    }

    /// The same for another call.
    pub(crate) fn shared(&self) -> Self {
        match self {
            Error::Problem(problem) => Error::Problem(problem.clone()),
            Error::Timeout { source, idempotency_key } => {
                Error::Timeout { source: source.clone(), idempotency_key: idempotency_key.clone() }
            }
            Error::Transport { source, idempotency_key } => {
                Error::Transport { source: source.clone(), idempotency_key: idempotency_key.clone() }
            }
            Error::Decode { path, status, body, request_id, idempotency_key, source } => Error::Decode {
                path: path.clone(),
                status: *status,
                body: body.clone(),
                request_id: request_id.clone(),
                idempotency_key: idempotency_key.clone(),
                source: serde_json::Error::custom(source),
            },
            Error::Auth { status, code, description, request_id, retry_after, idempotency_key } => Error::Auth {
                status: *status,
                code: code.clone(),
                description: description.clone(),
                request_id: request_id.clone(),
                retry_after: *retry_after,
                idempotency_key: idempotency_key.clone(),
            },
            Error::Config(why) => Error::Config(why.clone()),
        }
    }

    /// An answer that does not fit. What `serde_json` says about it quotes values, so only the place is kept.
    pub(crate) fn decode(
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        why: &serde_json::Error,
    ) -> Self {
        let kept = body.get(..KEPT).unwrap_or(body);
        Error::Decode {
            path: path.to_owned(),
            status,
            body: String::from_utf8_lossy(kept).into_owned().into(),
            request_id: text(headers, "x-request-id").map(str::to_owned),
            idempotency_key: None,
            source: redacted(why),
        }
    }

    /// The deadline passed before the call could be sent.
    pub(crate) fn out_of_time(_: Elapsed) -> Self {
        Error::Timeout { source: None, idempotency_key: None }
    }

    pub(crate) fn with_key(mut self, key: Option<String>) -> Self {
        match &mut self {
            Error::Problem(problem) => problem.idempotency_key = key,
            Error::Timeout { idempotency_key, .. }
            | Error::Transport { idempotency_key, .. }
            | Error::Decode { idempotency_key, .. }
            | Error::Auth { idempotency_key, .. } => *idempotency_key = key,
            Error::Config(_) => {}
        }
        self
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let source = Arc::new(error.without_url());
        if source.is_timeout() {
            Error::Timeout { source: Some(source), idempotency_key: None }
        } else if source.is_builder() {
            Error::Config(format!("the call cannot be sent: {}", innermost(&source)))
        } else {
            Error::Transport { source, idempotency_key: None }
        }
    }
}

/// The last of the sources says what really happened ("connection refused"); those around it only where.
fn innermost(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// The kind of the fault and its place, which is all that can be told without quoting.
pub(crate) fn redacted(why: &serde_json::Error) -> serde_json::Error {
    let kind = match why.classify() {
        Category::Data => "a value that does not fit",
        Category::Syntax => "no JSON",
        Category::Eof => "an early end",
        Category::Io => "nothing readable",
    };
    serde_json::Error::custom(format!("{kind} at line {} column {}", why.line(), why.column()))
}

fn in_request(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!(" (request {})", one_line(id))).unwrap_or_default()
}

fn because(description: &Option<String>) -> String {
    description.as_ref().map(|text| format!(": {}", one_line(text))).unwrap_or_default()
}

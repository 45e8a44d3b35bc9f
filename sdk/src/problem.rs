use crate::{ErrorCode, response::text};
use chrono::DateTime;
use reqwest::{StatusCode, header::HeaderMap};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, time::Duration};

/// How much of a foreign body is worth repeating.
const EXCERPT: usize = 200;

/// Why the service refused, in the words of RFC 9457.
///
/// A refusal that did not come from Lonja (a proxy's HTML page, an empty body) is a problem too: its code is `http_`
/// and the status, as in `http_502`, and its detail the beginning of what was answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Problem {
    /// The address of the problem's description.
    pub r#type: String,
    /// What the code means, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, in a sentence.
    pub detail: Option<String>,
    /// The stable word that programs may rely on.
    pub code: ErrorCode,
    /// The name of this exchange, for a question to the marketplace.
    pub request_id: Option<String>,
    /// What is wrong with single fields.
    pub errors: Vec<FieldError>,
    /// The facts behind the detail.
    pub context: Map<String, Value>,
    /// What to do about it.
    pub next: Option<String>,
    #[serde(skip)]
    pub(crate) retry_after: Option<Duration>,
    #[serde(skip)]
    pub(crate) idempotency_key: Option<String>,
    #[serde(skip)]
    pub(crate) headers: HeaderMap,
}

/// One field that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FieldError {
    /// A JSON pointer into the body, or `?name` for a query parameter, `#name` for a header.
    pub pointer: String,
    /// The stable word for what is wrong.
    pub code: ErrorCode,
    /// What is wrong, in a sentence.
    pub detail: Option<String>,
    /// The facts behind the code.
    pub context: Map<String, Value>,
}

impl Problem {
    pub(crate) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut problem: Problem = serde_json::from_slice(body)
            .unwrap_or_else(|_not_a_problem| Problem { detail: excerpt(body), ..Problem::default() });
        problem.status = status.as_u16();
        if problem.code.as_str().is_empty() {
            // RFC 6750 says this in a header; a proxy that checks tokens says it nowhere else.
            let is_token_refused = status == StatusCode::UNAUTHORIZED
                && text(headers, "www-authenticate").is_some_and(|said| said.contains("error=\"invalid_token\""));
            problem.code = match is_token_refused {
                true => "invalid_token".into(),
                false => format!("http_{}", status.as_u16()).as_str().into(),
            };
        }
        if problem.title.is_empty() {
            problem.title = status.canonical_reason().unwrap_or("Unknown status").to_owned();
        }
        problem.request_id = problem.request_id.or_else(|| text(headers, "x-request-id").map(str::to_owned));
        problem.retry_after = retry_after(headers);
        problem.headers = headers.clone();
        problem
    }

    /// All headers of the answer, such as `RateLimit` and `WWW-Authenticate`.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
            || self.status == 409 && self.code == "idempotency_in_flight"
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { status, code, title, .. } = self;
        let said = self.detail.as_deref().unwrap_or(title);
        write!(out, "{status} {}: {}", one_line(code.as_str()), one_line(said))?;
        match &self.request_id {
            Some(id) => write!(out, " (request {})", one_line(id)),
            None => Ok(()),
        }
    }
}

/// The beginning of a body, on one line; `None` when there is nothing to read.
fn excerpt(body: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line.chars().take(EXCERPT).collect()).filter(|line: &String| !line.is_empty())
}

/// The text for a line of a log: what would begin another line, or steer a terminal or the direction of writing, is
/// replaced.
pub(crate) fn one_line(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, " ")
}

/// `Retry-After` in seconds or as a date. A date counts from the answer's own `Date`, not from the clock of this
/// machine, which may be wrong.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, "retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(text(headers, "date")?).ok()?;
    Some((then - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn retry_after_counts_seconds() {
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
    }

    #[test]
    fn retry_after_counts_a_date_from_the_servers_own_clock() {
        let date = ("date", "Fri, 06 Mar 2026 10:00:00 GMT");
        let later = headers(&[("retry-after", "Fri, 06 Mar 2026 10:00:09 GMT"), date]);
        assert_eq!(retry_after(&later), Some(Duration::from_secs(9)));
        let past = headers(&[("retry-after", "Fri, 06 Mar 2026 09:00:00 GMT"), date]);
        assert_eq!(retry_after(&past), Some(Duration::ZERO));
    }

    #[test]
    fn retry_after_that_says_nothing_is_none() {
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
        assert_eq!(retry_after(&headers(&[])), None);
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt(b"<html>\n  <h1>Bad\tGateway</h1>").as_deref(), Some("<html> <h1>Bad Gateway</h1>"));
        assert_eq!(excerpt(&[b'x'; 5000]).unwrap().len(), EXCERPT);
        assert_eq!(excerpt(b" \n"), None);
    }
}

//! Which pages of other origins may read answers: none but those that are configured, each named as it is.
//!
//! Not by `actix-cors`: it answers a preflight with 200 and one list of methods for all paths, where the methods of
//! this path are wanted.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::http::{Method, Uri};

/// What a page may read beside the body.
const EXPOSED: &str = "RateLimit, RateLimit-Policy, Retry-After, ETag, Link, Location, X-Request-Id, \
                       Idempotent-Replayed, WWW-Authenticate";
/// What a page may send beside what every page may.
const TAKEN: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent, X-Request-Id";
/// How long a browser may keep the answer to a preflight, in seconds.
const KEPT: &str = "600";

/// What the service says to a page of another origin.
pub struct Welcome {
    /// Its origin, where it is one of those configured.
    origin: Option<HeaderValue>,
    is_preflight: bool,
}

impl Welcome {
    /// For a request with these headers; nothing where no origin is configured.
    pub fn of(method: &Method, headers: &HeaderMap, origins: &[String]) -> Option<Self> {
        if origins.is_empty() {
            return None;
        }
        let mut given = headers.get_all(ORIGIN);
        let one = given.next().filter(|_| given.next().is_none());
        let origin = one.filter(|given| origins.iter().any(|known| known.as_bytes() == given.as_bytes())).cloned();
        let is_preflight = *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Some(Self { origin, is_preflight })
    }

    /// Adds it to an answer.
    pub fn add(self, headers: &mut HeaderMap) {
        // Also where there is no origin, or another: a cache must not give this answer to a page that is welcome.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.origin else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        if let Some(methods) = headers.get(ALLOW).cloned().filter(|_| self.is_preflight) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(TAKEN));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(KEPT));
        }
    }
}

/// Whether this is an origin as browsers write it: scheme, host, and a port that is not the scheme's own.
pub fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().filter(|port| *port != usual).map(|port| format!(":{port}")).unwrap_or_default();
    ["http", "https"].contains(&scheme)
        && !host.contains('*')
        && text == format!("{scheme}://{}{port}", host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("https://shop.example", true; "a host")]
    #[test_case("http://localhost:3000", true; "a port")]
    #[test_case("https://[2001:db8::1]:8443", true; "an address")]
    #[test_case("*", false; "everybody")]
    #[test_case("null", false; "nobody")]
    #[test_case("https://*.example", false; "a pattern")]
    #[test_case("https://shop.example/", false; "a path")]
    #[test_case("https://Shop.example", false; "upper case")]
    #[test_case("https://shop.example:443", false; "the port of the scheme")]
    #[test_case("ftp://shop.example", false; "another scheme")]
    #[test_case("https://user@shop.example", false; "a user")]
    #[test_case("shop.example", false; "no scheme")]
    #[test_case("", false; "nothing")]
    fn an_origin_is_as_browsers_write_it(text: &str, expected: bool) {
        assert_eq!(is_origin(text), expected);
    }
}

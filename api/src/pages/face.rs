//! One address, two faces: a document for programs, a page for people.

use crate::error::Error;
use crate::messages::Language;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, VARY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Serialize;

/// What a page may do: load our own style and pictures, send forms to us, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// An answer in a language, for whoever asked. It says the same to everybody, and may be kept for a while.
pub enum Face<T, P> {
    /// JSON.
    Program(Language, T),
    /// HTML.
    Person(Language, P),
}

impl<T: Serialize, P: Template> Responder for Face<T, P> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((VARY, "Accept, Accept-Language")).insert_header((CACHE_CONTROL, "public, max-age=300"));
        match self {
            Self::Program(language, document) => {
                response.insert_header((CONTENT_LANGUAGE, language.tag())).json(document)
            }
            Self::Person(language, page) => match page.render() {
                Ok(page) => response
                    .insert_header((CONTENT_LANGUAGE, language.tag()))
                    .insert_header((CONTENT_SECURITY_POLICY, POLICY))
                    .content_type("text/html; charset=utf-8")
                    .body(page),
                Err(error) => HttpResponse::from_error(Error::internal(error)),
            },
        }
    }
}

/// A page for one reader: nobody keeps it, finds it or passes its address on, which holds a secret.
pub fn private_page(status: StatusCode, language: Language, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(page) => private_text(status, language, page),
        Err(error) => HttpResponse::from_error(Error::internal(error)),
    }
}

/// The same of a page that was rendered before.
pub fn private_text(status: StatusCode, language: Language, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_LANGUAGE, language.tag()))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-robots-tag", "noindex, nofollow"))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

/// Whether `Accept` would rather have HTML than JSON; on a tie, and without the header, it is a program that asks.
pub fn wants_a_page(headers: &HeaderMap) -> bool {
    let accept: Vec<&str> = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",");
    quality(&accept, "text", "html") > quality(&accept, "application", "json")
}

/// The quality that the most exact range of an `Accept` header gives a kind (RFC 9110 §12.5.1).
fn quality(accept: &str, main: &str, sub: &str) -> f32 {
    let mut best = (0, 0.0);
    for part in accept.split(',').take(32) {
        let mut pieces = part.split(';').map(str::trim);
        let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let exactness = match range.split_once('/') {
            Some((range_main, range_sub)) if range_main == main && range_sub == sub => 3,
            Some((range_main, "*")) if range_main == main => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let given = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")));
        let quality = given.map_or(1.0, |q| q.parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
        if exactness > best.0 {
            best = (exactness, quality);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use test_case::test_case;

    #[test_case("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true; "a browser")]
    #[test_case("text/html", true; "only html")]
    #[test_case("TEXT/*, application/json;q=0.9", true; "any text")]
    #[test_case("*/*;q=0.1, text/html;q=0.2", true; "html rather than anything")]
    #[test_case("*/*", false; "anything, as curl says")]
    #[test_case("application/json", false; "json")]
    #[test_case("application/json, text/html", false; "both alike")]
    #[test_case("text/html;q=0.5, application/*", false; "json rather")]
    #[test_case("text/html;q=0, */*", false; "anything but html")]
    #[test_case("text/html;q=nonsense", false; "a quality that is no number")]
    #[test_case("image/png", false; "neither")]
    #[test_case("", false; "nothing")]
    fn who_asks_is_told_by_accept(accept: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        assert_eq!(wants_a_page(&headers), expected);
    }
}

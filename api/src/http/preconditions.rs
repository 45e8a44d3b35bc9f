//! The headers that make writes safe: `Idempotency-Key` (PLT-02) and `If-Match` (PLT-03).

use super::context::RequestContext;
use crate::error::{Code, Error, Result};
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;

/// The key of a request that must not take effect twice.
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            RequestContext::of(&request)?.gate.passed().await;
            let mut values = request.headers().get_all(HeaderName::from_static("idempotency-key"));
            let (first, more) = (values.next(), values.next());
            let text = first.ok_or_else(|| Error::new(Code::IdempotencyKeyRequired))?.to_str().unwrap_or_default();
            // The draft of the header writes it as a quoted string; both forms mean the same key.
            let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            let visible = key.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
            if more.is_some() || key.is_empty() || key.len() > 255 || !visible {
                return Err(Error::new(Code::IdempotencyKeyInvalid));
            }
            Ok(Self(key.to_owned()))
        })
    }
}

/// The version that a change is meant for.
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// PATCH and PUT: the header must be there and name the present version.
    pub fn demand(&self, version: i64) -> Result<()> {
        if self.0.is_none() {
            return Err(Error::new(Code::PreconditionRequired));
        }
        self.honour(version)
    }

    /// Actions and DELETE: where the header is there, it must name the present version.
    pub fn honour(&self, version: i64) -> Result<()> {
        match &self.0 {
            // `If-Match` compares strongly: a weak tag never matches.
            Some(tags) if !tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim() == etag(version)) => {
                Err(Error::new(Code::PreconditionFailed).with("etag", etag(version)))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Several header lines are one list (RFC 9110 §5.3).
        let lines: Vec<&str> =
            request.headers().get_all(IF_MATCH).map(|value| value.to_str().unwrap_or_default()).collect();
        std::future::ready(Ok(Self((!lines.is_empty()).then(|| lines.join(",")))))
    }
}

/// The demand of a PUT that makes what is not there yet: `If-None-Match: *`.
pub struct IfNoneMatch(bool);

impl IfNoneMatch {
    /// PUT: either nothing is there and none was expected, or `If-Match` names the present version.
    pub fn or_demand(&self, if_match: &IfMatch, present: Option<i64>) -> Result<()> {
        match (self.0, present) {
            (true, None) => Ok(()),
            (true, Some(version)) => Err(Error::new(Code::PreconditionFailed).with("etag", etag(version))),
            (false, Some(version)) => if_match.demand(version),
            // There is no version that the header could name.
            (false, None) if if_match.0.is_some() => Err(Error::new(Code::PreconditionFailed)),
            (false, None) => Err(Error::new(Code::PreconditionRequired)),
        }
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let any = request.headers().get_all(IF_NONE_MATCH).any(|value| value.as_bytes().trim_ascii() == b"*");
        std::future::ready(Ok(Self(any)))
    }
}

/// The tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Whether the caller has this version already.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == "*" || weak(known) == tag))
}

/// The header of writes, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyHeader {
    /// A UUID made by the caller, the same on every retry of this request: the effect happens once, and the retry gets
    /// the same answer, marked `Idempotent-Replayed: true`.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 257,
        example = "0b1f3a52-6c1e-4a57-9a0c-6f0f2f8d9d10"
    )]
    #[expect(dead_code, reason = "stands for the header in the document; the extractor is `IdempotencyKey`")]
    idempotency_key: String,
}

/// The header of PATCH and PUT, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// The `ETag` of the version that is to be changed: 428 without it, 412 when it is no longer the present one.
    #[param(rename = "If-Match", min_length = 1, max_length = 200, example = "\"1\"")]
    #[expect(dead_code, reason = "stands for the header in the document; the extractor is `IfMatch`")]
    if_match: String,
}

/// The header of a PUT that makes what is not there yet, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatchHeader {
    /// `*`, to write what is not there yet; 412 when it is.
    #[param(rename = "If-None-Match", required = false, min_length = 1, max_length = 200, example = "*")]
    #[expect(dead_code, reason = "stands for the header in the document; the extractor is `IfNoneMatch`")]
    if_none_match: String,
}

/// The header of DELETE and actions, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct OptionalIfMatchHeader {
    /// The `ETag` of the version that this is meant for; 412 when it is no longer the present one.
    #[param(rename = "If-Match", min_length = 1, max_length = 200, example = "\"1\"", nullable = false)]
    #[expect(dead_code, reason = "stands for the header in the document; the extractor is `IfMatch`")]
    if_match: Option<String>,
}

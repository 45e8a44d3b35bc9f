//! Answers: a resource that was made, changed or read, with its `ETag` and `Location`.

use super::preconditions::{etag, is_known};
use crate::db::write::Answer;
use crate::error::{Error, Result};
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

/// Something that is answered.
pub trait Resource: Serialize {
    /// Where it can be read.
    fn location(&self) -> Option<String> {
        None
    }

    /// The version of its row, which is its `ETag` (PLT-03).
    fn version(&self) -> Option<i64> {
        None
    }

    /// What secret it shows, such as `entitlement:ID`.
    fn secret_of(&self) -> Option<String> {
        None
    }
}

/// A write's answer before it is stored and sent.
pub trait IntoAnswer {
    /// The answer, byte for byte.
    fn answer(&self) -> Result<Answer>;
}

/// 201 with the new resource.
pub struct Created<T>(pub T);

/// 200 with the resource in its new state, or with the outcome of an action.
pub struct Done<T>(pub T);

/// 204: done, and there is nothing to show.
pub struct NoContent;

impl IntoAnswer for NoContent {
    fn answer(&self) -> Result<Answer> {
        Ok(Answer { status: 204, headers: Vec::new(), body: String::new(), secret_of: None, replayed: false })
    }
}

impl<T: Resource> IntoAnswer for Created<T> {
    fn answer(&self) -> Result<Answer> {
        answer(201, &self.0)
    }
}

impl<T: Resource> IntoAnswer for Done<T> {
    fn answer(&self) -> Result<Answer> {
        answer(200, &self.0)
    }
}

fn answer<T: Resource>(status: u16, resource: &T) -> Result<Answer> {
    let mut headers = Vec::new();
    if let Some(location) = resource.location().filter(|_| status == 201) {
        headers.push(("location".to_owned(), location));
    }
    if let Some(version) = resource.version() {
        headers.push(("etag".to_owned(), etag(version)));
    }
    Ok(Answer {
        status,
        headers,
        body: serde_json::to_string(resource).map_err(Error::internal)?,
        secret_of: resource.secret_of(),
        replayed: false,
    })
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
                response.insert_header((name, value));
            }
        }
        if self.replayed {
            response.insert_header(("Idempotent-Replayed", "true"));
        }
        if self.status == StatusCode::NO_CONTENT.as_u16() {
            return response.finish();
        }
        response.content_type("application/json").body(self.body)
    }
}

/// 200 with what was read, tagged by its own content; 304 when the caller has the same already.
pub struct Tagged<T>(pub T);

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = match serde_json::to_string(&self.0) {
            Ok(body) => body,
            Err(error) => return HttpResponse::from_error(Error::internal(error)),
        };
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
        let tag: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let tag = format!("\"{tag}\"");
        if is_known(request.headers(), &tag) {
            return not_modified(&tag);
        }
        HttpResponse::Ok()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, "private, no-cache"))
            .content_type("application/json")
            .body(body)
    }
}

/// 200 with a resource that was read; 304 when the caller has this version already.
pub struct Shown<T>(pub T);

impl<T: Resource> Responder for Shown<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let tag = self.0.version().map(etag);
        if let Some(tag) = tag.as_ref().filter(|tag| is_known(request.headers(), tag)) {
            return not_modified(tag);
        }
        let mut response = HttpResponse::Ok();
        if let Some(tag) = tag {
            response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
        }
        response.json(self.0)
    }
}

/// 304, with the headers that the 200 would have: a cache keeps what it has.
fn not_modified(tag: &str) -> HttpResponse {
    HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache")).finish()
}

//! Problem documents (RFC 9457): every error of the service, the framework's own included, looks like this (PLT-05).

use crate::error::{Code, Error, Fault};
use crate::messages::{Language, Text};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// Why a request was refused, and what to do next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// An address that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(format = "uri", max_length = 512, example = "http://127.0.0.1:8080/problems/refund_window_closed")]
    pub kind: String,
    /// The kind of problem in a few words, in the language of `Accept-Language` (es, en).
    #[schema(max_length = 200, example = "Refund window closed")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 409)]
    pub status: u16,
    /// What is the case this time, in the same language. For people: programs read `code` and `context`.
    #[schema(max_length = 2000)]
    pub detail: String,
    /// What to do about it, in the same language.
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The stable word for this kind of problem.
    #[schema(max_length = 64, example = "refund_window_closed")]
    pub code: String,
    /// The id of the request, also in the header `X-Request-Id`; the operator finds the request by it.
    #[schema(max_length = 64)]
    pub request_id: String,
    /// The facts that belong to the code, such as `closedAt`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub context: Map<String, Value>,
    /// Everything that is wrong, not only the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub errors: Vec<FieldError>,
}

/// One thing that is wrong, and where.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldError {
    /// A JSON pointer into the body, or `?name` for a query parameter; empty for the whole.
    #[schema(max_length = 512, example = "/contact/email")]
    pub pointer: String,
    /// The stable word for it.
    #[schema(max_length = 64, example = "field_required")]
    pub code: String,
    /// The same in words.
    #[schema(max_length = 2000)]
    pub detail: String,
    /// The facts that belong to the code.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub context: Map<String, Value>,
}

/// The longest pointer that is told.
const LONGEST_POINTER: usize = 512;

/// A text as it can be shown: it may hold any name that a caller made up.
fn printable(text: &str) -> String {
    let is_shown = |letter: char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r');
    text.chars().map(|letter| if is_shown(letter) { letter } else { char::REPLACEMENT_CHARACTER }).collect()
}

impl FieldError {
    /// These faults in words.
    pub fn all_of(faults: &[Fault], language: Language) -> Vec<Self> {
        let one = |fault: &Fault| Self {
            pointer: printable(&fault.pointer).chars().take(LONGEST_POINTER).collect(),
            code: fault.code.to_string(),
            detail: printable(&Text::of(fault.code.as_str()).detail(language, &fault.context)),
            context: fault.context.clone(),
        };
        faults.iter().map(one).collect()
    }
}

impl Problem {
    /// The public side of an error.
    pub fn of(error: &Error, language: Language, request_id: &str, public_url: &str) -> Self {
        let code = error.code();
        let text = Text::of(code.as_str());
        Self {
            kind: format!("{public_url}/problems/{code}"),
            title: text.title(language),
            status: code.status(),
            detail: printable(&text.detail(language, error.context())),
            next: text.advice(language, error.context()),
            code: code.to_string(),
            request_id: request_id.to_owned(),
            context: error.context().clone(),
            errors: FieldError::all_of(error.faults(), language),
        }
    }

    /// As an answer.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status).content_type("application/problem+json").json(self)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status: the frame around the request knows the language and the request id, and writes the document.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// Marks an error answer that follows another standard than RFC 9457, such as the token endpoint's.
pub struct OwnWords;

/// What the framework itself refuses, in our words.
pub fn of_framework(status: StatusCode) -> Error {
    Error::new(match status.as_u16() {
        404 => Code::RouteNotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::RequestTimeout,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        400..=499 => Code::InvalidRequest,
        503 => Code::Busy,
        _ => Code::Internal,
    })
}

/// Adds what problems look like to the document.
pub fn document(document: &mut OpenApi) {
    let mut schemas = vec![("Problem".to_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    document.components.get_or_insert_default().schemas.extend(schemas);
}

/// The errors of every operation, for the document: `responses(…, Problems)`.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = || {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            ResponseBuilder::new().content("application/problem+json", content)
        };
        [
            ("4XX", "Refused: `code` says why, `errors` lists everything, `next` says what to do."),
            ("5XX", "Failed on our side: repeat with the same Idempotency-Key after `Retry-After` seconds."),
        ]
        .into_iter()
        .map(|(status, words)| (status.to_owned(), problem().description(words).build().into()))
        .collect()
    }
}

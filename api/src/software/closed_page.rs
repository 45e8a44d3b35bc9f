//! What people see where a link of ours hands nothing out; programs are answered with the problem.

use crate::error::{Code, Result};
use crate::pages::{Closing, Layout, closed_page, log_failure, wants_a_page};
use crate::software::lifetime::HandOutState;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

/// The token in the path.
pub fn token(request: &HttpRequest) -> &str {
    request.match_info().get("token").unwrap_or_default()
}

/// The layout of the page at this address.
pub fn layout(app: &App, request: &HttpRequest) -> Result<Layout> {
    Layout::asked(&app.config, request, request.path())
}

/// A failure as people see it, where a person asks. `about`: `share` or `download`, what the words are about.
pub fn answered(app: &App, request: &HttpRequest, about: &str, answered: Result<HttpResponse>) -> Result<HttpResponse> {
    let error = match answered {
        Err(error) if wants_a_page(request.headers()) => error,
        other => return other,
    };
    let (kind, status) = match error.code() {
        Code::NotFound => ("unknown", StatusCode::NOT_FOUND),
        Code::KeyRevoked => (HandOutState::Revoked.as_str(), StatusCode::GONE),
        Code::LinkExpired => (HandOutState::Expired.as_str(), StatusCode::GONE),
        Code::LinkUsedUp => (HandOutState::UsedUp.as_str(), StatusCode::GONE),
        Code::LinkWithdrawn => (HandOutState::Withdrawn.as_str(), StatusCode::GONE),
        Code::RefundAlreadyOpen => ("refunding", StatusCode::CONFLICT),
        Code::MediaMissing => ("missing", StatusCode::SERVICE_UNAVAILABLE),
        code if code.status() >= 500 => ("busy", StatusCode::SERVICE_UNAVAILABLE),
        _ => return Err(error),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        log_failure(request, &error)?;
    }
    let words = format!("{about}_{kind}");
    let closing = Closing { words: &words, status, facts: &[], parties: Vec::new(), code: error.code().as_str() };
    Ok(closed_page(layout(app, request)?, closing))
}

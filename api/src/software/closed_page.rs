//! What people see where a link of ours leads no further; programs are answered with the problem.

use crate::error::{Code, Error, Result};
use crate::http::context::RequestContext;
use crate::messages::Language;
use crate::pages::{Layout, private_page, wants_a_page};
use crate::software::lifetime::HandOutState;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Why there is nothing.
#[derive(Template)]
#[template(path = "share_closed.html")]
struct ClosedPage {
    layout: Layout,
    code: &'static str,
    title: String,
    text: String,
    next: String,
}

/// The token in the path.
pub fn token(request: &HttpRequest) -> &str {
    request.match_info().get("token").unwrap_or_default()
}

/// The layout of the page at this address, in the language that was picked on it or that the browser prefers.
pub fn layout(app: &App, request: &HttpRequest) -> Result<Layout> {
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let pairs = query.map(web::Query::into_inner).unwrap_or_default();
    let tag = pairs.iter().find(|(name, _)| name == "language").map(|(_, tag)| tag.as_str());
    let chosen = Language::ALL.into_iter().find(|language| Some(language.tag()) == tag);
    let language = chosen.unwrap_or(RequestContext::of(request)?.language);
    Ok(Layout::of(&app.config, language, chosen, request.path()))
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
        Code::MediaMissing => ("missing", StatusCode::SERVICE_UNAVAILABLE),
        code if code.status() >= 500 => ("busy", StatusCode::SERVICE_UNAVAILABLE),
        _ => return Err(error),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let request_id = &RequestContext::of(request)?.request_id;
        let causes = error.private_causes().unwrap_or_default();
        tracing::error!(request_id, code = error.code().as_str(), causes, "a page failed");
    }
    closed(layout(app, request)?, &error, &format!("{about}_{kind}"), status)
}

fn closed(layout: Layout, error: &Error, words: &str, status: StatusCode) -> Result<HttpResponse> {
    let [title, text, next] = ["title", "text", "next"].map(|part| layout.say(&format!("{words}_{part}")));
    let language = layout.language;
    Ok(private_page(status, language, &ClosedPage { layout, code: error.code().as_str(), title, text, next }))
}

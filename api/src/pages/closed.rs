//! What a personal link answers that has nothing more to ask: what has become of it, and what to do.

use super::{Layout, private_page};
use crate::error::{Code, Error, Result};
use crate::http::context::RequestContext;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// What has become of it, or that there is nothing.
#[derive(Template)]
#[template(path = "closed.html")]
struct ClosedPage<'a> {
    layout: Layout,
    is_done: bool,
    title: String,
    text: String,
    next: String,
    parties: Vec<(String, String)>,
    code: &'a str,
}

/// How such a page answers.
pub struct Closing<'a> {
    /// Its words in the catalogue: `…_title`, `…_text` and `…_next`.
    pub words: &'a str,
    /// The status.
    pub status: StatusCode,
    /// What the words are about.
    pub facts: &'a [(&'a str, &'a str)],
    /// Names and what each is, where it ended well.
    pub parties: Vec<(String, String)>,
    /// The code that programs are answered; empty where there is none.
    pub code: &'a str,
}

/// The page that says so.
pub fn closed_page(layout: Layout, closing: Closing<'_>) -> HttpResponse {
    let Closing { words, status, facts, parties, code } = closing;
    let [title, text, next] = ["title", "text", "next"].map(|part| layout.tell(&format!("{words}_{part}"), facts));
    let language = layout.language;
    let page = ClosedPage { layout, is_done: !parties.is_empty(), title, text, next, parties, code };
    private_page(status, language, &page)
}

/// Logs what people are only told about in general words.
pub fn log_failure(request: &HttpRequest, error: &Error) -> Result<()> {
    let request_id = &RequestContext::of(request)?.request_id;
    let causes = error.private_causes().unwrap_or_default();
    tracing::error!(request_id, code = error.code().as_str(), causes, "a page failed");
    Ok(())
}

/// A failure as people see it: a link that leads nowhere, with its words, or that something does not work.
pub fn failed_page(request: &HttpRequest, layout: Layout, unknown: &'static str, error: Error) -> Result<HttpResponse> {
    let (words, status) = match error.code() {
        Code::NotFound => (unknown, StatusCode::NOT_FOUND),
        code if code.status() >= 500 => ("page_busy", StatusCode::SERVICE_UNAVAILABLE),
        _ => return Err(error),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        log_failure(request, &error)?;
    }
    Ok(closed_page(layout, Closing { words, status, facts: &[], parties: Vec::new(), code: "" }))
}

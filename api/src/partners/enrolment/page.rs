//! The page behind the link that proves a mail address. Opening it changes nothing, for robots that preview links open it
//! too; the button does (ENR-07).

use super::proof;
use crate::error::{Code, Error, Result};
use crate::http::context::{Public, RequestContext};
use crate::messages::Text;
use crate::pages::{Layout, private_page};
use crate::partners::PartnerRow;
use crate::partners::reviews::last_day;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Map, Value};

/// Mounts the page.
pub fn pages(service: &mut web::ServiceConfig) {
    service.service(
        web::resource("/verify-email/{token:[^/:]+}")
            .route(web::get().to(ask_reader))
            .route(web::post().to(take_proof)),
    );
}

/// What the page says. The words are an entry of the catalogue: its value, `.body`, `.todo` and `.action`.
#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyEmailPage {
    layout: Layout,
    words: &'static str,
    facts: Map<String, Value>,
    /// Where the button leads; empty where there is nothing to press.
    action: String,
    is_good: bool,
}

impl VerifyEmailPage {
    fn answer(&self, status: StatusCode) -> HttpResponse {
        private_page(status, self.layout.language, self)
    }

    fn part(&self, attribute: &str) -> String {
        let attribute = (!attribute.is_empty()).then_some(attribute);
        Text::of(self.words).say(self.layout.language, attribute, &self.facts).unwrap_or_default()
    }
}

async fn ask_reader(app: App, _public: Public, request: HttpRequest) -> Result<HttpResponse> {
    let token = token(&request);
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let found = proof::opened(&mut db, &token, now).await;
    let layout = layout(&app, &request, &token)?;
    match found {
        Ok((row, partner)) => {
            let mut facts = facts(&app, &partner);
            facts.insert("email".to_owned(), row.email.into());
            let action = layout.here_in(layout.language);
            let page = VerifyEmailPage { layout, words: "verify_email_ask", facts, action, is_good: true };
            Ok(page.answer(StatusCode::OK))
        }
        Err(error) => refused(layout, error),
    }
}

async fn take_proof(app: App, _public: Public, request: HttpRequest) -> Result<HttpResponse> {
    let token = token(&request);
    let actor = proof::reader(RequestContext::of(&request)?.as_ref());
    let layout = layout(&app, &request, &token)?;
    match app.write(&actor, async |tx| proof::verify(tx, &token, &app.config.storefront).await).await {
        Ok(partner) => {
            let (words, facts) = ("verify_email_done", facts(&app, &partner));
            let page = VerifyEmailPage { layout, words, facts, action: String::new(), is_good: true };
            Ok(page.answer(StatusCode::OK))
        }
        Err(error) => refused(layout, error),
    }
}

/// Why the link opens nothing, and what to do instead.
fn refused(layout: Layout, error: Error) -> Result<HttpResponse> {
    let words = match error.code() {
        Code::VerificationUsed => "verify_email_used",
        Code::VerificationReplaced => "verify_email_replaced",
        Code::VerificationExpired => "verify_email_expired",
        Code::VerificationUnknown => "verify_email_unknown",
        Code::PartnerStateNotAllowed => "verify_email_closed",
        _ => return Err(error),
    };
    let status = StatusCode::from_u16(error.code().status()).map_err(Error::internal)?;
    let page = VerifyEmailPage { layout, words, facts: Map::new(), action: String::new(), is_good: false };
    Ok(page.answer(status))
}

fn token(request: &HttpRequest) -> String {
    request.match_info().get("token").unwrap_or_default().to_owned()
}

/// The token goes back into links of the page; only letters that a token has do.
fn layout(app: &App, request: &HttpRequest, token: &str) -> Result<Layout> {
    let plain: String = token.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    Layout::asked(&app.config, request, &format!("/verify-email/{plain}"))
}

fn facts(app: &App, partner: &PartnerRow) -> Map<String, Value> {
    let mut facts = Map::new();
    facts.insert("company".to_owned(), partner.legal_name.as_str().into());
    if let Some(due) = partner.review_due_by {
        facts.insert("due".to_owned(), last_day(due.and_utc(), &app.config.storefront).to_string().into());
    }
    facts
}

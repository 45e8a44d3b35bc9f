//! The operations of whoever holds a link.

use super::course::{self, Browser, Invitation};
use super::model::{Acceptance, AnswerAcceptance};
use crate::db::write::Actor;
use crate::error::{Error, Result};
use crate::http::context::{Public, RequestContext};
use crate::http::{Body, Problems};
use crate::state::App;
use actix_web::http::header::USER_AGENT;
use actix_web::web::Json;
use actix_web::{FromRequest, HttpRequest, dev::Payload, get, post};
use std::convert::Infallible;
use std::ops::Deref;
use utoipa_actix_web::service_config::ServiceConfig;

/// How much of what a browser says of itself is kept.
const LONGEST_USER_AGENT: usize = 500;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_acceptance).service(answer_acceptance);
}

/// The token of a personal link: whoever has it is let in. It never stands in a log.
pub struct Token(String);

impl Deref for Token {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromRequest for Token {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(request.match_info().get("token").unwrap_or_default().to_owned())))
    }
}

/// Get what an organisation is asked to accept.
///
/// For whoever holds the personal link; the page `/accept/{token}` shows the same to people. Looking changes nothing.
/// 404 where the link is unknown or was replaced by a newer one, 410 where it was withdrawn or its time is over.
#[utoipa::path(tag = "acceptance", security(()),
    params(("token" = String, Path, description = "The last part of the personal link.", max_length = 64)),
    responses((status = 200, description = "What is asked.", body = Acceptance), Problems))]
#[get("/v1/acceptances/{token:[^/:]+}")]
async fn get_acceptance(app: App, _public: Public, token: Token) -> Result<Json<Acceptance>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let invitation = Invitation::find(&mut db, &token).await?;
    invitation.must_be_shown(now)?;
    Ok(Json(Acceptance::of(&invitation, now)))
}

/// Accept or decline what an organisation is asked, or have the code mailed that accepting needs.
///
/// One answer is for all parties, and final: a second one is refused with 409. Where a code is needed, `sendCode` mails
/// it to the organisation's own contact; it is good once, for 15 minutes and five attempts (CUS-06).
#[utoipa::path(tag = "acceptance", security(()), request_body = AnswerAcceptance,
    params(("token" = String, Path, description = "The last part of the personal link.", max_length = 64)),
    responses((status = 200, description = "How it stands now.", body = Acceptance), Problems))]
#[post("/v1/acceptances/{token:[^/:]+}")]
async fn answer_acceptance(
    app: App,
    _public: Public,
    request: HttpRequest,
    token: Token,
    body: Body<AnswerAcceptance>,
) -> Result<Json<Acceptance>> {
    decide(&app, &request, &token, &body).await.map(Json)
}

/// Does what was decided, by the operation or on the page.
pub async fn decide(app: &App, request: &HttpRequest, token: &str, answer: &AnswerAcceptance) -> Result<Acceptance> {
    let context = RequestContext::of(request)?;
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let browser = Browser {
        source_address: context.source_address.clone(),
        user_agent: user_agent.chars().take(LONGEST_USER_AGENT).collect(),
    };
    let actor = Actor {
        request_id: context.request_id.clone(),
        source_address: context.source_address.clone(),
        ..Actor::house("answer_acceptance")
    };
    let answered = app.write(&actor, async |tx| {
        let now = tx.now();
        let answered = course::answer(tx, token, answer, &browser).await?;
        Ok::<_, Error>(answered.map(|invitation| Acceptance::of(&invitation, now)))
    });
    answered.await?
}

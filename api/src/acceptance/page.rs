//! The page of the person at the organisation. It works without script and looks the same to a robot that only looks.

use super::course::Invitation;
use super::form::{Form, Needs, Proof};
use super::model::{Acceptance, AcceptanceDecision};
use super::routes::{Token, decide};
use crate::clock::{Instant, machine_now};
use crate::error::{Code, Error, Result};
use crate::http::context::{Public, RequestContext};
use crate::pages::{Closing, Layout, closed_page, failed_page, private_page};
use crate::relationships::RelationshipRequestState as State;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const PATH: &str = "/accept";

/// Mounts the page, outside the document.
pub fn routes(service: &mut web::ServiceConfig) {
    let page = web::resource("/accept/{token}").route(web::get().to(show)).route(web::post().to(answer));
    service.service(page);
}

/// What is asked, with the form to answer it.
#[derive(Template)]
#[template(path = "accept.html")]
struct AcceptPage {
    layout: Layout,
    asked: Acceptance,
    until: String,
    code_until: Option<String>,
    proof: String,
    form: Form,
    errors: Vec<(&'static str, String)>,
    notice: Option<String>,
}

impl AcceptPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, words)| words.as_str())
    }

    fn tell(&self, name: &str) -> String {
        let address = self.asked.code_goes_to.as_deref().unwrap_or_default();
        let until = self.code_until.as_deref().unwrap_or_default();
        let company = self.asked.company_name.as_str();
        self.layout.tell(name, &[("company", company), ("address", address), ("until", until)])
    }
}

/// What one request is about.
struct Desk<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    token: &'a str,
}

async fn show(app: App, _public: Public, request: HttpRequest, token: Token) -> Result<HttpResponse> {
    let desk = Desk { app: &app, request: &request, token: &token };
    desk.answered(desk.shown(Form::default(), Vec::new(), None).await)
}

async fn answer(
    app: App,
    _public: Public,
    request: HttpRequest,
    token: Token,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let form = Form::read(&app, &request, payload.into_inner()).await?;
    let desk = Desk { app: &app, request: &request, token: &token };
    desk.answered(desk.taken(form).await)
}

impl Desk<'_> {
    fn layout(&self) -> Result<Layout> {
        Layout::asked(&self.app.config, self.request, &format!("{PATH}/{}", self.token))
    }

    /// A failure as people see it.
    fn answered(&self, answered: Result<HttpResponse>) -> Result<HttpResponse> {
        answered.or_else(|error| failed_page(self.request, self.layout()?, "unknown", error))
    }

    /// The page as it is now.
    async fn shown(
        &self,
        form: Form,
        errors: Vec<(&'static str, String)>,
        notice: Option<(StatusCode, String)>,
    ) -> Result<HttpResponse> {
        let (invitation, now) = self.look().await?;
        let layout = self.layout()?;
        let asked = Acceptance::of(&invitation, now);
        if asked.state != State::Requested {
            return self.over(layout, &asked);
        }
        let language = layout.language;
        let proof = Proof::make(self.app, self.request, &invitation.request.digest, &layout.at(PATH))?;
        let (status, notice) = match notice {
            Some((status, words)) => (status, Some(words)),
            None if errors.is_empty() => (StatusCode::OK, None),
            None => (StatusCode::UNPROCESSABLE_ENTITY, None),
        };
        let page = AcceptPage {
            until: layout.date(asked.expires_at),
            code_until: asked.code_expires_at.map(|until| layout.instant(until)),
            proof: proof.value,
            layout,
            asked,
            form,
            errors,
            notice,
        };
        let mut response = private_page(status, language, &page);
        response.add_cookie(&proof.cookie).map_err(Error::internal)?;
        Ok(response)
    }

    async fn look(&self) -> Result<(Invitation, Instant)> {
        let mut reader = self.app.read().await?;
        let mut db = reader.db()?;
        let now = self.app.now(&mut db).await?;
        Ok((Invitation::find(&mut db, self.token).await?, now))
    }

    /// What was answered, withdrawn or came too late.
    fn over(&self, layout: Layout, asked: &Acceptance) -> Result<HttpResponse> {
        // The first is the one that asked: it is the one to ask again.
        let asker = asked.parties.first().map(|party| party.name.as_str()).unwrap_or_default();
        let at = match asked.state {
            State::Expired => layout.date(asked.expires_at),
            _ => asked.answered_at.map(|at| layout.instant(at)).unwrap_or_default(),
        };
        let facts = [("company", asked.company_name.as_str()), ("at", at.as_str()), ("partners", asker)];
        let is_post = RequestContext::of(self.request)?.method == actix_web::http::Method::POST;
        let (kind, status) = match asked.state {
            State::Expired => ("expired", StatusCode::GONE),
            State::Withdrawn => ("withdrawn", StatusCode::GONE),
            // A second answer is none; who only looks may see how it was answered.
            State::Declined if is_post => ("declined", StatusCode::CONFLICT),
            State::Declined => ("declined", StatusCode::OK),
            _ if is_post => ("accepted", StatusCode::CONFLICT),
            _ => ("accepted", StatusCode::OK),
        };
        let kind_of = |kind: crate::partners::PartnerKind| layout.say(&format!("kind_{}", kind.as_str()));
        let parties = match asked.state {
            State::Accepted => asked.parties.iter().map(|party| (party.name.clone(), kind_of(party.kind))).collect(),
            _ => Vec::new(),
        };
        Ok(closed_page(layout, Closing { words: kind, status, facts: &facts, parties, code: "" }))
    }

    /// Takes the form, where it is one of ours.
    async fn taken(&self, form: Form) -> Result<HttpResponse> {
        let (invitation, now) = self.look().await?;
        let layout = self.layout()?;
        if invitation.request.state_at(now) != State::Requested {
            return self.over(layout, &Acceptance::of(&invitation, now));
        }
        let digest = &invitation.request.digest;
        let is_ours = Proof::holds(self.app, self.request, digest, &form.proof, machine_now())?;
        let Some(answer) = form.answer().filter(|_| is_ours) else {
            // What another site has filled in is not shown as the person's own.
            let notice = Some((StatusCode::FORBIDDEN, layout.say("accept_stale")));
            return self.shown(Form::default(), Vec::new(), notice).await;
        };
        let mut answer = answer;
        if answer.decision == AcceptanceDecision::Accept {
            let needs = Needs { code: invitation.request.needs_code, mca: invitation.request.include_mca };
            let faulty = form.faulty_fields(&answer, needs);
            if !faulty.is_empty() {
                let words = |field: &'static str| (field, layout.say(&format!("accept_error_{field}")));
                let errors = faulty.into_iter().map(words).collect();
                return self.shown(form, errors, None).await;
            }
        } else {
            (answer.first_name, answer.last_name, answer.email) = (None, None, None);
        }
        match decide(self.app, self.request, self.token, &answer).await {
            Ok(_) => Ok(HttpResponse::SeeOther().insert_header((LOCATION, layout.here())).finish()),
            Err(error) => self.refused(form, &layout, error).await,
        }
    }

    /// A refusal in the page's own words.
    async fn refused(&self, form: Form, layout: &Layout, error: Error) -> Result<HttpResponse> {
        let field_of = |pointer: &str| {
            ["firstName", "lastName", "code"].into_iter().find(|name| pointer.strip_prefix('/') == Some(*name))
        };
        let fact = |name: &str| error.context().get(name).map(ToString::to_string).unwrap_or_default();
        match error.code() {
            Code::AcceptanceCodeWrong => {
                let words = layout.tell("accept_error_code_wrong", &[("left", fact("attemptsLeft").as_str())]);
                self.shown(form, vec![("code", words)], None).await
            }
            Code::AcceptanceCodeExpired => {
                self.shown(form, vec![("code", layout.say("accept_error_code_expired"))], None).await
            }
            Code::AcceptanceCodeLimit => {
                let at = fact("nextAt").trim_matches('"').parse::<Instant>().map(|at| layout.instant(at));
                let words = layout.tell("accept_limit", &[("at", at.unwrap_or_default().as_str())]);
                let notice = Some((StatusCode::TOO_MANY_REQUESTS, words));
                let mut response = self.shown(form, Vec::new(), notice).await?;
                if let Some(seconds) = error.retry_after() {
                    response.headers_mut().insert(RETRY_AFTER, seconds.into());
                }
                Ok(response)
            }
            // Somebody else was quicker, or the time came to its end meanwhile.
            Code::AcceptanceAlreadyAnswered | Code::AcceptanceExpired | Code::AcceptanceWithdrawn => {
                self.shown(Form::default(), Vec::new(), None).await
            }
            code if code.status() >= 500 || code == Code::NotFound => Err(error),
            code => {
                let fields: Vec<&'static str> =
                    error.faults().iter().filter_map(|fault| field_of(&fault.pointer)).collect();
                if !fields.is_empty() {
                    let words = |field: &'static str| (field, layout.say(&format!("accept_error_{field}")));
                    return self.shown(form, fields.into_iter().map(words).collect(), None).await;
                }
                let why = code.title(layout.language);
                let words = layout.tell("accept_refused", &[("why", why.as_str())]);
                self.shown(form, Vec::new(), Some((StatusCode::CONFLICT, words))).await
            }
        }
    }
}

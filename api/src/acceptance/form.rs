//! The form of the page: what came in it, and the proof that it was sent from our page in the browser that loaded it.

use super::model::{AcceptanceDecision, AnswerAcceptance};
use crate::clock::{Instant, machine_now};
use crate::error::{Code, Error, Result};
use crate::http::body;
use crate::state::App;
use crate::vault::{Vault, random_bytes};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, dev::Payload};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use validator::Validate;

/// The largest form in bytes.
const LARGEST: usize = 16 * 1024;
/// For how long a loaded page can be sent, in seconds.
const GOOD_FOR: i64 = 2 * 60 * 60;
const COOKIE: &str = "lonja_form";
const COOKIE_LENGTH: usize = 43;

/// What a browser sent.
#[derive(Debug, Default)]
pub struct Form {
    /// The button that was pressed.
    pub button: String,
    /// The proof that our page was loaded.
    pub proof: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Position.
    pub title: String,
    /// Mail address.
    pub email: String,
    /// The code of the mail.
    pub code: String,
    /// That the person may accept, and does.
    pub confirm: bool,
    /// That the MCA is accepted.
    pub agrees_to_mca: bool,
}

impl Form {
    /// Reads a form to its end.
    pub async fn read(app: &App, request: &HttpRequest, payload: Payload) -> Result<Self> {
        const KIND: &str = "application/x-www-form-urlencoded";
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(KIND)) {
            return Err(Error::new(Code::UnsupportedMediaType).with("accepted", KIND));
        }
        let read = body::read(app, request, payload, LARGEST).await?;
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(&read.bytes) {
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            let value = value.trim().to_owned();
            match name.as_ref() {
                "do" => form.button = value,
                "proof" => form.proof = value,
                "firstName" => form.first_name = value,
                "lastName" => form.last_name = value,
                "title" => form.title = value,
                "email" => form.email = value,
                // People copy a code with blanks.
                "code" => form.code = value.chars().filter(|c| !c.is_whitespace() && *c != '-').collect(),
                "confirm" => form.confirm = value == "yes",
                "agreesToMca" => form.agrees_to_mca = value == "yes",
                _ => {}
            }
        }
        Ok(form)
    }

    /// The same as the operation takes it; none where the button is none of ours.
    pub fn answer(&self) -> Option<AnswerAcceptance> {
        let decision = match self.button.as_str() {
            "accept" => AcceptanceDecision::Accept,
            "decline" => AcceptanceDecision::Decline,
            "send" => AcceptanceDecision::SendCode,
            _ => return None,
        };
        let given = |value: &str| (!value.is_empty()).then(|| value.to_owned());
        Some(AnswerAcceptance {
            decision,
            first_name: given(&self.first_name),
            last_name: given(&self.last_name),
            title: given(&self.title),
            email: given(&self.email),
            agrees_to_mca: self.agrees_to_mca,
            code: given(&self.code),
        })
    }

    /// The fields that cannot be right, whatever is asked, in the order of the page.
    pub fn faulty_fields(&self, answer: &AnswerAcceptance, needs: Needs) -> Vec<&'static str> {
        let wrong = answer.validate().err();
        let is_wrong = |name: &str| wrong.as_ref().is_some_and(|errors| errors.errors().contains_key(name));
        let digits = self.code.len() == 6 && self.code.bytes().all(|byte| byte.is_ascii_digit());
        [
            ("firstName", self.first_name.is_empty() || is_wrong("first_name")),
            ("lastName", self.last_name.is_empty() || is_wrong("last_name")),
            ("title", is_wrong("title")),
            ("email", self.email.is_empty() || is_wrong("email")),
            ("code", needs.code && !digits),
            ("agreesToMca", needs.mca && !self.agrees_to_mca),
            ("confirm", !self.confirm),
        ]
        .into_iter()
        .filter_map(|(field, is_faulty)| is_faulty.then_some(field))
        .collect()
    }
}

/// What this request's page asks for beside a name.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// A code.
    pub code: bool,
    /// The MCA.
    pub mca: bool,
}

/// The value that ties a form to its link and to the browser that loaded the page; the browser's half is a cookie that
/// no other site can make it send (`SameSite=Strict`).
pub struct Proof {
    /// For the form.
    pub value: String,
    /// For the browser.
    pub cookie: Cookie<'static>,
}

impl Proof {
    /// For a page that is loaded now.
    pub fn make(app: &App, request: &HttpRequest, digest: &str, path: &str) -> Result<Self> {
        let browser = match half_of(request) {
            Some(browser) => browser,
            None => URL_SAFE_NO_PAD.encode(random_bytes()?),
        };
        let until = machine_now().timestamp() + GOOD_FOR;
        let value = format!("{until}.{}", mark(&app.vault, digest, &browser, until)?);
        let cookie = Cookie::build(COOKIE, browser)
            .path(path.to_owned())
            .http_only(true)
            .secure(app.config.public_url.starts_with("https:"))
            .same_site(SameSite::Strict)
            .max_age(Duration::seconds(GOOD_FOR))
            .finish();
        Ok(Self { value, cookie })
    }

    /// Whether this form was sent from our page, for this link, by the browser that loaded it, in time.
    pub fn holds(app: &App, request: &HttpRequest, digest: &str, proof: &str, now: Instant) -> Result<bool> {
        let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
        if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
            return Ok(false);
        }
        let Some((until, given)) = proof.split_once('.') else { return Ok(false) };
        let (Ok(until), Some(browser)) = (until.parse::<i64>(), half_of(request)) else { return Ok(false) };
        let expected = mark(&app.vault, digest, &browser, until)?;
        let is_ours = verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok();
        Ok(is_ours && now.timestamp() < until)
    }
}

fn half_of(request: &HttpRequest) -> Option<String> {
    let value = request.cookie(COOKIE)?.value().to_owned();
    let is_fit = value.len() == COOKIE_LENGTH && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_fit.then_some(value)
}

fn mark(vault: &Vault, digest: &str, browser: &str, until: i64) -> Result<String> {
    vault.fingerprint(format!("acceptance form|{digest}|{browser}|{until}").as_bytes())
}

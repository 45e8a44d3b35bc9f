//! What is known of a request from its first byte to its log line.

use super::document::{Document, Operation};
use super::source;
use crate::access::Principal;
use crate::access::clients::Client;
use crate::access::limits::Standing;
use crate::error::{Error, Result};
use crate::ids;
use crate::messages::Language;
use crate::state::App;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{HttpMessage, HttpRequest};
use ipnet::IpNet;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;

/// One request.
pub struct RequestContext {
    /// Taken from `X-Request-Id` or made here.
    pub request_id: String,
    /// The language of the answer's words.
    pub language: Language,
    /// Where it came from; behind trusted proxies, what they say.
    pub source_address: String,
    /// The method as it was sent: a HEAD runs as the GET that it is.
    pub method: Method,
    path: String,
    /// Opened when the caller has been let through.
    pub gate: Gate,
    operation: OnceCell<Arc<Operation>>,
    principal: OnceCell<Arc<Principal>>,
    named: OnceCell<Client>,
    standing: OnceCell<Standing>,
}

impl RequestContext {
    /// Begins: puts a context into the request.
    pub fn begin(request: &ServiceRequest, trusted_proxies: &[IpNet]) -> Rc<Self> {
        let context = Rc::new(Self {
            request_id: request_id(request.headers()),
            language: language(request.headers()),
            source_address: source::of(request.peer_addr(), request.headers(), trusted_proxies),
            method: request.method().clone(),
            path: request.path().to_owned(),
            gate: Gate::default(),
            operation: OnceCell::new(),
            principal: OnceCell::new(),
            named: OnceCell::new(),
            standing: OnceCell::new(),
        });
        request.extensions_mut().insert(context.clone());
        context
    }

    /// The context of a request; finds out which operation of the document it is.
    pub fn of(request: &HttpRequest) -> Result<Rc<Self>> {
        let context = request
            .extensions()
            .get::<Rc<Self>>()
            .cloned()
            .ok_or_else(|| Error::internal("a request without the frame"))?;
        if context.operation.get().is_none()
            && let Some(document) = request.app_data::<actix_web::web::Data<Document>>()
            && let Some(operation) = document.operation_of(request)
        {
            let _same = context.operation.set(operation);
        }
        Ok(context)
    }

    /// The operation of the document.
    pub fn operation(&self) -> Result<&Arc<Operation>> {
        self.operation.get().ok_or_else(|| Error::internal("an operation that is not in the document"))
    }

    /// The operation id; empty outside the document.
    pub fn operation_id(&self) -> &str {
        self.operation.get().map_or("", |operation| operation.id.as_str())
    }

    /// The template of the route, with `{id}` for an id; none where there is nothing at the path.
    pub fn route(&self, request: &HttpRequest) -> Option<Cow<'_, str>> {
        match self.operation.get() {
            Some(operation) => Some(Cow::Borrowed(&operation.path)),
            None => request.match_pattern().map(|pattern| Cow::Owned(super::document::template(&pattern))),
        }
    }

    /// The raw path. It may hold a token: never for the log.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Keeps who called, for the log.
    pub fn set_principal(&self, principal: Arc<Principal>) {
        let _same = self.principal.set(principal);
    }

    /// Keeps which client somebody named, proven or not: one that there is, never a made-up text.
    pub fn set_named(&self, client: Client) {
        let _same = self.named.set(client);
    }

    /// Whom the log and the audit trail tell of: who has proven to call, else the client that was named.
    pub fn who(&self) -> Who<'_> {
        let named = || self.named.get().map(|client| (&*client.id, &client.partner_id, &client.customer_id));
        let proven = self.principal().map(|one| (&*one.client_id, &one.partner_id, &one.customer_id));
        proven.or_else(named).map_or_else(Who::default, |(client_id, partner_id, customer_id)| Who {
            client_id: Some(client_id),
            partner_id: partner_id.as_deref(),
            customer_id: customer_id.as_deref(),
        })
    }

    /// Counts the request with these limits; keeps what they say, for the headers of the answer.
    pub fn count(&self, (standing, taken): (Standing, Result<()>)) -> Result<()> {
        let _same = self.standing.set(standing);
        taken
    }

    /// Where the caller stands with its limits, once it was counted.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.get()
    }

    /// Who called, once the token was verified.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.get().map(Arc::as_ref)
    }
}

/// Whom a request is put down to.
#[derive(Default)]
pub struct Who<'a> {
    /// The client.
    pub client_id: Option<&'a str>,
    /// The partner of that client.
    pub partner_id: Option<&'a str>,
    /// The customer of that client.
    pub customer_id: Option<&'a str>,
}

/// Holds the other arguments of an operation back until the caller has been let through. The framework takes all
/// arguments at once; without this a fault in the body could be told to somebody without a token (PLT-01).
#[derive(Default)]
pub struct Gate {
    is_open: Cell<bool>,
    opened: Notify,
}

impl Gate {
    /// Lets the others through.
    pub fn open(&self) {
        self.is_open.set(true);
        self.opened.notify_waiters();
    }

    /// Returns once the gate is open; never, when the caller is refused.
    pub async fn passed(&self) {
        while !self.is_open.get() {
            self.opened.notified().await;
        }
    }
}

fn request_id(headers: &HeaderMap) -> String {
    let fit = |text: &&str| {
        (8..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .filter(fit)
        .map_or_else(|| ids::new_id(crate::clock::machine_now()), str::to_owned)
}

fn language(headers: &HeaderMap) -> Language {
    headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map_or(Language::English, Language::best_for)
}

/// The first argument of an operation that everybody may call as often as they like, such as the explanation of the
/// answer that they were too many: lets the others through.
pub struct Unlimited;

impl actix_web::FromRequest for Unlimited {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        std::future::ready(RequestContext::of(request).map(|context| {
            context.gate.open();
            Self
        }))
    }
}

/// The first argument of an operation that needs no token: counts the request for its address, and lets the others
/// through.
pub struct Public;

impl actix_web::FromRequest for Public {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let counted = RequestContext::of(request).and_then(|context| {
            context.count(App::of(request)?.limits.stranger(&context.source_address))?;
            context.gate.open();
            Ok(Self)
        });
        std::future::ready(counted)
    }
}

/// The first argument of an operation that answers what is published for everybody, such as the public keys: counts
/// the request for its address, apart from what strangers get wrong there, and lets the others through.
pub struct Published;

impl actix_web::FromRequest for Published {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let counted = RequestContext::of(request).and_then(|context| {
            context.count(App::of(request)?.limits.published(&context.source_address))?;
            context.gate.open();
            Ok(Self)
        });
        std::future::ready(counted)
    }
}

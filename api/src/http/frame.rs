//! The frame around every request: its id, its log line, its security headers, and problem documents for whatever
//! went wrong inside.

use super::context::RequestContext;
use super::cors::Welcome;
use super::problem::{self, Problem};
use super::unread::Held;
use crate::db::write::{Actor, Refusal};
use crate::error::{Code, Error};
use crate::ids;
use crate::state::App;
use crate::telemetry::Watch;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use std::rc::Rc;

/// Wraps a request.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let watch = Watch::begin(&request);
    let app = App::of(request.request())?;
    let context = RequestContext::begin(&request, &app.config.trusted_proxies);
    let public_url = &app.config.public_url;
    let welcome = Welcome::of(request.method(), request.headers(), &app.config.cors.origins);
    // A HEAD is the GET without its body, which the framework leaves out by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let held = Held::of(&mut request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let mut code = None;
    if response.status().is_client_error() || response.status().is_server_error() {
        (response, code) = explained(response, &context, public_url);
        if let Some(refusal) = refusal(&response, &context, code) {
            app.refusals.note(refusal);
        }
    }
    let headers = response.headers_mut();
    if let Some(standing) = context.standing().filter(|standing| !standing.policy.is_empty()) {
        put(headers, "ratelimit-policy", &standing.policy);
        put(headers, "ratelimit", &standing.rest);
    }
    put(headers, "x-request-id", &context.request_id);
    put(headers, "x-content-type-options", "nosniff");
    put(headers, "referrer-policy", "no-referrer");
    put(headers, "cross-origin-resource-policy", "same-origin");
    if public_url.starts_with("https:") {
        put(headers, "strict-transport-security", "max-age=31536000");
    }
    if let Some(welcome) = welcome {
        welcome.add(headers);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !headers.contains_key("content-security-policy") {
        put(headers, "content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
    // Also where no argument of the operation has asked for it.
    let _context = RequestContext::of(response.request())?;
    let route = context.route(response.request());
    log(&response, &context, route.as_deref(), code, &watch);
    watch.end(&response, &context, route.as_deref());
    Ok(match held {
        Some(held) => response.map_body(|_, body| held.beside(body)),
        None => response,
    })
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Turns an error answer into a problem document, whoever made it.
fn explained(
    response: ServiceResponse<BoxBody>,
    context: &Rc<RequestContext>,
    public_url: &str,
) -> (ServiceResponse<BoxBody>, Option<Code>) {
    let is_explained = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"application/problem+json") || kind.as_bytes().starts_with(b"text/html")
    });
    let has_own_words = response.response().extensions().get::<problem::OwnWords>().is_some();
    if is_explained || has_own_words {
        return (response, None);
    }
    let theirs = problem::of_framework(response.status());
    let ours = response.response().error().and_then(|error| error.as_error::<Error>());
    let error = ours.unwrap_or(&theirs);
    if let Some(causes) = error.private_causes().filter(|_| error.code().status() >= 500) {
        tracing::error!(request_id = context.request_id, code = error.code().as_str(), causes, "a request failed");
    }
    let mut explained = Problem::of(error, context.language, &context.request_id, public_url).into_response();
    let headers = explained.headers_mut();
    put(headers, "content-language", context.language.tag());
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    if let Some(seconds) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = challenge(error) {
        put(headers, "www-authenticate", &challenge);
    }
    for (name, value) in response.headers().iter().filter(|(name, _)| *name == "allow") {
        headers.insert(name.clone(), value.clone());
    }
    let code = error.code();
    let (request, _) = response.into_parts();
    (ServiceResponse::new(request, explained), Some(code))
}

/// RFC 6750 §3: which scheme, and, when a token came, what was wrong with it.
fn challenge(error: &Error) -> Option<String> {
    let realm = "Bearer realm=\"lonja\"";
    match error.code() {
        Code::Unauthorized => Some(realm.to_owned()),
        Code::InvalidToken => Some(format!("{realm}, error=\"invalid_token\"")),
        Code::InsufficientScope => {
            let scope = error.context().get("scope").and_then(serde_json::Value::as_str).unwrap_or_default();
            Some(format!("{realm}, error=\"insufficient_scope\", scope=\"{scope}\""))
        }
        code if code.status() == StatusCode::FORBIDDEN.as_u16() => {
            Some(format!("{realm}, error=\"insufficient_scope\""))
        }
        _ => None,
    }
}

/// What the audit trail tells of an attempt that was refused: no token or a bad one, too little power, or a thing that
/// is not there for this caller, which may be somebody else's.
fn refusal(response: &ServiceResponse<BoxBody>, context: &RequestContext, code: Option<Code>) -> Option<Refusal> {
    let is_told = matches!(response.status().as_u16(), 401 | 403) || code == Some(Code::NotFound);
    if !is_told || context.operation_id().is_empty() {
        return None;
    }
    // A client that was only named is told as well: whose it is should learn that somebody tries.
    let who = context.who();
    let named = response.request().match_info().get("id").filter(|id| ids::is_id(id));
    Some(Refusal {
        actor: Actor {
            operation: context.operation_id().to_owned(),
            client_id: who.client_id.unwrap_or_default().to_owned(),
            token_id: context.principal().map(|principal| principal.token_id.clone()).unwrap_or_default(),
            partner_id: who.partner_id.map(str::to_owned),
            customer_id: who.customer_id.map(str::to_owned),
            request_id: context.request_id.clone(),
            source_address: context.source_address.clone(),
        },
        // The token endpoint explains itself in the words of its own standard.
        code: code.unwrap_or(Code::Unauthorized),
        object_id: named.map(str::to_ascii_lowercase),
        at: crate::clock::machine_now(),
    })
}

/// One line a request. The template of the route, never the raw path: tokens and ids stand in paths.
fn log(
    response: &ServiceResponse<BoxBody>,
    context: &RequestContext,
    route: Option<&str>,
    code: Option<Code>,
    watch: &Watch,
) {
    let who = context.who();
    tracing::info!(
        target: "access",
        request_id = context.request_id,
        trace_id = %watch.trace_id(),
        method = context.method.as_str(),
        route,
        operation = context.operation_id(),
        status = response.status().as_u16(),
        code = code.map(Code::as_str),
        client = who.client_id,
        partner = who.partner_id,
        address = context.source_address,
        milliseconds = watch.seconds() * 1000.0,
    );
}

//! The token endpoint (RFC 6749 §4.4, §5) and the metadata beside it (RFC 8414, RFC 7517).

use super::signing_keys::Jwk;
use super::{Principal, clients};
use crate::clock::machine_now;
use crate::error::Result;
use crate::http::context::{Published, RequestContext};
use crate::http::problem::OwnWords;
use crate::http::{Problems, body};
use crate::ids;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The most bytes of a token request.
const LARGEST_FORM: usize = 8 * 1024;
/// The most characters of a list of scopes, asked for or granted.
const LONGEST_SCOPE: usize = 1000;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(request_token).service(get_signing_keys).service(get_authorization_server);
}

/// What a client sends for a token.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials", max_length = 64)]
    grant_type: Option<String>,
    /// The client's id, unless it stands in HTTP Basic.
    #[schema(max_length = 64)]
    client_id: Option<String>,
    /// The client's secret, unless it stands in HTTP Basic.
    #[schema(value_type = Option<String>, format = Password, max_length = 256)]
    client_secret: Option<SecretString>,
    /// Scopes by blanks; all that the client holds, when absent.
    #[schema(example = "orders:read orders:write", max_length = 1000)]
    scope: Option<String>,
}

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The token, for `Authorization: Bearer …`.
    #[schema(format = Password, max_length = 8192)]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer", max_length = 16)]
    token_type: String,
    /// Seconds that the token lives.
    #[schema(minimum = 1, maximum = 3600, example = 1800)]
    expires_in: i64,
    /// The scopes it holds.
    #[schema(max_length = 1000)]
    scope: String,
}

/// Why no token was given, in the words of RFC 6749 §5.2.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenError {
    /// The word of the RFC.
    #[schema(example = "invalid_client", max_length = 64)]
    error: String,
    /// The same in words.
    #[schema(max_length = 500)]
    error_description: String,
}

/// Get an access token.
///
/// The client credentials grant: id and secret in HTTP Basic or in the form. Errors are those of RFC 6749.
#[utoipa::path(tag = "access", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token.", body = TokenAnswer),
        (status = 400, description = "The request is not as RFC 6749 has it.", body = TokenError),
        (status = 401, description = "Unknown client or wrong secret.", body = TokenError), Problems))]
#[post("/v1/oauth/token")]
async fn request_token(app: App, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse> {
    let read = body::read(&app, &request, payload.into_inner(), LARGEST_FORM).await;
    let text = read.as_ref().map(|read| std::str::from_utf8(&read.bytes).unwrap_or_default()).unwrap_or_default();
    let form = web::Query::<TokenRequest>::from_query(text).map(web::Query::into_inner).ok();
    let basic = basic_header(&request);
    // Whatever is wrong with it, it counts.
    let credentials = basic.as_deref().map(|encoded| basic_credentials(encoded).unwrap_or_default());
    let in_form = form.as_ref().and_then(|form| form.client_id.as_deref());
    let named = credentials.as_ref().map(|(id, _)| id.as_str()).or(in_form).unwrap_or_default();
    let context = RequestContext::of(&request)?;
    context.count(app.limits.token(&context.source_address, named))?;
    let _room = read?;
    match grant(&app, &context, credentials, form).await? {
        Ok(answer) => Ok(HttpResponse::Ok().insert_header(("pragma", "no-cache")).json(answer)),
        Err(refusal) => Ok(refusal.into_response()),
    }
}

struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl Refusal {
    fn bad(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description }
    }

    fn into_response(self) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status);
        // RFC 9110 §11.6.1: every 401 says how to do better, also to who has sent no credentials at all.
        if self.status == StatusCode::UNAUTHORIZED {
            builder.insert_header(("www-authenticate", "Basic realm=\"lonja\""));
        }
        let (error, error_description) = (self.error.to_owned(), self.description.to_owned());
        let mut response = builder.json(TokenError { error, error_description });
        response.extensions_mut().insert(OwnWords);
        response
    }
}

/// `basic` is what came as HTTP Basic, empty where that is unreadable; `form` is absent where it is no form.
async fn grant(
    app: &App,
    context: &RequestContext,
    basic: Option<(String, SecretString)>,
    form: Option<TokenRequest>,
) -> Result<Result<TokenAnswer, Refusal>> {
    let Some(form) = form else {
        return Ok(Err(Refusal::bad("invalid_request", "Send each parameter once, as a form in UTF-8.")));
    };
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Ok(Err(Refusal::bad("unsupported_grant_type", "Only client_credentials is supported."))),
        None => return Ok(Err(Refusal::bad("invalid_request", "grant_type is missing."))),
    }
    let (id, secret) = match (basic, form.client_id, form.client_secret) {
        (Some(_), _, Some(_)) => {
            return Ok(Err(Refusal::bad("invalid_request", "Authenticate once: in HTTP Basic or in the form.")));
        }
        (Some((id, _)), Some(other), None) if !id.is_empty() && id != other => {
            return Ok(Err(Refusal::bad("invalid_request", "client_id is not the one of HTTP Basic.")));
        }
        (Some(credentials), _, None) => credentials,
        (None, Some(id), Some(secret)) => (id, secret),
        (None, _, _) => Default::default(),
    };
    let mut reader = app.read().await?;
    let found = clients::authenticate(&mut reader.db()?, &id, secret.expose_secret()).await?;
    drop(reader);
    if let Some((client, _)) = &found {
        context.set_named(client.clone());
    }
    let Some((client, true)) = found else {
        let description = "Unknown client or wrong secret.";
        let status = StatusCode::UNAUTHORIZED;
        return Ok(Err(Refusal { status, error: "invalid_client", description }));
    };
    let asked = form.scope.unwrap_or_else(|| client.scopes.join(" "));
    if asked.chars().count() > LONGEST_SCOPE {
        return Ok(Err(Refusal::bad("invalid_scope", "The scopes have more than 1000 characters.")));
    }
    let scopes = clients::words_once(&asked);
    if scopes.is_empty() || scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        return Ok(Err(Refusal::bad("invalid_scope", "The client does not hold every scope that it asks for.")));
    }
    let principal = Principal {
        client_id: client.id.into(),
        kind: client.kind,
        partner_id: client.partner_id,
        customer_id: client.customer_id,
        scopes,
        roles: client.roles,
        token_id: ids::new_id(machine_now()),
    };
    let (access_token, expires_in) = app.tokens.issue(&principal)?;
    let scope = principal.scopes.join(" ");
    Ok(Ok(TokenAnswer { access_token, token_type: "Bearer".to_owned(), expires_in, scope }))
}

/// What came as HTTP Basic, readable or not: whoever tried it is answered in its terms.
fn basic_header(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then(|| encoded.trim().to_owned())
}

fn basic_credentials(encoded: &str) -> Option<(String, SecretString)> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned().into()))
}

/// The public keys that verify access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct SigningKeys {
    /// Several while keys rotate.
    #[schema(max_items = 16)]
    keys: Vec<Jwk>,
}

/// Get the public keys that verify access tokens (JWKS, RFC 7517).
///
/// Several keys at once while they are rotated: choose by `kid`. A new key is here before the first token that it
/// signs; keep the set as long as `Cache-Control` says.
#[utoipa::path(tag = "access", security(()),
    responses((status = 200, description = "The keys.", body = SigningKeys), Problems))]
#[get("/.well-known/jwks.json")]
async fn get_signing_keys(app: App, _published: Published) -> Result<HttpResponse> {
    let keys = app.tokens.published()?;
    // Whoever keeps them must ask again before a new one signs; and the replica that answers may itself have learned
    // of that key late, by as much as the pause between two readings and the time that they take.
    let tokens = &app.config.tokens;
    let age = tokens.publish_seconds.saturating_sub(2 * tokens.key_refresh_seconds).min(300);
    Ok(HttpResponse::Ok().insert_header(("cache-control", format!("public, max-age={age}"))).json(SigningKeys { keys }))
}

/// What a client needs to know to get tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// The issuer of the tokens.
    #[schema(format = "uri", max_length = 512)]
    issuer: String,
    /// Where tokens are.
    #[schema(format = "uri", max_length = 512)]
    token_endpoint: String,
    /// Where the keys are.
    #[schema(format = "uri", max_length = 512)]
    jwks_uri: String,
    /// `client_credentials`.
    #[schema(max_items = 4)]
    grant_types_supported: Vec<String>,
    /// HTTP Basic or the form.
    #[schema(max_items = 4)]
    token_endpoint_auth_methods_supported: Vec<String>,
    /// None: there is no authorization endpoint.
    #[schema(max_items = 0)]
    response_types_supported: Vec<String>,
    /// Every scope there is.
    #[schema(max_items = 200)]
    scopes_supported: Vec<String>,
}

/// Get the metadata of the token endpoint (RFC 8414).
///
/// For libraries that find the token endpoint, the keys and the scopes by themselves.
#[utoipa::path(tag = "access", security(()),
    responses((status = 200, description = "The metadata.", body = AuthorizationServer), Problems))]
#[get("/.well-known/oauth-authorization-server")]
async fn get_authorization_server(app: App, _published: Published) -> Result<HttpResponse> {
    let issuer = app.tokens.issuer();
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Ok(HttpResponse::Ok().insert_header(("cache-control", "public, max-age=300")).json(AuthorizationServer {
        issuer: issuer.to_owned(),
        token_endpoint: format!("{issuer}/v1/oauth/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: texts(&["client_credentials"]),
        token_endpoint_auth_methods_supported: texts(&["client_secret_basic", "client_secret_post"]),
        response_types_supported: Vec::new(),
        scopes_supported: super::permits::SCOPES.iter().map(|(scope, _)| (*scope).to_owned()).collect(),
    }))
}

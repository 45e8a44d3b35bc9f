//! Somebody who calls the API: by the SDK, and by raw HTTP where a test sends what the SDK would not.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// An API client that calls one server.
pub struct Actor {
    /// The SDK with this client's credentials.
    pub lonja: lonja_sdk::Client,
    /// The id to authenticate with.
    pub client_id: String,
    /// The secret.
    pub client_secret: String,
    /// Its partner; empty for other kinds of client.
    pub partner_id: String,
    url: String,
    http: reqwest::Client,
    token: OnceCell<String>,
}

/// An answer to a raw request.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The problem's code.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The codes of all faults with their places: `/contact/email field_required`.
    pub fn faults(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let fault = |error: &Value| {
            format!("{} {}", error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
        };
        let mut faults: Vec<String> = errors.iter().map(fault).collect();
        faults.sort();
        faults
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Actor {
    /// A client of the server at `url`.
    pub fn new(url: &str, http: &reqwest::Client, id: &str, secret: &str, partner_id: Option<&str>) -> Self {
        let lonja = lonja_sdk::Client::builder()
            .base_url(url)
            .client_credentials(id, secret)
            .http_client(http.clone())
            .retry(lonja_sdk::Retry::never())
            .build()
            .unwrap();
        Self {
            lonja,
            client_id: id.to_owned(),
            client_secret: secret.to_owned(),
            partner_id: partner_id.unwrap_or_default().to_owned(),
            url: url.to_owned(),
            http: http.clone(),
            token: OnceCell::new(),
        }
    }

    /// The same client against another server.
    pub fn at(&self, url: &str) -> Self {
        Self::new(url, &self.http, &self.client_id, &self.client_secret, Some(&self.partner_id))
    }

    /// An access token, fetched once.
    pub async fn token(&self) -> &str {
        self.token.get_or_init(|| self.fetch_token("grant_type=client_credentials")).await
    }

    /// A new access token for this form.
    pub async fn fetch_token(&self, form: &str) -> String {
        let basic = STANDARD.encode(format!("{}:{}", self.client_id, self.client_secret));
        let reply = self
            .http
            .post(format!("{}/v1/oauth/token", self.url))
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 200, "no token");
        let answer: Value = reply.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A request with this client's token and these headers.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Reply {
        let token = self.token().await;
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            // A test that sends something else says so.
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", kind_of(&body));
            }
            request = request.body(body);
        }
        let reply = request.send().await.unwrap();
        Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], None).await
    }

    /// Writes, with a new idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_with(path, &Uuid::new_v4().to_string(), body).await
    }

    /// Writes, with this idempotency key. Null is no body.
    pub async fn post_with(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &[("idempotency-key", key)], text(body)).await
    }

    /// Changes, with this `If-Match`.
    pub async fn patch(&self, path: &str, if_match: &str, body: &Value) -> Reply {
        self.send(Method::PATCH, path, &[("if-match", if_match)], Some(body.to_string())).await
    }
}

/// A body as it is sent; null is none, and a text is a file.
pub fn text(body: &Value) -> Option<String> {
    match body {
        Value::Null => None,
        Value::String(file) => Some(file.clone()),
        json => Some(json.to_string()),
    }
}

/// Files that the service takes begin with their heading.
fn kind_of(body: &str) -> &'static str {
    if body.starts_with("product,") || body.starts_with("device,") { "text/csv" } else { "application/json" }
}

/// The answer refuses with this status and code.
pub fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{}", reply.text);
}

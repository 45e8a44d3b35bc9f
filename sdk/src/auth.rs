use crate::{Error, Problem, Result, Secret, retry};
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A token is renewed this long before it ends, or a tenth of its life when that is shorter.
const MARGIN: Duration = Duration::from_secs(30);

/// Longer lives are not believed, which also keeps the sum of instants in range.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the bearer token comes from.
pub enum Auth {
    /// Nowhere: only public operations can be called.
    None,
    /// From the caller, who also renews it.
    Token(Secret),
    /// From the token endpoint.
    Credentials(Box<Credentials>),
}

impl Auth {
    pub async fn bearer(&self) -> Result<Secret> {
        match self {
            Auth::None => Err(Error::Config("this operation needs client credentials or an access token".into())),
            Auth::Token(token) => Ok(token.clone()),
            Auth::Credentials(credentials) => credentials.bearer().await,
        }
    }

    /// Forgets a token that the service refused. Whether asking again can give another one.
    pub async fn renews(&self, refused: &Secret) -> bool {
        match self {
            Auth::Credentials(credentials) => credentials.forget(refused).await,
            Auth::None | Auth::Token(_) => false,
        }
    }
}

/// The credentials of an API client, and the token they last gave.
pub struct Credentials {
    /// The token endpoint with everything that identifies the client.
    pub request: RequestBuilder,
    pub retries: u32,
    pub cached: Mutex<Option<Cached>>,
}

pub struct Cached {
    token: Secret,
    good_until: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

impl Credentials {
    /// The lock is held while fetching: of many calls that need a token at once, one fetches it and all use it.
    async fn bearer(&self) -> Result<Secret> {
        let mut cached = self.cached.lock().await;
        if let Some(cached) = cached.as_ref().filter(|cached| Instant::now() < cached.good_until) {
            return Ok(cached.token.clone());
        }
        let fresh = retry::run(self.retries, || self.fetch()).await?;
        Ok(cached.insert(fresh).token.clone())
    }

    /// Another call may have renewed the token in the meantime; then that one stays.
    async fn forget(&self, refused: &Secret) -> bool {
        self.cached.lock().await.take_if(|cached| cached.token == *refused);
        true
    }

    async fn fetch(&self) -> Result<Cached> {
        let asked_at = Instant::now();
        let request = self.request.try_clone().ok_or_else(|| Error::Config("the token request has no body".into()))?;
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(refusal(status, &headers, &body));
        }
        let Granted { access_token, expires_in } = serde_json::from_slice(&body).map_err(|source| Error::Decode {
            path: "/v1/oauth/token".into(),
            body: Secret::default(),
            request_id: None,
            idempotency_key: None,
            source,
        })?;
        let life = Duration::from_secs(expires_in).min(LONGEST_LIFE);
        Ok(Cached { token: access_token, good_until: asked_at + life - MARGIN.min(life / 10) })
    }
}

/// Only the OAuth error object speaks about the credentials; anything else is a problem like everywhere.
fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    match serde_json::from_slice(body) {
        Ok(Refused { error: code, error_description: description }) => Error::Auth { status, code, description },
        Err(_not_oauth) => Error::Problem(Box::new(Problem::from_answer(status, headers, body))),
    }
}

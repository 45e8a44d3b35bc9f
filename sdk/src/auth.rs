use crate::{
    Error, Problem, Result, Secret,
    client::Inner,
    problem::{excerpt, retry_after},
    response::text,
    trace::Watch,
};
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde::Deserialize;
use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// A token is renewed this long before it ends, or a tenth of its life when that is shorter.
const MARGIN: Duration = Duration::from_secs(30);

/// Longer lives are not believed, which also keeps the sum of instants in range.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) const TOKEN_PATH: &str = "/v1/oauth/token";

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
    pub async fn bearer(&self, client: &Inner, deadline: Instant, watch: &Watch) -> Result<Secret> {
        match self {
            Auth::None => Err(Error::Config("this operation needs client credentials or an access token".into())),
            Auth::Token(token) => Ok(token.clone()),
            Auth::Credentials(credentials) => credentials.bearer(client, deadline, watch).await,
        }
    }

    /// Forgets a token that the service refused. Whether asking again can give another one.
    pub fn renews(&self, refused: &Secret) -> bool {
        match self {
            Auth::Credentials(credentials) => credentials.forget(refused),
            Auth::None | Auth::Token(_) => false,
        }
    }
}

/// The credentials of an API client, and the token they last gave.
pub struct Credentials {
    /// The token endpoint with everything that identifies the client.
    request: RequestBuilder,
    timeout: Duration,
    cached: RwLock<Option<Cached>>,
    /// Held by the one call that fetches. A call that is dropped meanwhile lets the next one fetch.
    flight: Mutex<()>,
}

/// Its times are of the monotonic clock: what the machine takes for the time of day does not matter.
#[derive(Clone)]
struct Cached {
    token: Secret,
    renew_at: Instant,
    ends_at: Instant,
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
    pub fn new(request: RequestBuilder, timeout: Duration) -> Self {
        Credentials { request, timeout, cached: RwLock::default(), flight: Mutex::default() }
    }

    /// Of many calls that need a token at once, one fetches it and all use it. While a token that is about to end is
    /// renewed, the others go on with it; and if it cannot be renewed yet, so does this one.
    async fn bearer(&self, client: &Inner, deadline: Instant, watch: &Watch) -> Result<Secret> {
        let held = match self.held() {
            Some(held) if Instant::now() < held.renew_at => return Ok(held.token),
            Some(held) if Instant::now() < held.ends_at => Some(held.token),
            _ => None,
        };
        let _flight = match (self.flight.try_lock(), held.clone()) {
            (Ok(flight), _) => flight,
            (Err(_in_flight), Some(held)) => return Ok(held),
            (Err(_in_flight), None) => timeout_at(deadline, self.flight.lock()).await.map_err(Error::out_of_time)?,
        };
        // Somebody may have fetched one before this call had its turn.
        if let Some(fresh) = self.held().filter(|cached| Instant::now() < cached.renew_at) {
            return Ok(fresh.token);
        }
        let fetched = client.retries.run(true, deadline, watch, || self.fetch(deadline)).await;
        match (fetched, held) {
            (Ok(fresh), _) => {
                let token = fresh.token.clone();
                self.keep(|cached| *cached = Some(fresh));
                Ok(token)
            }
            (Err(error), Some(held)) if error.is_retryable() => {
                watch.goes_on(&error);
                Ok(held)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Another call may have renewed the token in the meantime; then that one stays.
    fn forget(&self, refused: &Secret) -> bool {
        self.keep(|cached| {
            cached.take_if(|cached| cached.token == *refused);
        });
        true
    }

    fn held(&self) -> Option<Cached> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, change: impl FnOnce(&mut Option<Cached>)) {
        change(&mut self.cached.write().unwrap_or_else(PoisonError::into_inner));
    }

    async fn fetch(&self, deadline: Instant) -> Result<Cached> {
        let asked_at = Instant::now();
        let request = self.request.try_clone().ok_or_else(|| Error::Config("the token request has no body".into()))?;
        let left = deadline.saturating_duration_since(asked_at);
        let answer = request.timeout(self.timeout.min(left)).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(refusal(status, &headers, &body));
        }
        let Granted { access_token, expires_in } = serde_json::from_slice(&body).map_err(|source| Error::Decode {
            path: TOKEN_PATH.into(),
            body: excerpt(&body).unwrap_or_default().into(),
            request_id: text(&headers, "x-request-id").map(str::to_owned),
            idempotency_key: None,
            source,
        })?;
        let life = Duration::from_secs(expires_in).min(LONGEST_LIFE);
        let ends_at = asked_at + life;
        Ok(Cached { token: access_token, renew_at: ends_at - MARGIN.min(life / 10), ends_at })
    }
}

/// Only the OAuth error object speaks about the credentials; anything else is a problem like everywhere.
fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    match serde_json::from_slice(body) {
        Ok(Refused { error, error_description: description }) => Error::Auth {
            status,
            code: error,
            description,
            request_id: text(headers, "x-request-id").map(str::to_owned),
            retry_after: retry_after(headers),
        },
        Err(_not_oauth) => Error::Problem(Box::new(Problem::from_answer(status, headers, body))),
    }
}

/// Whether the service refused the token itself.
pub fn is_token_refused(problem: &Problem) -> bool {
    problem.status == 401 && problem.code == "invalid_token"
}

use crate::{
    Error, Problem, Result, Secret, client::Inner, problem::retry_after, response::text, retry::Repeats, trace::Watch,
};
use futures_util::future::BoxFuture;
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde::Deserialize;
use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// A token is renewed this long before it ends, or a tenth of its life when that is shorter.
const MARGIN: Duration = Duration::from_secs(30);

/// No call is held up longer by the renewal of a token that is still good.
const LONGEST_RENEWAL: Duration = Duration::from_secs(2);

/// After a renewal that failed, the next one is tried this much later, unless the service asks for more.
const RENEWAL_PAUSE: Duration = Duration::from_secs(2);

/// Longer lives are not believed, which also keeps the sum of instants in range.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) const TOKEN_PATH: &str = "/v1/oauth/token";

/// Where the bearer token comes from.
pub enum Auth {
    /// Nowhere: only public operations can be called.
    None,
    /// From the caller, once.
    Token(Secret),
    /// From the caller, who also renews it.
    Source(Source),
    /// From the token endpoint.
    Credentials(Box<Credentials>),
}

impl Auth {
    pub async fn bearer(&self, client: &Inner, deadline: Instant, watch: &Watch) -> Result<Secret> {
        match self {
            Auth::None => Err(Error::Config("this operation needs client credentials or an access token".into())),
            Auth::Token(token) => Ok(token.clone()),
            Auth::Source(Source(source)) => {
                let token = timeout_at(deadline, source()).await.map_err(Error::out_of_time)?;
                token.map_err(|error| Error::Config(format!("no token from its source: {error}")))
            }
            Auth::Credentials(credentials) => credentials.bearer(client, deadline, watch).await,
        }
    }

    /// Forgets a token that the service refused. Whether asking again can give another one.
    pub fn renews(&self, refused: &Secret) -> bool {
        match self {
            Auth::Credentials(credentials) => credentials.forget(refused),
            Auth::Source(_) => true,
            Auth::None | Auth::Token(_) => false,
        }
    }
}

type Given = Result<Secret, Box<dyn std::error::Error + Send + Sync>>;

/// A function of the caller that gives tokens.
#[derive(Clone)]
pub struct Source(Arc<dyn Fn() -> BoxFuture<'static, Given> + Send + Sync>);

impl Source {
    pub fn new(source: impl Fn() -> BoxFuture<'static, Given> + Send + Sync + 'static) -> Self {
        Source(Arc::new(source))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Source")
    }
}

/// The credentials of an API client, and the token they last gave.
pub struct Credentials {
    /// The token endpoint with everything that identifies the client.
    request: RequestBuilder,
    timeout: Duration,
    cached: RwLock<Option<Cached>>,
    /// Held by the one call that fetches. A call that is dropped meanwhile lets the next one fetch.
    flight: Mutex<Option<Failed>>,
}

/// How the last fetch failed, for the calls that were waiting for it.
struct Failed {
    at: Instant,
    error: Error,
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

    /// Of many calls that need a token at once, one fetches it and all use it, or all take the error. While a token
    /// that is about to end is renewed, the others go on with it; and if it cannot be renewed yet, so does this one.
    async fn bearer(&self, client: &Inner, deadline: Instant, watch: &Watch) -> Result<Secret> {
        let began = Instant::now();
        let mut flight = match self.held() {
            Some(held) if began < held.renew_at => return Ok(held.token),
            Some(held) if began < held.ends_at => match self.flight.try_lock() {
                Ok(flight) => flight,
                Err(_in_flight) => return Ok(held.token),
            },
            _ => timeout_at(deadline, self.flight.lock()).await.map_err(Error::out_of_time)?,
        };
        // Somebody may have fetched one before this call had its turn, or tried to.
        match self.held() {
            Some(fresh) if Instant::now() < fresh.renew_at => return Ok(fresh.token),
            Some(held) if Instant::now() < held.ends_at => {
                let token = self.renew(client, held, deadline, watch).await;
                if let Some(token) = token {
                    return Ok(token);
                }
            }
            _ => {}
        }
        if let Some(failed) = flight.as_ref().filter(|failed| began < failed.at) {
            return Err(failed.error.shared());
        }
        let fetched = client.retries.run(Repeats::All, deadline, watch, || self.fetch(deadline)).await;
        // A call that had no more time says nothing about what the others would have got.
        let has_time = Instant::now() < deadline;
        let failed = fetched.as_ref().err().filter(|_| has_time).map(Error::shared);
        *flight = failed.map(|error| Failed { at: Instant::now(), error });
        let fresh = fetched?;
        let token = fresh.token.clone();
        self.keep(|cached| *cached = Some(fresh));
        Ok(token)
    }

    /// Tries once, and not for long, to renew a token that is still good; it goes on being used if that fails. `None`
    /// when it has ended meanwhile.
    async fn renew(&self, client: &Inner, held: Cached, deadline: Instant, watch: &Watch) -> Option<Secret> {
        let now = Instant::now();
        let soon = now + LONGEST_RENEWAL.min(deadline.saturating_duration_since(now) / 4);
        match client.retries.run(Repeats::None, soon, watch, || self.fetch(soon)).await {
            Ok(fresh) => {
                let token = fresh.token.clone();
                self.keep(|cached| *cached = Some(fresh));
                Some(token)
            }
            Err(error) => {
                watch.goes_on(&error);
                let now = Instant::now();
                let left = held.ends_at.saturating_duration_since(now);
                let pause = error.retry_after().unwrap_or(RENEWAL_PAUSE).min(left);
                self.keep(|cached| {
                    if let Some(cached) = cached.as_mut().filter(|cached| cached.token == held.token) {
                        cached.renew_at = now + pause;
                    }
                });
                (now < held.ends_at).then_some(held.token)
            }
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
        let Granted { access_token, expires_in } = serde_json::from_slice(&body)
            .map_err(|source| Error::decode(TOKEN_PATH, status, &headers, &body, &source))?;
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
            idempotency_key: None,
        },
        Err(_not_oauth) => Error::Problem(Box::new(Problem::from_answer(status, headers, body))),
    }
}

/// Whether the service refused the token itself.
pub fn is_token_refused(problem: &Problem) -> bool {
    problem.status == 401 && problem.code == "invalid_token"
}

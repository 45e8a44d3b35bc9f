use crate::{
    Call, Error, Method, Result, Retry, Secret,
    auth::{Auth, Credentials, Source, TOKEN_PATH},
    call::{FORM, form_of},
    retry::Retries,
};
use futures_util::FutureExt;
use reqwest::header::{self, HeaderValue};
use std::{fmt, sync::Arc, time::Duration};

const USER_AGENT: &str = concat!("lonja-sdk/", env!("CARGO_PKG_VERSION"), " (rustc ", env!("SDK_RUSTC"), ")");

/// The way to a marketplace. Cheap to clone; clones share connections and the token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub http: reqwest::Client,
    pub base_url: String,
    pub auth: Auth,
    pub timeout: Duration,
    pub deadline: Duration,
    pub retries: Retries,
    pub user_agent: HeaderValue,
}

impl Client {
    /// Starts to set up a client.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Sets up a client from `LONJA_URL`, `LONJA_CLIENT_ID` and `LONJA_CLIENT_SECRET`.
    pub fn from_env() -> Result<Self> {
        Client::builder()
            .base_url(env("LONJA_URL")?)
            .client_credentials(env("LONJA_CLIENT_ID")?, env("LONJA_CLIENT_SECRET")?)
            .build()
    }

    /// A call to an operation by its path, for one that is newer than this crate. `{}` in the path, with or without a
    /// name inside, takes the values in turn.
    ///
    /// ```no_run
    /// # async fn example(lonja: lonja_sdk::Client) -> lonja_sdk::Result<()> {
    /// use lonja_sdk::Method;
    ///
    /// let archive = lonja.call(Method::POST, "/v1/orders/{id}:archive", &["ord_1"]);
    /// // `keyed`: an operation that changes something wants an idempotency key.
    /// let order: serde_json::Value = archive.keyed().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<T>(&self, method: Method, path: &str, values: &[&str]) -> Call<T> {
        Call::new(self.clone(), method, path, values)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

/// What a [`Client`] needs to know.
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    base_url: Option<String>,
    credentials: Option<(String, Secret)>,
    scope: Option<String>,
    access_token: Option<Secret>,
    token_source: Option<Source>,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retry: Retry,
    user_agent: Option<String>,
    http: Option<reqwest::Client>,
}

impl Builder {
    /// Where the service is, such as `https://marketplace.example`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The id and the secret of an API client; tokens are fetched with them when needed.
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.credentials = Some((id.into(), secret.into()));
        self
    }

    /// The scopes to ask for, separated by spaces. Without it, all that the API client has.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// A token that comes from elsewhere. It is not renewed, and wins over credentials.
    pub fn access_token(mut self, token: impl Into<Secret>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// Where tokens come from that another issuer gives, such as your identity provider. It is asked before each call,
    /// and once more when the service refused what it gave; so it should keep a token until it ends. Wins over
    /// credentials.
    ///
    /// ```
    /// # async fn from_my_issuer() -> Result<String, std::io::Error> { Ok("…".into()) }
    /// # fn example() -> lonja_sdk::Result<lonja_sdk::Client> {
    /// use lonja_sdk::Client;
    ///
    /// let token = || async { Ok(from_my_issuer().await?.into()) };
    /// Client::builder().base_url("https://marketplace.example").token_source(token).build()
    /// # }
    /// ```
    pub fn token_source<S, F>(mut self, source: S) -> Self
    where
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Secret, Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        self.token_source = Some(Source::new(move || source().boxed()));
        self
    }

    /// How long each attempt may take; 30 seconds unless said otherwise. The deadline, unless one is set, is no shorter.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a call may take in all, with its repeats and the pauses between them; 2 minutes unless said otherwise.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How failed calls are repeated.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The name and version of your program, such as `shop/2.1`; it comes before this crate's in the `User-Agent`.
    pub fn user_agent(mut self, program: impl Into<String>) -> Self {
        self.user_agent = Some(program.into());
        self
    }

    /// An HTTP client of your own, for a proxy or a private certificate authority. It should not follow redirects.
    ///
    /// ```
    /// # fn example(authority: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// use lonja_sdk::{Client, reqwest};
    ///
    /// let http = reqwest::Client::builder()
    ///     .proxy(reqwest::Proxy::all("http://proxy.example:3128")?)
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .build()?;
    /// let lonja = Client::builder().base_url("https://marketplace.example").http_client(http).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The client. Nothing is sent yet.
    pub fn build(self) -> Result<Client> {
        let base_url = checked(self.base_url)?;
        let timeout = self.timeout.unwrap_or(Duration::from_secs(30));
        let deadline = self.deadline.unwrap_or(timeout.max(Duration::from_secs(120)));
        let user_agent = self.user_agent.map_or_else(|| USER_AGENT.into(), |name| format!("{name} {USER_AGENT}"));
        let user_agent = HeaderValue::try_from(user_agent)
            .map_err(|error| Error::Config(format!("the user agent cannot be sent: {error}")))?;
        let http = self.http.map_or_else(default_http, Ok)?;
        let auth = match (self.access_token, self.token_source, self.credentials) {
            (Some(token), ..) => Auth::Token(token),
            (None, Some(source), _) => Auth::Source(source),
            (None, None, Some((id, secret))) => {
                let scope = self.scope.map(|scope| ("scope".to_owned(), scope));
                let grant = ("grant_type".to_owned(), "client_credentials".to_owned());
                let request = http
                    .post(format!("{base_url}{TOKEN_PATH}"))
                    .basic_auth(id, Some(secret.expose()))
                    .header(header::USER_AGENT, user_agent.clone())
                    .header(header::CONTENT_TYPE, FORM)
                    .body(form_of([grant].into_iter().chain(scope).collect()));
                Auth::Credentials(Box::new(Credentials::new(request, timeout)))
            }
            (None, None, None) => Auth::None,
        };
        let retries = Retries::new(self.retry);
        Ok(Client(Arc::new(Inner { http, base_url, auth, timeout, deadline, retries, user_agent })))
    }
}

fn default_http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?)
}

fn checked(url: Option<String>) -> Result<String> {
    let url = url.ok_or_else(|| Error::Config("the client has no base URL".into()))?;
    // Without the URL itself: a password may stand in it.
    let parsed =
        reqwest::Url::parse(&url).map_err(|error| Error::Config(format!("the base URL is no URL: {error}")))?;
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    if has_user || parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(Error::Config("the base URL has a user, a query or a fragment, which none may have".into()));
    }
    match parsed.scheme() {
        "http" | "https" => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(Error::Config(format!("the base URL {url} is neither http nor https"))),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where this crate reads the environment")]
fn env(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| Error::Config(format!("{name}: {error}")))
}

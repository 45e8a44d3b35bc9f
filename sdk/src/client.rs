use crate::{
    Call, Error, Method, Result, Secret,
    auth::{Auth, Credentials},
};
use std::{fmt, sync::Arc, time::Duration};

/// The way to a marketplace. Cheap to clone; clones share connections and the token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub http: reqwest::Client,
    pub base_url: String,
    pub auth: Auth,
    pub timeout: Duration,
    pub retries: u32,
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
    /// let order: serde_json::Value = lonja.call(Method::POST, "/v1/orders/{id}:archive", &["ord_1"]).await?;
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
    timeout: Option<Duration>,
    retries: Option<u32>,
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

    /// How long each attempt may take; 30 seconds unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often a failed call is repeated when that is safe; 2 unless said otherwise, 0 for never.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// An HTTP client of your own, for a proxy or a private certificate authority. It should not follow redirects.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The client. Nothing is sent yet.
    pub fn build(self) -> Result<Client> {
        let base_url = checked(self.base_url)?;
        let timeout = self.timeout.unwrap_or(Duration::from_secs(30));
        let retries = self.retries.unwrap_or(2);
        let http = self.http.map_or_else(default_http, Ok)?;
        let auth = match (self.access_token, self.credentials) {
            (Some(token), _) => Auth::Token(token),
            (None, Some((id, secret))) => {
                let scope = self.scope.as_ref().map(|scope| ("scope", scope.as_str()));
                let form: Vec<_> = [("grant_type", "client_credentials")].into_iter().chain(scope).collect();
                let request = http
                    .post(format!("{base_url}/v1/oauth/token"))
                    .basic_auth(id, Some(secret.expose()))
                    .timeout(timeout)
                    .form(&form);
                Auth::Credentials(Box::new(Credentials { request, retries, cached: Default::default() }))
            }
            (None, None) => Auth::None,
        };
        Ok(Client(Arc::new(Inner { http, base_url, auth, timeout, retries })))
    }
}

fn default_http() -> Result<reqwest::Client> {
    let http = reqwest::Client::builder()
        .user_agent(concat!("lonja-sdk/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(http)
}

fn checked(url: Option<String>) -> Result<String> {
    let url = url.ok_or_else(|| Error::Config("the client has no base URL".into()))?;
    match reqwest::Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(url.trim_end_matches('/').to_owned()),
        Ok(_) => Err(Error::Config(format!("the base URL {url} is neither http nor https"))),
        Err(error) => Err(Error::Config(format!("the base URL {url} is not a URL: {error}"))),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where this crate reads the environment")]
fn env(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| Error::Config(format!("{name}: {error}")))
}

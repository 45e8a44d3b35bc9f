use crate::{
    Client, Error, Method, Problem, Response, Result, Secret, Version,
    auth::is_token_refused,
    response::{nothing, text},
    retry::Repeats,
    trace::Watch,
};
use futures_util::{FutureExt, future::BoxFuture};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Request, StatusCode, Url,
    header::{self, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    fmt::Display,
    marker::PhantomData,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};
use tokio::time::Instant;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
const ACCEPTED: &str = "application/json, application/problem+json";
/// Keeps the sum of instants in range.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// What a path segment may hold unescaped.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One call to the API, ready to be sent by awaiting it.
///
/// Awaiting gives the value; [`Call::send`] gives it with the status and the headers; a list also has
/// [`Call::into_stream`]. A fault made while writing the call, such as an empty id, comes out when it is awaited.
///
/// A call can be dropped at any time. What it began may have happened or not; repeating it under the same
/// [idempotency key](Call::idempotency_key) makes it happen once. So give what you may drop (as `tokio::time::timeout`
/// does) a key of your own, or let [`Call::deadline`] end it: then the key stands in the error.
#[must_use = "nothing is sent until the call is awaited"]
pub struct Call<T> {
    client: Client,
    /// The path as the document has it.
    route: String,
    deadline: Option<Duration>,
    /// How long an attempt may take, where the call has a say of its own.
    timeout: Option<Duration>,
    attempts: Option<u32>,
    /// What to send, or why it cannot be sent.
    request: Result<Request, String>,
    public: bool,
    answers: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(client: Client, method: Method, path: &str, values: &[&str]) -> Self {
        let inner = client.inner();
        let request = fill(path, values).and_then(|path| {
            let url = Url::parse(&format!("{}{path}", inner.base_url)).map_err(|error| unfit(&path, error))?;
            let mut request = Request::new(method, url);
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(ACCEPTED));
            request.headers_mut().insert(header::USER_AGENT, inner.user_agent.clone());
            Ok(request)
        });
        let route = path.to_owned();
        Call {
            client,
            route,
            deadline: None,
            timeout: None,
            attempts: None,
            request,
            public: false,
            answers: PhantomData,
        }
    }

    /// Sends this JSON body.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        let json = serde_json::to_vec(body).map_err(|error| unfit("the body", error));
        self.body("application/json", json)
    }

    /// Sends the fields of this struct as a form; those that are `None` stay out.
    pub fn form(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.body(FORM, pairs(body).map(form_of))
    }

    /// Sends this text, of a kind such as `text/csv`.
    pub fn text(self, kind: &'static str, body: &str) -> Self {
        self.body(kind, Ok(body.as_bytes().to_vec()))
    }

    fn body(self, kind: &'static str, body: Result<Vec<u8>, String>) -> Self {
        self.change(|request| {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            *request.body_mut() = Some(body?.into());
            Ok(())
        })
    }

    /// Adds the fields of this struct to the query; those that are `None` stay out, a list repeats its name.
    pub fn query(self, query: &(impl Serialize + ?Sized)) -> Self {
        self.change(|request| {
            let pairs = pairs(query)?;
            if !pairs.is_empty() {
                request.url_mut().query_pairs_mut().extend_pairs(pairs);
            }
            Ok(())
        })
    }

    /// Names this write: the service does it once, however often it is sent under this key, and repeats its answer.
    /// Operations that take a key get a random one when none is given. Only `POST` takes one.
    pub fn idempotency_key(self, key: impl AsRef<str>) -> Self {
        let checked = self.change(|request| match *request.method() {
            Method::POST => Ok(()),
            _ => Err(unfit("an idempotency key", "only POST takes one; `if_match` guards a change")),
        });
        checked.header(IDEMPOTENCY_KEY.as_str(), key)
    }

    /// The idempotency key under which it will be sent.
    pub fn key(&self) -> Option<&str> {
        text(self.request.as_ref().ok()?.headers(), IDEMPOTENCY_KEY.as_str())
    }

    /// Acts only if the resource is still as it was read: takes the [`Response`] that it was read with, or its
    /// [`etag`](Response::etag). `"*"` acts whatever it has become.
    ///
    /// ```no_run
    /// # use lonja_sdk::types::UpdateSubscription;
    /// # async fn example(lonja: lonja_sdk::Client, change: UpdateSubscription) -> lonja_sdk::Result<()> {
    /// let read = lonja.get_subscription("sub_1").send().await?;
    /// lonja.update_subscription(&read.id, &change).if_match(&read).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn if_match(self, read: impl Version) -> Self {
        self.version(header::IF_MATCH, read)
    }

    /// Answers `None` if the resource is still as it was read: takes the [`Response`] that it was read with, or its
    /// [`etag`](Response::etag).
    pub fn if_none_match(self, read: impl Version) -> Call<Option<T>> {
        let Call { client, route, deadline, timeout, attempts, request, public, .. } =
            self.version(header::IF_NONE_MATCH, read);
        Call { client, route, deadline, timeout, attempts, request, public, answers: PhantomData }
    }

    /// Writes only where there is nothing yet, as the first `PUT` of a resource must.
    pub fn if_absent(self) -> Self {
        self.header(header::IF_NONE_MATCH.as_str(), "*")
    }

    fn version(self, name: HeaderName, read: impl Version) -> Self {
        match read.version() {
            Some(etag) => self.header(name.as_str(), etag),
            None => self.change(|request| Err(unfit(request.url().path(), "what was read has no ETag"))),
        }
    }

    /// The language of the texts that people read, such as `es-MX`.
    pub fn accept_language(self, language: impl AsRef<str>) -> Self {
        self.header(header::ACCEPT_LANGUAGE.as_str(), language)
    }

    /// Sends this header, instead of what was set under its name before; `Authorization` instead of the client's token.
    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        self.change(|request| {
            let mut value = HeaderValue::from_str(value.as_ref()).map_err(|error| unfit(name, error))?;
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| unfit(name, error))?;
            value.set_sensitive(name == header::AUTHORIZATION);
            request.headers_mut().insert(name, value);
            Ok(())
        })
    }

    /// How long the call may take in all: getting a token, every attempt and the pauses between them. It is no longer
    /// sent again when this has passed. Of a list that is read on, each page has as long.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often it is sent at most, instead of what the client's [`Retry`](crate::Retry) says; 1 never repeats it.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// How long each attempt may take. One that is longer than the client's deadline takes its place, unless the call has
    /// a deadline of its own.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends no token.
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Makes a random idempotency key, which a given one replaces.
    pub fn keyed(self) -> Self {
        self.idempotency_key(uuid::Uuid::new_v4().to_string())
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Request) -> Result<(), String>) -> Self {
        self.request = self.request.and_then(|mut request| {
            change(&mut request)?;
            Ok(request)
        });
        self
    }
}

impl<T: DeserializeOwned> Call<T> {
    /// Sends it, for the value with the status and the headers.
    pub async fn send(self) -> Result<Response<T>> {
        self.exchange().await
    }

    pub(crate) async fn exchange(&self) -> Result<Response<T>> {
        let request = self.request.as_ref().map_err(|why| Error::Config(why.clone()))?;
        let inner = self.client.inner();
        let deadline = self.deadline.unwrap_or_else(|| inner.deadline.max(self.timeout.unwrap_or_default()));
        let exchange = Exchange {
            client: &self.client,
            route: &self.route,
            request,
            safe: repeats(request, self.public),
            most: self.attempts,
            timeout: self.timeout.unwrap_or(inner.timeout),
            deadline: Instant::now() + deadline.min(LONGEST),
            attempts: AtomicU32::new(0),
            may_be_done: AtomicBool::new(false),
            watch: Watch::new(request.method(), &self.route),
        };
        let answer = exchange.watch.over(async {
            match self.public || request.headers().contains_key(header::AUTHORIZATION) {
                true => exchange.attempts(None).await,
                false => exchange.authorised().await,
            }
        });
        answer.await.map_err(|error| {
            exchange.watch.failed(&error);
            error.with_key(self.key().map(str::to_owned))
        })
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.send().map(|answer| answer.map(Response::into_value)).boxed()
    }
}

/// A call on its way.
struct Exchange<'a> {
    client: &'a Client,
    route: &'a str,
    request: &'a Request,
    safe: Repeats,
    /// The most attempts, where the call has a say of its own.
    most: Option<u32>,
    /// Of an attempt.
    timeout: Duration,
    deadline: Instant,
    attempts: AtomicU32,
    /// Whether an attempt failed that may have acted.
    may_be_done: AtomicBool,
    watch: Watch,
}

impl Exchange<'_> {
    /// A token can end before its time (its key was withdrawn, a clock is wrong): once, the call is sent with another.
    async fn authorised<T: DeserializeOwned>(&self) -> Result<Response<T>> {
        let client = self.client.inner();
        let token = client.auth.bearer(client, self.deadline, &self.watch).await?;
        match self.attempts(Some(&token)).await {
            // This repeat does not count as an attempt; those before it do.
            Err(Error::Problem(problem)) if is_token_refused(&problem) && client.auth.renews(&token) => {
                let token = client.auth.bearer(client, self.deadline, &self.watch).await?;
                self.attempts(Some(&token)).await
            }
            answer => answer,
        }
    }

    async fn attempts<T: DeserializeOwned>(&self, token: Option<&Secret>) -> Result<Response<T>> {
        let retries = &self.client.inner().retries;
        let count = self.attempts.load(Ordering::Relaxed).max(1);
        let attempt = || async {
            self.attempt(token).await.inspect_err(|error| {
                // What was refused outright, such as for its token, was not done either.
                self.may_be_done.fetch_or(error.is_retryable() && !error.is_not_done(), Ordering::Relaxed);
            })
        };
        retries.go_on(count, self.most, self.safe, self.deadline, &self.watch, attempt).await
    }

    async fn attempt<T: DeserializeOwned>(&self, token: Option<&Secret>) -> Result<Response<T>> {
        let mut request = self
            .request
            .try_clone()
            .ok_or_else(|| Error::Config(unfit(self.route, "its body can be read once only")))?;
        if let Some(token) = token {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|error| Error::Config(unfit("the access token", error)))?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        *request.timeout_mut() = Some(left.min(self.timeout));
        let number = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = self.client.inner().http.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let request_id = text(&headers, "x-request-id");
        self.watch.answered(number, status.as_u16(), request_id);
        let body = answer.bytes().await?;
        // What an earlier attempt deleted is not there to be deleted again.
        if self.request.method() == Method::DELETE
            && self.may_be_done.load(Ordering::Relaxed)
            && matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
            && let Some(value) = nothing()
        {
            return Ok(Response::new(value, StatusCode::NO_CONTENT, headers));
        }
        if !status.is_success() && status != StatusCode::NOT_MODIFIED {
            return Err(Error::Problem(Box::new(Problem::from_answer(status, &headers, &body))));
        }
        // No body is no value: `()` for 204, `None` for 304. In any other answer it is a fault, unless none is awaited.
        let is_null = body.is_empty() && matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let json: &[u8] = if is_null { b"null" } else { &body };
        let value = match serde_json::from_slice(json) {
            Err(_)
                if body.is_empty()
                    && !is_null
                    && let Some(value) = nothing() =>
            {
                value
            }
            Err(why) => return Err(Error::decode(self.route, status, &headers, &body, &why)),
            Ok(value) => value,
        };
        Ok(Response::new(value, status, headers))
    }
}

/// Where sending it twice does no more than sending it once.
fn repeats(request: &Request, is_public: bool) -> Repeats {
    let has = |name| request.headers().contains_key(name);
    match *request.method() {
        // Public operations take no key.
        Method::POST if has(IDEMPOTENCY_KEY) && !is_public => Repeats::All,
        Method::GET | Method::HEAD => Repeats::All,
        // After a first one that acted, a repeat would meet the new version: a conflict that there is not.
        Method::PUT | Method::DELETE | Method::PATCH if has(header::IF_MATCH) || has(header::IF_NONE_MATCH) => {
            Repeats::NotDone
        }
        Method::PUT | Method::DELETE => Repeats::All,
        _ => Repeats::NotDone,
    }
}

/// Puts the values in place of the `{…}` of the path.
fn fill(path: &str, values: &[&str]) -> Result<String, String> {
    // Another host or port would get the token.
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(unfit(path, "a path begins with one slash"));
    }
    let mut values = values.iter();
    let mut filled = String::with_capacity(path.len() + 32);
    let mut rest = path;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        let value = values.next().ok_or_else(|| unfit(path, format!("{name} has no value")))?;
        // A dot segment would climb to another resource, encoded or not.
        if matches!(*value, "" | "." | "..") {
            return Err(unfit(path, format!("{value:?} is no value for {name}")));
        }
        filled.extend([before].into_iter().chain(utf8_percent_encode(value, SEGMENT)));
        rest = after;
    }
    if values.next().is_some() {
        return Err(unfit(path, "it takes fewer values"));
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The query of an address is written as a form is.
pub fn form_of(pairs: Vec<(String, String)>) -> Vec<u8> {
    let Ok(mut url) = Url::parse("form:") else { return Vec::new() };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().into()
}

/// The fields of a struct, for a query or a form.
fn pairs(fields: &(impl Serialize + ?Sized)) -> Result<Vec<(String, String)>, String> {
    match serde_json::to_value(fields).map_err(|error| unfit("the query", error))? {
        Value::Object(fields) => {
            Ok(fields.iter().flat_map(|(name, value)| texts(value).map(|text| (name.clone(), text))).collect())
        }
        _ => Err(unfit("the query", "it has no fields")),
    }
}

/// The texts of one field of a query.
fn texts(value: &Value) -> impl Iterator<Item = String> {
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    values.iter().filter(|value| !value.is_null()).map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn unfit(what: &str, why: impl Display) -> String {
    format!("{what} cannot be sent: {why}")
}

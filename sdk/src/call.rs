use crate::{Client, Error, Method, Problem, Response, Result, Secret, problem::excerpt, response::text, retry};
use futures_util::{FutureExt, future::BoxFuture};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Request, StatusCode, Url,
    header::{self, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt::Display, marker::PhantomData, time::Duration};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const ACCEPTED: &str = "application/json, application/problem+json";
/// What a path segment may hold unescaped.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One call to the API, ready to be sent by awaiting it.
///
/// Awaiting gives the value; [`Call::send`] gives it with the status and the headers; a list also has [`Call::stream`].
/// A fault made while writing the call, such as an empty id, comes out when it is awaited.
#[must_use = "nothing is sent until the call is awaited"]
pub struct Call<T> {
    client: Client,
    /// What to send, or why it cannot be sent.
    request: Result<Request, String>,
    public: bool,
    answers: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(client: Client, method: Method, path: &str, values: &[&str]) -> Self {
        let inner = client.inner();
        let request = fill(path, values).and_then(|path| {
            let url = format!("{}{path}", inner.base_url);
            let url = Url::parse(&url).map_err(|error| unfit(&url, error))?;
            let mut request = Request::new(method, url);
            *request.timeout_mut() = Some(inner.timeout);
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(ACCEPTED));
            Ok(request)
        });
        Call { client, request, public: false, answers: PhantomData }
    }

    /// Sends this JSON body.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.change(|request| {
            let body = serde_json::to_vec(body).map_err(|error| unfit("the body", error))?;
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.into());
            Ok(())
        })
    }

    /// Sends this body of comma-separated values.
    pub fn csv(self, text: impl Into<String>) -> Self {
        self.change(|request| {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
            *request.body_mut() = Some(text.into().into());
            Ok(())
        })
    }

    /// Adds the fields of this struct to the query; those that are `None` stay out, a list repeats its name.
    pub fn query(self, query: &(impl Serialize + ?Sized)) -> Self {
        self.change(|request| {
            let query = serde_json::to_value(query).map_err(|error| unfit("the query", error))?;
            let Value::Object(fields) = query else { return Err(unfit("the query", "it has no fields")) };
            let pairs: Vec<_> =
                fields.iter().flat_map(|(name, value)| texts(value).map(move |text| (name, text))).collect();
            if !pairs.is_empty() {
                request.url_mut().query_pairs_mut().extend_pairs(pairs);
            }
            Ok(())
        })
    }

    /// Names this write: the service does it once, however often it is sent under this key, and repeats its answer.
    /// Operations that take a key get a random one when none is given.
    pub fn idempotency_key(self, key: impl AsRef<str>) -> Self {
        self.header(IDEMPOTENCY_KEY.as_str(), key)
    }

    /// Acts only if the resource still has this [`etag`](Response::etag).
    pub fn if_match(self, etag: impl AsRef<str>) -> Self {
        self.header(header::IF_MATCH.as_str(), etag)
    }

    /// Answers `None` if the resource still has this [`etag`](Response::etag).
    pub fn if_none_match(self, etag: impl AsRef<str>) -> Call<Option<T>> {
        let Call { client, request, public, .. } = self.header(header::IF_NONE_MATCH.as_str(), etag);
        Call { client, request, public, answers: PhantomData }
    }

    /// The language of the texts that people read, such as `es-MX`.
    pub fn accept_language(self, language: impl AsRef<str>) -> Self {
        self.header(header::ACCEPT_LANGUAGE.as_str(), language)
    }

    /// Sends this header, instead of what was set under its name before.
    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        self.change(|request| {
            let value = HeaderValue::from_str(value.as_ref()).map_err(|error| unfit(name, error))?;
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| unfit(name, error))?;
            request.headers_mut().insert(name, value);
            Ok(())
        })
    }

    /// How long each attempt may take.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|request| {
            *request.timeout_mut() = Some(timeout);
            Ok(())
        })
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

    /// The same call for the page that starts there.
    pub(crate) fn at_cursor(self, cursor: &str) -> Self {
        self.change(|request| {
            let url = request.url_mut();
            let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "cursor").collect();
            url.query_pairs_mut().clear().extend_pairs(kept).append_pair("cursor", cursor);
            Ok(())
        })
    }

    fn change(mut self, change: impl FnOnce(&mut Request) -> Result<(), String>) -> Self {
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
        let answer = match self.public {
            true => attempts(&self.client, request, None).await,
            false => authorised(&self.client, request).await,
        };
        let key = || text(request.headers(), IDEMPOTENCY_KEY.as_str()).map(str::to_owned);
        answer.map_err(|error| error.with_key(key()))
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.send().map(|answer| answer.map(Response::into_value)).boxed()
    }
}

/// A token can end before its time (its key was withdrawn, the clock is wrong): once, the call is sent with another.
async fn authorised<T: DeserializeOwned>(client: &Client, request: &Request) -> Result<Response<T>> {
    let auth = &client.inner().auth;
    let token = auth.bearer().await?;
    match attempts(client, request, Some(&token)).await {
        Err(Error::Problem(problem)) if problem.code == "invalid_token" && auth.renews(&token).await => {
            attempts(client, request, Some(&auth.bearer().await?)).await
        }
        answer => answer,
    }
}

async fn attempts<T: DeserializeOwned>(
    client: &Client,
    request: &Request,
    token: Option<&Secret>,
) -> Result<Response<T>> {
    let retries = if is_safe(request) { client.inner().retries } else { 0 };
    retry::run(retries, || attempt(client, request, token)).await
}

async fn attempt<T: DeserializeOwned>(
    client: &Client,
    request: &Request,
    token: Option<&Secret>,
) -> Result<Response<T>> {
    let path = request.url().path().to_owned();
    let mut request =
        request.try_clone().ok_or_else(|| Error::Config(unfit(&path, "its body can be read once only")))?;
    if let Some(token) = token {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|error| Error::Config(unfit("the access token", error)))?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    let answer = client.inner().http.execute(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await?;
    if !status.is_success() && status != StatusCode::NOT_MODIFIED {
        return Err(Error::Problem(Box::new(Problem::from_answer(status, &headers, &body))));
    }
    // No body is no value: `()` for 204, `None` for 304.
    let json: &[u8] = if body.is_empty() { b"null" } else { &body };
    match serde_json::from_slice(json) {
        Ok(value) => Ok(Response::new(value, status, headers)),
        Err(source) => Err(Error::Decode {
            path,
            body: excerpt(&body).unwrap_or_default().into(),
            request_id: text(&headers, "x-request-id").map(str::to_owned),
            idempotency_key: None,
            source,
        }),
    }
}

/// Whether sending it twice does no more than sending it once.
fn is_safe(request: &Request) -> bool {
    let headers = request.headers();
    headers.contains_key(IDEMPOTENCY_KEY)
        || match *request.method() {
            Method::GET | Method::HEAD | Method::PUT | Method::DELETE => true,
            Method::PATCH => headers.contains_key(header::IF_MATCH),
            _ => false,
        }
}

/// Puts the values in place of the `{…}` of the path.
fn fill(path: &str, values: &[&str]) -> Result<String, String> {
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
    filled.push_str(rest);
    Ok(filled)
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

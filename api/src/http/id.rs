//! The id in a path.

use crate::ids;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::convert::Infallible;
use std::ops::Deref;

/// The `{id}` of the path. A text that cannot be an id becomes one that names nothing, so that it is answered like
/// any unknown id: with the same 404, after the same checks (CUS-05).
pub struct Id(String);

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromRequest for Id {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        std::future::ready(Ok(Self(if ids::is_id(text) { text.to_ascii_lowercase() } else { String::new() })))
    }
}

/// The second id of a path, which is named after its list, such as `{deliveryId}`.
pub struct InnerId(String);

impl Deref for InnerId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromRequest for InnerId {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().find(|(name, _)| *name != "id").map_or("", |(_, text)| text);
        std::future::ready(Ok(Self(if ids::is_id(text) { text.to_ascii_lowercase() } else { String::new() })))
    }
}

/// The `{id}` of the path where it is a stable name, such as an offer's; bad characters make one that names nothing.
pub struct Name(String);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromRequest for Name {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = text.len() <= 100 && text.chars().all(plain);
        std::future::ready(Ok(Self(if fits { text.to_owned() } else { String::new() })))
    }
}

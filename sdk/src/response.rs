use reqwest::{
    StatusCode,
    header::{self, HeaderMap},
};
use serde::{
    Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error as NoValue},
    forward_to_deserialize_any,
};
use std::ops::Deref;

/// A full answer: the value, and what the headers say about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// What was answered.
    pub value: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Response { value, status, headers }
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The version of the resource, for [`Call::if_match`](crate::Call::if_match).
    pub fn etag(&self) -> Option<&str> {
        text(&self.headers, header::ETAG.as_str())
    }

    /// Where a created resource is.
    pub fn location(&self) -> Option<&str> {
        text(&self.headers, header::LOCATION.as_str())
    }

    /// The name of this exchange, for a question to the marketplace.
    pub fn request_id(&self) -> Option<&str> {
        text(&self.headers, "x-request-id")
    }

    /// Whether the service had done this before under the same idempotency key, and repeats its answer.
    pub fn is_replayed(&self) -> bool {
        text(&self.headers, "idempotent-replayed") == Some("true")
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A header's text, when it is there and readable.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The value of a type that has but one, such as `()`.
pub(crate) fn nothing<T: DeserializeOwned>() -> Option<T> {
    T::deserialize(Nothing).ok()
}

struct Nothing;

impl<'de> Deserializer<'de> for Nothing {
    type Error = NoValue;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoValue> {
        Err(NoValue::custom("nothing was answered"))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NoValue> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

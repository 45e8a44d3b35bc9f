//! Query parameters, read like bodies: unknown ones, wrong types and values out of range are all named (PLT-07).

use super::context::RequestContext;
use super::faults;
use crate::error::{Code, Error, Fault, Result};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::ops::Deref;
use validator::Validate;

/// Parameters that are as documented.
pub struct Query<T> {
    value: T,
    filters: String,
}

impl<T> Query<T> {
    /// Everything but `cursor` and `limit`: a cursor belongs to these.
    pub fn filters(&self) -> &str {
        &self.filters
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let context = RequestContext::of(&request)?;
            context.gate.passed().await;
            parse(request.query_string(), &context)
        })
    }
}

fn parse<T: DeserializeOwned + Validate>(query: &str, context: &RequestContext) -> Result<Query<T>> {
    let operation = context.operation()?;
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|_fault| Error::invalid(vec![Fault::at("?", Code::FieldFormat).with("expected", "name=value&…")]))?
        .into_inner();
    let mut given = Map::new();
    let mut found = Vec::new();
    for (name, text) in &pairs {
        if given.insert(name.clone(), operation.query_value(name, text)).is_some() {
            found.push(Fault::at(format!("/{name}"), Code::FieldRepeated).with("field", name));
        }
    }
    let given = Value::Object(given);
    faults::control_characters(&given, "", &mut found);
    if let Some(validator) = operation.query_validator() {
        found.extend(faults::of(validator, &given));
    }
    for fault in &mut found {
        // A parameter is no place in a document: `?name` instead of a pointer.
        fault.pointer = fault.pointer.replacen('/', "?", 1);
    }
    let mut filters: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| name != "cursor" && name != "limit")
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    filters.sort_unstable();
    match serde_json::from_value::<T>(given) {
        Ok(value) if found.is_empty() && value.validate().is_ok() => Ok(Query { value, filters: filters.join("&") }),
        _ if found.is_empty() => Err(Error::invalid(vec![Fault::at("?", Code::FieldFormat)])),
        _ => Err(Error::invalid(found)),
    }
}

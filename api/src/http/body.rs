//! JSON bodies. serde reads them; the operation's own schema says everything that is wrong, each fault with its pointer
//! (PLT-07).

use super::context::RequestContext;
use super::faults;
use super::room::{Received, Room};
use crate::error::{Code, Error, Fault, Result};
use crate::state::App;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::ops::Deref;
use std::time::Duration;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// A body that is as documented.
pub struct Body<T> {
    value: T,
    canonical: String,
    _room: Room,
}

impl<T> Body<T> {
    /// The body as a text that does not depend on white space or the order of fields.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The body of an action that takes none: nothing, or `{}`.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let context = RequestContext::of(&request)?;
            context.gate.passed().await;
            let app = App::of(&request)?;
            let takes_none = !context.operation()?.has_body();
            if !takes_none {
                accepts_json(&request)?;
            }
            let received = read(&app, &request, payload, app.config.limits.body_bytes).await?;
            let bytes = if takes_none && received.bytes.is_empty() { b"{}" } else { received.bytes.as_slice() };
            let (value, canonical) = parse(bytes, &context)?;
            Ok(Self { value, canonical, _room: received.into_room() })
        })
    }
}

fn parse<T: DeserializeOwned + Validate>(bytes: &[u8], context: &RequestContext) -> Result<(T, String)> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(error.line(), error.column()))?;
    let mut found = Vec::new();
    faults::control_characters(&value, "", &mut found);
    let validator = context.operation()?.body_validator();
    match serde_json::from_slice::<T>(bytes) {
        Ok(parsed) => {
            // serde takes more than is documented: a list of values for an object, any text for one of a pattern.
            let refusing = validator.filter(|validator| !validator.is_valid(&value));
            found.extend(refusing.map(|validator| faults::of(validator, &value)).unwrap_or_default());
            if let Err(errors) = parsed.validate() {
                // What a type says of its fields together, and no schema does, is told with the rest.
                match (refusing, errors.errors().get(TOGETHER)) {
                    (None, _) => limits(&errors, "", &mut found),
                    (Some(_), Some(kind)) if value.is_object() => limits_of(TOGETHER, kind, "", &mut found),
                    _ => {}
                }
            }
            if found.is_empty() {
                return Ok((parsed, canonical(&value)));
            }
        }
        Err(error) => {
            found.extend(validator.map(|validator| faults::of(validator, &value)).unwrap_or_default());
            if found.is_empty() {
                // What only serde sees.
                let told = error.to_string();
                let twice = told.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next());
                found.push(match twice {
                    Some(field) => Fault::at(format!("/{field}"), Code::FieldRepeated).with("field", field),
                    None => Fault::at("", Code::FieldFormat).with("expected", told),
                });
            }
        }
    }
    Err(Error::invalid(found))
}

/// What does not parse has no place that a pointer could name: it points at the whole, line and column say where.
fn malformed(line: usize, column: usize) -> Error {
    Error::refused(vec![Fault::at("", Code::MalformedJson).with("line", line).with("column", column)])
}

/// Reads a field of a change: it may be absent, but where it stands it has a value. Without this serde would take
/// `null` for absent, which the document does not allow.
pub fn present<'de, D, T>(deserializer: D) -> std::result::Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// What `validator` says, field by field.
fn limits(errors: &ValidationErrors, at: &str, found: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        limits_of(field, kind, at, found);
    }
}

/// The name under which `validator` tells what is wrong with several fields together.
const TOGETHER: &str = "__all__";

fn limits_of(field: &str, kind: &ValidationErrorsKind, at: &str, found: &mut Vec<Fault>) {
    let pointer = format!("{at}/{}", camel(field));
    match kind {
        ValidationErrorsKind::Struct(inner) => limits(inner, &pointer, found),
        ValidationErrorsKind::List(items) => {
            for (index, inner) in items {
                limits(inner, &format!("{pointer}/{index}"), found);
            }
        }
        // Of fields together: the error says at which of them it is told.
        ValidationErrorsKind::Field(errors) if field == TOGETHER => {
            let place = |error: &validator::ValidationError| {
                let field = error.params.get("field").and_then(Value::as_str).unwrap_or_default();
                format!("{at}/{field}")
            };
            found.extend(errors.iter().map(|error| limit(error, &place(error))));
        }
        ValidationErrorsKind::Field(errors) => {
            found.extend(errors.iter().map(|error| limit(error, &pointer)));
        }
    }
}

fn limit(error: &validator::ValidationError, pointer: &str) -> Fault {
    let parameter = |name: &str| error.params.get(name);
    match error.code.as_ref() {
        "length" => match (parameter("value"), parameter("min")) {
            (Some(value), Some(min)) if length(value) < min.as_u64() => {
                Fault::at(pointer, Code::FieldTooShort).with("limit", min)
            }
            _ => Fault::at(pointer, Code::FieldTooLong).with("limit", parameter("max")),
        },
        "range" => match (parameter("value").and_then(Value::as_f64), parameter("min").and_then(Value::as_f64)) {
            (Some(value), Some(min)) if value < min => {
                Fault::at(pointer, Code::FieldOutOfRange).with("limit", parameter("min"))
            }
            _ => Fault::at(pointer, Code::FieldOutOfRange).with("limit", parameter("max")),
        },
        "required" => Fault::at(pointer, Code::FieldRequired),
        other => Fault::at(pointer, Code::FieldFormat).with("expected", other),
    }
}

fn length(value: &Value) -> Option<u64> {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        _ => return None,
    };
    u64::try_from(length).ok()
}

fn camel(field: &str) -> String {
    let mut upper = false;
    let mut out = String::with_capacity(field.len());
    for c in field.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.extend(c.to_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            let fields: Vec<_> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

fn accepts_json(request: &HttpRequest) -> Result<()> {
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default().to_ascii_lowercase());
    let plain = text(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    let json =
        text(CONTENT_TYPE).is_some_and(|content| content.split(';').next().map(str::trim) == Some("application/json"));
    if plain && json {
        Ok(())
    } else {
        Err(Error::new(Code::UnsupportedMediaType).with("accepted", "application/json"))
    }
}

/// Reads a body to its end: no more than `most` bytes, in no more time than the settings say, and within the room that
/// all bodies share. The framework times out slow headers but never a slow body.
pub async fn read(app: &App, request: &HttpRequest, mut payload: Payload, most: usize) -> Result<Received> {
    let too_large = || Error::new(Code::BodyTooLarge).with("limit", most);
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|declared| declared > most) {
        return Err(too_large());
    }
    let whole = async {
        let mut received = Received::nothing(&app.bodies);
        let expected = declared.unwrap_or(most);
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| malformed(0, 0).caused_by(error))?;
            if received.bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            received.add(&chunk, expected)?;
        }
        Ok(received)
    };
    tokio::time::timeout(Duration::from_secs(app.config.limits.body_seconds), whole)
        .await
        .unwrap_or_else(|_elapsed| Err(Error::new(Code::RequestTimeout)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rule_plt_02_white_space_and_order_do_not_make_another_body() {
        let one: Value = serde_json::from_str(r#"{"b": [1, {"z": null, "y": "ñ"}], "a": 2}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":2,"b":[1,{"y":"ñ","z":null}]}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&other));
        assert_ne!(canonical(&one), canonical(&json!({"a": 2, "b": [1]})));
    }
}

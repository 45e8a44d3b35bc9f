//! The part of an OpenAPI document that the generator looks at.

use crate::{
    Result,
    names::{identifier, words},
};
use serde_json::{Map, Value};

/// The methods under which operations stand.
pub const METHODS: &[&str] = &["delete", "get", "patch", "post", "put"];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// One operation, as the SDK calls it.
pub struct Operation<'a> {
    pub id: &'a str,
    pub tag: &'a str,
    pub summary: &'a str,
    pub description: &'a str,
    /// In upper case.
    pub method: String,
    pub path: &'a str,
    /// The values in the path, in its order.
    pub path_names: Vec<String>,
    pub query: Vec<Parameter<'a>>,
    pub keyed: bool,
    /// Whether there is an `If-Match`, and whether it must be sent.
    pub if_match: Option<bool>,
    pub if_none_match: bool,
    /// `None` for a public operation.
    pub scopes: Option<Vec<&'a str>>,
    pub body: Option<Body<'a>>,
    pub answer: Option<&'a Value>,
}

pub struct Parameter<'a> {
    pub name: &'a str,
    pub required: bool,
    pub description: &'a str,
    pub schema: &'a Value,
}

/// What an operation takes.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    Json(&'a Value),
    Form(&'a Value),
    /// Text of this kind.
    Text(&'a str),
}

/// What stands where JSON, or nothing, should.
enum Content<'a> {
    None,
    Some(Body<'a>),
    Other(&'a str),
}

/// The operations that the SDK can speak, and a note for each of the others.
pub fn operations(document: &Value) -> Result<(Vec<Operation<'_>>, Vec<String>)> {
    let paths = document.get("paths").and_then(Value::as_object).ok_or("there are no paths")?;
    let mut operations = Vec::new();
    let mut notes = Vec::new();
    for (path, item) in paths {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let at = |why: String| format!("{} {path}: {why}", method.to_uppercase());
            match read(document, path, method, operation).map_err(at)? {
                Ok(operation) => operations.push(operation),
                Err(note) => notes.push(note),
            }
        }
    }
    Ok((operations, notes))
}

fn read<'a>(document: &'a Value, path: &'a str, method: &str, operation: &'a Value) -> Result<Result<Operation<'a>>> {
    let id = text(operation, "operationId");
    if id.is_empty() {
        return Err("it has no operationId".to_owned());
    }
    let body = content(operation.get("requestBody"));
    let answer = content(success(operation)?);
    let body = match body {
        Content::None => None,
        Content::Some(body) => Some(body),
        Content::Other(kind) => return Ok(Err(format!("skipped {id}: takes {kind}"))),
    };
    let answer = match answer {
        Content::None => None,
        Content::Some(Body::Json(schema)) => Some(schema),
        Content::Some(Body::Form(_) | Body::Text(_)) => return Ok(Err(format!("skipped {id}: answers no JSON"))),
        Content::Other(kind) => return Ok(Err(format!("skipped {id}: answers {kind}"))),
    };
    let tag = operation.pointer("/tags/0").and_then(Value::as_str).ok_or("it has no tag")?;
    let mut read = Operation {
        id,
        tag,
        summary: text(operation, "summary"),
        description: text(operation, "description"),
        method: method.to_uppercase(),
        path,
        path_names: path.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next()).map(identifier).collect(),
        query: Vec::new(),
        keyed: false,
        if_match: None,
        if_none_match: false,
        scopes: scopes(document, operation),
        body,
        answer,
    };
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        read.take(resolved(document, parameter))?;
    }
    Ok(Ok(read))
}

impl<'a> Operation<'a> {
    fn take(&mut self, parameter: &'a Value) -> Result<()> {
        let name = text(parameter, "name");
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
        match (text(parameter, "in"), words(name).join("-").as_str()) {
            ("query", _) => {
                let schema = parameter.get("schema").ok_or_else(|| format!("{name} has no schema"))?;
                self.query.push(Parameter { name, required, description: text(parameter, "description"), schema });
            }
            ("header", "idempotency-key") => self.keyed = true,
            ("header", "if-match") => self.if_match = Some(required),
            ("header", "if-none-match") => self.if_none_match = true,
            // The rest can be sent with `Call::header`.
            ("path" | "header", _) => {}
            (place, _) => return Err(format!("{name} is in {place:?}, which is not understood")),
        }
        Ok(())
    }
}

impl<'a> Body<'a> {
    /// What is sent, where it has a schema of its own.
    pub fn schema(self) -> Option<&'a Value> {
        match self {
            Body::Json(schema) | Body::Form(schema) => Some(schema),
            Body::Text(_) => None,
        }
    }
}

/// The one answer of success; of several, all must be the same.
fn success(operation: &Value) -> Result<Option<&Value>> {
    let answers = operation.get("responses").and_then(Value::as_object);
    let mut good: Vec<&Value> =
        answers.into_iter().flatten().filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer).collect();
    good.dedup_by_key(|answer| answer.get("content"));
    match good.as_slice() {
        [answer] => Ok(Some(answer)),
        [] => Err("it has no answer of success".to_owned()),
        _ => Err("its answers of success differ".to_owned()),
    }
}

fn content(part: Option<&Value>) -> Content<'_> {
    let kinds = part.and_then(|part| part.get("content")).and_then(Value::as_object);
    match kinds.and_then(|kinds| Some((kinds, kinds.keys().next()?))) {
        None => Content::None,
        Some((kinds, first)) => {
            let schema = |kind: &str| kinds.get(kind).and_then(|media| media.get("schema"));
            match (schema(JSON), schema(FORM)) {
                (Some(schema), _) => Content::Some(Body::Json(schema)),
                (None, Some(schema)) => Content::Some(Body::Form(schema)),
                (None, None) if first.starts_with("text/") => Content::Some(Body::Text(first)),
                (None, None) => Content::Other(first),
            }
        }
    }
}

/// The words of an enum that the document keeps open, wherever it says them: under `enum`, or as a hint.
pub fn known_words<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a str> {
    let schema = resolved(document, schema);
    let lists = ["enum", "x-extensible-enum"].into_iter().filter_map(|name| schema.get(name)?.as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}

/// An operation without its own security has the document's; an empty requirement makes it public.
fn scopes<'a>(document: &'a Value, operation: &'a Value) -> Option<Vec<&'a str>> {
    let security = operation.get("security").or_else(|| document.get("security"))?.as_array()?;
    let schemes: Vec<&Map<String, Value>> = security.iter().filter_map(Value::as_object).collect();
    let scopes = schemes.iter().flat_map(|schemes| schemes.values()).filter_map(Value::as_array);
    let is_public = schemes.iter().all(|schemes| schemes.is_empty());
    (!is_public).then(|| scopes.flatten().filter_map(Value::as_str).collect())
}

/// What a reference leads to, where this is one.
pub fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    let target = text(part, "$ref").strip_prefix('#').filter(|path| !path.is_empty());
    target.and_then(|path| document.pointer(path)).unwrap_or(part)
}

/// A text of an object; empty when there is none.
pub fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

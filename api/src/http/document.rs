//! The OpenAPI document at run time: which operation a request is, and what its body and query must look like.

use crate::error::{Code, Error, Fault, Result};
use actix_web::HttpRequest;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The document and an index over its operations.
pub struct Document {
    /// The document as it is served and committed.
    pub json: String,
    /// The digest of it, for `ETag`.
    pub etag: String,
    operations: HashMap<(String, String), Arc<Operation>>,
    paths: Vec<(Vec<Segment>, Vec<String>)>,
}

/// One operation.
pub struct Operation {
    /// The operation id: the name of the handler and of the SDK's method.
    pub id: String,
    /// The path with `{names}`.
    pub path: String,
    body: Option<Value>,
    query: Value,
    components: Arc<Value>,
    body_validator: OnceLock<Option<Validator>>,
    query_validator: OnceLock<Option<Validator>>,
}

enum Segment {
    Fixed(String),
    /// A name, and what must follow it (`:verb`).
    Any(String),
}

impl Document {
    /// Reads a document.
    pub fn of(json: String) -> Self {
        let whole: Value = serde_json::from_str(&json).unwrap_or_default();
        let components = Arc::new(whole.get("components").cloned().unwrap_or_default());
        let mut operations = HashMap::new();
        let mut paths = Vec::new();
        for (path, item) in whole.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let mut methods = Vec::new();
            for (method, operation) in item.as_object().into_iter().flatten() {
                let method = method.to_uppercase();
                let operation = Arc::new(Operation::of(path, operation, components.clone()));
                operations.insert((method.clone(), path.clone()), operation);
                methods.push(method);
            }
            // What the frame answers by itself.
            methods.push("OPTIONS".to_owned());
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            paths.push((segments(path), methods));
        }
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, json.as_bytes());
        let etag = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { json, etag, operations, paths }
    }

    /// Which operation a routed request is.
    pub fn operation_of(&self, request: &HttpRequest) -> Option<Arc<Operation>> {
        let pattern = template(&request.match_pattern()?);
        self.operations.get(&(request.method().as_str().to_owned(), pattern)).cloned()
    }

    /// The methods that a path takes; none where there is nothing at this path.
    pub fn methods_at(&self, path: &str) -> Option<&[String]> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |(segments, _): &&(Vec<Segment>, Vec<String>)| {
            segments.len() == parts.len()
                && segments.iter().zip(&parts).all(|(segment, part)| match segment {
                    Segment::Fixed(text) => text == part,
                    Segment::Any(after) if after.is_empty() => !part.is_empty() && !part.contains(':'),
                    Segment::Any(after) => part.strip_suffix(after.as_str()).is_some_and(|id| !id.is_empty()),
                })
        };
        self.paths.iter().find(fits).map(|(_, methods)| methods.as_slice())
    }

    /// Every operation with its method.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.operations.iter().map(|((method, _), operation)| (method.as_str(), operation.as_ref()))
    }
}

fn segments(path: &str) -> Vec<Segment> {
    path.split('/')
        .map(|part| match part.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((_, after)) => Segment::Any(after.to_owned()),
            None => Segment::Fixed(part.to_owned()),
        })
        .collect()
}

/// `/v1/orders/{id:[^/:]+}` → `/v1/orders/{id}`
pub fn template(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push('{');
        out.push_str(name.split(':').next().unwrap_or(name));
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    out
}

impl Operation {
    fn of(path: &str, operation: &Value, components: Arc<Value>) -> Self {
        let mut query = Map::new();
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            if let (Some("query"), Some(name), Some(schema)) = (
                parameter.get("in").and_then(Value::as_str),
                parameter.get("name").and_then(Value::as_str),
                parameter.get("schema"),
            ) {
                query.insert(name.to_owned(), schema.clone());
            }
        }
        Self {
            id: operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned(),
            path: path.to_owned(),
            body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
            query: json!({ "type": "object", "properties": query, "additionalProperties": false }),
            components,
            body_validator: OnceLock::new(),
            query_validator: OnceLock::new(),
        }
    }

    /// Whether it takes a JSON body.
    pub fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Checks bodies.
    pub fn body_validator(&self) -> Option<&Validator> {
        let body = self.body.as_ref()?;
        self.body_validator.get_or_init(|| compiled(body, &self.components)).as_ref()
    }

    /// An operation without query parameters refuses every one: a misspelt filter must not look like an answer.
    pub fn refuse_unknown_query(&self, query: &str) -> Result<()> {
        let known = self.query.get("properties").and_then(Value::as_object).is_some_and(|known| !known.is_empty());
        if known || query.is_empty() {
            return Ok(());
        }
        let name = |pair: &str| pair.split('=').next().unwrap_or(pair).chars().take(64).collect::<String>();
        Err(Error::invalid(
            query.split('&').take(100).map(|pair| Fault::at(format!("?{}", name(pair)), Code::FieldUnknown)).collect(),
        ))
    }

    /// Checks queries.
    pub fn query_validator(&self) -> Option<&Validator> {
        self.query_validator.get_or_init(|| compiled(&self.query, &self.components)).as_ref()
    }

    /// What a query parameter is read as.
    pub fn query_value(&self, name: &str, text: &str) -> Value {
        let kind = self.query.pointer(&format!("/properties/{name}/type")).cloned().unwrap_or_default();
        let is = |wanted: &str| kind == wanted || kind.as_array().is_some_and(|kinds| kinds.contains(&json!(wanted)));
        if is("integer")
            && let Ok(number) = text.parse::<i64>()
        {
            return json!(number);
        }
        match text {
            "true" if is("boolean") => json!(true),
            "false" if is("boolean") => json!(false),
            _ => json!(text),
        }
    }
}

fn compiled(schema: &Value, components: &Value) -> Option<Validator> {
    let mut whole = schema.clone();
    whole.as_object_mut()?.insert("components".to_owned(), components.clone());
    jsonschema::options().should_validate_formats(true).build(&whole).ok()
}

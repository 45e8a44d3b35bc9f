//! What all operations have in common, written into the document in one place instead of at each of them: the answers
//! and headers that the frame gives, the bounds of every value, what follows on what was created, and examples.
//!
//! It works on the document as JSON: that is what the rules of OpenAPI speak of, and the builder knows no `required`
//! of a header.

mod answers;
mod examples;
mod head;
mod headers;
mod limits;
mod links;
mod order;

pub use limits::ANY_TEXT;

use serde_json::{Map, Value};

/// The methods under which operations stand.
const METHODS: [&str; 5] = ["delete", "get", "patch", "post", "put"];
/// The operations that are not limited: whether the service is well, and what its words mean.
const UNLIMITED: &str = "service";

/// Completes a document, and writes it in the order in which people read it.
pub fn complete(document: &mut Value) -> String {
    head::complete(document);
    answers::complete(document);
    limits::complete(document);
    links::complete(document);
    examples::complete(document);
    order::written(document)
}

/// A part of the document, made where it is missing; none where something else stands in its place.
fn part<'a>(of: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    of.as_object_mut()?.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

/// Says something of an object, instead of what was said before.
fn put(of: &mut Value, name: &str, value: Value) {
    if let Some(fields) = of.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// Every operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((path.as_str(), *method, item.get(method)?)))
    })
}

/// The same, to be completed.
fn operations_mut(document: &mut Value) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let all = item.as_object_mut().into_iter().flatten();
        let known = all.filter(|(method, _)| METHODS.contains(&method.as_str()));
        known.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The name of the schema of what an operation answers in JSON with this status.
fn answered<'a>(operation: &'a Value, status: &str) -> Option<&'a str> {
    let content = operation.get("responses")?.get(status)?.get("content")?;
    let reference = content.get("application/json")?.get("schema")?.get("$ref")?.as_str()?;
    reference.strip_prefix("#/components/schemas/")
}

/// Whether an operation has a parameter of this name.
fn takes(operation: &Value, name: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    parameters.filter_map(|parameter| parameter.get("name")).any(|known| known == name)
}

/// A text of an object; empty where there is none.
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

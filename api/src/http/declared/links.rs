//! What can be done next with what was answered: from each creation to the operations on what was created, from each
//! list to the reading of one of its items.

use super::{answered, operations, operations_mut, put, text};
use serde_json::{Map, Value, json};

/// An operation that something leads to.
struct Target {
    path: String,
    method: String,
    id: String,
    summary: String,
    answers: Option<String>,
}

/// Adds the links.
pub fn complete(document: &mut Value) {
    let targets: Vec<Target> = operations(document)
        .map(|(path, method, operation)| Target {
            path: path.to_owned(),
            method: method.to_owned(),
            id: text(operation, "operationId").to_owned(),
            summary: text(operation, "summary").to_owned(),
            answers: answered(operation, "200").map(str::to_owned),
        })
        .collect();
    let ids = with_id(document);
    for (path, method, operation) in operations_mut(document) {
        let (status, links) = match method {
            "post" if operation.pointer("/responses/201").is_some() => {
                ("201", of_created(path, operation, &targets, &ids))
            }
            "get" => ("200", of_list(path, operation, &targets)),
            _ => continue,
        };
        if let Some(response) =
            operation.get_mut("responses").and_then(|all| all.get_mut(status)).filter(|_| !links.is_empty())
        {
            put(response, "links", Value::Object(links));
        }
    }
}

/// The property of each schema that holds its id.
fn with_id(document: &Value) -> Map<String, Value> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let found = schemas.filter_map(|(name, schema)| {
        let of = |name: &str| properties(document, schema, name);
        ["id", "clientId", "partnerId"].into_iter().find(|id| of(id)).map(|id| (name.clone(), json!(id)))
    });
    found.collect()
}

/// Whether a schema, or one that it is made of, has this property.
fn properties(document: &Value, schema: &Value, name: &str) -> bool {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    schema.get("properties").is_some_and(|own| own.get(name).is_some())
        || parts.into_iter().any(|part| {
            let target = text(part, "$ref").strip_prefix('#').and_then(|path| document.pointer(path));
            properties(document, target.unwrap_or(part), name)
        })
}

/// To the operations on what was created: those below the path under which it was created, or where the same is
/// answered. What has no place of its own leads back to where it is listed, or to what it belongs to.
fn of_created(path: &str, operation: &Value, targets: &[Target], ids: &Map<String, Value>) -> Map<String, Value> {
    let schema = answered(operation, "201").unwrap_or_default();
    let below = |target: &&Target| {
        let rest = target.path.strip_prefix(path).unwrap_or_default();
        rest.starts_with("/{") && rest.ends_with('}') && rest.matches('/').count() == 1
    };
    let same = |target: &&Target| {
        let is_one = target.path.ends_with('}') && target.path.matches('{').count() == 1;
        is_one && target.method == "get" && target.answers.as_deref() == Some(schema)
    };
    let own = targets.iter().find(below).or_else(|| targets.iter().find(same));
    if let (Some(own), Some(id)) = (own, ids.get(schema).and_then(Value::as_str)) {
        let own = own.path.as_str();
        let next = targets.iter().filter(|target| {
            target.path.strip_prefix(own).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(':') || (rest.starts_with('/') && !rest.contains('{'))
            })
        });
        let parameters = parameters(own, &format!("$response.body#/{id}"));
        return next.map(|target| (target.id.clone(), target.link(&parameters))).collect();
    }
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let readers = || targets.iter().filter(|target| target.method == "get");
    let back = readers().find(|target| target.path == path).or_else(|| readers().find(|target| target.path == above));
    let back = back.map(|target| (target.id.clone(), target.link(&parameters(&target.path, "$request.path.id"))));
    back.into_iter().collect()
}

/// To the reading of the first item.
fn of_list(path: &str, operation: &Value, targets: &[Target]) -> Map<String, Value> {
    let is_page = answered(operation, "200").is_some_and(|name| name.ends_with("Page"));
    let reader = targets.iter().find(|target| {
        let rest = target.path.strip_prefix(path).unwrap_or_default();
        target.method == "get" && rest.starts_with("/{") && rest.ends_with('}') && rest.matches('/').count() == 1
    });
    let Some(reader) = reader.filter(|_| is_page) else { return Map::new() };
    [(reader.id.clone(), reader.link(&parameters(&reader.path, "$response.body#/items/0/id")))].into_iter().collect()
}

/// The last name of a path is that of what was answered; the ones before were in the request.
fn parameters(path: &str, last: &str) -> Map<String, Value> {
    let names: Vec<&str> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    let value = |at: usize, name: &str| {
        if at + 1 == names.len() { json!(last) } else { json!(format!("$request.path.{name}")) }
    };
    names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), value(at, name))).collect()
}

impl Target {
    fn link(&self, parameters: &Map<String, Value>) -> Value {
        json!({ "operationId": self.id, "parameters": parameters, "description": self.summary })
    }
}

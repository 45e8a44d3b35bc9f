//! What is really asked and answered, recorded by `make examples` from a furnished marketplace.

use super::{operations_mut, put, text};
use serde_json::Value;

const RECORDED: &str = include_str!("../../../data/examples.json");

/// Puts them beside the schemas.
pub fn complete(document: &mut Value) {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap_or_default();
    for (_, _, operation) in operations_mut(document) {
        let id = text(operation, "operationId").to_owned();
        let Some(example) = recorded.get(&id) else { continue };
        if let (Some(asked), Some(body)) = (example.get("request"), operation.get_mut("requestBody")) {
            show(body, asked);
        }
        let answers = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
        let success = answers.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
        if let Some(answer) = example.get("answer") {
            success.for_each(|success| show(success, answer));
        }
    }
}

fn show(body: &mut Value, example: &Value) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, content) in contents.filter(|(media, _)| *media != "text/html") {
        put(content, "example", example.clone());
    }
}

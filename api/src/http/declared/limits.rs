//! Bounds of every value, also where the code names none because the type has them: clients of other languages learn
//! how large a field they need.

use super::{operations_mut, text};
use serde_json::{Value, json};

/// The largest number that every JSON reader keeps exactly.
const LARGEST: u64 = (1 << 53) - 1;
/// What every text follows that has no form of its own: no control characters but tabs and ends of lines. The service
/// refuses others wherever they stand (`field_characters`).
pub const ANY_TEXT: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";
/// What a header may hold at all (RFC 9110, section 5.5).
const ANY_HEADER: &str = r"^[\t\x20-\x7e\x80-\xff]*$";
/// The longest text inside a list, where the list says nothing else.
const LONGEST_ITEM: u32 = 2000;

/// Completes schemas, parameters and bodies.
pub fn complete(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten() {
        bound(schema);
    }
    let webhooks = document.get_mut("webhooks").and_then(Value::as_object_mut).into_iter().flatten();
    for operation in webhooks.filter_map(|(_, item)| item.get_mut("post")) {
        parameters(operation);
    }
    for (_, _, operation) in operations_mut(document) {
        parameters(operation);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
        for (_, response) in responses {
            contents(response);
        }
        if let Some(body) = operation.get_mut("requestBody") {
            contents(body);
        }
    }
}

fn parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let is_id = text(parameter, "in") == "path";
        let is_header = text(parameter, "in") == "header";
        if let Some(schema) = parameter.get_mut("schema") {
            if is_id && schema.get("maxLength").is_some_and(|most| *most == 36) {
                unless_said(schema, "format", json!("uuid"));
            }
            if is_header && is(schema, "string") && schema.get("format").is_none() {
                unless_said(schema, "pattern", json!(ANY_HEADER));
            }
            bound(schema);
        }
    }
}

/// Files and pages.
fn contents(of: &mut Value) {
    let contents = of.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
    for (media, content) in contents {
        let most = match media.as_str() {
            "text/csv" => 16 << 20,
            "text/html" => 1 << 20,
            _ => continue,
        };
        if let Some(schema) = content.get_mut("schema") {
            unless_said(schema, "maxLength", json!(most));
            unless_said(schema, "format", json!(media.trim_start_matches("text/")));
        }
    }
}

fn bound(schema: &mut Value) {
    if is(schema, "string") {
        let most = match text(schema, "format") {
            "date-time" => Some(40),
            "date" => Some(10),
            "uuid" => Some(36),
            _ => None,
        };
        let has_form = ["format", "pattern", "enum", "const"].into_iter().any(|form| schema.get(form).is_some());
        if let Some(most) = most {
            unless_said(schema, "maxLength", json!(most));
        }
        if !has_form {
            unless_said(schema, "pattern", json!(ANY_TEXT));
        }
    }
    if is(schema, "integer") {
        unless_said(schema, "format", json!("int64"));
        let most = if text(schema, "format") == "int32" { json!(i32::MAX) } else { json!(LARGEST) };
        unless_said(schema, "maximum", most);
        unless_said(schema, "minimum", json!(0));
    }
    hoist(schema);
    for name in ["properties", "oneOf", "anyOf", "allOf", "items", "additionalProperties"] {
        match schema.get_mut(name) {
            Some(Value::Object(fields)) if name == "properties" => fields.values_mut().for_each(bound),
            Some(Value::Array(parts)) => parts.iter_mut().for_each(bound),
            Some(part @ Value::Object(_)) => {
                bound(part);
                if name == "items" && is(part, "string") && part.get("enum").is_none() {
                    unless_said(part, "maxLength", json!(LONGEST_ITEM));
                }
            }
            _ => {}
        }
    }
}

/// What may be null is described where it stands, not at the type that it has otherwise.
fn hoist(schema: &mut Value) {
    let choices = schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
    let mut referring = choices.filter(|choice| choice.get("$ref").is_some());
    let told = referring.find_map(|choice| choice.as_object_mut()?.remove("description"));
    if let Some(told) = told {
        unless_said(schema, "description", told);
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(known)) => known == kind,
        Some(Value::Array(known)) => known.iter().any(|known| known == kind),
        _ => false,
    }
}

/// Says something of a schema, unless it says so itself.
fn unless_said(schema: &mut Value, name: &str, value: Value) {
    if let Some(fields) = schema.as_object_mut() {
        fields.entry(name).or_insert(value);
    }
}

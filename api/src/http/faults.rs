//! From a schema's complaint to a fault that names the spot.

use super::declared::ANY_TEXT;
use crate::error::{Code, Fault, MOST_FAULTS};
use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

/// The most values that are all looked at for faults. A complaint takes a hundred times the bytes of the value that it
/// is about, and the validator collects all of them before it tells the first.
const MOST_VALUES: usize = 20_000;
/// How much of each list is looked at where there are more.
const MOST_ITEMS: usize = 200;

/// Everything that this schema says against a value which it refuses; of a huge one, what it says against its head.
pub fn of(validator: &Validator, value: &Value) -> Vec<Fault> {
    let told = |value: &Value| -> Vec<Fault> {
        validator.iter_errors(value).take(MOST_FAULTS).flat_map(|error| from_schema(&error)).take(MOST_FAULTS).collect()
    };
    if size(value) <= MOST_VALUES {
        return told(value);
    }
    let found = told(&head(value));
    if found.is_empty() && !validator.is_valid(value) {
        return vec![Fault::at("", Code::FieldTooLong).with("limit", MOST_VALUES)];
    }
    found
}

/// How many values there are.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The same with the first items of each list only.
fn head(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().take(MOST_ITEMS).map(head).collect(),
        Value::Object(fields) => fields.iter().map(|(name, item)| (name.clone(), head(item))).collect(),
        other => other.clone(),
    }
}

fn from_schema(error: &ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    let fault = |code| vec![Fault::at(at.clone(), code)];
    let limit = |code, limit: u64| vec![Fault::at(at.clone(), code).with("limit", limit)];
    let range = |limit: &Value| vec![Fault::at(at.clone(), Code::FieldOutOfRange).with("limit", limit)];
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().map(escaped).unwrap_or_default();
            vec![Fault::at(format!("{at}/{name}"), Code::FieldRequired)]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .take(MOST_FAULTS)
            .map(|name| Fault::at(format!("{at}/{}", escaped(name)), Code::FieldUnknown))
            .collect(),
        Kind::Type { kind } => {
            let expected = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(several) => {
                    several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" | ")
                }
            };
            vec![Fault::at(at, Code::FieldWrongType).with("expected", expected)]
        }
        Kind::MaxLength { limit: most } | Kind::MaxItems { limit: most } => limit(Code::FieldTooLong, *most),
        Kind::MinLength { limit: least } | Kind::MinItems { limit: least } => limit(Code::FieldTooShort, *least),
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => range(limit),
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => range(limit),
        // Told by `control_characters`, also of what no schema names.
        Kind::Pattern { pattern } if pattern == ANY_TEXT => Vec::new(),
        Kind::Pattern { pattern } => vec![Fault::at(at, Code::FieldFormat).with("expected", pattern)],
        Kind::Format { format } => vec![Fault::at(at, Code::FieldFormat).with("expected", format)],
        Kind::Enum { options } => vec![Fault::at(at, Code::FieldNotAllowed).with("allowed", options.as_ref())],
        Kind::OneOfNotValid { .. } | Kind::AnyOf { .. } => vec![Fault::at(at, Code::FieldWrongType)],
        _ => fault(Code::FieldFormat),
    }
}

/// A name as a piece of a JSON pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Texts that one of the databases cannot keep, wherever they stand in a value.
pub fn control_characters(value: &Value, at: &str, faults: &mut Vec<Fault>) {
    let bad = |text: &str| text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r');
    match value {
        _ if faults.len() >= MOST_FAULTS => {}
        Value::String(text) if bad(text) => faults.push(Fault::at(at, Code::FieldCharacters)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                control_characters(item, &format!("{at}/{index}"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                control_characters(item, &format!("{at}/{}", escaped(name)), faults);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_a_huge_value_the_head_is_looked_at_and_it_is_refused_in_any_case() {
        let schema =
            json!({ "properties": { "a": { "type": "array", "maxItems": 100_000, "items": { "minimum": 1 } } } });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let numbers = |first: i32, rest: i32| {
            let mut all = vec![rest; MOST_VALUES];
            all[0] = first;
            json!({ "a": all })
        };
        assert_eq!(of(&validator, &numbers(1, 1)), []);
        assert_eq!(of(&validator, &numbers(0, 0)).len(), MOST_FAULTS);
        assert_eq!(of(&validator, &numbers(0, 1))[0].pointer, "/a/0");
        let mut late = vec![1; MOST_VALUES];
        late[MOST_ITEMS] = 0;
        assert_eq!(of(&validator, &json!({ "a": late }))[0].code, Code::FieldTooLong);
    }
}

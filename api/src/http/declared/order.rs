//! The document as text, in the order in which people read it: what a thing is called before what it is made of.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

/// The words of OpenAPI that come first, in their order; all others follow by the alphabet.
const FIRST: [&str; 25] = [
    "openapi",
    "info",
    "title",
    "name",
    "in",
    "tags",
    "summary",
    "description",
    "operationId",
    "required",
    "type",
    "format",
    "enum",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "paths",
    "webhooks",
    "components",
    "headers",
    "content",
    "schema",
    "properties",
];

/// The document, indented.
pub fn written(document: &Value) -> String {
    serde_json::to_string_pretty(&Ordered(document)).unwrap_or_default()
}

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(name, _)| rank(name));
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Ordered(item))?;
                }
                list.end()
            }
            other => other.serialize(serializer),
        }
    }
}

//! From schemas to Rust types.

use crate::{
    docs::comment,
    document::text,
    names::{camel, identifier, spoken, type_name, variant},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const REF: &str = "#/components/schemas/";

/// The schemas of the document, by the names of their Rust types.
pub type Schemas<'a> = BTreeMap<String, &'a Value>;

/// What a place in the document holds.
pub struct Place {
    /// The Rust type, without what nullable adds to it.
    pub rust: String,
    pub nullable: bool,
}

/// How a type is used, which decides what can be done with it.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    /// Callers build it.
    pub asked: bool,
    /// It is the body of a PATCH, where null is not the same as absent.
    pub patched: bool,
}

/// The schemas of the document.
pub fn schemas(document: &Value) -> Schemas<'_> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.into_iter().flatten().map(|(name, schema)| (type_name(name), schema)).collect()
}

/// The Rust type of a place. What is not understood is carried as free JSON.
pub fn place(schema: &Value) -> Place {
    if let Some(name) = text(schema, "$ref").strip_prefix(REF) {
        return Place { rust: type_name(name), nullable: false };
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
            let (nulls, others): (Vec<&Value>, Vec<_>) = choices.iter().partition(|one| text(one, "type") == "null");
            let one = match others.as_slice() {
                [one] => place(one),
                _ => Place { rust: "Value".to_owned(), nullable: false },
            };
            return Place { nullable: one.nullable || !nulls.is_empty(), ..one };
        }
    }
    let kinds = kinds(schema);
    let nullable = kinds.contains(&"null");
    let rust = match kinds.iter().find(|kind| **kind != "null") {
        Some(&"string") => string(schema).to_owned(),
        Some(&"integer") => integer(schema).to_owned(),
        Some(&"number") => "f64".to_owned(),
        Some(&"boolean") => "bool".to_owned(),
        Some(&"array") => format!("Vec<{}>", schema.get("items").map_or_else(|| "Value".to_owned(), wrapped)),
        Some(&"object") => match schema.get("additionalProperties") {
            Some(values @ Value::Object(fields)) if !fields.is_empty() => {
                format!("BTreeMap<String, {}>", wrapped(values))
            }
            _ if schema.get("properties").is_some() => "Value".to_owned(),
            _ => "Map<String, Value>".to_owned(),
        },
        _ => "Value".to_owned(),
    };
    Place { rust, nullable }
}

fn wrapped(schema: &Value) -> String {
    let Place { rust, nullable } = place(schema);
    if nullable { format!("Option<{rust}>") } else { rust }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(kind)) => vec![kind],
        _ => Vec::new(),
    }
}

fn string(schema: &Value) -> &'static str {
    match text(schema, "format") {
        "date-time" => "DateTime<Utc>",
        "date" => "NaiveDate",
        "password" => "Secret",
        _ => "String",
    }
}

fn integer(schema: &Value) -> &'static str {
    let unsigned = schema.get("minimum").and_then(Value::as_f64).is_some_and(|minimum| minimum >= 0.0);
    match (text(schema, "format"), unsigned) {
        ("int32", false) => "i32",
        ("int32", true) | ("uint32" | "uint16" | "uint8", _) => "u32",
        (_, true) | ("uint64", _) => "u64",
        _ => "i64",
    }
}

/// The names of the types that a Rust type is made of.
pub fn named_in(rust: &str) -> impl Iterator<Item = &str> {
    rust.split(|letter: char| !letter.is_alphanumeric()).filter(|name| !name.is_empty())
}

/// The name and, from there on, the names of every schema that a schema leads to.
pub fn reachable(schemas: &Schemas<'_>, name: &str, found: &mut BTreeSet<String>) {
    let Some(schema) = schemas.get(name) else { return };
    if found.insert(name.to_owned()) {
        for next in leads_to(schemas, schema) {
            reachable(schemas, &next, found);
        }
    }
}

fn leads_to(schemas: &Schemas<'_>, schema: &Value) -> BTreeSet<String> {
    let (properties, _) = properties(schemas, schema);
    let places = properties.values().map(|property| place(property).rust).chain([place(schema).rust]);
    places.flat_map(|rust| named_in(&rust).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The properties of an object and the names of the required ones. Those of an `allOf` come together.
fn properties<'a>(schemas: &Schemas<'a>, schema: &'a Value) -> (BTreeMap<&'a str, &'a Value>, BTreeSet<&'a str>) {
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut found: BTreeMap<_, _> = own.map(|(name, property)| (name.as_str(), property)).collect();
    let own = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let mut required: BTreeSet<_> = own.filter_map(Value::as_str).collect();
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        let target = text(part, "$ref").strip_prefix(REF).and_then(|name| schemas.get(&type_name(name)).copied());
        let (more, more_required) = properties(schemas, target.unwrap_or(part));
        found.extend(more);
        required.extend(more_required);
    }
    (found, required)
}

/// A field as it stands in a struct.
pub struct Field<'a> {
    pub name: &'a str,
    pub schema: &'a Value,
    pub description: &'a str,
    pub required: bool,
}

/// The fields of an object.
fn fields<'a>(schemas: &Schemas<'a>, schema: &'a Value) -> Vec<Field<'a>> {
    let (properties, required) = properties(schemas, schema);
    let field = |(name, schema)| {
        let description = text(schema, "description");
        Field { name, schema, description, required: required.contains(name) }
    };
    properties.into_iter().map(field).collect()
}

/// The definition of a type, and the names of the types it uses.
pub fn definition(schemas: &Schemas<'_>, name: &str, schema: &Value, usage: Usage) -> (String, BTreeSet<String>) {
    let description = match text(schema, "description") {
        "" => format!("{}.", spoken(name)),
        description => description.to_owned(),
    };
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let text = open_enum(name, &description, words.iter().filter_map(Value::as_str));
        return (text, ["open_enum".to_owned()].into());
    }
    let fields = fields(schemas, schema);
    if fields.is_empty() && schema.get("properties").is_none() {
        let rust = wrapped(schema);
        let uses = named_in(&rust).map(str::to_owned).collect();
        return (format!("{}pub type {name} = {rust};\n", comment(&description)), uses);
    }
    let item = page_item(&fields);
    if let (Some(item), [items, _]) = (&item, fields.as_slice()) {
        let order = described(items);
        let is_said = description.to_lowercase().contains(order.trim_end_matches('.').to_lowercase().as_str());
        let order = if is_said { String::new() } else { order };
        let comment = indented(&comment(&format!("{} {order}", description.trim_end())));
        let text = format!("page! {{\n{comment}    pub struct {name} of {item};\n}}\n");
        return (text, named_in(item).chain(["page"]).map(str::to_owned).collect());
    }
    let derives = match usage.asked {
        true => "#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]",
        false => "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n#[non_exhaustive]",
    };
    let nothing = match usage {
        Usage { patched: true, .. } => Nothing::LeftOutUnlessNull,
        Usage { asked: true, .. } => Nothing::LeftOut,
        Usage { .. } => Nothing::Said,
    };
    let (mut text, mut uses) = structure(name, &description, derives, &fields, nothing);
    if let Some(item) = item {
        text.push_str(&format!("page!({name}, {item});\n"));
        uses.insert("page".to_owned());
    }
    (text, uses)
}

/// How a struct writes a field that is `None`.
#[derive(Clone, Copy, PartialEq)]
pub enum Nothing {
    /// As null.
    Said,
    /// It does not.
    LeftOut,
    /// It does not; but a field can be null, too, which is not the same.
    LeftOutUnlessNull,
}

/// A struct with the given fields.
pub fn structure(
    name: &str,
    description: &str,
    derives: &str,
    fields: &[Field<'_>],
    nothing: Nothing,
) -> (String, BTreeSet<String>) {
    let mut uses: BTreeSet<String> =
        ["Serialize", "Deserialize"].into_iter().filter(|name| derives.contains(name)).map(str::to_owned).collect();
    let mut body = String::new();
    let mut renames = false;
    for field in fields {
        let rust_name = identifier(field.name);
        let Place { rust, nullable } = place(field.schema);
        uses.extend(named_in(&rust).map(str::to_owned));
        let (rust, mut attributes) = match (field.required, nullable) {
            (true, false) => (rust, vec![]),
            (true, true) => (format!("Option<{rust}>"), vec![]),
            (false, true) if nothing == Nothing::LeftOutUnlessNull => {
                (format!("Option<Option<{rust}>>"), vec![TELL_NULL, SKIP_NONE])
            }
            (false, _) if nothing == Nothing::Said => (format!("Option<{rust}>"), vec![]),
            (false, _) => (format!("Option<{rust}>"), vec![SKIP_NONE]),
        };
        let rename = format!("rename = \"{}\"", field.name);
        if camel(&rust_name) != field.name {
            attributes.insert(0, &rename);
        } else {
            renames |= rust_name.trim_start_matches("r#") != field.name;
        }
        body += &comment(&described(field));
        if !attributes.is_empty() {
            body += &format!("#[serde({})]\n", attributes.join(", "));
        }
        body += &format!("pub {rust_name}: {rust},\n");
    }
    let renames = if renames { "#[serde(rename_all = \"camelCase\")]\n" } else { "" };
    (format!("{}{derives}\n{renames}pub struct {name} {{\n{body}}}\n", comment(description)), uses)
}

const SKIP_NONE: &str = "skip_serializing_if = \"Option::is_none\"";
const TELL_NULL: &str = "default, deserialize_with = \"crate::patch::deserialize\"";

fn described(field: &Field<'_>) -> String {
    match field.description {
        "" => format!("{}.", spoken(field.name)),
        description => description.to_owned(),
    }
}

/// An enum of these words, for the macro call of its module. rustfmt leaves the inside of a macro alone, so its lines are filled here.
///
/// A word named like the variant for unknown ones is left out: it survives as that. So does the later of two words that
/// would have one name.
pub fn open_enum<'a>(name: &str, description: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let mut taken = BTreeSet::from([String::new(), "Unknown".to_owned()]);
    let mut lines = vec![String::new()];
    for word in words {
        let variant = variant(word);
        if !taken.insert(variant.clone()) {
            continue;
        }
        let entry = format!("{variant} = {word:?},");
        match lines.last_mut() {
            Some(line) if line.len() + entry.len() < ENUM_WIDTH => {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(&entry);
            }
            _ => lines.push(entry),
        }
    }
    let comment: String = indented(&comment(description));
    let words: String = lines.iter().filter(|line| !line.is_empty()).map(|line| format!("        {line}\n")).collect();
    format!("{comment}    pub enum {name} {{\n{words}    }}\n")
}

/// How long the lines of an enum's words may be.
const ENUM_WIDTH: usize = 112;

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}\n")).collect()
}

/// The type of the items, for an object of `items` and `nextCursor`.
fn page_item(fields: &[Field<'_>]) -> Option<String> {
    let rust = |name| fields.iter().find(|field| field.name == name).map(|field| place(field.schema).rust);
    rust("nextCursor")?;
    rust("items")?.strip_prefix("Vec<")?.strip_suffix('>').map(str::to_owned)
}

/// Where a schema is carried as free JSON although it says more, in words for the person who runs the generator.
pub fn notes(schemas: &Schemas<'_>, name: &str, schema: &Value) -> Vec<String> {
    let fields = fields(schemas, schema);
    let whole = (fields.is_empty() && is_unread(schema)).then(|| format!("free JSON: {name}"));
    let unread = fields.iter().filter(|field| is_unread(field.schema));
    whole.into_iter().chain(unread.map(|field| format!("free JSON: {name}.{}", field.name))).collect()
}

fn is_unread(schema: &Value) -> bool {
    let is_free = matches!(place(schema).rust.as_str(), "Value" | "Vec<Value>" | "BTreeMap<String, Value>");
    let says = |word: &str| schema.get(word).is_some_and(|said| *said != Value::Object(Map::new()));
    is_free && ["oneOf", "anyOf", "allOf", "properties", "items"].into_iter().any(says)
}

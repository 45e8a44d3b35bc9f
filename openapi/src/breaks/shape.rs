//! What a schema allows, whichever way it is written.

use crate::document::{resolved, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A schema, read through its references and put together from its parts.
#[derive(Default)]
pub struct Shape<'a> {
    /// The types, `null` among them.
    pub kinds: BTreeSet<&'a str>,
    /// The words that it can be, where they are listed.
    pub words: Option<BTreeSet<&'a str>>,
    pub properties: BTreeMap<&'a str, &'a Value>,
    pub required: BTreeSet<&'a str>,
    pub items: Option<&'a Value>,
    /// Of what else an object may hold.
    pub values: Option<&'a Value>,
    /// Whether an object may hold nothing else.
    pub is_closed: bool,
    /// The names of the schemas of which it is one.
    pub alternatives: BTreeMap<&'a str, &'a Value>,
    /// Where its limits stand.
    pub limits: Vec<&'a Value>,
}

impl<'a> Shape<'a> {
    /// Reads a schema of this document.
    pub fn of(document: &'a Value, schema: &'a Value) -> Self {
        let mut shape = Self::default();
        shape.add(document, schema);
        shape
    }

    fn add(&mut self, document: &'a Value, schema: &'a Value) {
        let target = resolved(document, schema);
        match target.get("type") {
            Some(Value::String(kind)) => self.kinds.extend([kind.as_str()]),
            Some(Value::Array(kinds)) => self.kinds.extend(kinds.iter().filter_map(Value::as_str)),
            _ => {}
        }
        if let Some(words) = target.get("enum").and_then(Value::as_array) {
            self.words.get_or_insert_default().extend(words.iter().filter_map(Value::as_str));
        }
        let properties = target.get("properties").and_then(Value::as_object).into_iter().flatten();
        self.properties.extend(properties.map(|(name, property)| (name.as_str(), property)));
        let required = target.get("required").and_then(Value::as_array).into_iter().flatten();
        self.required.extend(required.filter_map(Value::as_str));
        self.items = self.items.or(target.get("items"));
        match target.get("additionalProperties") {
            Some(Value::Bool(false)) => self.is_closed = true,
            Some(values @ Value::Object(_)) => self.values = Some(values),
            _ => {}
        }
        self.limits.push(target);
        for part in list(target, "allOf") {
            self.add(document, part);
        }
        let choices: Vec<&Value> = list(target, "oneOf").chain(list(target, "anyOf")).collect();
        let (nulls, others): (Vec<&Value>, Vec<&Value>) =
            choices.into_iter().partition(|choice| text(choice, "type") == "null");
        match others.as_slice() {
            [one] => self.add(document, one),
            several => {
                let named = several.iter().map(|one| (text(one, "$ref"), *one)).filter(|(name, _)| !name.is_empty());
                self.alternatives.extend(named);
            }
        }
        if !nulls.is_empty() {
            self.kinds.insert("null");
        }
    }

    /// Whether it says nothing about what may stand here.
    pub fn is_anything(&self) -> bool {
        self.kinds.is_empty() && self.words.is_none() && self.alternatives.is_empty()
    }

    /// What it says by this word, where it says anything.
    pub fn limit(&self, word: &str) -> Option<&'a Value> {
        self.limits.iter().find_map(|schema| schema.get(word))
    }
}

fn list<'a>(schema: &'a Value, word: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(word).and_then(Value::as_array).into_iter().flatten()
}

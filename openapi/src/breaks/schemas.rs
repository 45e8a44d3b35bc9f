//! Values: what is asked may not become less, and what is answered not more, than clients know.

use super::shape::Shape;
use crate::document::text;
use serde_json::Value;
use std::collections::HashSet;

/// Who writes a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client.
    Asked,
    /// The service.
    Answered,
}

/// Upper and lower limits.
const MOST: [&str; 4] = ["maxLength", "maximum", "maxItems", "maxProperties"];
const LEAST: [&str; 4] = ["minLength", "minimum", "minItems", "minProperties"];

/// The name of the schema that stands here, also where it may be null instead; empty where it stands here itself.
fn name(schema: &Value) -> String {
    let choices = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let mut named = [schema].into_iter().chain(choices).map(|one| text(one, "$ref")).filter(|path| !path.is_empty());
    match (named.next(), named.next()) {
        (Some(path), None) => path.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn said(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// The comparison of two documents, each pair of schemas once.
pub struct Comparison<'a> {
    released: &'a Value,
    current: &'a Value,
    seen: HashSet<(String, String, Side)>,
    /// What breaks.
    pub found: Vec<String>,
}

impl<'a> Comparison<'a> {
    /// Begins.
    pub fn new(released: &'a Value, current: &'a Value) -> Self {
        Self { released, current, seen: HashSet::new(), found: Vec::new() }
    }

    /// Compares two schemas that stand at the same place.
    pub fn compare(&mut self, before: &Value, now: &Value, place: &str, side: Side) {
        let (named, named_now) = (name(before), name(now));
        let is_seen = !named.is_empty() && !self.seen.insert((named.clone(), named_now, side));
        // From a schema of its own on, its name says more than the operation that led there.
        let place = if named.is_empty() { place.to_owned() } else { format!("{place} `{named}`") };
        let (released, current) = (self.released, self.current);
        let (stands, stands_now) = (before.get("default"), now.get("default"));
        let (before, now) = (Shape::of(released, before), Shape::of(current, now));
        // What is meant by nothing, and whether it may be null, is of this place, all else of the schema.
        self.default(stands.or(before.limit("default")), stands_now.or(now.limit("default")), &place);
        self.kinds(&before, &now, &place, side);
        if is_seen {
            return;
        }
        self.limits(&before, &now, &place, side);
        self.properties(&before, &now, &place, side);
        for (before, now, inner) in
            [(before.items, now.items, "each item"), (before.values, now.values, "each further value")]
        {
            if let (Some(before), Some(now)) = (before, now) {
                self.compare(before, now, &format!("{place}, {inner}"), side);
            }
        }
        for (name, schema) in &before.alternatives {
            match now.alternatives.get(name) {
                Some(other) => self.compare(schema, other, &place, side),
                None if side == Side::Asked => self.say(&place, &format!("{name} is not taken any more")),
                None => {}
            }
        }
    }

    fn say(&mut self, place: &str, what: &str) {
        self.found.push(format!("{place}: {what}"));
    }

    /// The first one only says what was so before.
    fn default(&mut self, was: Option<&Value>, is: Option<&Value>, place: &str) {
        if was.is_some() && was != is {
            self.say(place, &format!("`default` is {} now, was {}", said(is), said(was)));
        }
    }

    fn kinds(&mut self, before: &Shape<'_>, now: &Shape<'_>, place: &str, side: Side) {
        match (side, before.is_anything(), now.is_anything()) {
            (Side::Answered, false, true) => self.say(place, "may be anything now"),
            (Side::Asked, true, false) if !now.kinds.is_empty() => {
                let kinds: Vec<_> = now.kinds.iter().copied().collect();
                self.say(place, &format!("only {} is taken now", kinds.join(" or ")));
            }
            _ => {}
        }
        if before.kinds.is_empty() || now.kinds.is_empty() {
            return;
        }
        let (wanted, given) = match side {
            Side::Asked => (&before.kinds, &now.kinds),
            Side::Answered => (&now.kinds, &before.kinds),
        };
        let is_known = |kind: &str| given.contains(kind) || (kind == "integer" && given.contains("number"));
        for kind in wanted.iter().filter(|kind| !is_known(kind)) {
            let what = match (side, *kind) {
                (Side::Asked, kind) => format!("{kind} is not taken any more"),
                (Side::Answered, "null") => "may be null now".to_owned(),
                (Side::Answered, kind) => format!("may be {kind} now"),
            };
            self.say(place, &what);
        }
    }

    fn limits(&mut self, before: &Shape<'_>, now: &Shape<'_>, place: &str, side: Side) {
        // New words in answers are announced: clients take what they do not know.
        if let (Side::Asked, Some(now)) = (side, &now.words) {
            match &before.words {
                None => self.say(place, "only listed words are taken now"),
                Some(before) => {
                    for word in before.difference(now) {
                        self.say(place, &format!("the word `{word}` is not taken any more"));
                    }
                }
            }
        }
        for (word, is_most) in MOST.map(|word| (word, true)).into_iter().chain(LEAST.map(|word| (word, false))) {
            let number = |shape: &Shape<'_>| shape.limit(word).and_then(Value::as_f64);
            let (was, is) = (number(before), number(now));
            let (outer, inner) = if side == Side::Asked { (was, is) } else { (is, was) };
            let breaks = match (outer, inner) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(outer), Some(inner)) if is_most => inner < outer,
                (Some(outer), Some(inner)) => inner > outer,
            };
            if breaks {
                let said = |limit: Option<f64>| limit.map_or_else(|| "nothing".to_owned(), |limit| limit.to_string());
                self.say(place, &format!("`{word}` is {} now, was {}", said(is), said(was)));
            }
        }
        // Of two forms nobody can say in general which one allows more.
        for word in ["format", "pattern", "multipleOf", "uniqueItems"] {
            let (was, is) = (before.limit(word), now.limit(word));
            let breaks = match side {
                Side::Asked => is.is_some() && is != was,
                Side::Answered => word == "format" && was.is_some() && is != was,
            };
            if breaks {
                self.say(place, &format!("`{word}` is {} now, was {}", said(is), said(was)));
            }
        }
    }

    fn properties(&mut self, before: &Shape<'_>, now: &Shape<'_>, place: &str, side: Side) {
        for (name, schema) in &before.properties {
            match (now.properties.get(name), side) {
                (Some(other), _) => self.compare(schema, other, &format!("{place}, `{name}`"), side),
                (None, Side::Asked) => self.say(place, &format!("`{name}` is not taken any more")),
                (None, Side::Answered) => self.say(place, &format!("`{name}` is gone")),
            }
        }
        match side {
            Side::Asked => {
                for name in now.required.difference(&before.required) {
                    let is_new = !before.properties.contains_key(name);
                    self.say(place, &format!("`{name}` is {}required now", if is_new { "new and " } else { "" }));
                }
                if now.is_closed && !before.is_closed && !before.properties.is_empty() {
                    self.say(place, "unknown fields are refused now");
                }
            }
            Side::Answered => {
                for name in before.required.difference(&now.required).filter(|name| now.properties.contains_key(*name))
                {
                    self.say(place, &format!("`{name}` may be missing now"));
                }
            }
        }
    }
}

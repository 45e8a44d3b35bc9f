//! Operations, parameters, bodies, answers and webhooks.

use super::schemas::{Comparison, Side};
use crate::document::{METHODS, resolved, text};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Everything that breaks somebody.
pub fn breaks(released: &Value, current: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut schemas = Comparison::new(released, current);
    for (path, item) in entries(released.get("paths")) {
        for method in METHODS {
            let Some(before) = item.get(method) else { continue };
            let place = format!("{} {path}", method.to_uppercase());
            match current.get("paths").and_then(|paths| paths.get(path)?.get(method)) {
                None => found.push(format!("{place} is gone")),
                Some(now) => {
                    let mut pair = Pair { before, now, released, current, place, found: &mut found };
                    pair.name();
                    pair.access();
                    pair.parameters(&mut schemas);
                    pair.body(&mut schemas);
                    pair.answers(&mut schemas);
                }
            }
        }
    }
    for (topic, item) in entries(released.get("webhooks")) {
        let sent = |item: &Value| item.pointer("/post/requestBody/content/application~1json/schema").cloned();
        match current.get("webhooks").and_then(|webhooks| webhooks.get(topic)) {
            None => found.push(format!("the webhook {topic} is gone")),
            Some(now) => {
                if let (Some(before), Some(now)) = (sent(item), sent(now)) {
                    schemas.compare(&before, &now, &format!("the webhook {topic}"), Side::Answered);
                }
            }
        }
    }
    found.extend(schemas.found);
    found
}

struct Pair<'a> {
    before: &'a Value,
    now: &'a Value,
    released: &'a Value,
    current: &'a Value,
    place: String,
    found: &'a mut Vec<String>,
}

impl Pair<'_> {
    fn say(&mut self, what: &str) {
        self.found.push(format!("{}: {what}", self.place));
    }

    /// Methods of clients are called by it.
    fn name(&mut self) {
        let (before, now) = (text(self.before, "operationId"), text(self.now, "operationId"));
        if before != now {
            self.say(&format!("`{before}` is called `{now}`"));
        }
    }

    /// Whoever could call it still can.
    fn access(&mut self) {
        let (before, now) = (ways(self.released, self.before), ways(self.current, self.now));
        for way in &before {
            if !now.iter().any(|one| one.is_subset(way)) {
                let needed: Vec<_> = now.iter().map(words).collect();
                let held = if way.is_empty() { "no token".to_owned() } else { words(way) };
                self.say(&format!("{held} is not enough any more: it needs {}", needed.join(" or ")));
            }
        }
        let list = |operation: &Value, name: &str| -> BTreeSet<String> {
            let list = operation.get("x-access").and_then(|access| access.get(name)?.as_array());
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (kinds, kinds_now) = (list(self.before, "tokenKinds"), list(self.now, "tokenKinds"));
        for kind in kinds.difference(&kinds_now) {
            self.say(&format!("not for tokens of the kind `{kind}` any more"));
        }
        let (roles, roles_now) = (list(self.before, "roles"), list(self.now, "roles"));
        if roles.is_empty() && !roles_now.is_empty() {
            self.say(&format!("needs a role now: {}", words(&roles_now)));
        }
        for role in roles.difference(&roles_now).filter(|_| !roles_now.is_empty()) {
            self.say(&format!("the role `{role}` is not enough any more"));
        }
    }

    fn parameters(&mut self, schemas: &mut Comparison<'_>) {
        let list = |document, operation: &Value| -> Vec<Value> {
            let list = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            list.map(|parameter| resolved(document, parameter).clone()).collect()
        };
        let (before, now) = (list(self.released, self.before), list(self.current, self.now));
        let find = |list: &[Value], wanted: &Value| {
            let same = |one: &&Value| ["in", "name"].iter().all(|word| one.get(word) == wanted.get(word));
            list.iter().find(same).cloned()
        };
        for parameter in &now {
            let was_required = find(&before, parameter).map(|before| is_required(&before));
            let what = named(parameter);
            match (was_required, is_required(parameter)) {
                (None, true) => self.say(&format!("{what} is new and required")),
                (Some(false), true) => self.say(&format!("{what} is required now")),
                _ => {}
            }
        }
        for parameter in &before {
            let what = named(parameter);
            match find(&now, parameter) {
                // An unknown name in the query is refused, and what a header promised is not kept any more.
                None => self.say(&format!("{what} is gone")),
                Some(other) => {
                    if let (Some(before), Some(now)) = (parameter.get("schema"), other.get("schema")) {
                        schemas.compare(before, now, &format!("{}: {what}", self.place), Side::Asked);
                    }
                }
            }
        }
    }

    fn body(&mut self, schemas: &mut Comparison<'_>) {
        let of =
            |document, operation: &Value| operation.get("requestBody").map(|body| resolved(document, body).clone());
        let (before, now) = (of(self.released, self.before), of(self.current, self.now));
        let was_required = before.as_ref().is_some_and(is_required);
        if now.as_ref().is_some_and(is_required) && !was_required {
            self.say("a body is required now");
        }
        let Some(before) = before else { return };
        for (media, content) in entries(before.get("content")) {
            let other = now.as_ref().and_then(|body| body.get("content")?.get(media));
            match (other, content.get("schema")) {
                (None, _) => self.say(&format!("a body of {media} is not taken any more")),
                (Some(other), Some(schema)) => {
                    if let Some(other) = other.get("schema") {
                        schemas.compare(schema, other, &format!("{}: the body", self.place), Side::Asked);
                    }
                }
                _ => {}
            }
        }
    }

    fn answers(&mut self, schemas: &mut Comparison<'_>) {
        let (before, now) = (self.before.get("responses"), self.now.get("responses"));
        let is_new = |status: &str| status.starts_with('2') && before.is_none_or(|known| known.get(status).is_none());
        for (status, _) in entries(now).filter(|(status, _)| is_new(status)) {
            self.say(&format!("it answers {status} now, too"));
        }
        for (status, answer) in entries(before) {
            let answer = resolved(self.released, answer);
            let Some(other) = now.and_then(|answers| answers.get(status)) else {
                // Of a refusal that is not named any more, the range still tells.
                if status.starts_with(['2', '3']) {
                    self.say(&format!("it does not answer {status} any more"));
                }
                continue;
            };
            let other = resolved(self.current, other);
            for (name, header) in entries(answer.get("headers")) {
                let is_always = is_required(resolved(self.released, header));
                let there = other.get("headers").and_then(|headers| headers.get(name));
                match there.map(|header| is_required(resolved(self.current, header))) {
                    None => self.say(&format!("{status} has no header {name} any more")),
                    Some(false) if is_always => self.say(&format!("the header {name} of {status} may be missing now")),
                    _ => {}
                }
            }
            for (media, content) in entries(answer.get("content")) {
                match other.get("content").and_then(|content| content.get(media)) {
                    None => self.say(&format!("{status} is not answered as {media} any more")),
                    Some(other) => {
                        if let (Some(before), Some(now)) = (content.get("schema"), other.get("schema")) {
                            schemas.compare(before, now, &format!("{}: the answer", self.place), Side::Answered);
                        }
                    }
                }
            }
        }
    }
}

/// The ways in, each the scopes that it needs; an empty one for everybody.
fn ways(document: &Value, operation: &Value) -> Vec<BTreeSet<String>> {
    let all = operation.get("security").or_else(|| document.get("security")).and_then(Value::as_array);
    let of = |way: &Map<String, Value>| {
        let scopes = |(scheme, scopes): (&String, &Value)| -> Vec<String> {
            let scopes: Vec<_> = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if scopes.is_empty() { vec![scheme.clone()] } else { scopes.into_iter().map(str::to_owned).collect() }
        };
        way.iter().flat_map(scopes).collect()
    };
    let ways: Vec<_> = all.into_iter().flatten().filter_map(Value::as_object).map(of).collect();
    if ways.is_empty() { vec![BTreeSet::new()] } else { ways }
}

fn words(set: &BTreeSet<String>) -> String {
    set.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" and ")
}

fn named(parameter: &Value) -> String {
    match text(parameter, "in") {
        "header" => format!("the header {}", text(parameter, "name")),
        _ => format!("the parameter `{}`", text(parameter, "name")),
    }
}

fn is_required(part: &Value) -> bool {
    part.get("required").and_then(Value::as_bool).unwrap_or(false)
}

fn entries(part: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    part.and_then(Value::as_object).into_iter().flatten()
}

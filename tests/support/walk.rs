//! The operations of the document. Tests walk over them: a new operation is tested by being documented.

pub use super::furnished::{Furnished, Request};

use lonja::access::{Role, TokenKind};
use reqwest::Method;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&lonja::app::document().json).unwrap());

/// An operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path, with `{id}`.
    pub path: String,
    /// The scopes of which it needs one, each for other kinds of token; none where it is public.
    pub scopes: Vec<String>,
    /// The kinds of token that it takes (`x-access`).
    pub kinds: Vec<TokenKind>,
    /// The kinds of token for each scope, where it has several.
    pub kinds_by_scope: Value,
    /// The roles of which it needs one; none where it needs none.
    pub roles: Vec<Role>,
    /// The name of its JSON body's schema.
    pub body: Option<String>,
    /// Its parameters as they stand in the document.
    pub parameters: Vec<Value>,
}

impl Operation {
    /// Every operation there is.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                all.push(Self {
                    id: operation["operationId"].as_str().unwrap().to_owned(),
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    scopes: scopes(&operation["security"]),
                    kinds: words(&operation["x-access"]["tokenKinds"]),
                    kinds_by_scope: operation["x-access"]["tokenKindsByScope"].clone(),
                    roles: words(&operation["x-access"]["roles"]),
                    body: body.as_str().map(|name| name.replace("#/components/schemas/", "")),
                    parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
                });
            }
        }
        at_least(39, all)
    }

    /// Those that need a token.
    pub fn protected() -> impl Iterator<Item = Self> {
        at_least(32, Self::all().into_iter().filter(|operation| !operation.scopes.is_empty()).collect()).into_iter()
    }

    /// Those that have an effect once per `Idempotency-Key`.
    pub fn once() -> impl Iterator<Item = Self> {
        let all = Self::all().into_iter().filter(|operation| operation.takes("header", "Idempotency-Key"));
        at_least(6, all.collect()).into_iter()
    }

    /// Those that answer pages.
    pub fn lists() -> impl Iterator<Item = Self> {
        let all = Self::all().into_iter().filter(|operation| operation.takes("query", "cursor"));
        at_least(9, all.collect()).into_iter()
    }

    /// Whether it has such a parameter.
    pub fn takes(&self, place: &str, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter["in"] == place && parameter["name"] == name)
    }

    /// The names of its query parameters.
    pub fn query(&self) -> impl Iterator<Item = &str> {
        let query = self.parameters.iter().filter(|parameter| parameter["in"] == "query");
        query.filter_map(|parameter| parameter["name"].as_str())
    }

    /// Whether its path names something.
    pub fn has_id(&self) -> bool {
        self.path.contains("{id}")
    }

    /// The kinds of token for which this is the scope.
    pub fn kinds_for(&self, scope: &str) -> Vec<TokenKind> {
        if self.kinds_by_scope.is_null() { self.kinds.clone() } else { words(&self.kinds_by_scope[scope]) }
    }

    /// Its path for this id. A second id in it is of the same kind of thing that is not there.
    pub fn at(&self, id: &str) -> String {
        self.path
            .replace("{id}", id)
            .replace("{deliveryId}", &Uuid::nil().to_string())
            .replace("{userId}", &Uuid::nil().to_string())
    }

    /// Whether it asks to change something: every method but GET.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }
}

/// A walk over nothing proves nothing.
fn at_least(bound: usize, operations: Vec<Operation>) -> Vec<Operation> {
    assert!(operations.len() >= bound, "only {} operations of {bound} are left to walk", operations.len());
    operations
}

fn scopes(security: &Value) -> Vec<String> {
    let ways = security.as_array().into_iter().flatten();
    ways.filter_map(|way| way.pointer("/oauth2/0")?.as_str()).map(str::to_owned).collect()
}

fn words<T: serde::de::DeserializeOwned>(list: &Value) -> Vec<T> {
    if list.is_null() { Vec::new() } else { serde_json::from_value(list.clone()).unwrap() }
}

/// Says how much a property walked over, and fails where that is too little: a walk over nothing proves nothing.
pub fn walked(what: &str, count: usize, least: usize) {
    println!("{what}: {count} walked");
    assert!(count >= least, "{what}: only {count} walked");
}

/// A schema of the document.
pub fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

/// Follows a reference, where this is one.
pub fn followed(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => &DOCUMENT["components"]["schemas"][reference.replace("#/components/schemas/", "")],
        None => schema,
    }
}

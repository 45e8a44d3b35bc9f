//! The operations of the document. Tests walk over them: a new operation is tested by being documented.

pub use super::furnished::{Furnished, Request};

use lonja::access::{Role, TokenKind};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::LazyLock;
use uuid::Uuid;

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
        exactly(documented(|_, _| true), all)
    }

    /// Those that need a token.
    pub fn protected() -> impl Iterator<Item = Self> {
        let all = Self::all().into_iter().filter(|operation| !operation.scopes.is_empty());
        exactly(documented(|_, operation| needs_token(operation)), all.collect()).into_iter()
    }

    /// Those that have an effect once per `Idempotency-Key`.
    pub fn once() -> impl Iterator<Item = Self> {
        let all = Self::all().into_iter().filter(|operation| operation.takes("header", "Idempotency-Key"));
        let says_so = |operation: &Value| operation["parameters"].to_string().contains("\"Idempotency-Key\"");
        exactly(documented(|_, operation| says_so(operation)), all.collect()).into_iter()
    }

    /// Those that answer pages.
    pub fn lists() -> impl Iterator<Item = Self> {
        let all = Self::all().into_iter().filter(|operation| operation.takes("query", "cursor"));
        exactly(documented(|_, operation| answers_pages(operation)), all.collect()).into_iter()
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

    /// The names of the further ids in its path, such as `deliveryId`: of what lies below the first.
    pub fn inner_ids(&self) -> Vec<&str> {
        let names = self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.filter(|name| name.ends_with("Id")).collect()
    }

    /// Its path for this id. A further id in it is of a thing that is not there.
    pub fn at(&self, id: &str) -> String {
        self.at_inner(id, &Uuid::nil().to_string())
    }

    /// Its path for this id, and this one for every further one.
    pub fn at_inner(&self, id: &str, inner: &str) -> String {
        let path = self.path.replace("{id}", id).replace("{token}", id);
        self.inner_ids().iter().fold(path, |path, name| path.replace(&format!("{{{name}}}"), inner))
    }

    /// Whether it asks to change something: every method but GET.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }
}

/// A walk that leaves something out proves nothing of it.
fn exactly(count: usize, operations: Vec<Operation>) -> Vec<Operation> {
    assert_eq!(operations.len(), count, "the document has another number of them");
    assert_ne!(count, 0, "a walk over nothing proves nothing");
    operations
}

/// How many operations have this property of path and description, counted in the document as it stands: what a walk
/// must come by, however it finds its way.
pub fn documented(property: impl Fn(&str, &'static Value) -> bool) -> usize {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| item.as_object().unwrap().values().map(move |one| (path, one)));
    operations.filter(|(path, operation)| property(path, operation)).count()
}

/// Whether this description is of an operation that needs a token.
pub fn needs_token(operation: &Value) -> bool {
    operation["x-access"].is_object()
}

/// Whether this description says that tokens of this kind may call it.
pub fn is_for(operation: &Value, kind: TokenKind) -> bool {
    operation["x-access"]["tokenKinds"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
}

/// Whether this description is of an operation that answers pages: as many at once as the caller likes.
pub fn answers_pages(operation: &Value) -> bool {
    operation["parameters"].to_string().contains("\"name\":\"limit\"")
}

fn scopes(security: &Value) -> Vec<String> {
    let ways = security.as_array().into_iter().flatten();
    ways.filter_map(|way| way.pointer("/oauth2/0")?.as_str()).map(str::to_owned).collect()
}

fn words<T: serde::de::DeserializeOwned>(list: &Value) -> Vec<T> {
    if list.is_null() { Vec::new() } else { serde_json::from_value(list.clone()).unwrap() }
}

/// Says how much a property walked over, and fails where that is not all: a walk over nothing proves nothing.
pub fn walked(what: &str, count: usize, all: usize) {
    println!("{what}: {count} walked");
    assert!(count == all && all > 0, "{what}: {count} of {all} walked");
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

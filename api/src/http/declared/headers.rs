//! The headers of answers: what each means, and which are always there.

use super::limits::ANY_TEXT;
use serde_json::{Map, Value, json};

/// A header that is in every answer for which it is declared.
pub const ALWAYS: bool = true;
/// A header that depends on the request.
pub const SOMETIMES: bool = false;

/// Which pages may read an answer.
pub const ORIGIN: &str = "Access-Control-Allow-Origin";

/// Those that are always there in some answers, and sometimes in others: two components each.
const TWINS: [&str; 2] = ["Retry-After", "WWW-Authenticate"];

/// A reference to the component of a header.
pub fn reference(name: &str, is_always: bool) -> (String, Value) {
    (name.to_owned(), json!({ "$ref": format!("#/components/headers/{}", component(name, is_always)) }))
}

fn component(name: &str, is_always: bool) -> String {
    let is_twin = !is_always && TWINS.contains(&name);
    if is_twin { format!("{name}-Sometimes") } else { name.to_owned() }
}

/// All headers, as components.
pub fn components() -> Map<String, Value> {
    let header = |(name, is_always, description, schema, example): Listed| {
        let header = json!({ "description": description, "required": is_always, "schema": schema, "example": example });
        (component(name, is_always), header)
    };
    list().into_iter().map(header).collect()
}

/// Name, whether it is always there, meaning, schema, example.
type Listed = (&'static str, bool, &'static str, Value, Value);

fn list() -> Vec<Listed> {
    let text = |most: u32| json!({ "type": "string", "pattern": ANY_TEXT, "maxLength": most });
    let form = |pattern: &str, most: u32| json!({ "type": "string", "pattern": pattern, "maxLength": most });
    let seconds = json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400 });
    let rest = "What is left: for each policy `r` requests, and `t`, the seconds until all of it is there again or, \
                with nothing left, until the next request.";
    let policy = "The quotas in force: for each policy `q` requests in `w` seconds; a replica's share, where there are \
                  several. All of it may be used at once, and it comes back evenly.";
    let challenge =
        "How to prove who calls (RFC 6750): `error` says what was wrong with the token, `scope` what it lacks.";
    let retry = "Seconds until the request can be repeated.";
    let bearer = json!("Bearer realm=\"lonja\", error=\"invalid_token\"");
    vec![
        (
            ORIGIN,
            SOMETIMES,
            "The origin of the page that asked, where the operator has named it among those that may read answers.",
            json!({ "type": "string", "format": "uri", "maxLength": 300 }),
            json!("https://shop.example"),
        ),
        (
            "Cache-Control",
            ALWAYS,
            "Who may keep the answer. `no-store` on whatever is secret or belongs to the moment; what has an `ETag` may \
             be kept and asked for again with `If-None-Match`.",
            text(100),
            json!("private, no-cache"),
        ),
        (
            "Content-Language",
            ALWAYS,
            "The language of the words, chosen by `Accept-Language`.",
            form("^(en|es)$", 2),
            json!("en"),
        ),
        (
            "ETag",
            ALWAYS,
            "The version of what is answered: for `If-Match` when it is changed, and `If-None-Match` when it is read again.",
            form("^\"[0-9a-f]+\"$", 40),
            json!("\"1\""),
        ),
        (
            "Idempotent-Replayed",
            SOMETIMES,
            "`true` where this is the kept answer to an earlier request with the same `Idempotency-Key`.",
            json!({ "type": "string", "enum": ["true"] }),
            json!("true"),
        ),
        (
            "Location",
            ALWAYS,
            "Where what was created can be read.",
            json!({ "type": "string", "format": "uri-reference", "maxLength": 300 }),
            json!("/v1/orders/01983f6e-7d40-7c1d-8f4e-2b6a7c9d0e12"),
        ),
        ("RateLimit", SOMETIMES, rest, text(500), json!("\"client\";r=50;t=30, \"partner\";r=150;t=15")),
        ("RateLimit-Policy", SOMETIMES, policy, text(500), json!("\"client\";q=100;w=60, \"partner\";q=200;w=60")),
        ("Retry-After", ALWAYS, retry, seconds.clone(), json!(1)),
        ("Retry-After", SOMETIMES, retry, seconds, json!(1)),
        ("WWW-Authenticate", ALWAYS, challenge, text(300), bearer.clone()),
        ("WWW-Authenticate", SOMETIMES, challenge, text(300), bearer),
        (
            "X-Request-Id",
            ALWAYS,
            "The id of the request: the caller's own, where it sent one of 8 to 64 letters, digits, `-` and `_`. The \
             operator finds the request by it.",
            form("^[A-Za-z0-9_-]{8,64}$", 64),
            json!("01983f6e-7d4b-7e52-b1a4-9d1f5a0c2e11"),
        ),
    ]
}

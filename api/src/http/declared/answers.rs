//! The answers that operations have in common, and the headers of all answers.

use super::headers::{ALWAYS, ORIGIN, SOMETIMES, components, reference};
use super::{UNLIMITED, answered, operations_mut, part, put, takes, text};
use crate::error::{Code, Error, Fault};
use crate::http::problem::Problem;
use crate::messages::Language;
use serde_json::{Map, Value, json};

/// What carries the version of its row as `ETag`, wherever it is answered.
const VERSIONED: [&str; 30] = [
    "AdvisorAgreement",
    "ApiClient",
    "ApiClientCredentials",
    "AttachmentFile",
    "CreatedPartner",
    "CreditNote",
    "Customer",
    "CustomerQualification",
    "DownloadLinkMade",
    "Entitlement",
    "GccCustomerValidation",
    "GccPartnerValidation",
    "GccValidationCode",
    "IndirectProvider",
    "IndirectProviderLink",
    "Invoice",
    "KeyShareLink",
    "OpenAgreement",
    "OpenKey",
    "OpenOrder",
    "Order",
    "Partner",
    "PartnerUser",
    "Refund",
    "RelationshipRequest",
    "Renewal",
    "Subscription",
    "Tenant",
    "WebhookEndpoint",
    "WorkAccount",
];
/// What is tagged by its content when it is read.
const TAGGED: [&str; 7] =
    ["Company", "DomainAvailability", "MarketPage", "Offer", "OfferPage", "OfferUpgrades", "PartnerAgreementDocument"];
/// What is created without a place of its own.
const PLACELESS: [&str; 4] = ["AdvisorAgreement", "DownloadLinkMade", "KeyShareLink", "OpenRedemption"];

/// The id of a request in examples.
const REQUEST: &str = "01983f6e-7d4b-7e52-b1a4-9d1f5a0c2e11";

/// An answer that every operation of some kind can give.
struct Refusal {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    headers: &'static [(&'static str, bool)],
    /// One that is told so.
    example: fn() -> Error,
}

const REFUSALS: [Refusal; 11] = [
    Refusal {
        status: "400",
        name: "Malformed",
        description: "The request is not as this document has it: `errors` lists every fault with its place.",
        headers: &[],
        example: || Error::invalid(vec![Fault::at("/quantity", Code::FieldOutOfRange).with("limit", 300)]),
    },
    Refusal {
        status: "401",
        name: "Unauthorized",
        description: "No token, or one that is not valid.",
        headers: &[("WWW-Authenticate", ALWAYS)],
        example: || Error::new(Code::InvalidToken),
    },
    Refusal {
        status: "403",
        name: "Forbidden",
        description: "The token lacks the scope or the role, is of another kind, or its caller may not do this.",
        headers: &[("WWW-Authenticate", ALWAYS)],
        example: || Error::new(Code::InsufficientScope).with("scope", "orders:write"),
    },
    Refusal {
        status: "404",
        name: "NotFound",
        description: "There is no such thing for this caller.",
        headers: &[],
        example: || Error::not_found("order"),
    },
    Refusal {
        status: "409",
        name: "Conflict",
        description: "The state of things does not allow it, or the same request is still being carried out.",
        headers: &[("Retry-After", SOMETIMES)],
        example: || Error::new(Code::IdempotencyInFlight),
    },
    Refusal {
        status: "412",
        name: "PreconditionFailed",
        description: "The thing is no longer the version that `If-Match` names.",
        headers: &[],
        example: || Error::new(Code::PreconditionFailed).with("etag", "\"2\""),
    },
    Refusal {
        status: "422",
        name: "Unprocessable",
        description: "The request is well formed, but what it asks for cannot be: `errors` lists every reason.",
        headers: &[],
        example: || Error::new(Code::IdempotencyKeyReused),
    },
    Refusal {
        status: "428",
        name: "PreconditionRequired",
        description: "The request names no version in `If-Match`.",
        headers: &[],
        example: || Error::new(Code::PreconditionRequired),
    },
    Refusal {
        status: "429",
        name: "RateLimited",
        description: "Too many requests: `context.violatedPolicies` names the policy that is used up.",
        headers: &[("Retry-After", ALWAYS)],
        example: || {
            let refused = Error::new(Code::RateLimited).with("violatedPolicies", ["client"]);
            refused.with("limit", 100).with("seconds", 1)
        },
    },
    Refusal {
        status: "500",
        name: "Broken",
        description: "Failed on our side. The operator finds the reason by `requestId`.",
        headers: &[],
        example: || Error::new(Code::Internal),
    },
    Refusal {
        status: "503",
        name: "Busy",
        description: "Not at this moment: repeat with the same `Idempotency-Key` after `Retry-After` seconds.",
        headers: &[("Retry-After", ALWAYS)],
        example: || Error::new(Code::Busy),
    },
];

/// Names the codes of problems, as words that may become more: `enum` would forbid the next one.
fn codes(document: &mut Value) {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for problem in ["Problem", "FieldError"] {
        let code = document.pointer_mut(&format!("/components/schemas/{problem}/properties/code"));
        if let Some(code) = code {
            put(code, "x-extensible-enum", json!(codes));
        }
    }
}

/// Completes the answers of every operation.
pub fn complete(document: &mut Value) {
    codes(document);
    for (path, method, operation) in operations_mut(document) {
        let is_limited = operation.pointer("/tags/0").is_none_or(|tag| tag != UNLIMITED);
        conditional(operation, method);
        refusals(operation, path, method, is_limited);
        let successes = success_headers(operation, is_limited);
        for (status, response) in part(operation, "responses").into_iter().flatten() {
            if response.get("$ref").is_none() {
                let own = successes.get(status).and_then(Value::as_object).cloned().unwrap_or_default();
                let unauthorized = (status == "401").then(|| reference("WWW-Authenticate", ALWAYS));
                let headers = common(is_limited).chain(own).chain(unauthorized).collect();
                put(response, "headers", Value::Object(headers));
            }
        }
    }
    let responses = REFUSALS.iter().map(|refusal| (refusal.name.to_owned(), refusal.response(true)));
    let ranges = [("Refused", refused(true)), ("Failed", failed(true))];
    let free = [("RefusedUnlimited", refused(false)), ("FailedUnlimited", failed(false))];
    let free_ones = REFUSALS.iter().filter(|refusal| UNLIMITED_TOO.contains(&refusal.status));
    let free_ones = free_ones.map(|refusal| (format!("{}Unlimited", refusal.name), refusal.response(false)));
    let ranges = ranges.into_iter().chain(free).map(|(name, response)| (name.to_owned(), response));
    let responses: Vec<_> = responses.chain(ranges).chain(free_ones).collect();
    if let Some(parts) = part(document, "components") {
        parts.insert("responses".to_owned(), Value::Object(responses.into_iter().collect()));
        parts.insert("headers".to_owned(), Value::Object(components()));
    }
}

/// What an operation without limits can answer by itself, too.
const UNLIMITED_TOO: [&str; 3] = ["404", "500", "503"];

/// The headers that the frame puts on everything. Those of limits are missing where somebody was refused before anybody
/// was counted, and where the operator has switched the limits off.
fn common(is_limited: bool) -> impl Iterator<Item = (String, Value)> {
    let limits = is_limited.then(|| [reference("RateLimit", SOMETIMES), reference("RateLimit-Policy", SOMETIMES)]);
    [reference("Cache-Control", ALWAYS), reference("X-Request-Id", ALWAYS), reference(ORIGIN, SOMETIMES)]
        .into_iter()
        .chain(limits.into_iter().flatten())
}

/// How long a header may be: a list of tags may hold many.
const MOST_OF_A_HEADER: u32 = 16384;

/// A read whose answer has a tag can be asked whether there is anything new.
fn conditional(operation: &mut Value, method: &str) {
    if method != "get" || !answered(operation, "200").is_some_and(is_tagged) {
        return;
    }
    let parameter = json!({
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of what the caller has: 304 without a body while nothing has changed.",
        "required": false,
        "schema": { "type": "string", "maxLength": MOST_OF_A_HEADER },
        "example": "\"1\"",
    });
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    parameters.push(parameter);
    put(operation, "parameters", Value::Array(parameters));
    let unchanged = json!({ "description": "The caller has it already: nothing has changed." });
    if let Some(responses) = part(operation, "responses") {
        responses.insert("304".to_owned(), unchanged);
    }
}

fn is_tagged(schema: &str) -> bool {
    VERSIONED.contains(&schema) || TAGGED.contains(&schema)
}

/// The headers of each answer of success that only some operations have.
fn success_headers(operation: &Value, is_limited: bool) -> Map<String, Value> {
    let statuses =
        operation.get("responses").and_then(Value::as_object).into_iter().flatten().map(|(status, _)| status);
    let is_keyed = takes(operation, "Idempotency-Key");
    let found = statuses.filter(|status| status.starts_with(['2', '3'])).map(|status| {
        let schema = answered(operation, status);
        let mut headers = Map::new();
        if status == "304" || schema.is_some_and(is_tagged) {
            headers.extend([reference("ETag", ALWAYS)]);
        }
        if status == "201" && !schema.is_some_and(|schema| PLACELESS.contains(&schema)) {
            headers.extend([reference("Location", ALWAYS)]);
        }
        if is_keyed {
            headers.extend([reference("Idempotent-Replayed", SOMETIMES)]);
        }
        // What explains problems is words.
        if !is_limited && text(operation, "operationId").contains("problem_type") {
            headers.extend([reference("Content-Language", ALWAYS)]);
        }
        (status.clone(), Value::Object(headers))
    });
    found.collect()
}

/// Refers to the refusals that this operation can give.
fn refusals(operation: &mut Value, path: &str, method: &str, is_limited: bool) {
    let is_public = operation.pointer("/x-access").is_none();
    let has_if_match = takes(operation, "If-Match");
    let can = |status: &str| match status {
        "400" => is_limited && (operation.get("requestBody").is_some() || operation.get("parameters").is_some()),
        "401" | "403" => !is_public,
        "404" => path.contains('{'),
        "409" | "422" => method != "get",
        "412" => has_if_match,
        "428" => has_if_match && matches!(method, "patch" | "put"),
        "429" => is_limited,
        _ => true,
    };
    let suffix = if is_limited { "" } else { "Unlimited" };
    let reference = |name: &str| json!({ "$ref": format!("#/components/responses/{name}{suffix}") });
    let specific = REFUSALS.iter().filter(|refusal| can(refusal.status));
    let all: Vec<_> = specific
        .map(|refusal| (refusal.status, reference(refusal.name)))
        .chain([("4XX", reference("Refused")), ("5XX", reference("Failed"))])
        .collect();
    let Some(responses) = part(operation, "responses") else { return };
    for (status, refusal) in all {
        let has_own_words =
            responses.get(status).is_some_and(|own| own.pointer("/content/application~1json").is_some());
        if !has_own_words {
            responses.insert(status.to_owned(), refusal);
        }
    }
}

impl Refusal {
    fn response(&self, is_limited: bool) -> Value {
        let shown = Problem::of(&(self.example)(), Language::English, REQUEST, "https://marketplace.example");
        let example = serde_json::to_value(shown).unwrap_or_default();
        let own = self.headers.iter().map(|(name, is_always)| reference(name, *is_always));
        problem(self.description, is_limited, own, Some(example))
    }
}

fn refused(is_limited: bool) -> Value {
    let words = "Refused: `code` says why, `errors` lists everything, `next` says what to do.";
    let own = [reference("WWW-Authenticate", SOMETIMES), reference("Retry-After", SOMETIMES)];
    problem(words, is_limited, own.into_iter(), None)
}

fn failed(is_limited: bool) -> Value {
    let words = "Failed on our side: repeat with the same Idempotency-Key after `Retry-After` seconds.";
    problem(words, is_limited, [reference("Retry-After", SOMETIMES)].into_iter(), None)
}

fn problem(
    description: &str,
    is_limited: bool,
    own: impl Iterator<Item = (String, Value)>,
    example: Option<Value>,
) -> Value {
    let headers: Map<String, Value> =
        common(is_limited).chain(own).chain([reference("Content-Language", ALWAYS)]).collect();
    let mut content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    if let Some(example) = example {
        put(&mut content, "example", example);
    }
    json!({ "description": description, "headers": headers, "content": { "application/problem+json": content } })
}

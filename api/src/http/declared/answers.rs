//! The answers that operations have in common, and the headers of all answers.

use super::headers::{ALWAYS, ORIGIN, SOMETIMES, components, reference};
use super::{UNLIMITED, answered, operations_mut, part, put, takes, text};
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

/// An answer that every operation of some kind can give.
struct Refusal {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    headers: &'static [(&'static str, bool)],
    /// Code, title, detail and what to do next.
    example: [&'static str; 4],
}

const REFUSALS: [Refusal; 11] = [
    Refusal {
        status: "400",
        name: "Malformed",
        description: "The request is not as this document has it: `errors` lists every fault with its place.",
        headers: &[],
        example: [
            "invalid_request",
            "The request is not valid",
            "The request does not follow the API's document.",
            "Correct every entry in `errors`.",
        ],
    },
    Refusal {
        status: "401",
        name: "Unauthorized",
        description: "No token, or one that is not valid.",
        headers: &[("WWW-Authenticate", ALWAYS)],
        example: [
            "invalid_token",
            "The access token is not valid",
            "The access token has expired, or was not issued for this service.",
            "Get a new access token.",
        ],
    },
    Refusal {
        status: "403",
        name: "Forbidden",
        description: "The token lacks the scope or the role, is of another kind, or its caller may not do this.",
        headers: &[("WWW-Authenticate", ALWAYS)],
        example: [
            "insufficient_scope",
            "The token lacks a scope",
            "This operation needs a scope that the access token does not hold.",
            "Ask for a token with the scope.",
        ],
    },
    Refusal {
        status: "404",
        name: "NotFound",
        description: "There is no such thing for this caller.",
        headers: &[],
        example: ["not_found", "Not found", "There is nothing here for this caller.", "Check the id."],
    },
    Refusal {
        status: "409",
        name: "Conflict",
        description: "The state of things does not allow it, or the same request is still being carried out.",
        headers: &[("Retry-After", SOMETIMES)],
        example: [
            "idempotency_in_flight",
            "The same request is still running",
            "A request with this Idempotency-Key is still being carried out.",
            "Repeat the request with the same key.",
        ],
    },
    Refusal {
        status: "412",
        name: "PreconditionFailed",
        description: "The thing is no longer the version that `If-Match` names.",
        headers: &[],
        example: [
            "precondition_failed",
            "It has changed meanwhile",
            "The version in `If-Match` is no longer the present one.",
            "Read it again and decide anew.",
        ],
    },
    Refusal {
        status: "422",
        name: "Unprocessable",
        description: "The request is well formed, but what it asks for cannot be: `errors` lists every reason.",
        headers: &[],
        example: [
            "idempotency_key_reused",
            "The Idempotency-Key was used for another request",
            "The same Idempotency-Key came with another request before.",
            "Use a new key for a new request.",
        ],
    },
    Refusal {
        status: "428",
        name: "PreconditionRequired",
        description: "The request names no version in `If-Match`.",
        headers: &[],
        example: [
            "precondition_required",
            "The version is missing",
            "This change needs `If-Match` with the `ETag` of what was read.",
            "Read it and send its `ETag` as `If-Match`.",
        ],
    },
    Refusal {
        status: "429",
        name: "RateLimited",
        description: "Too many requests: `context.violatedPolicies` names the policy that is used up.",
        headers: &[("Retry-After", ALWAYS)],
        example: [
            "rate_limited",
            "Too many requests",
            "A quota is used up.",
            "Wait as long as `Retry-After` says, and send less often.",
        ],
    },
    Refusal {
        status: "500",
        name: "Broken",
        description: "Failed on our side. The operator finds the reason by `requestId`.",
        headers: &[],
        example: [
            "internal",
            "Something went wrong on our side",
            "The request could not be carried out.",
            "Repeat the request with the same Idempotency-Key; tell the operator the request id if it stays.",
        ],
    },
    Refusal {
        status: "503",
        name: "Busy",
        description: "Not at this moment: repeat with the same `Idempotency-Key` after `Retry-After` seconds.",
        headers: &[("Retry-After", ALWAYS)],
        example: [
            "busy",
            "The service is busy",
            "The service cannot take the request at this moment.",
            "Repeat the request after a moment.",
        ],
    },
];

/// Completes the answers of every operation.
pub fn complete(document: &mut Value) {
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

/// The headers that the frame puts on everything.
fn common(is_limited: bool) -> impl Iterator<Item = (String, Value)> {
    let limits = is_limited.then(|| [reference("RateLimit", ALWAYS), reference("RateLimit-Policy", ALWAYS)]);
    [reference("Cache-Control", ALWAYS), reference("X-Request-Id", ALWAYS), reference(ORIGIN, SOMETIMES)]
        .into_iter()
        .chain(limits.into_iter().flatten())
}

/// The headers of the frame where something failed: maybe before anybody was counted.
fn common_of_failure(is_limited: bool) -> impl Iterator<Item = (String, Value)> {
    let limits = is_limited.then(|| [reference("RateLimit", SOMETIMES), reference("RateLimit-Policy", SOMETIMES)]);
    common(false).chain(limits.into_iter().flatten())
}

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
        "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
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
        let [code, title, detail, next] = self.example;
        let status: u16 = self.status.parse().unwrap_or_default();
        let example = json!({
            "type": format!("https://marketplace.example/problems/{code}"),
            "title": title,
            "status": status,
            "detail": detail,
            "next": next,
            "code": code,
            "requestId": "01983f6e-7d4b-7e52-b1a4-9d1f5a0c2e11",
        });
        let own = self.headers.iter().map(|(name, is_always)| reference(name, *is_always));
        problem(self.description, status >= 500, is_limited, own, Some(example))
    }
}

fn refused(is_limited: bool) -> Value {
    let words = "Refused: `code` says why, `errors` lists everything, `next` says what to do.";
    let own = [reference("WWW-Authenticate", SOMETIMES), reference("Retry-After", SOMETIMES)];
    problem(words, false, is_limited, own.into_iter(), None)
}

fn failed(is_limited: bool) -> Value {
    let words = "Failed on our side: repeat with the same Idempotency-Key after `Retry-After` seconds.";
    problem(words, true, is_limited, [reference("Retry-After", SOMETIMES)].into_iter(), None)
}

fn problem(
    description: &str,
    is_failure: bool,
    is_limited: bool,
    own: impl Iterator<Item = (String, Value)>,
    example: Option<Value>,
) -> Value {
    let headers: Map<String, Value> = match is_failure {
        true => common_of_failure(is_limited).chain(own).chain([reference("Content-Language", ALWAYS)]).collect(),
        false => common(is_limited).chain(own).chain([reference("Content-Language", ALWAYS)]).collect(),
    };
    let mut content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    if let Some(example) = example {
        put(&mut content, "example", example);
    }
    json!({ "description": description, "headers": headers, "content": { "application/problem+json": content } })
}

//! Every way in which a document can break a client is named, and nothing else.

#![cfg(test)]

use lonja_openapi::{breaks, judge};
use serde_json::{Value, json};
use test_case::test_case;

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Things", "version": "0.3.1" },
        "paths": { "/things/{id}": {
            "get": {
                "operationId": "get_thing",
                "security": [{ "oauth2": ["things:read"] }],
                "x-access": { "tokenKinds": ["partner", "operator"], "roles": [] },
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 36 } },
                    { "name": "at", "in": "query", "required": false, "schema": { "type": "string", "maxLength": 36 } },
                    { "name": "state", "in": "query", "schema": { "$ref": "#/components/schemas/State" } },
                    { "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" } },
                    { "name": "limit", "in": "query", "schema": { "type": "integer", "default": 50 } },
                ],
                "responses": {
                    "200": {
                        "headers": {
                            "ETag": { "required": true, "schema": { "type": "string" } },
                            "Age": { "required": false, "schema": { "type": "string" } },
                        },
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
                    },
                    "404": { "description": "None." },
                },
            },
            "patch": {
                "operationId": "change_thing",
                "security": [{ "oauth2": ["things:write"] }],
                "x-access": { "tokenKinds": ["partner"], "roles": ["admin", "sales"] },
                "requestBody": {
                    "required": false,
                    "content": {
                        "application/json": { "schema": { "$ref": "#/components/schemas/Change" } },
                        "text/csv": { "schema": { "type": "string" } },
                    },
                },
                "responses": { "204": { "description": "Done." } },
            },
            "delete": { "operationId": "delete_thing", "security": [], "responses": { "204": {} } },
        } },
        "webhooks": { "thing.made": { "post": { "requestBody": { "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/Event" } },
        } } } } },
        "components": { "schemas": {
            "State": { "type": "string", "enum": ["open", "closed"] },
            "Mood": { "type": "string", "enum": ["good", "bad"] },
            "Event": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } },
            "Thing": {
                "type": "object",
                "required": ["id", "count", "mood"],
                "properties": {
                    "id": { "type": "string", "format": "uuid", "maxLength": 36 },
                    "count": { "type": "integer", "minimum": 0, "maximum": 10 },
                    "mood": { "$ref": "#/components/schemas/Mood" },
                    "owner": { "oneOf": [{ "$ref": "#/components/schemas/Owner" }, { "type": "null" }] },
                    "parts": { "type": "array", "maxItems": 5, "items": { "$ref": "#/components/schemas/Thing" } },
                },
            },
            "Owner": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
            "Change": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "minLength": 1, "maxLength": 30 },
                    "count": { "type": ["integer", "null"], "minimum": 0, "maximum": 10 },
                    "state": { "$ref": "#/components/schemas/State", "default": "open" },
                    "any": {},
                    "tags": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 9 } },
                    "values": { "type": "object", "additionalProperties": { "type": "integer" } },
                },
            },
        } },
    })
}

/// What is at this place; the last name may be new.
fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[name.replace("~1", "/")] = value;
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(&name.replace("~1", "/")).unwrap();
}

const GET: &str = "/paths/~1things~1{id}/get";
const PATCH: &str = "/paths/~1things~1{id}/patch";
const SCHEMAS: &str = "/components/schemas";

fn set(place: &str, rest: &str, value: Value) -> (String, Option<Value>) {
    (format!("{place}{rest}"), Some(value))
}

fn gone(place: &str, rest: &str) -> (String, Option<Value>) {
    (format!("{place}{rest}"), None)
}

fn added(place: &str, rest: &str, item: Value) -> (String, Option<Value>) {
    let mut list = document().pointer(&format!("{place}{rest}")).unwrap().as_array().unwrap().clone();
    list.push(item);
    set(place, rest, Value::Array(list))
}

fn changed((pointer, value): (String, Option<Value>)) -> Value {
    let mut changed = document();
    match value {
        Some(value) => put(&mut changed, &pointer, value),
        None => remove(&mut changed, &pointer),
    }
    changed
}

const READ: &str = "GET /things/{id}";
const WRITE: &str = "PATCH /things/{id}";

#[test_case(gone(GET, ""), "GET /things/{id} is gone"; "an operation")]
#[test_case(gone("/paths/~1things~1{id}", ""), "PATCH /things/{id} is gone"; "a path")]
#[test_case(set(GET, "/operationId", json!("read_thing")), "`get_thing` is called `read_thing`"; "a name")]
#[test_case(gone("/webhooks/thing.made", ""), "the webhook thing.made is gone"; "a webhook")]
#[test_case(gone(SCHEMAS, "/Event/properties/id"), "the webhook thing.made `Event`: `id` is gone"; "of a webhook")]
#[test_case(set(GET, "/security", json!([{ "oauth2": ["things:read", "all"] }])),
    "`things:read` is not enough any more: it needs `all` and `things:read`"; "a scope more")]
#[test_case(set(GET, "/security", json!([{ "oauth2": ["all"] }])),
    "`things:read` is not enough any more: it needs `all`"; "another scope")]
#[test_case(set("/paths/~1things~1{id}/delete", "/security", json!([{ "oauth2": ["all"] }])),
    "no token is not enough any more: it needs `all`"; "no longer public")]
#[test_case(set(GET, "/x-access/tokenKinds", json!(["partner"])), "not for tokens of the kind `operator`"; "a kind of token")]
#[test_case(set(GET, "/x-access/roles", json!(["admin"])), "needs a role now: `admin`"; "the first role")]
#[test_case(set(PATCH, "/x-access/roles", json!(["admin"])), "the role `sales` is not enough"; "a role less")]
#[test_case(set(GET, "/parameters/1/required", json!(true)), "the parameter `at` is required now"; "a parameter required")]
#[test_case(added(GET, "/parameters", json!({ "name": "x", "in": "query", "required": true })),
    "the parameter `x` is new and required"; "a new required parameter")]
#[test_case(added(GET, "/parameters", json!({ "name": "If-Match", "in": "header", "required": true })),
    "the header If-Match is new and required"; "a new required header")]
#[test_case(set(GET, "/parameters/1/name", json!("of")), "the parameter `at` is gone"; "a parameter")]
#[test_case(set(GET, "/parameters/3/name", json!("X-Key")), "the header Idempotency-Key is gone"; "a request header")]
#[test_case(set(GET, "/parameters/4/schema/default", json!(20)), "`default` is 20 now, was 50"; "a default")]
#[test_case(gone(GET, "/parameters/4/schema/default"), "`default` is nothing now, was 50"; "a default less")]
#[test_case(set(SCHEMAS, "/Change/properties/state", json!({ "$ref": "#/components/schemas/State", "default": "closed" })),
    "`state` `State`: `default` is \"closed\" now, was \"open\""; "a default beside a reference")]
#[test_case(set(GET, "/parameters/1/schema/maxLength", json!(9)), "`maxLength` is 9 now, was 36"; "of a parameter")]
#[test_case(set(GET, "/parameters/1/schema/type", json!("integer")), "string is not taken any more"; "type of a parameter")]
#[test_case(set(SCHEMAS, "/State/enum", json!(["open"])), "`State`: the word `closed` is not taken any more"; "a word")]
#[test_case(set(PATCH, "/requestBody/required", json!(true)), "a body is required now"; "a body required")]
#[test_case(gone(PATCH, "/requestBody/content/text~1csv"), "a body of text/csv is not taken any more"; "a medium")]
#[test_case(gone(SCHEMAS, "/Change/properties/tags"), "`Change`: `tags` is not taken any more"; "a field")]
#[test_case(added(SCHEMAS, "/Change/required", json!("count")), "`Change`: `count` is required now"; "a field required")]
#[test_case(added(SCHEMAS, "/Change/required", json!("x")), "`x` is new and required now"; "a new required field")]
#[test_case(set(SCHEMAS, "/Change/properties/count/type", json!("integer")), "`count`: null is not taken"; "null in a field")]
#[test_case(set(SCHEMAS, "/Change/properties/name/maxLength", json!(20)), "`maxLength` is 20 now, was 30"; "shorter")]
#[test_case(set(SCHEMAS, "/Change/properties/name/minLength", json!(2)), "`minLength` is 2 now, was 1"; "longer")]
#[test_case(set(SCHEMAS, "/Change/properties/count/maximum", json!(5)), "`maximum` is 5 now, was 10"; "smaller")]
#[test_case(set(SCHEMAS, "/Change/properties/count/minimum", json!(1)), "`minimum` is 1 now, was 0"; "larger")]
#[test_case(set(SCHEMAS, "/Change/properties/tags/maxItems", json!(4)), "`maxItems` is 4 now, was 5"; "fewer")]
#[test_case(set(SCHEMAS, "/Change/properties/tags/items/maxLength", json!(8)), "`tags`, each item: `maxLength`"; "in a list")]
#[test_case(set(SCHEMAS, "/Change/properties/values/additionalProperties/maximum", json!(1)),
    "`values`, each further value: `maximum` is 1 now, was nothing"; "in a map")]
#[test_case(set(SCHEMAS, "/Change/properties/name/pattern", json!("^a")), "`pattern` is \"^a\" now, was nothing"; "a pattern")]
#[test_case(set(SCHEMAS, "/Change/properties/name/format", json!("uuid")), "`format` is \"uuid\" now"; "a format")]
#[test_case(set(SCHEMAS, "/Change/properties/name/enum", json!(["a"])), "only listed words are taken now"; "a list of words")]
#[test_case(set(SCHEMAS, "/Change/additionalProperties", json!(false)), "unknown fields are refused now"; "closed")]
#[test_case(set(GET, "/responses", json!({ "202": {} })), "it does not answer 200 any more"; "a status")]
#[test_case(set(GET, "/responses/202", json!({})), "it answers 202 now, too"; "a further status")]
#[test_case(gone(GET, "/responses/200/headers/Age"), "200 has no header Age any more"; "a header")]
#[test_case(set(GET, "/responses/200/headers/ETag/required", json!(false)),
    "the header ETag of 200 may be missing now"; "a header sometimes")]
#[test_case(set(GET, "/responses/200/content", json!({ "text/plain": {} })),
    "200 is not answered as application/json any more"; "a medium answered")]
#[test_case(gone(SCHEMAS, "/Thing/properties/owner"), "`Thing`: `owner` is gone"; "a field answered")]
#[test_case(set(SCHEMAS, "/Thing/required", json!(["id", "mood"])), "`count` may be missing now"; "a field sometimes")]
#[test_case(set(SCHEMAS, "/Thing/properties/count/type", json!("string")), "`count`: may be string now"; "a type")]
#[test_case(gone(SCHEMAS, "/Thing/properties/count/type"), "`count`: may be anything now"; "no type")]
#[test_case(set(SCHEMAS, "/Change/properties/any/type", json!(["string", "null"])),
    "`any`: only null or string is taken now"; "the first type")]
#[test_case(set(SCHEMAS, "/Thing/properties/id/type", json!(["string", "null"])), "`id`: may be null now"; "null answered")]
#[test_case(set(SCHEMAS, "/Thing/properties/count/maximum", json!(99)), "`maximum` is 99 now, was 10"; "larger answered")]
#[test_case(gone(SCHEMAS, "/Thing/properties/parts/maxItems"), "`maxItems` is nothing now, was 5"; "more answered")]
#[test_case(gone(SCHEMAS, "/Thing/properties/id/format"), "`format` is nothing now, was \"uuid\""; "a format answered")]
#[test_case(gone(SCHEMAS, "/Owner/properties/name"), "`Owner`: `name` is gone"; "behind what may be null")]
fn a_break_is_named(change: (String, Option<Value>), sentence: &str) {
    let (released, current) = (document(), changed(change));
    let found = breaks(&released, &current);
    assert!(found.iter().any(|one| one.contains(sentence)), "{found:#?}");
    let is_placed =
        [READ, WRITE, "DELETE /things/{id}", "the webhook "].iter().any(|place| found[0].starts_with(place));
    assert!(is_placed, "{found:#?}");
    assert!(judge(&released, &current).unwrap_err().contains("raise the version"));
}

#[test_case(added(GET, "/parameters", json!({ "name": "x", "in": "query" })); "a parameter that may be left out")]
#[test_case(set(GET, "/parameters/1/schema/maxLength", json!(99)); "a longer parameter")]
#[test_case(set(SCHEMAS, "/Thing/properties/more", json!({ "type": "string" })); "a field more in an answer")]
#[test_case(set(GET, "/responses/409", json!({})); "a refusal more")]
#[test_case(gone(SCHEMAS, "/Change/properties/count/type"); "anything is taken")]
#[test_case(set(SCHEMAS, "/Change/properties/name/default", json!("x")); "the first default")]
#[test_case(added(GET, "/parameters", json!({ "name": "If-Match", "in": "header" })); "a header more")]
#[test_case(added(SCHEMAS, "/Thing/required", json!("owner")); "a field that is always there now")]
#[test_case(set(SCHEMAS, "/Mood/enum", json!(["good", "bad", "so"])); "a new word in an answer")]
#[test_case(set(SCHEMAS, "/Mood/enum", json!(["good"])); "a word less in an answer")]
#[test_case(set(SCHEMAS, "/State/enum", json!(["open", "closed", "ajar"])); "a word more that is taken")]
#[test_case(set(SCHEMAS, "/Change/properties/more", json!({ "type": "string" })); "a field more that is taken")]
#[test_case(set(SCHEMAS, "/Change/required", json!([])); "a field that may be left out")]
#[test_case(set(SCHEMAS, "/Thing/properties/count/maximum", json!(9)); "a smaller number in an answer")]
#[test_case(set(SCHEMAS, "/Thing/properties/owner", json!({ "$ref": "#/components/schemas/Owner" })); "never null now")]
#[test_case(set(GET, "/security", json!([{ "oauth2": ["things:read"] }, { "oauth2": ["all"] }])); "another way in")]
#[test_case(set(GET, "/security", json!([])); "public now")]
#[test_case(set(PATCH, "/x-access/roles", json!([])); "no role needed")]
#[test_case(gone(GET, "/responses/404"); "a refusal that its range still tells of")]
#[test_case(set(PATCH, "/description", json!("Other words.")); "words")]
#[test_case(set("/webhooks", "/thing.gone", json!({})); "an event more")]
fn what_breaks_nobody_is_not_named(change: (String, Option<Value>)) {
    assert_eq!(breaks(&document(), &changed(change)), Vec::<String>::new());
}

#[test_case("0.3.2", false; "a patch")]
#[test_case("0.4.0", true; "a minor one below one")]
#[test_case("1.0.0", true; "a major one")]
#[test_case("0.2.9", false; "an older one")]
fn only_the_version_is_a_way_through(version: &str, passes: bool) {
    let mut current = changed(gone(GET, ""));
    put(&mut current, "/info/version", json!(version));
    assert_eq!(judge(&document(), &current).is_ok(), passes);
    if passes {
        assert_eq!(judge(&document(), &current).unwrap(), ["GET /things/{id} is gone"]);
    }
}

#[test]
fn from_one_on_only_a_major_version_may_break() {
    let (mut released, mut current) = (document(), changed(gone(GET, "")));
    put(&mut released, "/info/version", json!("1.3.0"));
    put(&mut current, "/info/version", json!("1.4.0"));
    assert!(judge(&released, &current).is_err());
    put(&mut current, "/info/version", json!("2.0.0"));
    assert!(judge(&released, &current).is_ok());
}

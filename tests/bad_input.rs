//! Whatever is wrong with a request is told, all of it and with its spot, and nothing comes of it (PLT-07). The bodies
//! are spoilt by the document's own schemas: a new field is tested by being documented.

use lonja::http::declared::ANY_TEXT;
use lonja_tests::actor::text;
use lonja_tests::walk::{Furnished, Operation, Request, followed, schema};
use lonja_tests::{Backend, House, Reply};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

/// One way to spoil a body, and what must be said of it.
#[derive(Debug, Clone)]
struct Case {
    pointer: String,
    /// What stands there instead; nothing: the field is left out.
    value: Option<Value>,
    code: &'static str,
}

fn case(pointer: &str, value: impl Into<Option<Value>>, code: &'static str) -> Case {
    Case { pointer: pointer.to_owned(), value: value.into(), code }
}

impl Case {
    fn spoil(&self, body: &mut Value) {
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        let fields = body.pointer_mut(parent).unwrap();
        match (&self.value, fields) {
            (Some(value), Value::Object(fields)) => drop(fields.insert(name.to_owned(), value.clone())),
            (Some(value), Value::Array(items)) => items[name.parse::<usize>().unwrap()] = value.clone(),
            (None, fields) => drop(fields.as_object_mut().unwrap().remove(name)),
            (Some(_), other) => panic!("{} stands in {other}", self.pointer),
        }
    }

    fn fault(&self) -> String {
        format!("{} {}", self.pointer, self.code)
    }

    fn is_beside(&self, other: &Self) -> bool {
        !self.pointer.starts_with(&other.pointer) && !other.pointer.starts_with(&self.pointer)
    }
}

/// Every way to spoil what stands at `pointer`.
fn cases(schema: &'static Value, value: &Value, pointer: &str) -> Vec<Case> {
    let schema = followed(schema);
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let mut found = Vec::new();
    if !pointer.is_empty() {
        let mut wrong = vec![json!(true), json!("text"), json!(12.5), json!({"a": 1}), json!([1])];
        if let Some(fields) = value.as_object() {
            wrong.push(fields.values().cloned().collect());
        }
        wrong.retain(|wrong| !types.iter().any(|kind| is_a(wrong, kind)));
        if !types.contains(&"null") {
            wrong.push(Value::Null);
        }
        found.extend(wrong.into_iter().map(|wrong| case(pointer, wrong, "field_wrong_type")));
    }
    for (outside, code) in outside(schema, value) {
        found.push(case(pointer, outside, code));
    }
    match value {
        Value::Object(_) => {
            found.push(case(&format!("{pointer}/noSuchField"), json!(1), "field_unknown"));
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (name, field) in schema["properties"].as_object().unwrap() {
                let at = format!("{pointer}/{name}");
                if required.contains(&json!(name)) {
                    found.push(case(&at, None, "field_required"));
                }
                // A code is for an organisation in the United States, where no registration number is asked (GCC-08, CUS-03).
                if is_left_out(value, name) {
                    continue;
                }
                assert!(!value[name].is_null(), "{at}: the valid request has every field");
                found.extend(cases(field, &value[name], &at));
            }
        }
        Value::Array(items) => found.extend(cases(&schema["items"], &items[0], &format!("{pointer}/0"))),
        Value::String(_) => {
            found.push(case(pointer, json!("a\u{0}b"), "field_characters"));
            if schema["enum"].is_array() {
                found.push(case(pointer, json!("noSuchWord"), "field_not_allowed"));
            }
            let has_pattern = schema["pattern"].as_str().is_some_and(|pattern| pattern != ANY_TEXT);
            // That it opens something says nothing of how it is written.
            let has_format = schema["format"].as_str().is_some_and(|format| format != "password");
            if has_format || has_pattern {
                found.push(case(pointer, json!("¿?"), "field_format"));
            }
        }
        _ => {}
    }
    found
}

/// What the valid request cannot have beside another field.
fn is_left_out(value: &Value, name: &str) -> bool {
    name == "gccValidationCode" && value["organizationRegistrationNumber"].is_string()
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        other => panic!("no {other} is known here"),
    }
}

/// The value at a limit that the document declares, and with it the one just beyond.
fn at_limits(schema: &Value, value: &Value) -> Vec<(Value, Value, &'static str)> {
    let limit = |name: &str| schema[name].as_u64();
    let number = |name: &str| schema[name].as_i64();
    // Two bytes each: limits count characters.
    let text = |length: u64| json!("ñ".repeat(usize::try_from(length).unwrap()));
    let items = |length: u64| json!(vec![value[0].clone(); usize::try_from(length).unwrap()]);
    let all = [
        limit("maxLength").map(|most| (text(most), text(most + 1), "field_too_long")),
        limit("minLength").map(|least| (text(least), text(least - 1), "field_too_short")),
        limit("maxItems").map(|most| (items(most), items(most + 1), "field_too_long")),
        limit("minItems").map(|least| (items(least), items(least - 1), "field_too_short")),
        number("maximum").map(|most| (json!(most), json!(most + 1), "field_out_of_range")),
        number("minimum").map(|least| (json!(least), json!(least - 1), "field_out_of_range")),
    ];
    all.into_iter().flatten().collect()
}

fn outside(schema: &Value, value: &Value) -> Vec<(Value, &'static str)> {
    let mut all: Vec<_> = at_limits(schema, value).into_iter().map(|(_, outside, code)| (outside, code)).collect();
    if schema["maximum"].is_number() {
        // Numbers that do not even fit the type of the field.
        all.extend([json!(-1), json!(u64::MAX), json!(1_u64 << 32)].map(|number| (number, "field_out_of_range")));
    }
    all
}

fn with_body() -> impl Iterator<Item = (Operation, &'static Value)> {
    Operation::all().into_iter().filter_map(|operation| {
        let body = schema(operation.body.as_deref()?);
        Some((operation, body))
    })
}

async fn send(shop: &Furnished<'_>, operation: &Operation, request: &Request, body: &Value) -> Reply {
    let key = Uuid::new_v4().to_string();
    let headers = [("idempotency-key", key.as_str()), ("if-match", "*")];
    shop.actor(operation).send(operation.method.clone(), &request.path, &headers, text(body)).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_each_fault_of_a_body_is_named_with_its_spot(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for (operation, schema) in with_body() {
        let request = shop.request(&operation).await;
        let before = shop.everything().await;
        for case in cases(schema, &request.body, "") {
            let mut body = request.body.clone();
            case.spoil(&mut body);
            let reply = send(&shop, &operation, &request, &body).await;
            let what = format!("{} {case:?}", operation.id);
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{what}");
            let faults = reply.faults();
            assert!(faults.contains(&case.fault()), "{what}: {faults:?}");
            let elsewhere = faults.iter().find(|fault| !fault.starts_with(&format!("{} ", case.pointer)));
            assert_eq!(elsewhere, None, "{what}: nothing else is wrong");
        }
        assert_eq!(shop.everything().await, before, "{}: something came of a bad body", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_three_faults_are_told_at_once(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for (operation, schema) in with_body() {
        let request = shop.request(&operation).await;
        let mut chosen: Vec<Case> = Vec::new();
        for case in cases(schema, &request.body, "") {
            if chosen.len() < 3 && chosen.iter().all(|other| case.is_beside(other)) {
                chosen.push(case);
            }
        }
        let mut body = request.body.clone();
        chosen.iter().for_each(|case| case.spoil(&mut body));
        let faults = send(&shop, &operation, &request, &body).await.faults();
        let has_one_field = schema["properties"].as_object().unwrap().len() == 1;
        assert!(chosen.len() == 3 || has_one_field, "{}: {chosen:?}", operation.id);
        assert!(chosen.iter().all(|case| faults.contains(&case.fault())), "{}: {faults:?}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_the_limits_in_the_document_are_those_in_force(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let mut tried = 0;
    for (operation, schema) in with_body() {
        let request = shop.request(&operation).await;
        for (pointer, inside, outside, code) in limits(schema, &request.body, "") {
            let mut said = Vec::new();
            for value in [inside, outside] {
                let mut body = request.body.clone();
                *body.pointer_mut(&pointer).unwrap() = value;
                let reply = send(&shop, &operation, &request, &body).await;
                assert!(!reply.status.is_server_error(), "{} {pointer}: {}", operation.id, reply.text);
                said.push(reply.faults().contains(&format!("{pointer} {code}")));
            }
            assert_eq!(said, [false, true], "{} {pointer} {code}", operation.id);
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} limits were found");
}

/// Every limit below `pointer`: the last value inside it, the first outside, and what is said of that.
fn limits(schema: &'static Value, value: &Value, pointer: &str) -> Vec<(String, Value, Value, &'static str)> {
    let schema = followed(schema);
    let here = at_limits(schema, value);
    let mut all: Vec<_> =
        here.into_iter().map(|(inside, outside, code)| (pointer.to_owned(), inside, outside, code)).collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    for (name, field) in fields.filter(|(name, _)| !is_left_out(value, name)) {
        all.extend(limits(field, &value[name], &format!("{pointer}/{name}")));
    }
    if let Some(first) = value.get(0) {
        all.extend(limits(&schema["items"], first, &format!("{pointer}/0")));
    }
    all
}

/// Every text that a body can hold, with the pointer of its schema.
fn texts_in(schema: &'static Value, at: &str, found: &mut Vec<(String, &'static Value)>) {
    let schema = followed(schema);
    for list in ["oneOf", "anyOf", "allOf"] {
        for (index, inner) in schema[list].as_array().into_iter().flatten().enumerate() {
            texts_in(inner, &format!("{at}/{list}{index}"), found);
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        texts_in(field, &format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        texts_in(&schema["items"], &format!("{at}/0"), found);
    }
    let is_text = |kind: &Value| kind == "string";
    if is_text(&schema["type"]) || schema["type"].as_array().is_some_and(|types| types.iter().any(is_text)) {
        found.push((at.to_owned(), schema));
    }
}

/// What has no bound is read, compared and kept at any length: one text can stop the house.
#[test]
fn rule_plt_07_every_text_of_a_body_has_a_bound() {
    let mut walked = 0;
    for (operation, schema) in with_body() {
        let mut texts = Vec::new();
        texts_in(schema, "", &mut texts);
        for (at, text) in texts {
            let short = ["uuid", "date-time", "date"].iter().any(|format| text["format"] == *format);
            let bounded = text["maxLength"].is_u64() || text["enum"].is_array() || short;
            assert!(bounded, "{} {at}: {text}", operation.id);
            walked += 1;
        }
    }
    assert!(walked >= 40, "only {walked} texts");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_bad_parameters_are_named(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::lists() {
        let path = operation.at(shop.id_for(&operation));
        let actor = shop.actor(&operation);
        let mut bad = vec![
            ("noSuchParameter=1".to_owned(), "?noSuchParameter field_unknown".to_owned()),
            ("limit=0".to_owned(), "?limit field_out_of_range".to_owned()),
            ("limit=-1".to_owned(), "?limit field_out_of_range".to_owned()),
            ("limit=201".to_owned(), "?limit field_out_of_range".to_owned()),
            ("limit=99999999999999999999".to_owned(), "?limit field_wrong_type".to_owned()),
            ("limit=abc".to_owned(), "?limit field_wrong_type".to_owned()),
            ("limit=1.5".to_owned(), "?limit field_wrong_type".to_owned()),
            ("limit=".to_owned(), "?limit field_wrong_type".to_owned()),
            ("limit=1&limit=1".to_owned(), "?limit field_repeated".to_owned()),
            ("cursor=".to_owned(), "?cursor field_too_short".to_owned()),
            (format!("cursor={}", "c".repeat(1001)), "?cursor field_too_long".to_owned()),
            ("cursor=%00".to_owned(), "?cursor field_characters".to_owned()),
        ];
        let mut bad_ids = Vec::new();
        for filter in operation.query().filter(|name| !matches!(*name, "limit" | "cursor")) {
            let schema = &operation.parameters.iter().find(|parameter| parameter["name"] == filter).unwrap()["schema"];
            if schema["$ref"].is_string() {
                bad.push((format!("{filter}=noSuchWord"), format!("?{filter} field_not_allowed")));
                continue;
            }
            if schema["format"] == "date-time" {
                bad.push((format!("{filter}=yesterday"), format!("?{filter} field_format")));
                continue;
            }
            if schema["type"] == "boolean" {
                bad.push((format!("{filter}=maybe"), format!("?{filter} field_wrong_type")));
                continue;
            }
            let most = usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap();
            let (unknown, is_id) = (Uuid::new_v4().to_string(), most == 36);
            let fitting = match filter {
                // A country, which must be one.
                "market" => "MX".to_owned(),
                _ if is_id => unknown.to_uppercase(),
                _ => "x".repeat(most),
            };
            // `after` names an event, which must be there.
            let known = if filter == "after" { 404 } else { 200 };
            assert_eq!(actor.get(&format!("{path}?{filter}={fitting}")).await.status, known, "{filter}");
            if is_id {
                // What cannot be an id is no filter that finds nothing.
                for bad in ["x".repeat(most), unknown.replace('-', ""), unknown.replace('-', "+")] {
                    bad_ids.push((format!("{filter}={bad}"), format!("?{filter} field_format")));
                }
            }
            bad.push((format!("{filter}={}", "x".repeat(most + 1)), format!("?{filter} field_too_long")));
            bad.push((format!("{filter}="), format!("?{filter} field_too_short")));
            bad.push((format!("{filter}=a&{filter}=b"), format!("?{filter} field_repeated")));
        }
        for (query, fault) in bad.into_iter().chain(bad_ids) {
            let reply = actor.get(&format!("{path}?{query}")).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{path}?{query}");
            assert!(reply.faults().contains(&fault), "{path}?{query}: {:?}", reply.faults());
        }
        for limit in [1, 200] {
            assert_eq!(actor.get(&format!("{path}?limit={limit}")).await.status, 200, "{path}?limit={limit}");
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_an_id_that_is_none_is_an_unknown_one(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let huge = "a".repeat(10_000);
    let nil = Uuid::nil().to_string();
    let quoted = format!("%22{nil}%22");
    for operation in Operation::protected().filter(Operation::has_id) {
        let request = shop.request(&operation).await;
        for id in ["x", &nil, &huge, &quoted, "%00", "a%00b", "%C3%B1", "%F0%9F%92%A9", "%FF", "%2F", "%27--", "-1"] {
            let at = Request { path: operation.at(id), body: Value::Null };
            let reply = if operation.is_write() {
                send(&shop, &operation, &at, &request.body).await
            } else {
                shop.actor(&operation).get(&at.path).await
            };
            let start: String = id.chars().take(40).collect();
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"), "{} {start}", operation.id);
        }
    }
}

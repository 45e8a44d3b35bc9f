//! The examples in the document are what the service really takes and answers: recorded here, kept in
//! `api/data/examples.json`, and checked against their schemas.

use lonja_tests::actor::text;
use lonja_tests::newcomer::{enrol, token as link_token, whole};
use lonja_tests::walk::{Furnished, Operation, Request};
use lonja_tests::{Backend, House, Reply};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/data/examples.json");
/// Longer than any word: a token, a digest, a cursor.
const RANDOM: usize = 32;

fn document() -> Value {
    serde_json::from_str(&lonja::app::document().json).unwrap()
}

/// Every JSON body in the document: where it stands, and its description.
fn bodies(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let asked = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let answers =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let answered = answers.flat_map(|(_, answer)| answer["content"].as_object().into_iter().flatten());
            for (media, content) in asked.chain(answered) {
                found.push((format!("{method} {path} {media}"), content.clone()));
            }
        }
    }
    for (topic, item) in document["webhooks"].as_object().unwrap() {
        found.push((topic.clone(), item["post"]["requestBody"]["content"]["application/json"].clone()));
    }
    for (name, answer) in document["components"]["responses"].as_object().unwrap() {
        found.push((name.clone(), answer["content"]["application/problem+json"].clone()));
    }
    found
}

#[test]
fn every_body_has_an_example_that_is_as_its_schema_says() {
    let document = document();
    let mut missing = Vec::new();
    for (place, body) in bodies(&document) {
        // Any of many problems; pages for people.
        if place.starts_with("Refused") || place.starts_with("Failed") || place.ends_with("text/html") {
            continue;
        }
        let Some(example) = body.get("example") else {
            missing.push(place);
            continue;
        };
        let whole = json!({ "allOf": [body["schema"]], "components": document["components"] });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        let wrong: Vec<_> =
            validator.iter_errors(example).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{place}: {wrong:?}");
    }
    assert!(missing.is_empty(), "run `make examples`: {missing:#?}");
}

#[test]
fn every_creation_leads_on_and_every_link_leads_somewhere() {
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().iter().flat_map(|(_, item)| item.as_object().unwrap().values());
    let known: BTreeMap<&str, &Value> =
        operations.map(|operation| (operation["operationId"].as_str().unwrap(), operation)).collect();
    let mut walked = 0;
    for (id, operation) in &known {
        let answers = operation["responses"].as_object().unwrap().iter();
        for (status, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
            let links = answer["links"].as_object();
            // What it brought are entitlements and subscriptions, each named in the answer.
            let leads_on = links.is_some_and(|links| !links.is_empty()) || *id == "redeem_open_keys";
            assert!(status != "201" || leads_on, "{id}");
            for link in links.into_iter().flatten().map(|(_, link)| link) {
                let target = known[link["operationId"].as_str().unwrap()];
                let in_path = target["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "path");
                let wanted: Vec<&str> = in_path.map(|one| one["name"].as_str().unwrap()).collect();
                let given = link["parameters"].as_object().unwrap();
                assert!(wanted.iter().all(|name| given.contains_key(*name)), "{id}: {link}");
                walked += 1;
            }
        }
    }
    assert!(walked > 100, "only {walked} links");
}

/// Not a test: writes the file.
#[tokio::test]
#[ignore = "`make examples` runs it"]
async fn record_examples() {
    let house = House::open(Backend::Sqlite).await;
    let shop = Furnished::open(&house).await;
    let mut recorded = Map::new();
    let mut missing = Vec::new();
    for operation in &Operation::all() {
        let (url, (request, reply)) = match operation.is_write() {
            // What one write changes, another may need as it was.
            true => {
                let house = House::open(Backend::Sqlite).await;
                let played = played(&house, &Furnished::open(&house).await, operation).await;
                (house.url.clone(), played)
            }
            false => (house.url.clone(), played(&house, &shop, operation).await),
        };
        if !reply.status.is_success() {
            missing.push(format!("{} {}: {} {}", operation.id, request.path, reply.status, reply.text));
            continue;
        }
        let mut clean = Clean { house: url, ids: BTreeMap::new() };
        let mut example = Map::new();
        if !request.body.is_null() {
            example.insert("request".to_owned(), clean.of(&request.body));
        }
        if !reply.text.is_empty() {
            example.insert("answer".to_owned(), clean.of(&reply.json()));
        }
        recorded.insert(operation.id.clone(), Value::Object(example));
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&recorded).unwrap());
    tokio::fs::write(FILE, text).await.unwrap();
    assert!(missing.is_empty(), "{missing:#?}");
    println!("{} operations", recorded.len());
}

async fn played(house: &House, shop: &Furnished<'_>, operation: &Operation) -> (Request, Reply) {
    let subscription = &shop.subscription;
    let path = match operation.id.as_str() {
        "request_token" => return token(house, shop, operation).await,
        "check_market" => "/v1/markets/check?seller=MX&buyer=CO".to_owned(),
        "get_company" => return (at("/v1/companies?duns"), company(house, shop).await),
        "get_problem_type" => "/problems/refund_window_closed".to_owned(),
        "list_offer_upgrades" => {
            let offer = shop.seller().get(&format!("/v1/subscriptions/{subscription}")).await.json()["offerId"].clone();
            format!("/v1/offers/{}/upgrades", offer.as_str().unwrap())
        }
        _ => String::new(),
    };
    let is_read = operation.method == Method::GET && operation.inner_ids().is_empty();
    let mut request = match path.is_empty() {
        false => at(&path),
        true if is_read && operation.id != "get_own_directory_entry" => at(&operation.at(shop.id_for(operation))),
        true => shop.request(operation).await,
    };
    if operation.method == Method::GET && !operation.inner_ids().is_empty() {
        let inner = shop.inner(operation.inner_ids()[0]).await;
        request.path = operation.at_inner(shop.id_for(operation), &inner);
    }
    if operation.id == "verify_email" {
        let newcomer = enrol(house, &whole()).await;
        newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
        request.body = json!({ "token": link_token(house).await });
    }
    let key = Uuid::new_v4().to_string();
    let keyed = ("idempotency-key", key.as_str());
    let mut reply = None;
    // A change of whatever version there is; else of what is not there yet.
    for version in [("if-match", "*"), ("if-none-match", "*")] {
        let headers = [("accept", "application/json"), version, keyed];
        let headers = if operation.is_write() { &headers[..] } else { &headers[..1] };
        let sent =
            shop.actor(operation).send(operation.method.clone(), &request.path, headers, text(&request.body)).await;
        let is_there = sent.status != 412;
        reply = Some(sent);
        if is_there {
            break;
        }
    }
    (request, reply.unwrap())
}

fn at(path: &str) -> Request {
    Request { path: path.to_owned(), body: Value::Null }
}

async fn token(house: &House, shop: &Furnished<'_>, operation: &Operation) -> (Request, Reply) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &shop.seller().client_id),
        ("client_secret", &shop.seller().client_secret),
        ("scope", "orders:read orders:write"),
    ];
    let sent = house.http().post(format!("{}{}", house.url, operation.path)).form(&form).send().await.unwrap();
    let reply = Reply { status: sent.status(), headers: sent.headers().clone(), text: sent.text().await.unwrap() };
    let body = form.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    (Request { path: operation.path.clone(), body: Value::Object(body) }, reply)
}

async fn company(house: &House, shop: &Furnished<'_>) -> Reply {
    house
        .execute("INSERT INTO companies (duns, name, country) VALUES ('123456789', 'Panadería del Sol S.A.', 'MX')")
        .await;
    shop.seller().get("/v1/companies?duns=123456789").await
}

/// Takes out what differs from run to run or looks like a secret, in the same form.
struct Clean {
    house: String,
    ids: BTreeMap<String, String>,
}

impl Clean {
    fn of(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            // One or two say what a list is.
            Value::Array(items) => items.iter().take(2).map(|item| self.of(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, item)| (name.clone(), self.of(item))).collect(),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = text.replace(&self.house, "https://marketplace.example");
        let text = text.replace("http://127.0.0.1:9/", "https://crm.example/").replace("127.0.0.1", "203.0.113.7");
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let mut clean = String::new();
        for piece in text.split_inclusive(|letter: char| !is_word(letter)) {
            let word = piece.trim_end_matches(|letter: char| !is_word(letter));
            clean += &self.word(word);
            clean += &piece[word.len()..];
        }
        clean
    }

    fn word(&mut self, word: &str) -> String {
        if Uuid::parse_str(word).is_ok() && word.len() == 36 {
            let next = self.ids.len() + 1;
            let made = || format!("01983f6e-7d40-7c1d-8f4e-{next:012x}");
            return self.ids.entry(word.to_owned()).or_insert_with(made).clone();
        }
        let groups: Vec<&str> = word.split('-').collect();
        if groups.len() == 5 && groups.iter().all(|group| group.len() == 5) {
            return "BCDFG-HJKMP-QRTVW-XY234-6789B".to_owned();
        }
        let is_spoken =
            word.split(['-', '_']).all(|part| part.len() < RANDOM / 2 && part.chars().all(char::is_alphabetic));
        match word.len() < RANDOM || is_spoken {
            true => word.to_owned(),
            false => "0123456789abcdef".chars().cycle().take(word.len().min(2 * RANDOM)).collect(),
        }
    }
}

/// What opens something is declared as a password, so that clients made from the document do not print it.
#[test]
fn what_is_secret_is_declared_as_a_password() {
    const DOCUMENT: &str = include_str!("../openapi/openapi.json");
    const NAMES: [&str; 8] =
        ["secret", "clientSecret", "client_secret", "temporaryPassword", "token", "access_token", "link", "productKey"];
    // The last letters of a key, which are all that is shown of it.
    const SHOWN: [&str; 1] = ["Entitlement.productKey"];
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut found = 0;
    for (schema, described) in document["components"]["schemas"].as_object().unwrap() {
        for (name, property) in described["properties"].as_object().into_iter().flatten() {
            if NAMES.contains(&name.as_str()) && !SHOWN.contains(&format!("{schema}.{name}").as_str()) {
                assert_eq!(property["format"], "password", "{schema}.{name}");
                found += 1;
            }
        }
    }
    assert!(found >= 15, "{found}");
}

//! What is wrong before a body is even read as one: its form, its size, its pace (PLT-07).

use lonja_tests::walk::{Furnished, Operation};
use lonja_tests::{Backend, House};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most bytes of a body.
const MOST: usize = 1024 * 1024;

/// Sends these bytes and reads until the server ends the connection; a server that does not is waited for in vain.
async fn exchange(house: &House, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let whole = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(whole.is_ok_and(|ended| ended.is_ok()), "the connection did not end after: {answer}");
    answer
}

/// Sends these bytes and reads until the answer's body is whole.
async fn answer_to(house: &House, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let (mut answer, mut chunk) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"}") {
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut chunk)).await.unwrap().unwrap();
        assert!(read > 0, "the connection ended before the answer did");
        answer.extend_from_slice(&chunk[..read]);
    }
    String::from_utf8(answer).unwrap()
}

/// The problem in a raw answer.
fn problem(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-type: application/problem+json"), "{head}");
    serde_json::from_str(body).unwrap()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_a_body_that_is_no_json_is_told_where(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let deep = "[".repeat(100_000);
    let deep_inside = format!("{{\"companyName\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let bad = [
        ("", Some((1, 0))),
        ("{", Some((1, 1))),
        ("{\n  \"companyName\": x\n}", Some((2, 18))),
        ("{\"companyName\": \"a\"} trailing", Some((1, 22))),
        ("{'companyName': 'a'}", None),
        ("{\"companyName\": \"\\ud800\"}", None),
        ("{\"companyName\": 1e999}", None),
        (&deep, None),
        (&deep_inside, None),
    ];
    for operation in Operation::all().into_iter().filter(|operation| operation.body.is_some()) {
        let path = operation.at(shop.id_for(&operation));
        for (text, place) in bad {
            let headers = [("idempotency-key", "k"), ("if-match", "*")];
            let reply =
                shop.actor(&operation).send(operation.method.clone(), &path, &headers, Some(text.to_owned())).await;
            let start: String = text.chars().take(40).collect();
            let what = format!("{} {start:?}: {}", operation.id, reply.text);
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "malformed_json"), "{what}");
            assert_eq!(reply.faults(), [" malformed_json"], "{what}");
            let context = reply.json()["context"].clone();
            assert!(context["line"].is_u64() && context["column"].is_u64(), "{what}");
            if let Some((line, column)) = place {
                assert_eq!((&context["line"], &context["column"]), (&json!(line), &json!(column)), "{what}");
            }
        }
        // JSON, but no object; a list of the fields' values neither.
        let valid = shop.request(&operation).await.body;
        let values = json!(valid.as_object().unwrap().values().collect::<Vec<_>>()).to_string();
        for text in ["[]", &values, "null", "1", "\"a\""] {
            let headers = [("idempotency-key", "k"), ("if-match", "*")];
            let reply =
                shop.actor(&operation).send(operation.method.clone(), &path, &headers, Some(text.to_owned())).await;
            assert_eq!((reply.status.as_u16(), reply.faults()), (400, vec![" field_wrong_type".to_owned()]), "{text}");
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_a_field_given_twice_is_refused(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let path = format!("/v1/customers/{}", shop.shop.customer.id);
    let twice = "{\"companyName\": \"Panadería Uno\", \"companyName\": \"Panadería Dos\"}".to_owned();
    let reply = shop.seller().send(Method::PATCH, &path, &[("if-match", "*")], Some(twice)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{}", reply.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_only_plain_json_is_taken(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::all().into_iter().filter(|operation| operation.body.is_some()) {
        let token = shop.actor(&operation).token().await;
        let url = format!("{}{}", house.url, operation.at(shop.id_for(&operation)));
        let send = async |headers: &[(&str, &str)]| {
            let request = house.http().request(operation.method.clone(), &url).bearer_auth(token);
            let request = request.header("idempotency-key", "k").header("if-match", "*").body("{");
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let reply = request.send().await.unwrap();
            (reply.status().as_u16(), reply.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned())
        };
        let json = ("content-type", "application/json");
        let refused: [&[(&str, &str)]; 8] = [
            &[],
            &[("content-type", "text/plain")],
            &[("content-type", "text/json")],
            &[("content-type", "application/json-patch+json")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[json, ("content-encoding", "gzip")],
            &[json, ("content-encoding", "br")],
            &[json, ("content-encoding", "identity, gzip")],
        ];
        for headers in refused {
            let unsupported = (415, "unsupported_media_type".to_owned());
            assert_eq!(send(headers).await, unsupported, "{} {headers:?}", operation.id);
        }
        for content in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
            let malformed = (400, "malformed_json".to_owned());
            assert_eq!(send(&[("content-type", content)]).await, malformed, "{} {content}", operation.id);
        }
        assert_eq!(send(&[json, ("content-encoding", "identity")]).await.0, 400, "{}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_a_body_has_at_most_a_mebibyte(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    for operation in Operation::all().into_iter().filter(|operation| operation.body.is_some()) {
        let token = shop.actor(&operation).token().await;
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: lonja\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nIdempotency-Key: k\r\nIf-Match: *\r\n",
            operation.method,
            operation.at(shop.id_for(&operation)),
        );
        // Refused by what it says of itself, before any of it came.
        let declared = answer_to(&house, format!("{head}Content-Length: {}\r\n\r\n", MOST + 1).as_bytes()).await;
        assert!(declared.starts_with("HTTP/1.1 413 "), "{}: {declared}", operation.id);
        let problem = problem(&declared);
        assert_eq!((&problem["code"], &problem["context"]["limit"]), (&json!("body_too_large"), &json!(MOST)));
        // Just as large as may be: read to its end, and found to be no object.
        let headers = [("idempotency-key", "k"), ("if-match", "*")];
        let largest = format!("{}1", " ".repeat(MOST - 1));
        let path = operation.at(shop.id_for(&operation));
        let reply = shop.actor(&operation).send(operation.method.clone(), &path, &headers, Some(largest)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_request"), "{}", operation.id);
        // Chunks do not say how many will come.
        let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", MOST + 1).into_bytes();
        chunked.resize(chunked.len() + MOST + 1, b' ');
        let answer = answer_to(&house, &chunked).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{}: {answer}", operation.id);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_a_body_that_does_not_come_ends_the_connection(backend: Backend) {
    let house = House::open_with(backend, "[limits]\nbody_seconds = 1").await;
    let shop = Furnished::open(&house).await;
    let token = shop.seller().token().await;
    for sent in ["", "{\"companyName\": "] {
        let request = format!(
            "POST /v1/customers HTTP/1.1\r\nHost: lonja\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: 100\r\n\r\n{sent}"
        );
        let answer = exchange(&house, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert_eq!(problem(&answer)["code"], "request_timeout");
    }
    // Nobody without a token is waited for.
    let request = "POST /v1/customers HTTP/1.1\r\nHost: lonja\r\nConnection: close\r\nContent-Length: 100\r\n\r\n";
    let answer = exchange(&house, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

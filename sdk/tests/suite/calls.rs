//! What a call sends, and what it gives back.

use crate::support::{Answer, Server, Thing, create, get, thing};
use lonja_sdk::{Client, Error, Method};
use serde::Serialize;
use serde_json::json;

#[tokio::test]
async fn a_call_gives_the_value_and_what_the_headers_say() {
    let server = Server::start(thing).await;
    let reply = get(&server.client()).accept_language("es-MX").send().await.unwrap();
    assert_eq!(reply.id, "t1");
    assert_eq!((reply.etag(), reply.request_id(), reply.status().as_u16()), (Some("\"v1\""), Some("req_1"), 200));
    assert!(!reply.is_replayed());

    let seen = &server.seen()[0];
    assert_eq!(seen.line, "GET /v1/things/t%201%2F%C3%B1");
    assert_eq!(seen.header("authorization"), Some("Bearer a-token"));
    assert_eq!(seen.header("accept-language"), Some("es-MX"));
    let agent = seen.header("user-agent").unwrap();
    assert!(agent.starts_with(concat!("lonja-sdk/", env!("CARGO_PKG_VERSION"), " (rustc 1.")), "{agent}");
}

#[tokio::test]
async fn a_query_holds_what_is_set() {
    #[derive(Serialize)]
    struct Filter {
        limit: Option<u32>,
        name: Option<&'static str>,
        state: Vec<&'static str>,
        cursor: Option<&'static str>,
    }
    let filter = Filter { limit: Some(2), name: Some("a&b"), state: vec!["x", "y"], cursor: None };
    let server = Server::start(thing).await;
    get(&server.client()).query(&filter).await.unwrap();
    get(&server.client()).query(&json!({})).await.unwrap();
    assert_eq!(server.seen()[0].line, "GET /v1/things/t%201%2F%C3%B1?limit=2&name=a%26b&state=x&state=y");
    assert_eq!(server.seen()[1].line, "GET /v1/things/t%201%2F%C3%B1");
}

#[tokio::test]
async fn no_content_is_a_value_and_not_modified_is_none() {
    let server = Server::start(|seen, _| match seen.header("if-none-match") {
        Some(_) => Answer::text(304, &[], ""),
        None => Answer::text(204, &[], ""),
    })
    .await;
    let lonja = server.client();
    let () = lonja.call(Method::DELETE, "/v1/things/{id}", &["t1"]).await.unwrap();
    assert_eq!(get(&lonja).if_none_match("\"v1\"").await.unwrap(), None);
}

#[tokio::test]
async fn an_empty_answer_is_a_value_only_where_none_is_awaited() {
    for status in [200, 202] {
        let server = Server::start(move |_, _| Answer::text(status, &[], "")).await;
        let lonja = server.client();
        let () = lonja.call(Method::POST, "/v1/things", &[]).await.unwrap();
        // A proxy that swallows the body must not make what has changed look unchanged.
        let changed = get(&lonja).if_none_match("\"v1\"").await;
        assert_eq!(changed.unwrap_err().code(), "decode", "{status}");
        let optional = lonja.call::<Option<Thing>>(Method::GET, "/v1/things", &[]).await;
        assert_eq!(optional.unwrap_err().code(), "decode", "{status}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_sent_says_so_when_awaited() {
    let lonja = Client::builder().base_url("http://127.0.0.1:1").access_token("a-token").build().unwrap();
    for id in ["", ".", ".."] {
        let error = lonja.call::<Thing>(Method::GET, "/v1/things/{id}", &[id]).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{id}: {error}");
    }
    // Another host or port would get the token; what is left over would be another call than was meant.
    for path in ["v1/things", "//evil.example/v1", "0/v1/things", "@evil.example", ""] {
        let error = lonja.call::<Thing>(Method::GET, path, &[]).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{path}: {error}");
    }
    let error = lonja.call::<Thing>(Method::GET, "/v1/things", &["t1"]).await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error}");
    let error = create(&lonja).idempotency_key("a\nb").await.unwrap_err();
    assert_eq!(error.code(), "config");
}

#[tokio::test]
async fn a_form_and_a_text_are_sent_as_what_they_are() {
    let server = Server::start(thing).await;
    let lonja = server.client();
    let form = json!({ "grant_type": "client_credentials", "scope": null, "client_id": "a&b" });
    let post = || lonja.call::<Thing>(Method::POST, "/v1/things", &[]);
    post().form(&form).await.unwrap();
    post().text("text/csv", "a;b\nñ").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen[0].body, "client_id=a%26b&grant_type=client_credentials");
    assert_eq!((seen[1].header("content-type"), seen[1].body.as_str()), (Some("text/csv"), "a;b\nñ"));
}

#[tokio::test]
async fn a_change_takes_the_version_from_what_was_read() {
    let server = Server::start(|seen, before| match seen.header("if-match") {
        None if before == 1 => Answer::json(200, &[], r#"{"id":"t1"}"#),
        _ => thing(seen, before),
    })
    .await;
    let lonja = server.client();
    let change = || lonja.call::<Thing>(Method::PATCH, "/v1/things/{id}", &["t1"]).json(&json!({}));
    let read = get(&lonja).send().await.unwrap();
    let without = get(&lonja).send().await.unwrap();
    let written = change().if_match(&read).send().await.unwrap();
    change().if_match(written).await.unwrap();
    change().if_match(read.etag()).await.unwrap();
    change().if_match("*").await.unwrap();
    let matched: Vec<_> = server.seen()[2..].iter().map(|seen| seen.header("if-match").map(str::to_owned)).collect();
    assert_eq!(matched, [Some("\"v1\""), Some("\"v1\""), Some("\"v1\""), Some("*")].map(|one| one.map(str::to_owned)));
    // What names no version must not become a change without a condition.
    let error = change().if_match(&without).await.unwrap_err();
    assert!(matches!(&error, Error::Config(why) if why.contains("no ETag")), "{error}");
    assert_eq!(server.seen().len(), 6);
}

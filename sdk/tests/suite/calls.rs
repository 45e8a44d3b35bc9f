//! How a call is sent, repeated and read.

use crate::support::{Answer, Seen, Server};
use lonja_sdk::{Call, Client, Error, Method, Page, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::{Duration, Instant};

#[derive(Debug, PartialEq, Deserialize)]
struct Thing {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThingPage {
    items: Vec<u64>,
    next_cursor: Option<String>,
}

impl Page for ThingPage {
    type Item = u64;

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    fn into_items(self) -> Vec<u64> {
        self.items
    }
}

fn get(lonja: &Client) -> Call<Thing> {
    lonja.call(Method::GET, "/v1/things/{id}", &["t 1/ñ"])
}

fn create(lonja: &Client) -> Call<Thing> {
    lonja.call(Method::POST, "/v1/things", &[]).json(&json!({ "name": "Sol" }))
}

fn thing(_: &Seen, _: usize) -> Answer {
    Answer::json(200, &[("etag", "\"v1\""), ("x-request-id", "req_1")], r#"{"id":"t1","newField":[1]}"#)
}

fn keys(server: &Server) -> Vec<Option<String>> {
    server.seen().iter().map(|seen| seen.header("idempotency-key").map(str::to_owned)).collect()
}

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
async fn a_call_that_cannot_be_sent_says_so_when_awaited() {
    let lonja = Client::builder().base_url("http://127.0.0.1:1").access_token("a-token").build().unwrap();
    for id in ["", ".", ".."] {
        let error = lonja.call::<Thing>(Method::GET, "/v1/things/{id}", &[id]).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{id}: {error}");
    }
    let error = create(&lonja).idempotency_key("a\nb").await.unwrap_err();
    assert_eq!(error.code(), "config");
}

#[tokio::test]
async fn a_retry_keeps_the_key_and_the_body() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::cut(),
        1 => Answer::problem(503, "busy"),
        _ => thing(seen, before),
    })
    .await;
    create(&server.client()).keyed().await.unwrap();
    let keys = keys(&server);
    assert_eq!(keys.len(), 3);
    assert!(keys[0].is_some() && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(server.seen().iter().all(|seen| seen.body == r#"{"name":"Sol"}"#));
}

#[tokio::test]
async fn a_given_key_wins_and_comes_back_in_the_error() {
    let server = Server::start(|_, _| Answer::problem(422, "idempotency_key_reused")).await;
    let error = create(&server.client()).keyed().idempotency_key("mine").await.unwrap_err();
    assert_eq!(error.idempotency_key(), Some("mine"));
    assert_eq!(keys(&server), [Some("mine".to_owned())]);
}

#[tokio::test]
async fn three_attempts_are_all() {
    let server = Server::start(|_, _| Answer::cut()).await;
    let error = create(&server.client()).idempotency_key("mine").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert!(error.is_retryable());
    assert_eq!(error.idempotency_key(), Some("mine"));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_write_without_a_key_is_never_repeated() {
    let server = Server::start(|_, _| Answer::problem(503, "busy")).await;
    assert!(create(&server.client()).await.unwrap_err().is_retryable());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_key_in_flight_is_waited_for_but_no_other_conflict() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::problem(409, "idempotency_in_flight"),
        1 => thing(seen, before),
        _ => Answer::problem(409, "refund_already_open"),
    })
    .await;
    let lonja = server.client();
    create(&lonja).keyed().await.unwrap();
    assert_eq!(create(&lonja).keyed().await.unwrap_err().code(), "refund_already_open");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn the_service_says_how_long_to_wait() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::json(429, &[("retry-after", "1")], "{}"),
        _ => thing(seen, before),
    })
    .await;
    let start = Instant::now();
    get(&server.client()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lonja = Client::builder().base_url(url).access_token("a-token").retry(lonja_sdk::Retry::never()).build().unwrap();
    let error = get(&lonja).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_problem_keeps_all_it_says() {
    let body = r##"{"type":"https://x/problems/invalid_request","title":"Invalid","status":400,"code":"invalid_request",
        "detail":"Two fields are wrong.","requestId":"req_9","next":"Correct them.","context":{"count":2},"new":true,
        "errors":[{"pointer":"/name","code":"field_required","detail":"Missing."},{"pointer":"#If-Match","code":"x"}]}"##;
    let server = Server::start(move |_, _| Answer::json(400, &[], body)).await;
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(error.to_string(), "400 invalid_request: Two fields are wrong. (request req_9)");
    assert_eq!((error.code(), error.request_id()), ("invalid_request", Some("req_9")));
    let pointers: Vec<_> = error.field_errors().iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "#If-Match"]);
    let problem = error.problem().unwrap();
    assert_eq!((problem.context["count"].as_u64(), problem.next.as_deref()), (Some(2), Some("Correct them.")));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_refusal_from_on_the_way_is_a_problem_too() {
    let html = "<html>\n<h1>Bad Gateway</h1></html>";
    for (status, body, line) in [
        (502, html, "502 http_502: <html> <h1>Bad Gateway</h1></html> (request req_1)"),
        (500, "", "500 http_500: Internal Server Error (request req_1)"),
        (404, r#"{"title":"Nothing he"#, r#"404 http_404: {"title":"Nothing he (request req_1)"#),
        (400, r#"{"title":"No code"}"#, "400 http_400: No code (request req_1)"),
    ] {
        let server = Server::start(move |_, _| Answer::text(status, &[("x-request-id", "req_1")], body)).await;
        let error = create(&server.client()).await.unwrap_err();
        assert_eq!(error.to_string(), line);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_says_where_and_hides_the_body() {
    for body in ["", r#"{"id":"#, r#"{"name":"lonja_secret_1"}"#] {
        let server = Server::start(move |_, _| Answer::json(200, &[("x-request-id", "req_1")], body)).await;
        let error = create(&server.client()).keyed().await.unwrap_err();
        assert!(matches!(&error, Error::Decode { body: held, .. } if held.expose() == body), "{error}");
        assert!(error.to_string().starts_with("/v1/things answered something unexpected"), "{error}");
        assert!(!format!("{error} {error:?}").contains("lonja_secret_1"));
        assert_eq!((error.request_id(), server.seen().len()), (Some("req_1"), 1));
        assert!(error.idempotency_key().is_some());
    }
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_body_is_repeated() {
    let server =
        Server::start(|seen, before| if before == 0 { Answer::truncated() } else { thing(seen, before) }).await;
    assert_eq!(get(&server.client()).await.unwrap().id, "t1");
}

async fn pages() -> Server {
    Server::start(|seen, _| {
        let start: u64 = seen.line.split_once("cursor=c").map_or(0, |(_, cursor)| cursor.parse().unwrap());
        let items: Vec<_> = (start..start + 100).take_while(|item| *item < 250).collect();
        let next = (start + 100 < 250).then(|| format!("c{}", start + 100));
        Answer::json(200, &[], &json!({ "items": items, "nextCursor": next }).to_string())
    })
    .await
}

fn list(lonja: &Client) -> Call<ThingPage> {
    lonja.call(Method::GET, "/v1/things", &[]).query(&json!({ "limit": 100 }))
}

#[tokio::test]
async fn a_stream_goes_through_all_pages() {
    let server = pages().await;
    let all: Vec<u64> = list(&server.client()).into_stream().try_collect().await.unwrap();
    assert_eq!(all, (0..250).collect::<Vec<_>>());
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    let rest = "GET /v1/things?limit=100";
    assert_eq!(lines, [rest.to_owned(), format!("{rest}&cursor=c100"), format!("{rest}&cursor=c200")]);
}

#[tokio::test]
async fn a_stream_fetches_only_what_is_taken() {
    let server = pages().await;
    let mut stream = list(&server.client()).into_stream();
    assert_eq!(server.seen().len(), 0);
    for item in 0..100 {
        assert_eq!(stream.next().await.unwrap().unwrap(), item);
    }
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_client_and_its_calls_go_everywhere() {
    fn check<T: Send + Sync>(_: &T) {}
    fn sendable<T: Send>(_: T) {}
    let lonja = Client::builder().base_url("http://127.0.0.1:1").build().unwrap();
    check(&lonja.clone());
    sendable(get(&lonja).into_future());
    sendable(get(&lonja).send());
}

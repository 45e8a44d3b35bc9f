//! Where the token comes from.

use crate::support::{Answer, Seen, Server};
use futures_util::future::try_join_all;
use lonja_sdk::{Call, Client, Error, Method};
use serde_json::Value;

fn is_token(seen: &Seen) -> bool {
    seen.line == "POST /v1/oauth/token"
}

fn granted(number: usize) -> Answer {
    let body = format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":600}}"#);
    Answer::json(200, &[], &body)
}

fn client(server: &Server) -> Client {
    Client::builder().base_url(&server.url).client_credentials("cli_1", "s3cret").scope("a b").build().unwrap()
}

fn get(lonja: &Client) -> Call<Value> {
    lonja.call(Method::GET, "/v1/things", &[])
}

#[tokio::test]
async fn many_calls_at_once_fetch_one_token() {
    let server = Server::start(|seen, _| if is_token(seen) { granted(1) } else { Answer::json(200, &[], "{}") }).await;
    let lonja = client(&server);
    try_join_all((0..100).map(|_| get(&lonja).into_future())).await.unwrap();

    let (tokens, calls): (Vec<_>, Vec<_>) = server.seen().into_iter().partition(is_token);
    assert_eq!((tokens.len(), calls.len()), (1, 100));
    assert_eq!(tokens[0].header("authorization"), Some("Basic Y2xpXzE6czNjcmV0"));
    assert_eq!(tokens[0].body, "grant_type=client_credentials&scope=a+b");
    assert!(calls.iter().all(|call| call.header("authorization") == Some("Bearer token-1")));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = Server::start(|seen, before| match seen.header("authorization") {
        _ if is_token(seen) => granted(before),
        Some("Bearer token-0") => Answer::problem(401, "invalid_token"),
        _ => Answer::json(200, &[], "{}"),
    })
    .await;
    let lonja = client(&server);
    get(&lonja).await.unwrap();
    get(&lonja).await.unwrap();
    assert_eq!(server.seen().iter().filter(|seen| is_token(seen)).count(), 2);

    let always = Server::start(|seen, before| match is_token(seen) {
        true => granted(before),
        false => Answer::problem(401, "invalid_token"),
    })
    .await;
    assert_eq!(get(&client(&always)).await.unwrap_err().code(), "invalid_token");
    assert_eq!(always.seen().len(), 4);
}

#[tokio::test]
async fn refused_credentials_are_an_error_of_their_own() {
    let body = r#"{"error":"invalid_client","error_description":"No such client."}"#;
    let server = Server::start(move |_, _| Answer::json(401, &[], body)).await;
    let error = get(&client(&server)).await.unwrap_err();
    assert!(matches!(error, Error::Auth { .. }));
    assert_eq!(error.to_string(), "no token: 401 Unauthorized invalid_client: No such client.");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_busy_token_endpoint_is_asked_again() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::problem(503, "busy"),
        _ if is_token(seen) => granted(before),
        _ => Answer::json(200, &[], "{}"),
    })
    .await;
    get(&client(&server)).await.unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_public_call_needs_no_token() {
    let server = Server::start(|_, _| Answer::json(200, &[], "{}")).await;
    let lonja = Client::builder().base_url(&server.url).build().unwrap();
    get(&lonja).public().await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
    assert_eq!(get(&lonja).await.unwrap_err().code(), "config");
}

#[test]
fn a_client_that_cannot_work_is_not_built() {
    for (url, why) in [("", "is not a URL"), ("ftp://x", "neither http nor https")] {
        let error = Client::builder().base_url(url).build().unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert!(Client::builder().build().is_err());
    let builder = Client::builder().client_credentials("cli_1", "s3cret");
    assert!(!format!("{builder:?}").contains("s3cret"));
}

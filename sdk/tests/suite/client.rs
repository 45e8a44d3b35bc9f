//! How a client is set up (D1), and where it can go (D14).

use crate::support::{Answer, Seen, Server, Thing, create, get, quick, thing};
use lonja_sdk::{Call, Client, Error, Page, Response, Retry, Secret, reqwest, types::Refund};
use std::{
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

#[tokio::test]
async fn d1_a_builder_takes_everything_and_a_call_its_own() {
    let server = Server::start(|seen, before| match seen.line.as_str() {
        "POST /v1/oauth/token" => Answer::json(200, &[], r#"{"access_token":"a-token","expires_in":600}"#),
        _ => thing(seen, before),
    })
    .await;
    let lonja = Client::builder()
        .base_url(format!("{}/", server.url))
        .client_credentials("cli_1", "s3cret")
        .scope("orders:read")
        .user_agent("shop/2.1")
        .timeout(Duration::from_secs(5))
        .deadline(Duration::from_secs(20))
        .retry(Retry::default().attempts(5))
        .build()
        .unwrap();
    let call = create(&lonja).idempotency_key("mine").if_match("\"v1\"").timeout(Duration::from_secs(1));
    call.deadline(Duration::from_secs(2)).header("traceparent", "00-1-1-01").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].body, "grant_type=client_credentials&scope=orders%3Aread");
    for (name, value) in [("idempotency-key", "mine"), ("if-match", "\"v1\""), ("traceparent", "00-1-1-01")] {
        assert_eq!(seen[1].header(name), Some(value));
    }
    for seen in &seen {
        assert!(seen.header("user-agent").unwrap().starts_with("shop/2.1 lonja-sdk/"));
    }
}

/// Runs by itself, as the child of the next test: an environment belongs to a whole process.
#[tokio::test]
#[ignore = "is run by d1_a_client_is_set_up_from_the_environment"]
async fn child_from_the_environment() {
    match Client::from_env() {
        Ok(lonja) => println!("{}", get(&lonja).await.unwrap().id),
        Err(error) => println!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_a_client_is_set_up_from_the_environment() {
    let server = Server::start(|seen, before| match seen.line.as_str() {
        "POST /v1/oauth/token" => Answer::json(200, &[], r#"{"access_token":"a-token","expires_in":600}"#),
        _ => thing(seen, before),
    })
    .await;
    let run = |variables: &[(&str, &str)]| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "client::child_from_the_environment", "--ignored", "--nocapture"]);
        child.env_remove("LONJA_URL").env_remove("LONJA_CLIENT_ID").env_remove("LONJA_CLIENT_SECRET");
        let output = child.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let all = [("LONJA_URL", server.url.as_str()), ("LONJA_CLIENT_ID", "cli_1"), ("LONJA_CLIENT_SECRET", "s3cret")];
    assert!(run(&all).contains("t1"));
    assert_eq!(server.seen()[0].header("authorization"), Some("Basic Y2xpXzE6czNjcmV0"));
    for missing in 0..3 {
        let mut some = all.to_vec();
        let (name, _) = some.remove(missing);
        assert!(run(&some).contains(&format!("{name}: environment variable not found")));
    }
}

#[test]
fn d1_a_client_that_cannot_work_is_not_built() {
    for (url, why) in [
        ("", "is no URL"),
        ("ftp://x", "neither http nor https"),
        ("https://shop:s3cret@marketplace.example", "has a user"),
        ("https://marketplace.example?to=", "a query"),
        ("https://marketplace.example#to", "a fragment"),
        ("https://shop:s3cret@marketplace.example:port", "is no URL"),
    ] {
        let error = Client::builder().base_url(url).build().unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    assert!(Client::builder().build().is_err());
    let error = Client::builder().base_url("http://127.0.0.1:1").user_agent("a\nb").build().unwrap_err();
    assert!(matches!(error, Error::Config(_)));
    let builder = Client::builder().client_credentials("cli_1", "s3cret").access_token("t0ken");
    assert!(!format!("{builder:?}").contains("s3cret") && !format!("{builder:?}").contains("t0ken"));
}

#[tokio::test]
async fn d14_clients_calls_answers_and_errors_go_everywhere() {
    fn everywhere<T: Send + Sync + 'static>() {}
    fn cloned<T: Clone>() {}
    fn sendable<T: Send>(_: T) {}
    everywhere::<(Client, Call<Refund>, Response<Refund>, Error, Secret, Retry)>();
    cloned::<(Client, Response<Refund>, Secret, Retry)>();
    let lonja = Client::builder().base_url("http://127.0.0.1:1").build().unwrap();
    sendable(get(&lonja).into_future());
    sendable(get(&lonja).send());
    sendable(lonja.list_refunds(&Default::default()).into_stream());
    sendable(lonja.list_refunds(&Default::default()).pages());
    fn page<T: Page + Sync>() {}
    page::<lonja_sdk::types::RefundPage>();
}

#[tokio::test]
async fn d14_a_call_that_was_dropped_half_way_is_repeated_with_its_key_and_acts_once() {
    let done = Arc::new(Mutex::new(Vec::new()));
    let log = done.clone();
    let server = Server::start(move |seen: &Seen, before| {
        let key = seen.header("idempotency-key").unwrap().to_owned();
        let mut log = log.lock().unwrap();
        if !log.contains(&key) {
            log.push(key);
        }
        if before == 0 { Answer::silence() } else { thing(seen, before) }
    })
    .await;
    let lonja = server.client();
    let call = create(&lonja).idempotency_key("mine");
    tokio::time::timeout(Duration::from_millis(100), call.into_future()).await.unwrap_err();
    assert_eq!(server.seen().len(), 1, "the service has it");
    create(&lonja).idempotency_key("mine").await.unwrap();
    assert_eq!((server.seen().len(), done.lock().unwrap().len()), (2, 1));
}

#[tokio::test]
async fn d14_an_http_client_of_your_own_is_used() {
    // A proxy is the clearest sign: the request goes there, and nowhere else.
    let proxy = Server::start(thing).await;
    let http = reqwest::Client::builder().proxy(reqwest::Proxy::all(&proxy.url).unwrap()).build().unwrap();
    let lonja = Client::builder()
        .base_url("http://marketplace.example")
        .access_token("a-token")
        .http_client(http)
        .retry(quick())
        .build()
        .unwrap();
    let _: Thing = get(&lonja).await.unwrap();
    let seen = &proxy.seen()[0];
    assert_eq!(seen.line, "GET http://marketplace.example/v1/things/t%201%2F%C3%B1");
    assert!(seen.header("user-agent").unwrap().starts_with("lonja-sdk/"));
}

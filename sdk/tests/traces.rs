//! What a call tells `tracing` (D11). A program of its own: what is told in one thread depends on what others listen to.

#![cfg(test)]
#![cfg(feature = "tracing")]

use lonja_sdk::{
    Client, Retry,
    types::{AnswerAcceptance, CreateWebhookEndpoint},
};
use serde_json::json;
use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing_subscriber::fmt::format::FmtSpan;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn d11_a_call_tells_its_route_and_its_end_but_no_secret() {
    let server = MockServer::start().await;
    let answer = |status, body| ResponseTemplate::new(status).set_body_json::<serde_json::Value>(body);
    let token = json!({ "access_token": "s3cret-token", "expires_in": 600 });
    Mock::given(path("/v1/oauth/token")).respond_with(answer(200, token)).mount(&server).await;
    let endpoints = || Mock::given(path("/v1/webhook-endpoints"));
    let busy = answer(503, json!({ "code": "busy" }));
    endpoints().respond_with(busy).up_to_n_times(1).mount(&server).await;
    let half = answer(201, json!({ "secret": "whsec_s3cret", "half": true })).insert_header("x-request-id", "req_7");
    endpoints().respond_with(half).mount(&server).await;
    let no = answer(409, json!({ "code": "no", "detail": "about s3cret-link" })).insert_header("x-request-id", "req_8");
    Mock::given(path("/v1/acceptances/s3cret-link")).respond_with(no).mount(&server).await;

    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let lonja = Client::builder()
        .base_url(server.uri())
        .client_credentials("cli_1", "s3cret-client")
        .retry(Retry::default().first_pause(Duration::from_millis(2)))
        .build()
        .unwrap();
    let endpoint = CreateWebhookEndpoint { url: "https://x.example/s3cret-hook".into(), ..Default::default() };
    let error = lonja.create_webhook_endpoint(&endpoint).idempotency_key("s3cret-key").await.unwrap_err();
    assert_eq!(error.code(), "decode");
    lonja.answer_acceptance("s3cret-link", &AnswerAcceptance::default()).await.unwrap_err();
    drop(guard);

    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = told.lines().filter(|line| line.contains("lonja{")).collect();
    let ends =
        |what: &[&str]| ours.iter().any(|line| line.contains("close") && what.iter().all(|word| line.contains(word)));
    assert!(
        ends(&[
            "method=\"POST\"",
            "route=\"/v1/webhook-endpoints\"",
            "attempt=2",
            "status=201",
            "request_id=\"req_7\"",
            "error=\"decode\""
        ]),
        "{told}"
    );
    assert!(
        ends(&["route=\"/v1/acceptances/{token}\"", "attempt=1", "status=409", "request_id=\"req_8\"", "error=\"no\""]),
        "{told}"
    );
    assert!(
        ours.iter().any(|line| line.contains("WARN") && line.contains("is repeated") && line.contains("busy")),
        "{told}"
    );
    for line in told.lines().filter(|line| line.contains("lonja")) {
        assert!(!line.contains("s3cret"), "{line}");
    }
}

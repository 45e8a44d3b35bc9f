//! What a call tells `tracing` (D11).

use crate::support::{Answer, Server, quick};
use lonja_sdk::{
    Client,
    types::{AnswerAcceptance, CreateWebhookEndpoint},
};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::format::FmtSpan;

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
    let server = Server::start(|seen, before| match (seen.line.as_str(), before) {
        ("POST /v1/oauth/token", _) => {
            Answer::json(200, &[], r#"{"access_token":"s3cret-token","expires_in":600,"token_type":"Bearer"}"#)
        }
        (_, 1) => Answer::problem(503, "busy"),
        (_, 2) => Answer::json(201, &[("x-request-id", "req_7")], r#"{"secret":"whsec_s3cret","half":true}"#),
        _ => Answer::json(409, &[("x-request-id", "req_8")], r#"{"code":"no","detail":"about s3cret-link"}"#),
    })
    .await;
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
        .base_url(&server.url)
        .client_credentials("cli_1", "s3cret-client")
        .retry(quick())
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

//! What a failure says (D5), and what an answer may hold that this version does not know (D6).

use crate::support::{Answer, Server, create, get};
use lonja_sdk::{
    Client, Error, ErrorCode, Retry, StatusCode,
    types::{Refund, RefundPage, RefundState},
};
use serde_json::{Value, json};
use std::{error::Error as _, time::Duration};

#[tokio::test]
async fn d5_an_answer_that_does_not_come_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lonja = Client::builder().base_url(url).access_token("a-token").retry(Retry::never()).build().unwrap();
    let error = get(&lonja).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn d5_a_problem_keeps_all_it_says() {
    let body = r##"{"type":"https://x/problems/invalid_request","title":"Invalid","status":400,"code":"invalid_request",
        "detail":"Two fields are wrong.","requestId":"req_9","next":"Correct them.","context":{"count":2},"new":true,
        "errors":[{"pointer":"/name","code":"field_required","detail":"Missing."},{"pointer":"#If-Match","code":"x"}]}"##;
    let limit = [("ratelimit", "\"client\";r=0;t=1")];
    let server = Server::start(move |_, _| Answer::json(400, &limit, body)).await;
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(error.problem().unwrap().headers()["ratelimit"], limit[0].1);
    assert_eq!(error.to_string(), "400 invalid_request: Two fields are wrong. (request req_9)");
    assert_eq!((error.code(), error.request_id()), ("invalid_request", Some("req_9")));
    let pointers: Vec<_> = error.field_errors().iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "#If-Match"]);
    let problem = error.problem().unwrap();
    assert_eq!((problem.context["count"].as_u64(), problem.next.as_deref()), (Some(2), Some("Correct them.")));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn d5_a_success_that_cannot_be_read_says_where_and_hides_the_body() {
    for body in ["", r#"{"id":"#, r#"{"name":"lonja_secret_1"}"#] {
        let server = Server::start(move |_, _| Answer::json(200, &[("x-request-id", "req_1")], body)).await;
        let error = create(&server.client()).keyed().await.unwrap_err();
        assert!(matches!(&error, Error::Decode { body: held, .. } if held.expose() == body), "{error}");
        assert!(error.to_string().starts_with("/v1/things answered something unexpected"), "{error}");
        assert!(!format!("{error} {error:?}").contains("lonja_secret_1"));
        assert_eq!((error.request_id(), server.seen().len()), (Some("req_1"), 1));
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert!(error.idempotency_key().is_some());
    }
}

#[tokio::test]
async fn d5_what_does_not_fit_is_not_quoted() {
    let secret = "lonja_secret_1";
    let object = format!(r#""{secret}""#);
    let server = Server::start(move |_, _| Answer::json(200, &[], &object)).await;
    let error = create(&server.client()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "/v1/things answered something unexpected: a value that does not fit at line 1 column 16"
    );
    let source = error.source().unwrap();
    assert!(!format!("{error} {error:?} {source} {source:?}").contains(secret));
    let source: &serde_json::Error = source.downcast_ref().unwrap();
    assert_eq!((source.line(), source.column()), (1, 16));

    let token = format!(r#"{{"access_token":"{secret}","expires_in":"{secret}"}}"#);
    let server = Server::start(move |_, _| Answer::json(200, &[], &token)).await;
    let lonja = Client::builder().base_url(&server.url).client_credentials("cli_1", "s3cret").build().unwrap();
    let error = get(&lonja).await.unwrap_err();
    assert_eq!(error.code(), "decode");
    assert!(!format!("{error} {error:?} {:?}", error.source()).contains(secret), "{error}");
}

#[tokio::test]
async fn d5_an_error_is_one_line_whatever_the_service_says() {
    let steering = "a\nb\r\u{1b}[31mc\u{2028}d\u{202e}e\u{85}f";
    let body = json!({ "code": steering, "detail": steering, "requestId": steering }).to_string();
    let server = Server::start(move |_, _| Answer::json(409, &[], &body)).await;
    let line = "a b  [31mc d e f";
    let error = get(&server.client()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("409 {line}: {line} (request {line})"));
    assert_eq!(error.problem().unwrap().detail.as_deref(), Some(steering));

    let body = json!({ "error": steering, "error_description": steering }).to_string();
    let server = Server::start(move |_, _| Answer::json(400, &[], &body)).await;
    let lonja = Client::builder().base_url(&server.url).client_credentials("cli_1", "s3cret").build().unwrap();
    assert_eq!(get(&lonja).await.unwrap_err().to_string(), format!("no token: 400 Bad Request {line}: {line}"));
}

#[tokio::test]
async fn d5_whatever_a_refusal_looks_like_it_is_an_error_with_a_status_and_a_code() {
    let html = "<html>\n<h1>Bad Gateway</h1></html>";
    let long = "x".repeat(100_000);
    let (refresh, form) = (r#"Bearer realm="x", error="invalid_token""#, r#"{"type":"about:blank","status":404}"#);
    for (status, headers, body, code, line) in [
        (502, None, html, "http_502", "502 http_502: <html> <h1>Bad Gateway</h1></html> (request req_1)"),
        (500, None, "", "http_500", "500 http_500: Internal Server Error (request req_1)"),
        (404, None, r#"{"title":"Nothing he"#, "http_404", r#"404 http_404: {"title":"Nothing he (request req_1)"#),
        (400, None, r#"{"title":"No code"}"#, "http_400", "400 http_400: No code (request req_1)"),
        (404, None, form, "http_404", "404 http_404: Not Found (request req_1)"),
        (418, None, "[]", "http_418", "418 http_418: I'm a teapot (request req_1)"),
        (400, None, "null", "http_400", "400 http_400: null (request req_1)"),
        (400, None, "42", "http_400", "400 http_400: 42 (request req_1)"),
        (400, None, r#""text""#, "http_400", r#"400 http_400: "text" (request req_1)"#),
        (
            409,
            None,
            r#"{"code":"from_the_future","detail":"New."}"#,
            "from_the_future",
            "409 from_the_future: New. (request req_1)",
        ),
        (409, None, r#"{"code":"x","requestId":"req_2"}"#, "x", "409 x: Conflict (request req_2)"),
        (409, None, r#"{"code":"x","status":200}"#, "x", "409 x: Conflict (request req_1)"),
        (
            409,
            None,
            r#"{"code":7,"detail":"A number."}"#,
            "http_409",
            r#"409 http_409: {"code":7,"detail":"A number."} (request req_1)"#,
        ),
        (
            409,
            None,
            r#"{"code":"x","errors":"none"}"#,
            "http_409",
            r#"409 http_409: {"code":"x","errors":"none"} (request req_1)"#,
        ),
        (409, None, r#"{"code":"x","errors":[{"unknown":1}],"context":{}}"#, "x", "409 x: Conflict (request req_1)"),
        (401, None, "", "http_401", "401 http_401: Unauthorized (request req_1)"),
        (
            401,
            Some(("www-authenticate", refresh)),
            "",
            "invalid_token",
            "401 invalid_token: Unauthorized (request req_1)",
        ),
        (302, Some(("location", "https://elsewhere.example/")), "", "http_302", "302 http_302: Found (request req_1)"),
        (599, None, "\u{0}\u{1}", "http_599", "599 http_599:    (request req_1)"),
        (503, None, long.as_str(), "http_503", &format!("503 http_503: {} (request req_1)", "x".repeat(200))),
    ] {
        let answered = body.to_owned();
        let server = Server::start(move |_, _| {
            let headers: Vec<_> = [("x-request-id", "req_1")].into_iter().chain(headers).collect();
            Answer::text(status, &headers, &answered)
        })
        .await;
        let error = create(&server.client()).await.unwrap_err();
        assert!(matches!(error, Error::Problem(_)), "{error:?}");
        assert_eq!((error.code(), error.to_string().as_str()), (code, line));
        assert_eq!(error.problem_code(), Some(&ErrorCode::from(code)));
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        assert!(!error.to_string().contains('\n'));
    }
}

#[tokio::test]
async fn d5_a_service_that_is_not_there_is_told_from_one_that_is_slow() {
    let url = format!("http://{}", tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap());
    let lonja = Client::builder().base_url(url).access_token("a-token").retry(Retry::never()).build().unwrap();
    let error = get(&lonja).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert!(error.source().is_some());
    assert!(error.to_string().starts_with("connection failed: Connection refused"), "{error}");
    // What a caller put into the path may be a secret.
    assert!(!format!("{error:?}").contains("t%201"), "{error:?}");
}

/// A refund from a newer service: with fields and words that this version has never heard of.
fn newer() -> Value {
    let amount = json!({ "amount": "1.00", "currency": "MXN", "minorUnits": 100 });
    json!({
        "id": "ref_1", "state": "onHold", "impact": "cosmic", "problemType": "other", "amount": amount, "new": { "a": [1] },
        "attachments": [], "contact": { "name": "a", "email": "b", "phone": "c", "fax": "d" }, "lineNumber": 1,
        "createdAt": "2026-03-06T10:00:00.123456789+01:00", "customerId": "cus_1", "orderId": "ord_1",
        "partnerId": "par_1", "reason": "r", "title": "t", "quote": {
            "amount": amount, "credited": amount, "formula": "", "invoiced": amount, "purchasedAt": "2026-03-06T10:00:00Z",
            "quantity": 1, "quotedAt": "2026-03-06T10:00:00Z", "rounding": "", "unitPrice": amount,
            "windowClosesAt": "2026-03-06T10:00:00Z", "policy": { "id": "p", "method": "random", "partialQuantity": true,
                "validFrom": "2026-03-06T10:00:00Z", "windowHours": 72 } }
    })
}

#[tokio::test]
async fn d6_unknown_fields_are_ignored_and_unknown_words_survive_the_round_trip() {
    let page = json!({ "items": [newer(), newer()], "nextCursor": null, "total": 2 });
    let server = Server::start(move |_, _| Answer::json(200, &[], &page.to_string())).await;
    let page: RefundPage = server.client().list_refunds(&Default::default()).await.unwrap();
    let refund: &Refund = &page.items[0];
    assert_eq!(refund.state, RefundState::Unknown("onHold".into()));
    assert_eq!((refund.state.as_str(), refund.problem_type.as_str()), ("onHold", "other"));
    assert!(refund.state == "onHold" && refund.credited_at.is_none());
    let back = serde_json::to_value(refund).unwrap();
    assert_eq!(
        (&back["state"], &back["impact"], &back["quote"]["policy"]["method"]),
        (&json!("onHold"), &json!("cosmic"), &json!("random"))
    );
    assert_eq!(&serde_json::from_value::<Refund>(back).unwrap(), refund);
}

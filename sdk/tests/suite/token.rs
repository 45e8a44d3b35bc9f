//! Where the token comes from.

use crate::support::{Answer, Seen, Server, quick};
use futures_util::future::{join_all, try_join_all};
use lonja_sdk::{Call, Client, Error, Method};
use serde_json::{Value, json};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

fn is_token(seen: &Seen) -> bool {
    seen.line == "POST /v1/oauth/token"
}

fn granted(number: usize) -> Answer {
    let body = format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":600}}"#);
    Answer::json(200, &[], &body)
}

fn client(server: &Server) -> Client {
    Client::builder()
        .base_url(&server.url)
        .client_credentials("cli_1", "s3cret")
        .scope("a b")
        .retry(quick())
        .build()
        .unwrap()
}

fn get(lonja: &Client) -> Call<Value> {
    lonja.call(Method::GET, "/v1/things", &[])
}

#[tokio::test]
async fn d2_many_calls_at_once_fetch_one_token() {
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
async fn d2_another_issuers_tokens_come_from_a_source_of_the_callers() {
    let server = Server::start(|seen, _| match seen.header("authorization") {
        Some("Bearer theirs-0") => Answer::problem(401, "invalid_token"),
        _ => Answer::json(200, &[], "{}"),
    })
    .await;
    let given = AtomicUsize::new(0);
    let source = move || {
        let number = given.fetch_add(1, Ordering::SeqCst);
        async move { if number < 3 { Ok(format!("theirs-{number}").into()) } else { Err("no login".into()) } }
    };
    let builder = Client::builder().base_url(&server.url).client_credentials("cli_1", "s3cret").token_source(source);
    assert!(!format!("{builder:?}").contains("s3cret"));
    let lonja = builder.build().unwrap();
    get(&lonja).await.unwrap();
    get(&lonja).await.unwrap();
    let sent: Vec<_> = server.seen().iter().map(|seen| seen.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer theirs-0", "Bearer theirs-1", "Bearer theirs-2"]);
    let error = get(&lonja).await.unwrap_err();
    assert_eq!(error.to_string(), "no token from its source: no login");

    // One call may bring its own.
    get(&lonja).header("authorization", "Bearer mine").await.unwrap();
    assert_eq!(server.seen()[3].header("authorization"), Some("Bearer mine"));
}

#[tokio::test]
async fn d2_a_refused_token_is_renewed_once() {
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
async fn d3_what_was_refused_with_a_token_was_not_deleted() {
    let server = Server::start(|seen, before| match seen.header("authorization") {
        _ if is_token(seen) => granted(before),
        Some("Bearer token-0") => Answer::problem(401, "invalid_token"),
        _ => Answer::problem(404, "not_found"),
    })
    .await;
    let error = client(&server).call::<()>(Method::DELETE, "/v1/things/{id}", &["t1"]).await.unwrap_err();
    assert_eq!(error.code(), "not_found");
}

#[tokio::test]
async fn d3_a_renewal_does_not_begin_the_count_of_attempts_anew() {
    // Twice no answer, then a token that is refused: with the next token the call is sent once more, and no more.
    let server = Server::start(|seen, before| match seen.header("authorization") {
        _ if is_token(seen) => granted(before),
        Some("Bearer token-0") if before == 3 => Answer::problem(401, "invalid_token"),
        _ => Answer::cut(),
    })
    .await;
    assert_eq!(get(&client(&server)).await.unwrap_err().code(), "transport");
    let (tokens, calls): (Vec<_>, Vec<_>) = server.seen().into_iter().partition(is_token);
    assert_eq!((tokens.len(), calls.len()), (2, 4));
}

#[tokio::test]
async fn d5_refused_credentials_are_an_error_of_their_own() {
    let body = r#"{"error":"invalid_client","error_description":"No such client."}"#;
    let server = Server::start(move |_, _| Answer::json(401, &[], body)).await;
    let write = client(&server).call::<Value>(Method::POST, "/v1/things", &[]);
    let error = write.idempotency_key("mine").await.unwrap_err();
    assert!(matches!(error, Error::Auth { .. }));
    assert_eq!((error.code(), error.idempotency_key()), ("invalid_client", Some("mine")));
    assert_eq!(error.to_string(), "no token: 401 Unauthorized invalid_client: No such client.");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn d2_a_token_endpoint_that_fails_twice_is_asked_again() {
    for (status, body) in [(503, "{}"), (500, ""), (429, r#"{"error":"slow_down"}"#), (502, "<html>")] {
        let server = Server::start(move |seen, before| match before {
            0 => Answer::text(status, &[], body),
            1 => Answer::cut(),
            _ if is_token(seen) => granted(before),
            _ => Answer::json(200, &[], "{}"),
        })
        .await;
        get(&client(&server)).await.unwrap();
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test]
async fn d2_a_token_is_renewed_before_it_ends_and_no_call_notices() {
    // The service refuses a token after its two seconds, by its own clock.
    let born: Mutex<Vec<Instant>> = Mutex::default();
    let server = Server::start(move |seen, _| {
        let mut born = born.lock().unwrap();
        if is_token(seen) {
            born.push(Instant::now());
            let body = format!(r#"{{"access_token":"token-{}","expires_in":2}}"#, born.len() - 1);
            return Answer::json(200, &[], &body);
        }
        let number = seen.header("authorization").and_then(|value| value.strip_prefix("Bearer token-"));
        match born.get(number.unwrap().parse::<usize>().unwrap()) {
            Some(born) if born.elapsed() < Duration::from_secs(2) => Answer::json(200, &[], "{}"),
            _ => Answer::problem(401, "invalid_token"),
        }
    })
    .await;
    let lonja = client(&server);
    let start = Instant::now();
    let mut waves = 0;
    while start.elapsed() < Duration::from_millis(3300) {
        try_join_all((0..100).map(|_| get(&lonja).into_future())).await.unwrap();
        waves += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (tokens, calls): (Vec<_>, Vec<_>) = server.seen().into_iter().partition(is_token);
    // A token is renewed in the last tenth of its life.
    let most = start.elapsed().as_secs_f64() / 1.8 + 1.0;
    assert!(tokens.len() >= 2 && tokens.len() as f64 <= most, "{} tokens", tokens.len());
    // On a busy machine a call can be so long under way that its token ends; it is sent again, and nobody notices.
    assert!(calls.len() >= waves * 100);
}

#[tokio::test]
async fn d2_while_the_token_is_good_a_token_endpoint_in_trouble_harms_nobody() {
    // The last tenth of a token's life is the margin in which it is renewed.
    let server = Server::start(|seen, before| match (is_token(seen), before) {
        (true, 0) => Answer::json(200, &[], r#"{"access_token":"token-0","expires_in":1}"#),
        (true, _) => Answer::problem(503, "busy"),
        (false, _) => Answer::json(200, &[], "{}"),
    })
    .await;
    let lonja = client(&server);
    get(&lonja).await.unwrap();
    tokio::time::sleep(Duration::from_millis(920)).await;
    get(&lonja).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.last().unwrap().header("authorization"), Some("Bearer token-0"));
    assert_eq!(seen.iter().filter(|seen| is_token(seen)).count(), 2, "it was tried once");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(get(&lonja).await.unwrap_err().code(), "busy");
}

#[tokio::test]
async fn d2_while_the_token_is_good_a_token_endpoint_in_trouble_holds_nobody_up() {
    type Trouble = fn() -> Answer;
    let troubles: [Trouble; 4] = [
        Answer::silence,
        || Answer::json(503, &[("retry-after", "25")], "{}"),
        || Answer::json(429, &[("retry-after", "25")], r#"{"error":"slow_down"}"#),
        || Answer::json(401, &[], r#"{"error":"invalid_client"}"#),
    ];
    for trouble in troubles {
        let server = Server::start(move |seen, before| match (is_token(seen), before) {
            (true, 0) => Answer::json(200, &[], r#"{"access_token":"token-0","expires_in":30}"#),
            (true, _) => trouble(),
            (false, _) => Answer::json(200, &[], "{}"),
        })
        .await;
        let lonja = client(&server);
        get(&lonja).await.unwrap();
        // The last tenth of its life has begun.
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(27_100)).await;
        tokio::time::resume();
        let start = Instant::now();
        get(&lonja).deadline(Duration::from_secs(5)).await.unwrap();
        assert!(start.elapsed() < Duration::from_millis(1800), "a quarter of its time: {:?}", start.elapsed());
        // The next one comes too soon to try again.
        get(&lonja).deadline(Duration::from_secs(5)).await.unwrap();
        let (tokens, calls): (Vec<_>, Vec<_>) = server.seen().into_iter().partition(is_token);
        assert_eq!((tokens.len(), calls.len()), (2, 3));
        assert!(calls.iter().all(|call| call.header("authorization") == Some("Bearer token-0")));
    }
}

#[tokio::test]
async fn d2_calls_that_waited_for_a_token_that_is_not_given_take_that_answer() {
    let invalid = || Answer::json(401, &[], r#"{"error":"invalid_client"}"#);
    let server = Server::start(move |_, _| invalid()).await;
    let lonja = client(&server);
    let failed = join_all((0..100).map(|_| get(&lonja).into_future())).await;
    assert!(failed.iter().all(|answer| answer.as_ref().unwrap_err().code() == "invalid_client"));
    assert_eq!(server.seen().len(), 1);
    // Who comes later asks again.
    get(&lonja).await.unwrap_err();
    assert_eq!(server.seen().len(), 2);

    let broken = Server::start(|_, _| Answer::cut()).await;
    let lonja = client(&broken);
    let failed = join_all((0..100).map(|_| get(&lonja).into_future())).await;
    assert!(failed.iter().all(|answer| answer.as_ref().unwrap_err().code() == "transport"));
    assert_eq!(broken.seen().len(), 3, "the attempts of one call");
}

#[tokio::test]
async fn d2_a_call_in_a_hurry_does_not_end_the_others() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::silence(),
        _ if is_token(seen) => granted(before),
        _ => Answer::json(200, &[], "{}"),
    })
    .await;
    let lonja = client(&server);
    let hurried = get(&lonja).deadline(Duration::from_millis(100)).into_future();
    let (hurried, other) = tokio::join!(hurried, get(&lonja).into_future());
    assert_eq!(hurried.unwrap_err().code(), "timeout");
    other.unwrap();
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the clock that is off is measured by this machine's")]
async fn d2_a_clock_two_minutes_off_changes_nothing() {
    // The service's clock is two minutes before or after this machine's: in `Date`, and in what the token says itself.
    for offset in [-120, 120] {
        let now =
            chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()) + chrono::TimeDelta::seconds(offset);
        let server = Server::start(move |seen, before| {
            let date = now.to_rfc2822().replace("+0000", "GMT");
            let later = (now + chrono::TimeDelta::seconds(1)).to_rfc2822().replace("+0000", "GMT");
            match (is_token(seen), before) {
                (true, _) => {
                    let body = json!({ "access_token": "a.b.c", "expires_in": 600, "exp": now.timestamp() + 600 });
                    Answer::json(200, &[("date", &date)], &body.to_string())
                }
                (false, 1) => Answer::json(503, &[("date", &date), ("retry-after", &later)], "{}"),
                (false, _) => Answer::json(200, &[("date", &date)], "{}"),
            }
        })
        .await;
        let lonja = client(&server);
        let start = Instant::now();
        for _ in 0..3 {
            get(&lonja).await.unwrap();
        }
        assert!((1000..3000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
        assert_eq!(server.seen().iter().filter(|seen| is_token(seen)).count(), 1);
    }
}

#[tokio::test]
async fn d14_a_call_that_is_dropped_while_it_fetches_the_token_holds_nobody_up() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::silence(),
        _ if is_token(seen) => granted(before),
        _ => Answer::json(200, &[], "{}"),
    })
    .await;
    let lonja = client(&server);
    let (dropped, other) = tokio::join!(
        tokio::time::timeout(Duration::from_millis(100), get(&lonja).into_future()),
        tokio::time::timeout(Duration::from_secs(5), get(&lonja).into_future()),
    );
    assert!(dropped.is_err());
    other.unwrap().unwrap();
}

#[tokio::test]
async fn d2_a_public_call_needs_no_token() {
    let server = Server::start(|_, _| Answer::json(200, &[], "{}")).await;
    let lonja = Client::builder().base_url(&server.url).build().unwrap();
    get(&lonja).public().await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
    assert_eq!(get(&lonja).await.unwrap_err().code(), "config");
}

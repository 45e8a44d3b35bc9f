//! When a call is sent again, and under which key (D3, D4).

use crate::support::{Answer, Seen, Server, create, get, quick, thing};
use lonja_sdk::{
    Client, Error, Method, Retry, StatusCode,
    types::{CreateCustomer, PlaceOrder},
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

#[tokio::test]
async fn d3_d4_a_retry_keeps_the_key_and_the_body() {
    let server = Server::start(|seen, before| match before {
        0 => Answer::cut(),
        1 => Answer::problem(503, "busy"),
        _ => thing(seen, before),
    })
    .await;
    create(&server.client()).keyed().await.unwrap();
    let keys = server.keys();
    assert_eq!(keys.len(), 3);
    assert!(keys[0].is_some() && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(server.seen().iter().all(|seen| seen.body == r#"{"name":"Sol"}"#));
}

#[tokio::test]
async fn d4_a_given_key_wins_and_comes_back_in_the_error() {
    let server = Server::start(|_, _| Answer::problem(422, "idempotency_key_reused")).await;
    let error = create(&server.client()).keyed().idempotency_key("mine").await.unwrap_err();
    assert_eq!(error.idempotency_key(), Some("mine"));
    assert_eq!(server.keys(), [Some("mine".to_owned())]);
}

#[tokio::test]
async fn d3_three_attempts_are_all() {
    let server = Server::start(|_, _| Answer::cut()).await;
    let error = create(&server.client()).idempotency_key("mine").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert!(error.is_retryable());
    assert_eq!(error.idempotency_key(), Some("mine"));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn d3_a_write_without_a_key_is_repeated_only_where_it_was_surely_not_done() {
    let server = Server::start(|_, _| Answer::problem(503, "busy")).await;
    assert!(create(&server.client()).await.unwrap_err().is_retryable());
    assert_eq!(server.seen().len(), 1);
    let put_off = |seen: &Seen, before| match before {
        0 => Answer::json(429, &[("retry-after", "0")], "{}"),
        _ => thing(seen, before),
    };
    let server = Server::start(put_off).await;
    assert_eq!(create(&server.client()).await.unwrap().id, "t1");
    assert_eq!(server.keys(), [None, None]);
}

#[tokio::test]
async fn d3_a_call_says_itself_how_often_it_is_sent() {
    let server = Server::start(|_, _| Answer::cut()).await;
    let lonja = server.client();
    for (attempts, sent) in [(1, 1), (0, 2), (5, 7)] {
        get(&lonja).attempts(attempts).await.unwrap_err();
        assert_eq!(server.seen().len(), sent);
    }
}

#[tokio::test]
async fn d3_what_an_earlier_attempt_may_have_deleted_is_deleted() {
    let failures: [(fn() -> Answer, bool); 3] = [
        (Answer::cut, true),
        (|| Answer::problem(500, "internal"), true),
        // Surely not by this one: then it was not there.
        (|| Answer::json(429, &[("retry-after", "0")], "{}"), false),
    ];
    for (failure, is_deleted) in failures {
        let gone = move |before| if before == 0 { failure() } else { Answer::problem(404, "not_found") };
        let server = Server::start(move |_, before| gone(before)).await;
        let deleted = server.client().call::<()>(Method::DELETE, "/v1/things/{id}", &["t1"]).await;
        assert_eq!((deleted.is_ok(), server.seen().len()), (is_deleted, 2), "{deleted:?}");
    }
    let server = Server::start(|_, _| Answer::problem(404, "not_found")).await;
    let never = server.client().call::<()>(Method::DELETE, "/v1/things/{id}", &["t1"]).await.unwrap_err();
    assert_eq!((never.code(), server.seen().len()), ("not_found", 1));
}

#[tokio::test]
async fn d3_a_key_in_flight_is_waited_for_but_no_other_conflict() {
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
async fn d3_a_connection_that_breaks_in_the_body_is_repeated() {
    let server =
        Server::start(|seen, before| if before == 0 { Answer::truncated() } else { thing(seen, before) }).await;
    assert_eq!(get(&server.client()).await.unwrap().id, "t1");
}

#[tokio::test]
async fn d3_only_what_may_pass_is_repeated() {
    let server = Server::start(|seen, _| {
        let status = seen.line.rsplit('/').next().unwrap().parse().unwrap();
        Answer::json(status, &[("retry-after", "0")], "{}")
    })
    .await;
    // As many repeats as are wanted: here they are not what is measured.
    let lonja = server.client_with(quick().budget(1000));
    let mut before = 0;
    // 304 is an answer like those of success.
    for status in (300..600_u16).filter(|status| *status != 304) {
        let passes = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
        let error = lonja.call::<()>(Method::GET, "/v1/{}", &[&status.to_string()]).await.unwrap_err();
        assert_eq!((error.status().map(|code| code.as_u16()), error.is_retryable()), (Some(status), passes));
        let sent = server.seen().len();
        assert_eq!(sent - before, if passes { 3 } else { 1 }, "{status}");
        before = sent;
    }
}

#[tokio::test]
async fn d3_repeated_are_reads_puts_deletes_and_writes_with_a_key() {
    for (method, is_keyed, attempts) in [
        (Method::GET, false, 3),
        (Method::PUT, false, 3),
        (Method::DELETE, false, 3),
        (Method::POST, false, 1),
        (Method::POST, true, 3),
        (Method::PATCH, false, 1),
    ] {
        let server = Server::start(|_, _| Answer::cut()).await;
        let mut call = server.client().call::<()>(method.clone(), "/v1/things", &[]);
        if is_keyed {
            call = call.keyed();
        }
        call.await.unwrap_err();
        assert_eq!(server.seen().len(), attempts, "{method} {is_keyed}");
    }
}

#[tokio::test]
async fn d3_a_change_to_one_version_is_not_repeated_when_it_may_have_been_made() {
    // A repeat would find the new version and report a conflict that there is not.
    type Failure = fn() -> Answer;
    let failures: [(Failure, usize); 7] = [
        (Answer::cut, 1),
        (Answer::truncated, 1),
        (Answer::silence, 1),
        (|| Answer::problem(500, "internal"), 1),
        (|| Answer::problem(503, "busy"), 1),
        (|| Answer::json(503, &[("retry-after", "0")], "{}"), 3),
        (|| Answer::json(429, &[("retry-after", "0")], "{}"), 3),
    ];
    for (index, (failure, attempts)) in failures.into_iter().enumerate() {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let server = Server::start(move |_, _| failure()).await;
            let call = server.client().call::<()>(method.clone(), "/v1/things", &[]).if_match("\"v1\"");
            call.timeout(Duration::from_millis(300)).await.unwrap_err();
            assert_eq!(server.seen().len(), attempts, "{method}, failure {index}");
        }
    }
    // So is what must not be there yet.
    let server = Server::start(|_, _| Answer::cut()).await;
    let call = server.client().call::<()>(Method::PUT, "/v1/things", &[]).if_absent();
    call.await.unwrap_err();
    assert_eq!((server.seen().len(), server.seen()[0].header("if-none-match")), (1, Some("*")));
    // No key makes it safe: the service looks for none here.
    let call = server.client().call::<()>(Method::PUT, "/v1/things", &[]).if_match("\"v1\"").idempotency_key("mine");
    assert_eq!(call.await.unwrap_err().code(), "config");
    // Nor there where nobody is known who could have sent it before.
    let server = Server::start(|_, _| Answer::cut()).await;
    create(&server.client()).public().idempotency_key("mine").await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn d4_the_key_can_be_asked_for_before_the_call_is_sent() {
    let server = Server::start(thing).await;
    let call = create(&server.client()).keyed();
    let key = call.key().unwrap().to_owned();
    call.await.unwrap();
    assert_eq!(server.keys(), [Some(key)]);
    assert_eq!(create(&server.client()).key(), None);
}

#[tokio::test]
async fn d1_a_timeout_longer_than_the_deadline_takes_its_place() {
    let slow = |seen: &Seen, before| {
        std::thread::sleep(Duration::from_millis(250));
        thing(seen, before)
    };
    let server = Server::start(slow).await;
    let lonja = Client::builder().base_url(&server.url).access_token("a-token").deadline(Duration::from_millis(100));
    let lonja = lonja.timeout(Duration::from_millis(50)).build().unwrap();
    assert_eq!(get(&lonja).await.unwrap_err().code(), "timeout");
    let patient = || get(&lonja).timeout(Duration::from_secs(20));
    assert_eq!(patient().await.unwrap().id, "t1");
    assert_eq!(patient().deadline(Duration::from_millis(100)).await.unwrap_err().code(), "timeout");
}

#[tokio::test]
async fn d3_the_service_says_how_long_to_wait() {
    let date = [("date", "Fri, 06 Mar 2026 10:00:00 GMT"), ("retry-after", "Fri, 06 Mar 2026 10:00:01 GMT")];
    // The date counts from the service's clock, which here is months away from this machine's.
    for (headers, least, most) in [
        (vec![("retry-after", "2")], 2000, 4000),
        (date.to_vec(), 1000, 3000),
        (vec![("retry-after", "soon")], 0, 900),
        (vec![("retry-after", "-1")], 0, 900),
        (vec![("retry-after", "Fri, 06 Mar 2026 10:00:01 GMT")], 0, 900),
        (vec![("retry-after", "")], 0, 900),
    ] {
        let given = headers.clone();
        let server = Server::start(move |seen, before| match before {
            0 => Answer::json(429, &given, "{}"),
            _ => thing(seen, before),
        })
        .await;
        let start = Instant::now();
        get(&server.client()).await.unwrap();
        let waited = start.elapsed().as_millis();
        assert!((least..most).contains(&waited), "{headers:?}: {waited} ms");
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn d3_a_pause_past_the_deadline_is_not_begun() {
    for seconds in ["30", "18446744073709551615"] {
        let server = Server::start(move |_, _| Answer::json(503, &[("retry-after", seconds)], "{}")).await;
        let start = Instant::now();
        let error = get(&server.client()).deadline(Duration::from_secs(5)).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(2));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds.parse().unwrap())));
        assert_eq!((error.status(), server.seen().len()), (Some(StatusCode::SERVICE_UNAVAILABLE), 1));
    }
}

#[tokio::test]
async fn d3_the_deadline_ends_an_attempt_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    for auth in [Client::builder().access_token("a-token"), Client::builder().client_credentials("cli_1", "s3cret")] {
        let lonja = auth.base_url(&url).deadline(Duration::from_millis(150)).retry(quick()).build().unwrap();
        let start = Instant::now();
        // Several at once: those that wait for the token of another end in time, too.
        let (one, other) = tokio::join!(get(&lonja).into_future(), get(&lonja).into_future());
        for error in [one.unwrap_err(), other.unwrap_err()] {
            assert!(matches!(error, Error::Timeout { .. }), "{error}");
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn d3_a_service_in_trouble_is_not_buried_under_repeats() {
    let server = Server::start(|_, _| Answer::json(503, &[("retry-after", "0")], "{}")).await;
    let lonja = server.client();
    for _ in 0..1000 {
        get(&lonja.clone()).await.unwrap_err();
    }
    let extra = server.seen().len() - 1000;
    assert!((90..=200).contains(&extra), "{extra} repeats for 1000 calls");
}

#[tokio::test]
async fn d3_who_wants_no_repeats_gets_none() {
    let server = Server::start(|_, _| Answer::problem(503, "busy")).await;
    get(&server.client_with(Retry::never())).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn d4_every_write_that_takes_a_key_gets_one_of_its_own() {
    let server = Server::start(|_, _| Answer::problem(422, "invalid_request")).await;
    let lonja = server.client();
    lonja.create_customer(&CreateCustomer::default()).await.unwrap_err();
    lonja.create_customer(&CreateCustomer::default()).await.unwrap_err();
    lonja.place_order(&PlaceOrder::default()).await.unwrap_err();
    lonja.approve_refund("ref_1").await.unwrap_err();
    lonja.preview_order(&PlaceOrder::default()).await.unwrap_err();
    // A preview writes nothing and takes no key.
    let mut named: Vec<_> = server.keys().into_iter().flatten().collect();
    named.sort();
    named.dedup();
    assert_eq!(named.len(), 4, "{named:?}");
}

#[tokio::test]
async fn d4_after_a_timeout_the_key_is_known_and_repeating_with_it_acts_once() {
    let done = std::sync::Arc::new(AtomicUsize::new(0));
    let (log, keys) = (done.clone(), std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let server = Server::start(move |seen: &Seen, before| {
        let key = seen.header("idempotency-key").unwrap().to_owned();
        if keys.lock().unwrap().insert(key) {
            log.fetch_add(1, Ordering::SeqCst);
        }
        // The first time it is done, but the answer comes too late.
        if before == 0 {
            std::thread::sleep(Duration::from_millis(200));
        }
        thing(seen, before)
    })
    .await;
    let lonja = server.client_with(Retry::never());
    let error = create(&lonja).keyed().timeout(Duration::from_millis(40)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    let key = error.idempotency_key().unwrap().to_owned();
    assert_eq!(create(&lonja).idempotency_key(&key).await.unwrap().id, "t1");
    assert_eq!(server.keys(), [Some(key.clone()), Some(key)]);
    assert_eq!(done.load(Ordering::SeqCst), 1);
}

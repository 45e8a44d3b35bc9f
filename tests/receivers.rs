//! Receivers of webhooks that do not behave: silent, endless, slow, gone for days. None of them holds up anybody else
//! (PLT-06).

use chrono::TimeDelta;
use lonja::partners::PartnerKind;
use lonja_tests::receiver::{Manner, Receiver};
use lonja_tests::{Actor, Backend, House};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use test_case::test_case;

async fn endpoint(actor: &Actor, url: &str, event_types: &[&str]) -> String {
    let reply = actor.post("/v1/webhook-endpoints", &json!({ "url": url, "eventTypes": event_types })).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["id"].as_str().unwrap().to_owned()
}

async fn test(actor: &Actor, endpoint: &str) -> Value {
    let reply = actor.post(&format!("/v1/webhook-endpoints/{endpoint}:test"), &Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// The one delivery of an endpoint once it is in this state.
async fn delivery_in(actor: &Actor, endpoint: &str, state: &str) -> Value {
    let path = format!("/v1/webhook-endpoints/{endpoint}/deliveries?state={state}");
    let found = async {
        loop {
            let found = actor.get(&path).await.json()["items"][0].clone();
            if found.is_object() {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("no delivery came to this state")
}

#[test_case(Backend::Sqlite, 1; "one partner on sqlite")]
#[test_case(Backend::Postgres, 1; "one partner on postgres")]
#[test_case(Backend::Sqlite, 6; "several partners on sqlite")]
#[test_case(Backend::Postgres, 6; "several partners on postgres")]
#[tokio::test]
async fn rule_plt_06_many_silent_receivers_delay_no_other_partner(backend: Backend, partners: usize) {
    let house = House::open(backend).await;
    let (silent, quick) = (Receiver::open(), Receiver::open());
    silent.answer(Manner::Silence);
    for _ in 0..partners {
        let noisy = house.partner(PartnerKind::DirectBill).await;
        for _ in 0..24 {
            let id = endpoint(&noisy, &silent.url, &["order.*"]).await;
            for _ in 0..5 {
                test(&noisy, &id).await;
            }
        }
    }
    let healthy = house.partner(PartnerKind::DirectBill).await;
    let id = endpoint(&healthy, &quick.url, &["order.*"]).await;
    let _jobs = house.work_beside();
    silent.wait_for(16).await;
    let began = Instant::now();
    for _ in 0..4 {
        test(&healthy, &id).await;
    }
    quick.wait_for(4).await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    let most = 16 * partners;
    assert!(silent.received().len() <= most, "{} of {most}", silent.received().len());
    silent.answer(Manner::status(410));
}

/// Those that were silent yesterday get a small share from the beginning.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_receivers_that_were_silent_last_are_called_one_at_a_time_until_they_answer(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = [0]\ntimeout_seconds = 1").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let id = endpoint(&partner, &receiver.url, &["order.*"]).await;
    receiver.answer(Manner::Silence);
    let jobs = house.work_beside();
    test(&partner, &id).await;
    delivery_in(&partner, &id, "failed").await;
    tokio::task::spawn_blocking(move || drop(jobs)).await.unwrap();
    assert_eq!(house.texts("SELECT lane AS text FROM slow_lanes").await, [id.as_str()]);

    for _ in 0..6 {
        test(&partner, &id).await;
    }
    let before = receiver.received().len();
    let _jobs = house.work_beside();
    receiver.wait_for(before + 1).await;
    let leased = "SELECT count(*) FROM jobs WHERE leased_until IS NOT NULL AND kind = 'webhooks.deliver'";
    assert!(house.count(leased).await <= 1);
    receiver.answer(Manner::status(204));
    receiver.wait_for(before + 6).await;
    while house.count("SELECT count(*) FROM slow_lanes").await > 0 {}
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_an_endpoint_that_failed_for_five_days_is_switched_off(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = []").await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    receiver.answer(Manner::status(500));
    for (hours, state, because) in [(5 * 24 - 1, "enabled", Value::Null), (5 * 24, "disabled", json!("failing"))] {
        let id = endpoint(&partner, &receiver.url, &["order.*"]).await;
        let since = (lonja::clock::machine_now() - TimeDelta::hours(hours)).format("%Y-%m-%d %H:%M:%S%.6f");
        house.execute(&format!("UPDATE webhook_endpoints SET failing_since = '{since}' WHERE id = '{id}'")).await;
        test(&partner, &id).await;
        delivery_in(&partner, &id, "failed").await;
        let shown = partner.get(&format!("/v1/webhook-endpoints/{id}")).await.json();
        assert_eq!((&shown["state"], &shown["disabledBecause"]), (&json!(state), &because), "{hours} hours");
    }
    assert_eq!(house.told(&partner, "webhook_endpoint.disabled").await.len(), 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_pause_can_be_asked_for_by_a_date(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = [5]").await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let date = (lonja::clock::machine_now() + TimeDelta::minutes(90)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    receiver.answer(Manner::Status(503, vec![("retry-after", date)]));
    let id = endpoint(&partner, &receiver.url, &["order.*"]).await;
    let begun = test(&partner, &id).await;
    let next = loop {
        let one = delivery_in(&partner, &id, "pending").await;
        if one["nextAttemptAt"] != begun["nextAttemptAt"] {
            break one["nextAttemptAt"].as_str().unwrap().parse::<lonja::clock::Instant>().unwrap();
        }
    };
    let pause = (next - lonja::clock::machine_now()).num_seconds();
    assert!((5300..=5400).contains(&pause), "{pause}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_an_answer_without_end_is_cut_by_its_size_and_by_its_time(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = []\ntimeout_seconds = 3").await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let (flood, drip) = (Receiver::open(), Receiver::open());
    flood.answer(Manner::Endless(64 * 1024, Duration::ZERO));
    drip.answer(Manner::Endless(1, Duration::from_millis(50)));
    let (flooding, dripping) =
        (endpoint(&partner, &flood.url, &["order.*"]).await, endpoint(&partner, &drip.url, &["order.*"]).await);
    test(&partner, &flooding).await;
    test(&partner, &dripping).await;
    // Its status was read: the rest is nobody's concern.
    let cut = delivery_in(&partner, &flooding, "delivered").await;
    assert!(cut["attempts"][0]["milliseconds"].as_i64().unwrap() < 2000, "{cut}");
    // What fits into the system's buffers on the way was made too.
    assert!(flood.sent() < 16 * 1024 * 1024, "{} bytes were made", flood.sent());
    let cut = delivery_in(&partner, &dripping, "delivered").await;
    assert!((2900..6000).contains(&cut["attempts"][0]["milliseconds"].as_i64().unwrap()), "{cut}");
}

/// An event that very many want is told in several transactions: each endpoint hears of it once.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_many_deliveries_begin_in_several_transactions_and_each_once(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let id = endpoint(&partner, "http://127.0.0.1:9/", &["tenant.*"]).await;
    house.seal().await;
    house
        .execute(&format!(
            "INSERT INTO webhook_endpoints (id, partner_id, url, event_types, state, version, created_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
             SELECT 'many-' || i, partner_id, url, '[\"webhook_endpoint.updated\"]', state, version, created_at
             FROM n, webhook_endpoints WHERE id = '{id}'"
        ))
        .await;
    for description in ["one", "two", "three"] {
        let path = format!("/v1/webhook-endpoints/{id}");
        assert_eq!(partner.patch(&path, "*", &json!({ "description": description })).await.status, 200);
    }
    // The first transaction, as if the process had ended after it.
    let told = lonja::jobs::seal_some(&house.state).await.unwrap();
    assert!(told);
    assert_eq!(house.count("SELECT count(*) FROM webhook_deliveries").await, 500);
    house.seal().await;
    assert_eq!(house.count("SELECT count(*) FROM webhook_deliveries").await, 3 * 1234);
    let pairs = "SELECT count(*) FROM (SELECT DISTINCT endpoint_id, event_id FROM webhook_deliveries) AS pairs";
    assert_eq!(house.count(pairs).await, 3 * 1234);
    assert_eq!(house.count("SELECT count(*) FROM jobs WHERE kind = 'webhooks.deliver'").await, 3 * 1234);
    let heard = "SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = 'many-1234'";
    assert_eq!(house.count(heard).await, 3);
}

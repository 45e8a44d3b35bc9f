//! Jobs: leased, tried again, given up, requeued; and shared by replicas.

use lonja::partners::PartnerKind;
use lonja_tests::command::Lonja;
use lonja_tests::receiver::{Manner, Receiver};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use std::time::Duration;
use test_case::test_case;

fn command(house: &House) -> Lonja {
    let data = house.directory.path().display().to_string();
    Lonja::sandbox(house.directory.path(), &house.database_url).with("LONJA_DATA_DIR", &data)
}

/// A job that nobody knows: it fails whenever it is tried.
async fn enqueue_unknown(house: &House, id: &str, attempts: i64) {
    house
        .execute(&format!(
            "INSERT INTO jobs (id, kind, payload, due_at, created_at, attempts)
             VALUES ('{id}', 'no.such.job', '1', '2020-01-01 00:00:00', '2020-01-01 00:00:00', {attempts})"
        ))
        .await;
}

async fn listed(house: &House, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["jobs", "list", "--json"];
    all.extend(arguments);
    command(house).run(&all).await.json().as_array().unwrap().clone()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_job_that_fails_waits_longer_each_time_and_is_dead_in_the_end(backend: Backend) {
    let house = House::open(backend).await;
    enqueue_unknown(&house, "young", 3).await;
    enqueue_unknown(&house, "old", 9).await;
    lonja::jobs::run_due(&house.state).await.unwrap();
    let all = listed(&house, &[]).await;
    assert_eq!((&all[0]["id"], &all[0]["state"], &all[0]["attempts"]), (&json!("old"), &json!("dead"), &json!(10)));
    assert!(all[0]["lastError"].as_str().unwrap().contains("no.such.job"), "{all:?}");
    assert_eq!((&all[1]["id"], &all[1]["state"], &all[1]["attempts"]), (&json!("young"), &json!("waiting"), &json!(4)));
    let due: lonja::clock::Instant = all[1]["dueAt"].as_str().unwrap().parse().unwrap();
    let pause = (due - lonja::clock::machine_now()).num_seconds();
    assert!((10..=16).contains(&pause), "2^4 seconds, not {pause}");
    // A dead one is left alone until an operator requeues it.
    lonja::jobs::run_due(&house.state).await.unwrap();
    assert_eq!(listed(&house, &["--state", "dead"]).await.len(), 1);
    let table = command(&house).run(&["jobs", "list"]).await;
    assert!(table.stdout.contains("old") && table.stdout.contains("dead"), "{table:?}");

    let requeued = command(&house).run(&["jobs", "requeue", "old"]).await;
    assert_eq!((requeued.code, requeued.stdout.as_str()), (0, "1 jobs are due again\n"));
    let again = listed(&house, &[]).await;
    assert!(again.iter().all(|job| job["state"] == "waiting"), "{again:?}");
    let unknown = command(&house).run(&["jobs", "requeue", "young"]).await;
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert_eq!(command(&house).run(&["jobs", "requeue", "--all", "--json"]).await.json(), json!({ "requeued": 0 }));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_keys_are_kept_72_hours_and_then_forgotten(backend: Backend) {
    let house = House::open_with(backend, "[jobs]\nkeep_idempotency_hours = 72").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let hook = json!({ "url": "http://127.0.0.1:9/" });
    let first = partner.post_with("/v1/webhook-endpoints", "kept", &hook).await;
    assert_eq!(first.status, 201);
    let claimed = async |hours: u32| {
        let at = lonja::clock::machine_now() - chrono::TimeDelta::minutes(i64::from(hours) * 60 - 5);
        let at = at.format("%Y-%m-%d %H:%M:%S%.6f");
        house.execute(&format!("UPDATE idempotency_claims SET claimed_at = '{at}'")).await;
        lonja::jobs::purge(&house.state).await.unwrap();
        partner.post_with("/v1/webhook-endpoints", "kept", &hook).await
    };
    let within = claimed(72).await;
    assert_eq!((within.header("idempotent-replayed"), &within.text), ("true", &first.text));
    let after = claimed(73).await;
    assert_eq!((after.status.as_u16(), after.header("idempotent-replayed")), (201, ""));
    assert_ne!(after.text, first.text);
    assert_eq!(house.count("SELECT count(*) FROM idempotency_claims").await, 1);
    assert_eq!(house.count("SELECT count(*) FROM idempotency_answers").await, 1);
}

/// The webhooks that a killed replica had begun are delivered by another.
#[tokio::test]
async fn rule_plt_06_the_work_of_a_killed_replica_is_taken_over() {
    let house = House::open_with(Backend::Postgres, "").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    receiver.answer(Manner::Silence);
    let hook = json!({ "url": receiver.url, "eventTypes": ["order.*"] });
    let id = partner.post("/v1/webhook-endpoints", &hook).await.json()["id"].as_str().unwrap().to_owned();
    std::fs::write(
        house.directory.path().join("lonja.toml"),
        "[jobs]\nlease_seconds = 3\n[webhooks]\ntimeout_seconds = 2\nretry_seconds = [3600]",
    )
    .unwrap();

    let doomed = command(&house).serve().await;
    let sent = partner.post(&format!("/v1/webhook-endpoints/{id}:test"), &Value::Null).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let begun = receiver.wait_for(1).await;
    doomed.kill();
    receiver.answer(Manner::status(204));
    let heir = command(&house).serve().await;
    let received = receiver.wait_for(2).await;
    assert_eq!(received[1].id, begun[0].id, "the same message, once more");
    let delivered = async {
        let path = format!("/v1/webhook-endpoints/{id}/deliveries?state=delivered");
        while partner.get(&path).await.json()["items"] == json!([]) {}
    };
    tokio::time::timeout(Duration::from_secs(20), delivered).await.expect("it was not written down");
    let (status, _) = heir.terminate().await;
    assert!(status.success(), "{status}");
}

/// Five replicas that start at once on an empty database: each step is taken once, and all of them serve.
#[tokio::test]
async fn five_replicas_that_start_at_once_migrate_once() {
    let directory = tempfile::tempdir().unwrap();
    let url = lonja_tests::database::empty(Backend::Postgres, directory.path()).await.unwrap();
    let replica = || async {
        let server = Lonja::sandbox(directory.path(), &url).serve().await;
        let http = reqwest::Client::builder().build().unwrap();
        assert_eq!(http.get(format!("{}/readyz", server.url)).send().await.unwrap().status(), 200);
        let keys = http.get(format!("{}/.well-known/jwks.json", server.url)).send().await.unwrap();
        (server, keys.text().await.unwrap())
    };
    let started = futures_util::future::join_all((0..5).map(|_| replica())).await;
    assert!(started.iter().all(|(_, keys)| *keys == started[0].1), "every replica has the same signing key");
    let steps = "SELECT version AS text FROM __diesel_schema_migrations ORDER BY version";
    let steps = lonja_tests::beside::texts(&url, steps).await.unwrap();
    assert!(steps.len() >= 4, "{steps:?}");
    let keys = "SELECT CAST(count(*) AS TEXT) AS text FROM data_keys";
    assert_eq!(lonja_tests::beside::texts(&url, keys).await.unwrap(), ["2"]);
    for (server, _) in started {
        assert!(server.terminate().await.0.success());
    }
    lonja_tests::database::remove(&url).await.unwrap();
}

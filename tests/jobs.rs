//! Jobs: leased, tried again, given up, requeued; and shared by replicas.

use chrono::TimeDelta;
use lonja::partners::PartnerKind;
use lonja_tests::command::Lonja;
use lonja_tests::receiver::{Manner, Receiver};
use lonja_tests::{Backend, House};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use test_case::test_case;

fn command(house: &House) -> Lonja {
    let data = house.directory.path().display().to_string();
    Lonja::sandbox(house.directory.path(), &house.database_url).with("LONJA_DATA_DIR", &data)
}

/// A job that nobody knows: it fails whenever it is tried.
async fn enqueue_unknown(house: &House, id: &str, attempts: i64) {
    house
        .execute(&format!(
            "INSERT INTO jobs (id, kind, payload, due_at, created_at, attempts, failures)
             VALUES ('{id}', 'no.such.job', '1', '2020-01-01 00:00:00', '2020-01-01 00:00:00', {attempts}, {attempts})"
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

/// The text of an instant as the databases hold it.
fn instant(ago: TimeDelta) -> String {
    (lonja::clock::machine_now() - ago).format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// So many keys that nobody repeats any more, or records that wait for their seal.
async fn backlog(house: &House, what: &str, count: i64) {
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let at = match house.backend {
        Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', '2020-01-01', '+' || i || ' seconds')",
        Backend::Postgres => "timestamp '2020-01-01' + i * interval '1 second'",
    };
    let insert = match what {
        "keys" => format!(
            "INSERT INTO idempotency_claims (subject, operation, key, fingerprint, claimed_at)
             {numbers} SELECT 'somebody', 'an_operation', 'key-' || i, 'print', {at} FROM n"
        ),
        _ => format!(
            "INSERT INTO audit_records (id, at, operation, client_id, request_id, source_address)
             {numbers} SELECT 'record-' || i, {at}, 'an_operation', '', '', '' FROM n"
        ),
    };
    house.execute(&insert).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_sealing_goes_on_while_the_old_is_forgotten(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    house.seal().await;
    backlog(&house, "keys", 60_000).await;
    let _jobs = house.work_beside();
    let hook = json!({ "url": "http://127.0.0.1:9/" });
    let forgotten =
        async || 60_000 - house.count("SELECT count(*) FROM idempotency_claims WHERE key LIKE 'key-%'").await;
    while forgotten().await == 0 {}
    assert_eq!(partner.post("/v1/webhook-endpoints", &hook).await.status, 201);
    let (asked, sealed) = (Instant::now(), "/v1/events?type=webhook_endpoint.created");
    while partner.get(sealed).await.json()["items"] == json!([]) {}
    let (waited, forgotten) = (asked.elapsed(), forgotten().await);
    assert!((1..60_000).contains(&forgotten), "{forgotten} were forgotten when it was sealed");
    assert!(waited < Duration::from_secs(5), "{waited:?}");
}

#[test_case(Backend::Sqlite, "keys"; "keys on sqlite")]
#[test_case(Backend::Postgres, "keys"; "keys on postgres")]
#[test_case(Backend::Sqlite, "records"; "records on sqlite")]
#[test_case(Backend::Postgres, "records"; "records on postgres")]
#[tokio::test]
async fn rule_plt_06_a_backlog_does_not_keep_the_process_from_ending(backend: Backend, what: &str) {
    let house = House::open(backend).await;
    backlog(&house, what, 150_000).await;
    let left = match what {
        "keys" => "SELECT count(*) FROM idempotency_claims",
        _ => "SELECT count(*) FROM unsealed_records",
    };
    let server = command(&house).serve().await;
    while house.count(left).await >= 150_000 {}
    // Who is answered knows that signals are heard.
    assert_eq!(house.http().get(format!("{}/livez", server.url)).send().await.unwrap().status(), 200);
    let asked = Instant::now();
    let (status, _) = server.terminate().await;
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let left = house.count(left).await;
    assert!(left > 0, "it had done all of it: the test shows nothing");
}

/// A job whose process ends each time writes no failure down.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_job_that_ends_its_process_each_time_is_dead_in_the_end(backend: Backend) {
    let house = House::open(backend).await;
    for (id, failures) in [("ninth", 8), ("tenth", 9)] {
        let statement = format!(
            "INSERT INTO jobs (id, kind, payload, due_at, created_at, attempts, failures, leased_until)
             VALUES ('{id}', 'no.such.job', '1', '2020-01-01 00:00:00', '2020-01-01 00:00:00', 10, {failures}, '2020-01-01 00:01:00')"
        );
        house.execute(&statement).await;
    }
    lonja::jobs::run_due(&house.state).await.unwrap();
    let dead = listed(&house, &["--state", "dead"]).await;
    let told: Vec<_> = dead.iter().map(|job| (&job["id"], &job["attempts"])).collect();
    // The ninth was begun once more, and failed at that.
    assert_eq!(told, [(&json!("ninth"), &json!(11)), (&json!("tenth"), &json!(10))]);
    assert!(dead[1]["lastError"].as_str().unwrap().contains("each process"), "{dead:?}");
}

/// What a job was to do is given up with it, where callers see it.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_dead_job_leaves_no_delivery_and_no_mail_under_way(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = [3600]").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let hook = json!({ "url": receiver.url, "eventTypes": ["order.*"] });
    let id = partner.post("/v1/webhook-endpoints", &hook).await.json()["id"].as_str().unwrap().to_owned();
    let sent = partner.post(&format!("/v1/webhook-endpoints/{id}:test"), &Value::Null).await.json();
    house
        .execute(
            "INSERT INTO emails (id, kind, recipient, language, sealed, state, created_at)
             VALUES ('mail', 'mail_email_verification', 'lucia@panaderiasol.example', 'es', '', 'waiting',
                     '2020-01-01 00:00:00');
             INSERT INTO jobs (id, kind, payload, due_at, created_at, party, lane)
             VALUES ('of-mail', 'mail.send', '\"mail\"', '2020-01-01 00:00:00', '2020-01-01 00:00:00', 'mail', 'mail:x');
             UPDATE jobs SET attempts = 10, failures = 9, leased_until = '2020-01-01 00:01:00'",
        )
        .await;
    let _jobs = house.work_beside();
    let path = format!("/v1/webhook-endpoints/{id}/deliveries");
    let failed = async { while partner.get(&format!("{path}?state=failed")).await.json()["items"] == json!([]) {} };
    tokio::time::timeout(Duration::from_secs(20), failed).await.expect("the delivery is still under way");
    assert_eq!(house.count("SELECT count(*) FROM emails WHERE state = 'failed'").await, 1);
    assert!(receiver.received().is_empty());
    // It can be delivered again.
    let again = format!("{path}/{}:redeliver", sent["id"].as_str().unwrap());
    assert_eq!(partner.post(&again, &Value::Null).await.status, 200);
    receiver.wait_for(1).await;
}

/// What the house itself spoilt takes no attempt away from the schedule of retries.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_fault_of_the_house_costs_no_attempt_of_a_delivery(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = [0, 3600]").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    receiver.answer(Manner::status(500));
    let hook = json!({ "url": receiver.url, "eventTypes": ["order.*"] });
    let id = partner.post("/v1/webhook-endpoints", &hook).await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(partner.post(&format!("/v1/webhook-endpoints/{id}:test"), &Value::Null).await.status, 200);
    house.execute("UPDATE jobs SET attempts = 7, failures = 7 WHERE kind = 'webhooks.deliver'").await;
    let _jobs = house.work_beside();
    receiver.wait_for(2).await;
    let path = format!("/v1/webhook-endpoints/{id}/deliveries?state=pending");
    let attempts = async || partner.get(&path).await.json()["items"][0]["attempts"].as_array().map_or(0, Vec::len);
    while attempts().await < 2 {}
}

/// A holder whose lease ran out neither ends the job nor overwrites what the next holder wrote.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_whose_lease_ran_out_changes_nothing_any_more(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = [0, 0]").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    receiver.answer(Manner::Silence);
    let hook = json!({ "url": receiver.url, "eventTypes": ["order.*"] });
    let id = partner.post("/v1/webhook-endpoints", &hook).await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(partner.post(&format!("/v1/webhook-endpoints/{id}:test"), &Value::Null).await.status, 200);
    let jobs = house.work_beside();
    receiver.wait_for(1).await;
    // The next holder has leased it, made its attempt, and left the job for later.
    let until = instant(TimeDelta::hours(-1));
    house
        .execute(&format!(
            "UPDATE jobs SET attempts = attempts + 1, leased_until = '{until}' WHERE kind = 'webhooks.deliver';
             UPDATE webhook_deliveries SET attempts = 1, next_attempt_at = '{until}'"
        ))
        .await;
    receiver.answer(Manner::status(204));
    // Ends when the attempt under way has ended.
    tokio::task::spawn_blocking(move || drop(jobs)).await.unwrap();
    let delivery = "SELECT state || ' ' || attempts AS text FROM webhook_deliveries";
    assert_eq!(house.texts(delivery).await, ["pending 1"]);
    assert_eq!(house.count("SELECT count(*) FROM webhook_attempts").await, 0);
    let job = "SELECT count(*) FROM jobs WHERE kind = 'webhooks.deliver' AND attempts = 2 AND leased_until IS NOT NULL";
    assert_eq!(house.count(job).await, 1);
    assert_eq!(receiver.received().len(), 1);
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

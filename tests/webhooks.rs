//! Webhooks: signed, retried, logged, and never a way into the operator's network (PLT-06).

use lonja::partners::PartnerKind;
use lonja_tests::receiver::{Manner, Received, Receiver};
use lonja_tests::{Actor, Backend, House};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use test_case::test_case;

/// Retries come at once, so that no test waits for one.
const AT_ONCE: &str = "[webhooks]\nretry_seconds = [0, 0, 0, 0]\ntimeout_seconds = 2";

async fn endpoint(actor: &Actor, receiver: &Receiver, event_types: Value) -> (String, String) {
    let body = json!({ "url": receiver.url, "eventTypes": event_types });
    let reply = actor.post("/v1/webhook-endpoints", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let made = reply.json();
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

async fn test(actor: &Actor, endpoint: &str) -> Value {
    let reply = actor.post(&format!("/v1/webhook-endpoints/{endpoint}:test"), &Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// The deliveries of an endpoint once none is under way.
async fn ended(actor: &Actor, endpoint: &str) -> Vec<Value> {
    let path = format!("/v1/webhook-endpoints/{endpoint}/deliveries");
    let all_ended = async {
        loop {
            let pending = actor.get(&format!("{path}?state=pending")).await.json();
            if pending["items"] == json!([]) {
                return actor.get(&path).await.json()["items"].as_array().unwrap().clone();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), all_ended).await.expect("deliveries are still under way")
}

/// What the published package of another language says of these deliveries with this secret.
fn verified_elsewhere(secret: &str, received: &[Received]) -> Vec<String> {
    let script = "
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
asked = json.load(sys.stdin)
for one in asked['received']:
    headers = {'webhook-id': one['id'], 'webhook-timestamp': one['timestamp'], 'webhook-signature': one['signature']}
    try:
        print('genuine ' + Webhook(asked['secret']).verify(one['body'], headers)['type'])
    except WebhookVerificationError as error:
        print('refused: ' + str(error))
";
    let received: Vec<Value> = received
        .iter()
        .map(|one| {
            json!({ "id": one.id, "timestamp": one.timestamp.to_string(), "signature": one.signature, "body": one.body })
        })
        .collect();
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/python/bin/python3");
    let mut process = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("target/python is made by `make test`");
    let asked = json!({ "secret": secret, "received": received }).to_string();
    process.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_delivery_is_the_event_signed_for_anybody_to_verify(backend: Backend) {
    let house = House::open_with(backend, AT_ONCE).await;
    let _jobs = house.work_beside();
    let (own, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let (receiver, elsewhere) = (Receiver::open(), Receiver::open());
    let (id, secret) = endpoint(&own, &receiver, json!(["webhook_endpoint.updated"])).await;
    endpoint(&other, &elsewhere, json!([])).await;

    test(&own, &id).await;
    let path = format!("/v1/webhook-endpoints/{id}");
    assert_eq!(own.patch(&path, "*", &json!({ "description": "CRM" })).await.status, 200);
    let received = receiver.wait_for(2).await;
    assert_eq!(
        verified_elsewhere(&secret, &received),
        ["genuine webhook_endpoint.tested", "genuine webhook_endpoint.updated"]
    );
    let mut forged = received.clone();
    forged[0].body.push(' ');
    forged[1].timestamp -= 3600;
    assert!(verified_elsewhere(&secret, &forged).iter().all(|verdict| verdict.starts_with("refused")), "{forged:?}");

    // The body is the event as the feed tells it, and names no secret.
    let feed = own.get("/v1/events?limit=200").await.json();
    for one in &received {
        let told = feed["items"].as_array().unwrap().iter().find(|event| event["id"] == one.id.as_str());
        assert_eq!(told, Some(&one.json()));
        assert!(!one.body.contains("whsec_"));
    }
    // The other partner heard of its own endpoint alone.
    let heard = elsewhere.wait_for(1).await;
    assert!(heard.iter().all(|one| one.json()["data"]["partnerId"] == other.partner_id.as_str()), "{heard:?}");
    let deliveries = ended(&own, &id).await;
    assert!(deliveries.iter().all(|one| one["state"] == "delivered" && one["attempts"][0]["status"] == 204));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_rotated_secret_signs_beside_the_old_one_for_a_while(backend: Backend) {
    let house = House::open_with(backend, AT_ONCE).await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let (id, first) = endpoint(&partner, &receiver, json!(["order.*"])).await;
    let rotate = async |seconds: u32| {
        let path = format!("/v1/webhook-endpoints/{id}:rotate-secret");
        let reply = partner.post(&path, &json!({ "overlapSeconds": seconds })).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["secret"].as_str().unwrap().to_owned()
    };
    let second = rotate(3600).await;
    test(&partner, &id).await;
    let received = receiver.wait_for(1).await;
    assert_eq!(received[0].signature.split(' ').count(), 2);
    for secret in [&first, &second] {
        assert_eq!(verified_elsewhere(secret, &received), ["genuine webhook_endpoint.tested"]);
    }
    // No more than two sign: the oldest ends, whatever its overlap.
    let third = rotate(3600).await;
    test(&partner, &id).await;
    let received = receiver.wait_for(2).await[1..].to_vec();
    assert!(verified_elsewhere(&first, &received)[0].starts_with("refused"));
    for secret in [&second, &third] {
        assert_eq!(verified_elsewhere(secret, &received), ["genuine webhook_endpoint.tested"]);
    }
    let fourth = rotate(0).await;
    test(&partner, &id).await;
    let received = receiver.wait_for(3).await[2..].to_vec();
    assert_eq!(received[0].signature.split(' ').count(), 1);
    assert_eq!(verified_elsewhere(&fourth, &received), ["genuine webhook_endpoint.tested"]);
    // A secret is shown by the answers that made it, and by nothing else.
    let shown = partner.get(&format!("/v1/webhook-endpoints/{id}")).await.text;
    assert!(!shown.contains("whsec_") && !shown.contains("secret"), "{shown}");
}

/// The answer that shows a secret ends with it, or before: once a secret has an end, whoever has lost it makes another.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_a_secret_that_was_revoked_is_not_shown_again(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let hook = json!({ "url": "http://127.0.0.1:9/" });
    let shows = async |path: &str, key: &str, body: &Value| {
        let again = partner.post_with(path, key, body).await;
        if again.status.is_success() {
            assert_eq!(again.header("idempotent-replayed"), "true", "{}", again.text);
            return true;
        }
        assert_eq!((again.status.as_u16(), again.code().as_str()), (410, "secret_already_shown"), "{}", again.text);
        assert!(!again.text.contains("whsec_"));
        false
    };
    for overlap in [0, 1, 3600] {
        let create = format!("create-{overlap}");
        let made = partner.post_with("/v1/webhook-endpoints", &create, &hook).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert!(shows("/v1/webhook-endpoints", &create, &hook).await);
        let (path, body) = (format!("/v1/webhook-endpoints/{id}:rotate-secret"), json!({ "overlapSeconds": overlap }));
        let (first, second) = (format!("first-{overlap}"), format!("second-{overlap}"));
        assert_eq!(partner.post_with(&path, &first, &body).await.status, 200);
        assert!(!shows("/v1/webhook-endpoints", &create, &hook).await, "{overlap}");
        assert!(shows(&path, &first, &body).await);
        assert_eq!(partner.post_with(&path, &second, &body).await.status, 200);
        assert!(!shows(&path, &first, &body).await, "{overlap}");
        assert!(shows(&path, &second, &body).await);
        let kept = "SELECT count(*) FROM idempotency_answers WHERE secret";
        assert_eq!(house.count(kept).await, 1, "what does not replay is not kept");
        let gone = partner.send(reqwest::Method::DELETE, &format!("/v1/webhook-endpoints/{id}"), &[], None).await;
        assert_eq!(gone.status, 204, "{}", gone.text);
        assert!(!shows(&path, &second, &body).await);
        assert_eq!(house.count(kept).await, 0);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_redelivery_is_on_record_with_what_was_delivered(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = []").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let (id, _) = endpoint(&partner, &receiver, json!(["order.*"])).await;
    let delivery = test(&partner, &id).await["id"].as_str().unwrap().to_owned();
    house.execute("UPDATE webhook_deliveries SET state = 'failed'").await;
    let path = format!("/v1/webhook-endpoints/{id}/deliveries/{delivery}:redeliver");
    assert_eq!(partner.post(&path, &Value::Null).await.status, 200);
    let key = json!({ "url": "http://127.0.0.1:9/" });
    let made = partner.post_with("/v1/webhook-endpoints", "twice", &key).await.json();
    partner.post_with("/v1/webhook-endpoints", "twice", &key).await;
    let about = async |operation: &str| {
        let records = format!(
            "SELECT object_kind || ' ' || object_id AS text FROM audit_records WHERE operation = '{operation}'
             ORDER BY seq DESC LIMIT 1"
        );
        house.texts(&records).await
    };
    assert_eq!(about("redeliver_webhook").await, [format!("webhook_delivery {delivery}")]);
    let shown_again = format!("webhook_endpoint {}", made["id"].as_str().unwrap());
    assert_eq!(about("create_webhook_endpoint").await, [shown_again]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_what_fails_is_tried_again_with_the_same_id_and_can_be_redelivered(backend: Backend) {
    let house = House::open_with(backend, AT_ONCE).await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let (id, secret) = endpoint(&partner, &receiver, json!(["order.*"])).await;
    receiver.answer(Manner::status(500));
    let delivery = test(&partner, &id).await;
    let received = receiver.wait_for(5).await;
    assert!(received.iter().all(|one| one.id == received[0].id && one.body == received[0].body));
    assert_eq!(verified_elsewhere(&secret, &received).len(), 5);
    let deliveries = ended(&partner, &id).await;
    assert_eq!((&deliveries[0]["state"], deliveries.len()), (&json!("failed"), 1));
    let numbers: Vec<_> = deliveries[0]["attempts"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert!(deliveries[0]["attempts"].as_array().unwrap().iter().all(|one| one["status"] == 500));

    receiver.answer(Manner::status(200));
    let path = format!("/v1/webhook-endpoints/{id}/deliveries/{}:redeliver", delivery["id"].as_str().unwrap());
    let again = partner.post(&path, &Value::Null).await;
    assert_eq!((again.status.as_u16(), &again.json()["state"]), (200, &json!("pending")));
    let received = receiver.wait_for(6).await;
    assert_eq!(received[5].id, received[0].id);
    let deliveries = ended(&partner, &id).await;
    assert_eq!((&deliveries[0]["state"], &deliveries[0]["attempts"][5]["status"]), (&json!("delivered"), &json!(200)));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_gone_disables_and_a_pause_that_is_asked_for_is_kept(backend: Backend) {
    let house = House::open_with(backend, AT_ONCE).await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let receiver = Receiver::open();
    let (id, _) = endpoint(&partner, &receiver, json!(["order.*"])).await;

    receiver.answer(Manner::Status(429, vec![("retry-after", "3600".to_owned())]));
    let delivery = test(&partner, &id).await;
    receiver.wait_for(1).await;
    let path = format!("/v1/webhook-endpoints/{id}/deliveries");
    let next = loop {
        let one = partner.get(&path).await.json()["items"][0].clone();
        if one["nextAttemptAt"] != delivery["nextAttemptAt"] {
            break one["nextAttemptAt"].as_str().unwrap().parse::<lonja::clock::Instant>().unwrap();
        }
    };
    let pause = (next - lonja::clock::machine_now()).num_seconds();
    assert!((3500..=3600).contains(&pause), "{pause}");
    let early = partner.post(&format!("{path}/{}:redeliver", delivery["id"].as_str().unwrap()), &Value::Null).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "delivery_pending"));

    receiver.answer(Manner::status(410));
    test(&partner, &id).await;
    receiver.wait_for(2).await;
    let endpoint_path = format!("/v1/webhook-endpoints/{id}");
    let disabled = loop {
        let now = partner.get(&endpoint_path).await;
        if now.json()["state"] == "disabled" {
            break now;
        }
    };
    assert_eq!(disabled.json()["disabledBecause"], "gone");
    let refused = partner.post(&format!("{endpoint_path}:test"), &Value::Null).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "webhook_endpoint_disabled"));
    // The service's own sealer may be at it just now: then the event stands in the feed in a moment.
    let told = loop {
        house.seal().await;
        let told = partner.get("/v1/events?type=webhook_endpoint.disabled").await.json();
        if told["items"][0].is_object() {
            break told;
        }
    };
    assert_eq!(told["items"][0]["data"]["id"], id.as_str());

    let enable = json!({ "state": "enabled" });
    let enabled = partner.patch(&endpoint_path, disabled.header("etag"), &enable).await;
    assert_eq!((&enabled.json()["state"], &enabled.json()["disabledBecause"]), (&json!("enabled"), &Value::Null));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_silent_receiver_delays_nobody_else(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\ntimeout_seconds = 20").await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let (silent, quick) = (Receiver::open(), Receiver::open());
    silent.answer(Manner::Silence);
    let (slow_id, _) = endpoint(&partner, &silent, json!(["order.*"])).await;
    let (quick_id, _) = endpoint(&partner, &quick, json!(["order.*"])).await;
    for _ in 0..30 {
        test(&partner, &slow_id).await;
    }
    silent.wait_for(1).await;
    for _ in 0..10 {
        test(&partner, &quick_id).await;
    }
    let started = std::time::Instant::now();
    quick.wait_for(10).await;
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert!(silent.received().len() <= 4, "a receiver gets no more than four at once");
    silent.answer(Manner::status(204));
    silent.wait_for(30).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_a_redirect_is_a_failure_and_is_not_followed(backend: Backend) {
    let house = House::open_with(backend, "[webhooks]\nretry_seconds = []").await;
    let _jobs = house.work_beside();
    let partner = house.partner(PartnerKind::DirectBill).await;
    let (receiver, inside) = (Receiver::open(), Receiver::open());
    receiver.answer(Manner::Status(302, vec![("location", inside.url.clone())]));
    let (id, _) = endpoint(&partner, &receiver, json!(["order.*"])).await;
    test(&partner, &id).await;
    let deliveries = ended(&partner, &id).await;
    assert_eq!((&deliveries[0]["state"], &deliveries[0]["attempts"][0]["status"]), (&json!("failed"), &json!(302)));
    assert!(inside.received().is_empty());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_bad_endpoints_are_refused_with_every_reason(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let bad = json!({ "url": "ftp://user:pass@hooks.example.com/#x", "eventTypes": ["order.placd", "order.*"] });
    let reply = partner.post("/v1/webhook-endpoints", &bad).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "webhook_url_invalid"), "{}", reply.text);
    assert_eq!(reply.faults().len(), 4, "{:?}", reply.faults());
    assert!(reply.text.contains("order.placed"), "the nearest type is named: {}", reply.text);
    // The whole of a body as one type: named, and nobody waits for it.
    let long = json!({ "url": "http://127.0.0.1:9/", "eventTypes": ["order.*", "o".repeat(1_000_000)] });
    let began = std::time::Instant::now();
    let reply = partner.post("/v1/webhook-endpoints", &long).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.faults(), ["/eventTypes/1 field_too_long"]);
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    for number in 0..50 {
        let url = format!("http://127.0.0.1:9/{number}");
        assert_eq!(partner.post("/v1/webhook-endpoints", &json!({ "url": url })).await.status, 201);
    }
    let one_more = partner.post("/v1/webhook-endpoints", &json!({ "url": "http://127.0.0.1:9/" })).await;
    assert_eq!((one_more.status.as_u16(), one_more.code().as_str()), (409, "webhook_endpoint_limit"));
}

#[test]
fn rule_plt_06_the_document_describes_every_event_with_an_example() {
    let document: Value = serde_json::from_str(&lonja::app::document().json).unwrap();
    let webhooks = document["webhooks"].as_object().unwrap();
    assert_eq!(webhooks.len(), lonja::topic::Topic::ALL.len());
    let schema = json!({ "$ref": "#/components/schemas/Event", "components": document["components"] });
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (topic, item) in webhooks {
        let content = &item["post"]["requestBody"]["content"]["application/json"];
        assert_eq!(content["example"]["type"], topic.as_str());
        assert!(schema.is_valid(&content["example"]), "{topic}");
        assert!(item["post"]["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{topic}");
    }
}

//! The feed: everything that happened, once each, in an order that no late commit slips past (PLT-06).

use lonja::partners::PartnerKind;
use lonja::topic::Topic;
use lonja_tests::walk::Furnished;
use lonja_tests::{Actor, Backend, House};
use serde_json::Value;
use std::collections::HashSet;
use test_case::test_case;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// Reads on from the event `after`, by pages of this size, as a program that follows the feed does.
async fn read_on(actor: &Actor, after: Option<&str>, limit: usize) -> Vec<Value> {
    let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = actor.get(&format!("/v1/events?limit={limit}{after}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_the_feed_tells_everything_once_and_in_order(backend: Backend) {
    let house = House::open(backend).await;
    let (own, foreign) = (Furnished::open(&house).await, Furnished::open(&house).await);
    let all = read_on(own.seller(), None, 3).await;
    assert_eq!(ids(&all), ids(&read_on(own.seller(), None, 200).await), "pages of any size tell the same");
    assert_eq!(ids(&all).iter().collect::<HashSet<_>>().len(), all.len(), "an event came twice");
    for (index, event) in all.iter().enumerate() {
        assert!(Topic::of(event["type"].as_str().unwrap()).is_some(), "{event} is not in the registry");
        let data = &event["data"];
        assert!(
            [&data["partnerId"], &data["partnerOfRecordId"]].contains(&&Value::from(own.seller().partner_id.clone()))
        );
        let after = read_on(own.seller(), event["id"].as_str(), 200).await;
        assert_eq!(ids(&after), ids(&all)[index + 1..], "after {event}");
    }
    // Of one refund: cause before effect.
    let of_refund: Vec<&str> = all
        .iter()
        .filter(|event| event["data"]["id"] == own.refund.as_str())
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(of_refund, ["refund.requested", "refund.approved", "refund.credited"]);

    let credited = own.seller().get("/v1/events?type=refund.credited").await.json();
    assert!(credited["items"].as_array().unwrap().iter().all(|event| event["type"] == "refund.credited"));
    assert_eq!(credited["items"].as_array().unwrap().len(), 3);
    let refunds = own.seller().get("/v1/events?type=refund.*").await.json();
    assert_eq!(refunds["items"].as_array().unwrap().len(), 9);

    // Another partner's event is as unknown as any (CUS-05).
    let theirs = read_on(foreign.seller(), None, 200).await;
    let by = async |id: &str| own.seller().get(&format!("/v1/events?after={id}")).await;
    let (foreign, unknown) = (by(ids(&theirs)[0]).await, by(&Uuid::new_v4().to_string()).await);
    assert_eq!((foreign.status.as_u16(), foreign.code().as_str()), (404, "not_found"));
    assert_eq!((foreign.status, foreign.json()["detail"].clone()), (unknown.status, unknown.json()["detail"].clone()));
    let operator = read_on(&house.operator().await, None, 200).await;
    assert!(ids(&all).iter().chain(&ids(&theirs)).all(|id| ids(&operator).contains(id)));
}

/// A transaction that took its number first and commits last is not skipped by a reader who is past it already.
#[tokio::test]
async fn rule_plt_06_an_event_that_commits_late_is_not_skipped() {
    let house = House::open(Backend::Postgres).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let (mut late, connection) = tokio_postgres::connect(&house.database_url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let open = late.transaction().await.unwrap();
    let id = Uuid::new_v4().to_string();
    let data = format!(r#"{{"id":"late","partnerId":"{}"}}"#, partner.partner_id);
    open.execute(
        "INSERT INTO events (id, topic, partner_id, object_id, data, occurred_at, request_id)
         VALUES ($1, 'order.placed', $2, 'late', $3, now(), 'late')",
        &[&id, &partner.partner_id, &data],
    )
    .await
    .unwrap();

    // Others come and go meanwhile, and the reader follows.
    let hook = serde_json::json!({ "url": "http://127.0.0.1:9/" });
    for _ in 0..3 {
        assert_eq!(partner.post("/v1/webhook-endpoints", &hook).await.status, 201);
    }
    house.seal().await;
    let before = read_on(&partner, None, 2).await;
    assert!(before.len() >= 3 && !ids(&before).contains(&id.as_str()));
    let last = ids(&before).last().copied();

    open.commit().await.unwrap();
    drop(late);
    driver.await.unwrap().unwrap();
    house.seal().await;
    assert_eq!(ids(&read_on(&partner, last, 2).await), [id.as_str()]);
}

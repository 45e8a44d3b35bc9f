//! How many requests are taken of a client, of a partner, of an address and for tokens, and what callers are told of it.

use base64::{Engine, engine::general_purpose::STANDARD};
use lonja::partners::PartnerKind;
use lonja_tests::house::partner_scopes;
use lonja_tests::walk::{Furnished, Operation, documented, needs_token};
use lonja_tests::{Actor, Backend, House, Reply};
use reqwest::StatusCode;
use std::time::Duration;
use test_case::test_case;

/// Quotas by their names in the settings; those that are not named are out of reach.
pub(super) fn settings(quotas: &[(&str, u32)]) -> String {
    let all = ["client", "partner", "address", "token", "token_address"];
    let quota = |name: &str| quotas.iter().find(|(known, _)| *known == name).map_or(10_000_000, |(_, quota)| *quota);
    let lines: String = all.map(|name| format!("{name}_per_minute = {}\n", quota(name))).concat();
    format!("[limits]\n{lines}")
}

/// What a refusal says: the policy, and the seconds to wait.
fn refusal(reply: &Reply) -> (String, u64) {
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!(seconds >= 1);
    let policy = reply.json()["context"]["violatedPolicies"][0].as_str().unwrap().to_owned();
    let (rest, policies) = (members(reply.header("ratelimit")), members(reply.header("ratelimit-policy")));
    let own = rest.iter().find(|(name, _, _)| *name == policy).unwrap();
    assert_eq!((own.1, own.2), (0, seconds), "r=0, and Retry-After is not earlier than t");
    assert!(policies.iter().any(|(name, _, window)| *name == policy && *window == 60));
    (policy, seconds)
}

/// A list of structured fields (RFC 9651): strings with two parameters each.
fn members(header: &str) -> Vec<(String, u64, u64)> {
    let member = |text: &str| {
        let mut parts = text.split(';');
        let name = parts.next().unwrap().strip_prefix('"').unwrap().strip_suffix('"').unwrap().to_owned();
        let mut number = || parts.next().unwrap().split_once('=').unwrap().1.parse().unwrap();
        (name, number(), number())
    };
    header.split(", ").map(member).collect()
}

async fn token(house: &House, id: &str, secret: &str) -> Reply {
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let request = house.http().post(format!("{}/v1/oauth/token", house.url)).body("grant_type=client_credentials");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let reply = request.header("authorization", format!("Basic {basic}")).send().await.unwrap();
    Reply { status: reply.status(), headers: reply.headers().clone(), text: reply.text().await.unwrap() }
}

/// Twenty more than the quota, as fast as they go: how many passed, and the last refusal.
async fn exhaust(actor: &Actor, quota: usize) -> (usize, Reply) {
    let mut passed = 0;
    let mut last = None;
    for _ in 0..quota + 20 {
        let reply = actor.get("/v1/orders?limit=1").await;
        if reply.status == 200 {
            passed += 1;
        } else {
            last = Some(reply);
        }
    }
    (passed, last.unwrap())
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_api4_a_client_gets_its_quota_and_no_other_notices(backend: Backend) {
    // One a second comes back.
    let house = House::open_with(backend, &settings(&[("client", 60), ("partner", 1000)])).await;
    let (one, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let colleague = house.client_of(&one.partner_id, &partner_scopes(), &[]).await;
    let first = one.get("/v1/orders").await;
    assert_eq!(members(first.header("ratelimit-policy"))[0], ("client".to_owned(), 60, 60));
    assert_eq!(members(first.header("ratelimit-policy"))[1], ("partner".to_owned(), 1000, 60));
    let rest = members(first.header("ratelimit"));
    assert_eq!((rest[0].1, rest[0].2, rest[1].1), (59, 1, 999));

    let started = std::time::Instant::now();
    let (passed, last) = exhaust(&one, 59).await;
    let back = usize::try_from(started.elapsed().as_secs()).unwrap() + 1;
    assert!((59..=59 + back).contains(&passed), "{passed} passed");
    let (policy, seconds) = refusal(&last);
    assert_eq!(policy, "client");
    for unaffected in [&colleague, &other] {
        assert_eq!(unaffected.get("/v1/orders").await.status, 200);
    }
    // What Retry-After says is enough: the one wait of this test, and it is the service that asks for it.
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(one.get("/v1/orders").await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_api4_the_clients_of_a_partner_share_its_quota_and_replicas_their_share(backend: Backend) {
    let quotas = settings(&[("client", 1000), ("partner", 40)]) + "replicas = 4\n";
    let house = House::open_with(backend, &quotas).await;
    let (one, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let colleague = house.client_of(&one.partner_id, &partner_scopes(), &[]).await;
    let (passed, last) = exhaust(&one, 10).await;
    assert!((10..=11).contains(&passed), "{passed} passed of a share of ten");
    assert!(last.header("ratelimit-policy").contains("\"partner\";q=10;w=60"));
    assert_eq!(refusal(&last).0, "partner");
    assert_eq!(refusal(&colleague.get("/v1/orders").await).0, "partner");
    assert_eq!(other.get("/v1/orders").await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_who_has_no_valid_token_is_counted_by_address_and_others_there_are_not(backend: Backend) {
    let house = House::open_with(backend, &settings(&[("address", 20)])).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    seller.token().await;
    let mut statuses = Vec::new();
    for number in 0..40 {
        let mut request = house.http().get(format!("{}/v1/orders", house.url));
        if number % 2 == 0 {
            request = request.bearer_auth("no.such.token");
        }
        let reply = request.send().await.unwrap();
        let limited = reply.headers()["ratelimit-policy"] == "\"address\";q=20;w=60";
        assert!(limited, "{number}");
        statuses.push(reply.status().as_u16());
    }
    assert!(statuses[..20].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[20..].iter().filter(|status| **status == 429).count() >= 18, "{statuses:?}");
    // The same address with a token, and what is not limited at all.
    assert_eq!(seller.get("/v1/orders").await.status, 200);
    for path in ["/livez", "/readyz", "/docs/", "/openapi.json", "/problems/rate_limited"] {
        for _ in 0..25 {
            let reply = house.http().get(format!("{}{path}", house.url)).send().await.unwrap();
            assert_eq!((reply.status().as_u16(), reply.headers().get("ratelimit")), (200, None), "{path}");
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_api2_twenty_wrong_secrets_block_that_client_and_no_other(backend: Backend) {
    let house = House::open_with(backend, &settings(&[("token", 15), ("token_address", 150)])).await;
    let (one, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let mut replies = Vec::new();
    for _ in 0..20 {
        replies.push(token(&house, &one.client_id, "wrong").await);
    }
    assert!(replies[..15].iter().all(|reply| reply.status == 401));
    assert_eq!(refusal(&replies[19]).0, "token");
    assert_eq!(refusal(&token(&house, &one.client_id, &one.client_secret).await).0, "token");
    let right = token(&house, &other.client_id, &other.client_secret).await;
    assert_eq!(right.status, 200);
    assert_eq!(members(right.header("ratelimit-policy")).len(), 2);
    // Names that nobody has are counted for the address.
    let mut last = None;
    for _ in 0..150 {
        last = Some(token(&house, "nobody", "wrong").await);
    }
    assert_eq!(refusal(&last.unwrap()).0, "token-address");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_01_every_protected_operation_says_where_its_caller_stands(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Furnished::open(&house).await;
    let mut walked = 0;
    for operation in Operation::protected() {
        let path = operation.at(shop.id_for(&operation));
        let body = operation.is_write().then(|| "{".to_owned());
        let known = shop.seller().send(operation.method.clone(), &path, &[], body).await;
        let url = format!("{}{path}", house.url);
        let unknown = house.http().request(operation.method.clone(), url).send().await.unwrap();
        let stranger = unknown.headers()["ratelimit"].to_str().unwrap();
        let names = |header: &str| members(header).into_iter().map(|(name, _, _)| name).collect::<Vec<_>>();
        assert_eq!(names(known.header("ratelimit")), ["client", "partner"], "{}", operation.id);
        assert_eq!(names(known.header("ratelimit-policy")), ["client", "partner"], "{}", operation.id);
        assert_eq!(names(stranger), ["address"], "{}", operation.id);
        walked += 1;
    }
    assert_eq!(walked, documented(|_, operation| needs_token(operation)), "not all operations were walked");
}

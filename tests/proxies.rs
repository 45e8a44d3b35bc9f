//! Where a caller comes from, behind a proxy: what a trusted one says, and what nobody else can.

use super::limits::settings;
use lonja::partners::PartnerKind;
use lonja_tests::{Actor, Backend, House};
use serde_json::Value;
use std::collections::BTreeSet;
use test_case::test_case;

const ONE: &str = "198.51.100.1";
const OTHER: &str = "198.51.100.2";

/// The status for who says to come from there, with a bad token or, for a client, with a wrong secret.
async fn refused(house: &House, forwarded: &[&str], client: Option<&Actor>) -> u16 {
    let mut request = match client {
        None => house.http().get(format!("{}/v1/orders", house.url)).bearer_auth("no.such.token"),
        Some(client) => {
            let form = [("grant_type", "client_credentials"), ("client_id", &client.client_id), ("client_secret", "x")];
            house.http().post(format!("{}/v1/oauth/token", house.url)).form(&form)
        }
    };
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    // It is not read, whatever it says.
    request.header("forwarded", "for=203.0.113.99").send().await.unwrap().status().as_u16()
}

/// Where the refused attempts at orders came from.
async fn sources(house: &House) -> BTreeSet<String> {
    house.seal().await;
    let reply = house.operator().await.get("/v1/audit-records?limit=200&outcome=refused&operation=list_orders").await;
    let records: Vec<Value> = reply.json()["items"].as_array().unwrap().clone();
    records.iter().map(|record| record["sourceAddress"].as_str().unwrap().to_owned()).collect()
}

fn of(addresses: &[&str]) -> BTreeSet<String> {
    addresses.iter().map(|address| (*address).to_owned()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_behind_a_trusted_proxy_the_caller_is_counted_and_told_of(backend: Backend) {
    let quotas = settings(&[("address", 20), ("token_address", 5)]);
    let house = House::open_with(backend, &format!("trusted_proxies = [\"127.0.0.0/8\"]\n{quotas}")).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let mut statuses = Vec::new();
    for number in 0..40 {
        // What the caller itself writes there changes nothing: the proxy's word is the last.
        let forged = format!("203.0.113.{number}, {ONE}:{}", 40_000 + number);
        statuses.push(refused(&house, &[&forged], None).await);
    }
    assert!(statuses[..20].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[20..].iter().filter(|status| **status == 429).count() >= 18, "{statuses:?}");
    // Others behind the same proxy, and two proxies one behind the other.
    assert_eq!(refused(&house, &[OTHER, "127.0.0.2"], None).await, 401);
    assert_eq!(refused(&house, &[], None).await, 401, "the proxy itself");
    assert_eq!(sources(&house).await, of(&[ONE, OTHER, "127.0.0.1"]));

    // One that guesses secrets does not keep others from their tokens.
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(refused(&house, &[ONE], Some(&seller)).await);
    }
    assert_eq!((statuses[0], statuses[9]), (401, 429), "{statuses:?}");
    assert_eq!(seller.get("/v1/orders").await.status, 200, "the client's own address has its own");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_06_who_is_no_trusted_proxy_says_nothing_about_its_address(backend: Backend) {
    for trusted in ["", "trusted_proxies = [\"10.0.0.0/8\"]\n"] {
        let house = House::open_with(backend, &format!("{trusted}{}", settings(&[("address", 20)]))).await;
        let mut statuses = Vec::new();
        for number in 0..40 {
            statuses.push(refused(&house, &[&format!("198.51.100.{number}")], None).await);
        }
        assert!(statuses[20..].iter().filter(|status| **status == 429).count() >= 18, "{statuses:?}");
        assert_eq!(sources(&house).await, of(&["127.0.0.1"]));
        // The public keys are counted apart: whoever verifies tokens needs them, whatever strangers do there.
        for path in ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server"] {
            let reply = house.http().get(format!("{}{path}", house.url)).send().await.unwrap();
            assert_eq!(reply.headers()["ratelimit-policy"], "\"published\";q=200;w=60", "{path}");
            assert_eq!(reply.status(), 200, "{path}");
        }
    }
}

//! Product keys are valuables: only so many may be seen in a day, by one client and by all of one partner (SWK-03).
//! Counted in the database, so that it holds over all servers.

use chrono::{SubsecRound, TimeDelta};
use futures_util::future::join_all;
use lonja_tests::house::partner_scopes;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;

const LIMITS: &str = "[limits]\nclient_key_reveals_per_day = 3\npartner_key_reveals_per_day = 4\n";

/// Purchases with keys in stock; the paths that reveal them.
async fn bought(house: &House, shop: &Shop, count: usize) -> Vec<String> {
    house.stock("windows-server-standard", "2022", count).await;
    let mut paths = Vec::new();
    for _ in 0..count {
        let order = shop.buy(WINDOWS_MXN, 1).await;
        paths.push(format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap()));
    }
    paths
}

async fn reveal(actor: &Actor, path: &str) -> Reply {
    actor.post(path, &json!(Shop::reveal("2022"))).await
}

fn refusal(reply: &Reply) -> (u16, String, Value, Value) {
    let context = &reply.json()["context"];
    (reply.status.as_u16(), reply.code(), context["per"].clone(), context["limit"].clone())
}

async fn events_of(shop: &Shop, house: &House) -> usize {
    house.seal().await;
    let events = shop.seller.get("/v1/events?type=client.key_reveal_limit_reached").await.json();
    events["items"].as_array().unwrap().len()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_only_so_many_keys_may_be_seen_in_a_day(backend: Backend) {
    let house = House::open_with(backend, LIMITS).await;
    let shop = Shop::open(&house).await;
    let paths = bought(&house, &shop, 6).await;
    let body = json!(Shop::reveal("2022"));
    let first = shop.seller.post_with(&paths[0], "the-first-of-them", &body).await;
    assert_eq!(first.status, 200);
    // It was so many minutes ago.
    let age = async |minutes: i64| {
        let at = (lonja::clock::machine_now() - TimeDelta::minutes(minutes)).trunc_subsecs(0);
        let oldest = "(SELECT min(id) FROM key_reveals)";
        let at_text = at.format("%Y-%m-%d %H:%M:%S");
        house.execute(&format!("UPDATE key_reveals SET revealed_at = '{at_text}' WHERE id = {oldest}")).await;
        at
    };
    let at = age(60).await;
    assert_eq!(reveal(&shop.seller, &paths[1]).await.status, 200);
    assert_eq!(events_of(&shop, &house).await, 0);
    // Looking once more at the same key counts as well; the answer to a repeated request does not.
    assert_eq!(reveal(&shop.seller, &paths[0]).await.status, 200);
    assert_eq!(shop.seller.post_with(&paths[0], "the-first-of-them", &body).await.text, first.text);
    assert_eq!(events_of(&shop, &house).await, 1, "with the last one that is allowed");

    let refused = reveal(&shop.seller, &paths[2]).await;
    assert_eq!(refusal(&refused), (429, "key_reveal_limit_reached".to_owned(), json!("client"), json!(3)));
    let next_at = (at + TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(refused.json()["context"]["nextAt"], json!(next_at));
    let seconds: i64 = refused.header("retry-after").parse().unwrap();
    assert!((82_700..=82_801).contains(&seconds), "23 hours are left, not {seconds} seconds");
    let kept = shop.seller.get(paths[2].trim_end_matches("/keys:reveal")).await.json();
    assert_eq!(kept["key"], Value::Null, "a refused reveal takes no key out of the stock");

    // Another client of the same partner has its own count, and the partner's.
    let colleague =
        house.client_of(&shop.seller.partner_id, &partner_scopes(), &[lonja::access::Role::AdminAgent]).await;
    assert_eq!(reveal(&colleague, &paths[2]).await.status, 200);
    assert_eq!(
        refusal(&reveal(&colleague, &paths[3]).await),
        (429, "key_reveal_limit_reached".to_owned(), json!("partner"), json!(4))
    );
    assert_eq!(events_of(&shop, &house).await, 2);
    // Another partner has nothing to do with it.
    let other = Shop::open(&house).await;
    let theirs = bought(&house, &other, 1).await;
    assert_eq!(reveal(&other.seller, &theirs[0]).await.status, 200);

    // Whoever moves the clock of a sandbox gets no more: it is not the one that counts (PLT-08).
    house.set_clock("2090-03-02T10:00:00Z").await;
    assert_eq!(reveal(&shop.seller, &paths[3]).await.status, 429);
    // The oldest leaves the window, and makes room for one.
    age(24 * 60 - 1).await;
    assert_eq!(reveal(&shop.seller, &paths[3]).await.status, 429);
    age(24 * 60).await;
    assert_eq!(reveal(&shop.seller, &paths[3]).await.status, 200);
    assert_eq!(reveal(&shop.seller, &paths[4]).await.status, 429);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_the_last_reveal_of_a_day_is_had_once_over_two_servers(backend: Backend) {
    let house = House::open_with(backend, LIMITS).await;
    let shop = Shop::open(&house).await;
    let paths = bought(&house, &shop, 8).await;
    for path in &paths[..2] {
        assert_eq!(reveal(&shop.seller, path).await.status, 200);
    }
    let (url, _replica) = house.replica().await;
    let there = shop.seller.at(&url);
    let (_, _) = (there.token().await, shop.seller.token().await);
    let runners = [&shop.seller, &there];
    let replies =
        join_all(paths[2..].iter().zip(runners.into_iter().cycle()).map(|(path, runner)| reveal(runner, path)));
    let mut statuses: Vec<u16> = replies.await.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429, 429, 429, 429, 429]);
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE state = 'revealed'").await, 3);
    assert_eq!(house.count("SELECT count(*) FROM key_reveals").await, 3);
}

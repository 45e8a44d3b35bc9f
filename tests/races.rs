//! What happens when several want the same at the same instant. Every request of a race is begun before any has
//! answered; on PostgreSQL also through two servers, which share nothing but the database.

use futures_util::future::join_all;
use lonja::partners::PartnerKind;
use lonja_sdk::types::{AttestAgreement, Entitlement, ListCreditNotes, ListInvoices, Order, QuoteRefund};
use lonja_tests::linked::{self, Linked};
use lonja_tests::shop::{self, E1_MXN, E3_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_case::test_case;
use uuid::Uuid;

const PRODUCT: &str = "windows-server-standard";
/// How many run at once.
const RUNNERS: usize = 8;

/// A house with a shop, and runners that reach it through one server or through two.
struct Race {
    house: House,
    shop: Shop,
    runners: Vec<Actor>,
}

impl Race {
    async fn prepare(backend: Backend, servers: usize) -> Self {
        let house = House::open(backend).await;
        let shop = Shop::open(&house).await;
        let mut urls = vec![house.url.clone()];
        while urls.len() < servers {
            urls.push(house.replica().await.0);
        }
        let mut runners = Vec::new();
        for runner in 0..RUNNERS {
            let actor = shop.seller.at(&urls[runner % servers]);
            // Fetched before the start, so that the race is about the request alone.
            actor.token().await;
            runners.push(actor);
        }
        Self { house, shop, runners }
    }

    /// Sends all of these at once, each with an idempotency key of its own, by one runner after the other.
    async fn run(&self, requests: &[(String, Value)]) -> Vec<Reply> {
        let runners = self.runners.iter().cycle();
        join_all(requests.iter().zip(runners).map(|((path, body), runner)| runner.post(path, body))).await
    }

    /// Completed purchases of one unit.
    async fn purchases(&self, count: usize) -> Vec<Entitlement> {
        let mut bought = Vec::new();
        for _ in 0..count {
            let order = self.shop.buy(WINDOWS_MXN, 1).await;
            assert_eq!(order.state.as_str(), "completed");
            bought.push(self.shop.entitlement(&order).await);
        }
        bought
    }

    async fn full_refund(&self, order: &Order) -> Value {
        let ask = QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() };
        let quote = self.shop.seller.lonja.quote_refund(&ask).await.unwrap();
        json!(Shop::refund(order, quote.amount))
    }

    async fn issued(&self) -> i64 {
        self.house.count("SELECT count(*) FROM product_keys WHERE entitlement_id IS NOT NULL").await
    }
}

fn reveal(entitlement: &Entitlement) -> (String, Value) {
    (format!("/v1/entitlements/{}/keys:reveal", entitlement.id), json!(Shop::reveal("2022")))
}

/// Status and code of each answer, sorted: `201`, `409 domain_taken`.
fn verdicts(replies: &[Reply]) -> Vec<String> {
    let verdict = |reply: &Reply| format!("{} {}", reply.status.as_u16(), reply.code()).trim().to_owned();
    let mut verdicts: Vec<String> = replies.iter().map(verdict).collect();
    verdicts.sort();
    verdicts
}

/// One `winner`, all others `loser`.
fn one_wins(replies: &[Reply], winner: &str, loser: &str) {
    let mut expected = vec![winner.to_owned()];
    expected.resize(replies.len(), loser.to_owned());
    assert_eq!(verdicts(replies), expected);
}

fn product_key(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["productKey"].as_str().unwrap().to_owned()
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_swk_09_eight_reveals_of_one_purchase_issue_one_key(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    let stock = race.house.stock(PRODUCT, "2022", RUNNERS).await;
    let bought = race.purchases(1).await;

    let replies = race.run(&vec![reveal(&bought[0]); RUNNERS]).await;
    let seen: BTreeSet<String> = replies.iter().map(product_key).collect();

    assert_eq!(seen.len(), 1, "one purchase has one key");
    assert!(seen.iter().all(|key| stock.contains(key)));
    assert_eq!(race.issued().await, 1);
    let audited = "SELECT count(*) FROM audit_records WHERE operation = 'reveal_key'";
    assert_eq!(race.house.count(audited).await, 8, "each of them is audited (SWK-03)");
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_swk_09_eight_purchases_at_once_get_eight_keys(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    let stock: BTreeSet<String> = race.house.stock(PRODUCT, "2022", RUNNERS).await.into_iter().collect();
    let bought = race.purchases(RUNNERS).await;

    let replies = race.run(&bought.iter().map(reveal).collect::<Vec<_>>()).await;
    let seen: BTreeSet<String> = replies.iter().map(product_key).collect();

    assert_eq!(seen, stock, "each key is issued once, and all of them are");
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_swk_09_the_last_key_of_a_version_goes_to_one(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    race.house.stock(PRODUCT, "2022", 1).await;
    race.house.stock(PRODUCT, "2019", 1).await;
    let bought = race.purchases(2).await;

    let replies = race.run(&bought.iter().map(reveal).collect::<Vec<_>>()).await;

    one_wins(&replies, "200", "409 awaiting_stock");
    let loser = replies.iter().position(|reply| reply.status == 409).unwrap();
    assert_eq!(replies[loser].json()["context"]["inStock"], json!(["2019"]), "{}", replies[loser].text);
    // What it is advised to choose, it gets.
    let path = reveal(&bought[loser]).0;
    assert_eq!(race.runners[loser].post(&path, &json!(Shop::reveal("2019"))).await.status, 200);
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_swk_09_the_last_unit_of_stock_completes_one_order(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    race.house.stock(PRODUCT, "2022", 1).await;
    let order = ("/v1/orders".to_owned(), json!(race.shop.order(WINDOWS_MXN, 1)));

    let replies = race.run(&vec![order; RUNNERS]).await;

    let mut states: Vec<String> = Vec::new();
    for reply in &replies {
        assert_eq!(reply.status, 201, "{}", reply.text);
        states.push(reply.json()["state"].as_str().unwrap().to_owned());
    }
    states.sort();
    let mut expected = vec!["awaitingStock"; RUNNERS - 1];
    expected.push("completed");
    assert_eq!(states, expected);
    assert_eq!(race.house.count("SELECT count(*) FROM invoices").await, 1, "who waits is not charged");
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_ref_06_eight_refunds_of_one_line_credit_once(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    race.house.stock(PRODUCT, "2022", 1).await;
    race.house.set_clock("2098-11-20T09:00:00Z").await;
    let order = race.shop.buy(WINDOWS_MXN, 1).await;
    race.house.set_clock("2098-11-22T10:00:00Z").await;
    let refund = ("/v1/refunds".to_owned(), race.full_refund(&order).await);
    let asked = refund.1["amount"]["amount"].as_str().unwrap().to_owned();

    let replies = race.run(&vec![refund; RUNNERS]).await;

    one_wins(&replies, "201", "409 refund_already_open");
    let lonja = &race.shop.seller.lonja;
    let notes = ListCreditNotes { order_id: Some(order.id.clone()), ..Default::default() };
    let notes = lonja.list_credit_notes(&notes).await.unwrap();
    let invoices = ListInvoices { order_id: Some(order.id.clone()), ..Default::default() };
    let invoices = lonja.list_invoices(&invoices).await.unwrap();
    assert_eq!((notes.items.len(), invoices.items.len()), (1, 1));
    // 4 899.00 for a year, of which two days are used: 4 899.00 × 363 ÷ 365 is given back (REF-04).
    assert_eq!((invoices.items[0].total.amount.as_str(), asked.as_str()), ("4899.00", "4872.16"));
    assert_eq!(notes.items[0].total.amount, asked);
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_ref_05_no_key_is_shown_once_it_was_credited(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    race.house.stock(PRODUCT, "2022", 1).await;
    let order = race.shop.buy(WINDOWS_MXN, 1).await;
    let entitlement = race.shop.entitlement(&order).await;
    let (path, body) = reveal(&entitlement);
    let refund = race.full_refund(&order).await;
    let keys: Vec<String> = (1..RUNNERS).map(|_| Uuid::new_v4().to_string()).collect();

    let reveals = keys.iter().zip(&race.runners[1..]).map(|(key, runner)| runner.post_with(&path, key, &body));
    let (replies, refunded) = tokio::join!(join_all(reveals), race.runners[0].post("/v1/refunds", &refund));

    assert_eq!(refunded.status, 201, "{}", refunded.text);
    for reply in &replies {
        let expected = if reply.status == 200 { "" } else { "key_revoked" };
        assert_eq!(reply.code(), expected, "{}", reply.text);
    }
    // Neither anew nor as a replay of an answer that showed it (PLT-02).
    for (key, runner) in keys.iter().zip(&race.runners[1..]) {
        let again = runner.post_with(&path, key, &body).await;
        assert_eq!(again.status, StatusCode::GONE, "{}", again.text);
    }
    let shown = replies.iter().filter(|reply| reply.status == 200).count();
    let revoked = race.house.count("SELECT count(*) FROM product_keys WHERE state = 'revoked'").await;
    assert_eq!((race.issued().await, revoked), if shown > 0 { (1, 1) } else { (0, 0) });
    let late = "SELECT count(*) FROM events WHERE topic = 'product_key.revealed' \
                AND seq > (SELECT min(seq) FROM events WHERE topic = 'product_key.revoked')";
    assert_eq!(race.house.count(late).await, 0, "a key was revealed after it was taken back");
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_ten_03_one_of_two_gets_the_name_and_the_other_any_other(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    let path = format!("/v1/customers/{}/tenants", race.shop.customer.id);
    let body = json!({ "mode": "create", "name": "panaderiasol" });
    let keys = [Uuid::new_v4().to_string(), Uuid::new_v4().to_string()];

    let tries = keys.iter().zip(&race.runners).map(|(key, runner)| runner.post_with(&path, key, &body));
    let replies = join_all(tries).await;

    one_wins(&replies, "201", "409 domain_taken");
    // Only what succeeded is kept: the same key may carry the better request.
    let loser = replies.iter().position(|reply| reply.status == 409).unwrap();
    let other = json!({ "mode": "create", "name": "panaderialuna" });
    let reply = race.runners[loser].post_with(&path, &keys[loser], &other).await;
    assert_eq!(
        (reply.status, reply.json()["domain"].as_str()),
        (StatusCode::CREATED, Some("panaderialuna.onmicrosoft.com"))
    );
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_cus_06_of_two_attestations_one_is_recorded(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    let customer = race.shop.seller.lonja.create_customer(&shop::new_customer()).await.unwrap();
    let agreed_at = "2020-01-01T00:00:00Z".parse().unwrap();
    let attest = json!(AttestAgreement { contact: shop::contact(), agreed_at });

    let replies = race.run(&vec![(format!("/v1/customers/{}/agreements", customer.id), attest); 2]).await;

    one_wins(&replies, "201", "409 mca_already_accepted");
    let recorded = format!("SELECT count(*) FROM customer_agreements WHERE customer_id = '{}'", customer.id);
    assert_eq!(race.house.count(&recorded).await, 1);
}

#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_plt_03_of_two_changes_of_one_version_one_is_made(backend: Backend, servers: usize) {
    let race = Race::prepare(backend, servers).await;
    race.house.stock(PRODUCT, "2022", 1).await;
    let bought = race.purchases(1).await;
    let path = format!("/v1/entitlements/{}", bought[0].id);
    let etag = race.runners[0].get(&path).await.header("etag").to_owned();
    let (one, other) = (json!({ "friendlyName": "Caja" }), json!({ "friendlyName": "Almacén" }));

    let (first, second) =
        tokio::join!(race.runners[0].patch(&path, &etag, &one), race.runners[1].patch(&path, &etag, &other));

    let winner = if first.status == 200 { "Caja" } else { "Almacén" };
    one_wins(&[first, second], "200", "412 precondition_failed");
    assert_eq!(race.runners[0].get(&path).await.json()["friendlyName"], winner);
}

/// The reseller is the record of each of these orders, whichever side places it.
#[test_case(Backend::Sqlite, 1; "sqlite")]
#[test_case(Backend::Sqlite, 2; "two servers on sqlite")]
#[test_case(Backend::Postgres, 1; "postgres")]
#[test_case(Backend::Postgres, 2; "two servers on postgres")]
#[tokio::test]
async fn rule_lnk_10_an_order_comes_before_the_end_of_the_link_or_not_at_all(backend: Backend, servers: usize) {
    let house = House::open(backend).await;
    let Linked { provider, reseller, link } = Linked::open(&house).await;
    let shop = Shop::of(provider).await;
    linked::accept(&house, &reseller.partner_id, &shop.customer.id).await;
    let (location, id) = ("6208815", &reseller.partner_id);
    let locate = format!("UPDATE partners SET partner_location_id = '{location}' WHERE id = '{id}'");
    house.execute(&locate).await;
    let mut urls = vec![house.url.clone()];
    while urls.len() < servers {
        urls.push(house.replica().await.0);
    }
    // Each side at each server.
    let mut runners = Vec::new();
    for runner in 0..4 {
        let side = if runner < 2 { &shop.seller } else { &reseller };
        let actor = side.at(&urls[runner % servers]);
        actor.token().await;
        runners.push(actor);
    }
    let mut order = json!(shop.order(E1_MXN, 1));
    let by_reseller = order.clone();
    order["partnerIdOnRecord"] = json!(location);
    let end = format!("/v1/indirect-provider-links/{link}:end");

    let orders = runners.iter().map(|runner| {
        let is_provider = runner.partner_id == shop.seller.partner_id;
        runner.post("/v1/orders", if is_provider { &order } else { &by_reseller })
    });
    let (before, ended, after) =
        tokio::join!(runners[0].post("/v1/orders", &order), reseller.post(&end, &Value::Null), join_all(orders));

    assert_eq!(ended.status, 200, "{}", ended.text);
    let replies: Vec<Reply> = std::iter::once(before).chain(after).collect();
    for (reply, by) in replies.iter().zip(runners.iter().take(1).chain(&runners)) {
        let code = if by.partner_id == reseller.partner_id { "link_not_active" } else { "partner_of_record_invalid" };
        let expected = match reply.status.as_u16() {
            201 => "",
            // Two servers that write one file may have no room for all of them.
            503 => "busy",
            _ => code,
        };
        assert_eq!(reply.code(), expected, "{}", reply.text);
    }
    let placed = replies.iter().filter(|reply| reply.status == 201).count();
    let kept = format!("SELECT count(*) FROM orders WHERE partner_of_record_id = '{id}'");
    assert_eq!(house.count(&kept).await, i64::try_from(placed).unwrap());
    let late = "SELECT count(*) FROM events WHERE topic = 'order.placed' \
                AND seq > (SELECT min(seq) FROM events WHERE topic = 'indirect_provider_link.ended')";
    assert_eq!(house.count(late).await, 0, "an order was placed after the end");
    // Who comes now is late for certain.
    assert_eq!(verdicts(&[runners[0].post("/v1/orders", &order).await]), ["422 partner_of_record_invalid"]);
    assert_eq!(verdicts(&[reseller.post("/v1/orders", &by_reseller).await]), ["409 link_not_active"]);
}

/// Seats that are added through a link are there before its end, or not at all.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_10_seats_are_added_before_the_end_of_the_link_or_not_at_all(backend: Backend) {
    let house = House::open(backend).await;
    let Linked { provider, reseller, link } = Linked::open(&house).await;
    let shop = Shop::of(provider).await;
    linked::accept(&house, &reseller.partner_id, &shop.customer.id).await;
    let mut growths = Vec::new();
    for _ in 0..4 {
        let bought = reseller.post("/v1/orders", &json!(shop.order(E1_MXN, 1))).await.json();
        let id = bought["lines"][0]["subscriptionId"].as_str().unwrap_or_else(|| panic!("{bought}")).to_owned();
        growths.push((format!("/v1/subscriptions/{id}:change-seats"), json!({ "quantity": 2 })));
        growths.push((format!("/v1/subscriptions/{id}:upgrade"), json!({ "targetOfferId": E3_MXN })));
    }
    let end = format!("/v1/indirect-provider-links/{link}:end");
    let grow = async |path: &str, body: &Value| shop.seller.post(path, body).await;

    let both = growths.iter().map(|(path, body)| grow(path, body));
    let (ended, grown) = tokio::join!(reseller.post(&end, &Value::Null), join_all(both));

    assert_eq!(ended.status, 200, "{}", ended.text);
    for reply in &grown {
        assert!(reply.status == 200 || reply.code() == "link_not_active", "{}", reply.text);
    }
    let late = "SELECT count(*) FROM events WHERE topic IN ('subscription.seats_changed', 'subscription.upgraded') \
                AND seq > (SELECT min(seq) FROM events WHERE topic = 'indirect_provider_link.ended')";
    assert_eq!(house.count(late).await, 0, "seats were added after the end");
    let again = join_all(growths.iter().map(|(path, body)| grow(path, body))).await;
    assert!(again.iter().all(|reply| reply.code() == "link_not_active"), "{:?}", verdicts(&again));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_02_one_key_sent_eight_times_at_once_takes_effect_once(backend: Backend) {
    let race = Race::prepare(backend, 1).await;
    let other = race.house.partner(PartnerKind::DirectBill).await;
    let body = json!(shop::new_customer());

    let key = Uuid::new_v4().to_string();
    let replies = join_all(race.runners.iter().map(|runner| runner.post_with("/v1/customers", &key, &body))).await;
    let foreign = other.post_with("/v1/customers", &key, &body).await;

    let ids: BTreeSet<String> =
        replies.iter().filter(|reply| reply.status == 201).map(|reply| reply.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{:?}", verdicts(&replies));
    let told = |reply: &Reply| reply.status == 201 || reply.code() == "idempotency_in_flight";
    assert!(replies.iter().all(told), "{:?}", verdicts(&replies));
    // Another partner's key of the same name is another key.
    assert_eq!(foreign.status, 201);
    assert_eq!(race.house.count("SELECT count(*) FROM customers").await, 3);
}

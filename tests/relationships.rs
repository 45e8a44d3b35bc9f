//! Relationships with customers: asked for, sent again, withdrawn, ended (CUS-04, CUS-05, CUS-07, LNK-08).

use futures_util::future::join_all;
use lonja::partners::PartnerKind;
use lonja_tests::open::{E1, EXCHANGE, Programme, clear, retrieve};
use lonja_tests::refunds::cancellation;
use lonja_tests::shop::{E1_MXN, WINDOWS_MXN, contact, new_customer};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

/// A request to a new organisation.
fn asked(more: Value) -> Value {
    let mut body = serde_json::to_value(new_customer()).unwrap();
    body["contact"] = serde_json::to_value(contact()).unwrap();
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    body
}

async fn ask(partner: &Actor, more: Value) -> Value {
    let reply = partner.post("/v1/relationship-requests", &asked(more)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

fn path_of(request: &Value) -> String {
    let link = request["link"].as_str().unwrap();
    format!("/v1/acceptances/{}", link.rsplit('/').next().unwrap())
}

fn own(request: &Value) -> String {
    format!("/v1/relationship-requests/{}", request["id"].as_str().unwrap())
}

async fn answer(partner: &Actor, request: &Value, decision: &str) -> Reply {
    let body = json!({
        "decision": decision, "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
    });
    partner.post(&path_of(request), &body).await
}

async fn customers_of(partner: &Actor) -> Vec<String> {
    let items = partner.get("/v1/customers?limit=200").await.json()["items"].as_array().cloned().unwrap();
    items.iter().map(|customer| customer["id"].as_str().unwrap().to_owned()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_only_after_it_has_accepted_is_an_organisation_a_customer(backend: Backend) {
    let house = House::open(backend).await;
    let reseller = house.partner(PartnerKind::IndirectReseller).await;
    let other = house.partner(PartnerKind::DirectBill).await;
    let made = ask(&reseller, json!({ "sendMail": true })).await;
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/accept/", house.url)), "{link}");
    // Texts to forward, with the link as it is, alone in its line.
    let texts = made["texts"].as_array().unwrap();
    assert_eq!([&texts[0]["language"], &texts[1]["language"]], ["es", "en"]);
    for text in texts {
        assert!(text["text"].as_str().unwrap().lines().any(|line| line == link), "{text}");
        assert!(text["text"].as_str().unwrap().contains("Panadería Sol S.A. de C.V."), "{text}");
    }
    let mails = format!("{}/v1/sandbox/emails?kind=mail_relationship_request", house.url);
    let mails: Value = house.http().get(mails).send().await.unwrap().json().await.unwrap();
    assert_eq!(mails["items"][0]["to"], "lucia@panaderiasol.example");
    assert!(mails["items"][0]["text"].as_str().unwrap().contains(link), "the mail has the link: {mails}");
    // It is shown once, and kept nowhere.
    let token = link.rsplit('/').next().unwrap();
    let read = reseller.get(&own(&made)).await;
    assert!(read.status == 200 && !read.text.contains(token) && read.json()["state"] == "requested", "{}", read.text);
    let rows = house.texts("SELECT digest AS text FROM relationship_requests").await;
    assert!(rows.len() == 1 && rows[0] != token);

    // To look changes nothing, as often as a robot looks.
    for _ in 0..3 {
        assert_eq!(other.get(&path_of(&made)).await.json()["state"], "requested");
    }
    assert!(customers_of(&reseller).await.is_empty());
    let accepted = answer(&other, &made, "accept").await;
    assert_eq!((accepted.status.as_u16(), &accepted.json()["state"]), (200, &json!("accepted")), "{}", accepted.text);

    let request = reseller.get(&own(&made)).await.json();
    assert_eq!(request["answeredBy"]["lastName"], "Hernández");
    let customer = request["customerId"].as_str().unwrap();
    assert_eq!(customers_of(&reseller).await, [customer]);
    assert!(customers_of(&other).await.is_empty());
    assert_eq!(other.get(&format!("/v1/customers/{customer}")).await.status, 404, "not another partner's");
    assert_eq!(other.get(&own(&made)).await.status, 404);
    let relationships = reseller.get(&format!("/v1/customers/{customer}/relationships")).await.json();
    assert_eq!(relationships["items"][0]["id"], request["parties"][0]["relationshipId"]);
    house.seal().await;
    let events = reseller.get("/v1/events").await.json();
    let told: Vec<&str> = events["items"].as_array().unwrap().iter().filter_map(|e| e["type"].as_str()).collect();
    let expected = ["relationship_request.created", "customer.created", "relationship.accepted"];
    assert_eq!(told[told.len() - 4..told.len() - 1], expected);
    assert_eq!(told.last(), Some(&"relationship_request.accepted"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_links_that_are_no_longer_good_say_so(backend: Backend) {
    let house = House::open_with(backend, "[relationships]\nrequest_days = 30").await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let refused = async |request: &Value, status: u16, code: &str| {
        let (get, post) = (partner.get(&path_of(request)).await, answer(&partner, request, "accept").await);
        assert_eq!((get.status.as_u16(), get.code().as_str()), (status, code), "{}", get.text);
        assert_eq!((post.status.as_u16(), post.code().as_str()), (status, code), "{}", post.text);
    };
    // Withdrawn.
    let withdrawn = ask(&partner, json!({})).await;
    let reply = partner.post(&format!("{}:withdraw", own(&withdrawn)), &Value::Null).await;
    assert_eq!(reply.json()["state"], "withdrawn", "{}", reply.text);
    refused(&withdrawn, 410, "acceptance_withdrawn").await;
    for action in ["resend", "withdraw"] {
        let reply = partner.post(&format!("{}:{action}", own(&withdrawn)), &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "relationship_request_closed"));
    }
    // Sent again: the older link dies.
    let older = ask(&partner, json!({})).await;
    let newer = partner.post(&format!("{}:resend", own(&older)), &Value::Null).await.json();
    refused(&older, 404, "not_found").await;
    assert_eq!(partner.get(&path_of(&newer)).await.status, 200);
    // Altered, cut, of nobody.
    let path = path_of(&newer);
    let last = if path.ends_with('A') { "B" } else { "A" };
    for bad in [format!("{}{last}", &path[..path.len() - 1]), path[..path.len() - 1].to_owned(), format!("{path}A")] {
        assert_eq!(partner.get(&bad).await.status, 404, "{bad}");
    }
    // Declined.
    let declined = ask(&partner, json!({})).await;
    assert_eq!(answer(&partner, &declined, "decline").await.json()["state"], "declined");
    assert_eq!(partner.get(&path_of(&declined)).await.json()["state"], "declined");
    assert_eq!(answer(&partner, &declined, "accept").await.code(), "acceptance_already_answered");
    // Expired, and alive again once sent again.
    let now: chrono::DateTime<chrono::Utc> = newer["createdAt"].as_str().unwrap().parse().unwrap();
    let tag = partner.get(&own(&newer)).await.header("etag").to_owned();
    house.set_clock(&(now + chrono::TimeDelta::days(31)).to_rfc3339()).await;
    refused(&newer, 410, "acceptance_expired").await;
    let expired = partner.get(&own(&newer)).await;
    assert_eq!(expired.json()["state"], "expired");
    assert_ne!(expired.header("etag"), tag, "what is shown has changed");
    for (state, expected) in [("expired", 1), ("requested", 0), ("withdrawn", 1), ("declined", 1)] {
        let list = partner.get(&format!("/v1/relationship-requests?state={state}")).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), expected, "{state}");
    }
    let again = partner.post(&format!("{}:resend", own(&newer)), &Value::Null).await.json();
    assert_eq!(again["state"], "requested");
    assert_eq!(answer(&partner, &again, "accept").await.status, 200);
    assert!(customers_of(&partner).await.len() == 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_07_a_relationship_ends_only_when_nothing_live_hangs_on_it(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    let (shop, other) = (Shop::open(&house).await, Shop::open(&house).await);
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let list = format!("/v1/customers/{}/relationships", shop.customer.id);
    let id = shop.seller.get(&list).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let end = async |actor: &Actor| actor.send(Method::DELETE, &format!("{list}/{id}"), &[], None).await;
    assert_eq!(end(&other.seller).await.status, 404, "another partner's");
    let live = end(&shop.seller).await;
    assert_eq!((live.status.as_u16(), live.code().as_str()), (409, "customer_has_live_licenses"));
    assert_eq!(live.json()["context"]["entitlements"], 1);
    assert_eq!(live.json()["context"]["subscriptions"], 0);
    shop.seller.lonja.request_refund(&Shop::refund(&order, order.total.clone())).await.unwrap();
    let seats = shop.subscribe(E1_MXN, 1).await;
    let live = end(&shop.seller).await;
    assert_eq!((live.status.as_u16(), live.code().as_str()), (409, "customer_has_live_licenses"));
    assert_eq!(
        (&live.json()["context"]["entitlements"], &live.json()["context"]["subscriptions"]),
        (&json!(0), &json!(1))
    );
    let cancel = cancellation();
    let cancelled = shop.seller.post(&format!("/v1/subscriptions/{}:cancel", seats.id), &cancel).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text);
    assert_eq!(end(&shop.seller).await.status, 204);
    assert!(customers_of(&shop.seller).await.is_empty());
    assert_eq!(shop.seller.get(&list).await.status, 404);
    assert_eq!(end(&shop.seller).await.status, 404);

    // Asked again it needs the customer's own word: the partner holds the link.
    let reply = other.seller.post("/v1/relationship-requests", &asked(json!({ "customerId": shop.customer.id }))).await;
    assert_eq!(reply.status, 404, "unknown to the other partner");
    let again = ask(&shop.seller, json!({ "customerId": shop.customer.id })).await;
    assert_eq!(again["needsCode"], true);
    assert_eq!(answer(&shop.seller, &again, "accept").await.code(), "acceptance_code_required");
    let known = ask_known(&other).await;
    assert_eq!((known.status.as_u16(), known.code().as_str()), (409, "relationship_exists"));
}

async fn ask_known(shop: &Shop) -> Reply {
    shop.seller.post("/v1/relationship-requests", &asked(json!({ "customerId": shop.customer.id }))).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_of_many_answers_one_counts_and_a_withdrawn_request_is_not_accepted(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let (replica, handle) = house.replica().await;
    let there = partner.at(&replica);
    let made = ask(&partner, json!({})).await;
    let actors = [&partner, &there, &partner, &there, &partner, &there];
    let replies = join_all(actors.map(|actor| answer(actor, &made, "accept"))).await;
    let mut verdicts: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    verdicts.sort_unstable();
    assert_eq!(verdicts, [200, 409, 409, 409, 409, 409]);
    assert_eq!(customers_of(&partner).await.len(), 1);

    for _ in 0..5 {
        let made = ask(&partner, json!({})).await;
        let before = customers_of(&partner).await.len();
        let withdraw = format!("{}:withdraw", own(&made));
        let (accepted, withdrawn) =
            tokio::join!(answer(&there, &made, "accept"), partner.post(&withdraw, &Value::Null));
        let state = partner.get(&own(&made)).await.json()["state"].clone();
        let now = customers_of(&partner).await.len();
        if accepted.status == 200 {
            assert!(withdrawn.code() == "relationship_request_closed" && state == "accepted" && now == before + 1);
        } else {
            assert!(accepted.code() == "acceptance_withdrawn" && state == "withdrawn" && now == before);
        }
    }
    handle.stop(false).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_07_ten_09_a_key_of_open_that_may_still_be_redeemed_is_live(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let programme = Programme::of(&house, &shop).await;
    let agreement = programme.signed().await;
    let list = format!("/v1/customers/{}/relationships", shop.customer.id);
    let id = shop.seller.get(&list).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let delete = async |path: &str| shop.seller.send(Method::DELETE, path, &[], None).await;
    let tenant = format!("/v1/tenants/{}", shop.tenant.id);
    let mut orders = Vec::new();
    // Ordered and without a key, with one, and retrieved.
    let waits = programme.try_place(&agreement, &[(E1, 1)]).await.json();
    assert_eq!(waits["state"], "awaitingStock");
    orders.push(waits);
    for is_retrieved in [false, true] {
        let order = programme.place(&agreement, &[(EXCHANGE, 1)]).await;
        if is_retrieved {
            clear(&retrieve(&programme.customer, order["lines"][0]["keyId"].as_str().unwrap()).await);
        }
        orders.push(order);
    }
    for (order, keys) in orders.iter().rev().zip([3, 2, 1]) {
        let live = delete(&format!("{list}/{id}")).await;
        assert_eq!((live.status.as_u16(), live.code().as_str()), (409, "customer_has_live_licenses"), "{}", live.text);
        assert_eq!(live.json()["context"]["openKeys"], json!(keys));
        let live = delete(&tenant).await;
        assert_eq!((live.status.as_u16(), live.code().as_str()), (409, "tenant_has_live_licenses"), "{}", live.text);
        assert_eq!(live.json()["context"]["licenses"], json!(keys));
        let path = format!("/v1/open/orders/{}:cancel", order["id"].as_str().unwrap());
        let cancelled = shop.seller.post(&path, &json!({ "reason": "El cliente eligió otro plan" })).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
    }
    // Redeemed, it is the subscription that lives.
    let keys = programme.keys(&agreement, &[(EXCHANGE, 1)]).await;
    assert_eq!(programme.redeem(&keys).await.status, 201);
    let live = delete(&format!("{list}/{id}")).await.json();
    assert_eq!((&live["context"]["openKeys"], &live["context"]["subscriptions"]), (&json!(0), &json!(1)));
    house.execute("UPDATE subscriptions SET state = 'expired'").await;
    assert_eq!(delete(&tenant).await.status, 204);
    assert_eq!(delete(&format!("{list}/{id}")).await.status, 204);
}

//! Licences on tenants, and the end of a tenant (TEN-07, TEN-09).

use super::{ask, delete, get, made, path_of, refused, text, told};
use lonja::partners::PartnerKind;
use lonja_tests::refunds::cancellation;
use lonja_tests::shop::{E1_MXN, WINDOWS_MXN};
use lonja_tests::tenants::link;
use lonja_tests::{Backend, House, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_07_09_licences_are_counted_and_keep_their_tenant(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (seller, customer) = (&shop.seller, &shop.customer.id);
    let tenant = json!({ "id": shop.tenant.id });
    let empty = made(seller, customer, &link(&json!({}))).await;
    house.stock("windows-server-standard", "2022", 2).await;
    let (kept, refunded) = (shop.buy(WINDOWS_MXN, 1).await, shop.buy(WINDOWS_MXN, 1).await);
    let waiting = shop.buy(WINDOWS_MXN, 3).await;
    assert_eq!(waiting.state.as_str(), "awaitingStock");
    let quote = json!({ "orderId": refunded.id, "lineNumber": 1 });
    let amount = seller.post("/v1/refund-quotes", &quote).await.json()["amount"].clone();
    let mut refund = json!(Shop::refund(&refunded, serde_json::from_value(amount).unwrap()));
    refund["lineNumber"] = json!(1);
    assert_eq!(seller.post("/v1/refunds", &refund).await.status, 201);

    let list = seller.get(&format!("/v1/tenants?customerId={customer}&state=active")).await.json();
    let counts = |id: &str| {
        let found = list["items"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        found["licenses"].clone()
    };
    assert_eq!(counts(&shop.tenant.id), json!({ "waiting": 1, "active": 1, "suspended": 0, "ended": 1 }));
    assert_eq!(counts(&text(&empty, "id")), json!({ "waiting": 0, "active": 0, "suspended": 0, "ended": 0 }));
    let path = format!("{}/licenses", path_of(&tenant));
    let licenses = seller.get(&path).await.json();
    let seen: Vec<_> =
        licenses["items"].as_array().unwrap().iter().map(|one| (text(one, "id"), text(one, "state"))).collect();
    let expected = [(&kept, "active"), (&refunded, "ended"), (&waiting, "waiting")];
    assert_eq!(seen, expected.map(|(order, state)| (order.lines[0].entitlement_id.clone().unwrap(), state.to_owned())));
    let stranger = house.partner(PartnerKind::DirectBill).await;
    refused(&stranger.get(&path).await, 404, "not_found");
    // Another partner of the customer's sees the tenant, and on it nothing that it has not sold.
    lonja_tests::linked::accept(&house, &stranger.partner_id, customer).await;
    assert_eq!(stranger.get(&path).await.json()["items"], json!([]));

    let live = delete(&stranger, &tenant).await;
    refused(&live, 409, "tenant_has_live_licenses");
    assert_eq!(live.json()["context"]["licenses"], 2);
    let headers = [("if-match", "\"77\"")];
    refused(&seller.send(Method::DELETE, &path_of(&empty), &headers, None).await, 412, "precondition_failed");
    assert_eq!(delete(seller, &empty).await.status, 204);
    assert_eq!(get(seller, &empty).await["state"], "unlinked");
    refused(&delete(seller, &empty).await, 409, "tenant_not_active");
    assert_eq!(told(&house, seller, "tenant.unlinked").await, 1);
    let order = json!({
        "customerId": customer, "tenantId": empty["id"], "lines": [{ "offerId": WINDOWS_MXN, "quantity": 1 }],
    });
    refused(&seller.post("/v1/orders", &order).await, 409, "tenant_not_active");
    // A name that was created stays taken, though it is unlinked; its credentials are forgotten.
    let created = made(seller, customer, &json!({ "mode": "create", "name": "panaderiasol" })).await;
    assert_eq!(delete(seller, &created).await.status, 204);
    let again = ask(seller, customer, &json!({ "mode": "create", "name": "panaderiasol" })).await;
    refused(&again, 409, "domain_taken");
    let reason = json!({ "reason": "Entrega" });
    let gone = seller.post(&format!("{}/credentials:reveal", path_of(&created)), &reason).await;
    refused(&gone, 409, "tenant_has_no_credentials");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_07_09_seats_are_licences_too(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let tenant = json!({ "id": shop.tenant.id });
    let software = shop.buy(WINDOWS_MXN, 1).await;
    let seats = shop.subscribe(E1_MXN, 3).await;
    let expected = [
        ("software", "waiting", 1, software.lines[0].entitlement_id.clone().unwrap()),
        ("subscription", "active", 3, seats.id.clone()),
    ];
    let licenses = shop.seller.get(&format!("{}/licenses", path_of(&tenant))).await.json();
    let shown: Vec<_> = licenses["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["kind"].as_str().unwrap(),
                one["state"].as_str().unwrap(),
                one["quantity"].as_i64().unwrap(),
                text(one, "id"),
            )
        })
        .collect();
    assert_eq!(shown, expected);
    // One by one, the pages show the same.
    let first = shop.seller.get(&format!("{}/licenses?limit=1", path_of(&tenant))).await.json();
    let cursor = text(&first, "nextCursor");
    let second = shop.seller.get(&format!("{}/licenses?limit=1&cursor={cursor}", path_of(&tenant))).await.json();
    assert_eq!([&first["items"][0]["id"], &second["items"][0]["id"]], [&json!(expected[0].3), &json!(expected[1].3)]);

    let cancel = format!("/v1/orders/{}:cancel", software.id);
    assert_eq!(shop.seller.post(&cancel, &Value::Null).await.status, 200);
    let subscription = format!("/v1/subscriptions/{}", seats.id);
    for (verb, counts) in [
        ("suspend", json!({ "waiting": 0, "active": 0, "suspended": 1, "ended": 1 })),
        ("resume", json!({ "waiting": 0, "active": 1, "suspended": 0, "ended": 1 })),
    ] {
        let done = shop.seller.post(&format!("{subscription}:{verb}"), &Value::Null).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let grid = shop.seller.get("/v1/tenants").await.json();
        assert_eq!(grid["items"][0]["licenses"], counts);
        let live = delete(&shop.seller, &tenant).await;
        refused(&live, 409, "tenant_has_live_licenses");
        assert_eq!(live.json()["context"]["licenses"], 1);
    }
    let why = cancellation();
    let given_back = shop.seller.post(&format!("{subscription}:cancel"), &why).await;
    assert_eq!(given_back.status, 200, "{}", given_back.text);
    assert_eq!(delete(&shop.seller, &tenant).await.status, 204);
}

//! Licences on tenants, and the end of a tenant (TEN-07, TEN-09).

use super::*;

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
    assert_eq!(seen, expected.map(|(order, state)| (order.lines[0].entitlement_id.clone(), state.to_owned())));
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

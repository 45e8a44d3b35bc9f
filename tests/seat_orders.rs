//! Orders of cloud plans: what they wait for, who buys through whom, whose role they need (ORD, LNK, TEN-10).

use lonja::access::Role;
use lonja::partners::PartnerKind;
use lonja::renewals::Settings;
use lonja::tenants::{TenantRow, TenantState};
use lonja_tests::linked::{self, Linked};
use lonja_tests::shop::{E1_MXN, E3_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;

const BUSINESS_MXN: &str = "microsoft-365-business-basic-mxn";

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{}", reply.text);
}

fn line(offer: &str, quantity: u32) -> Value {
    json!({ "offerId": offer, "quantity": quantity })
}

async fn act(shop: &Shop, id: &str, verb: &str, body: &Value) -> Reply {
    shop.seller.post(&format!("/v1/subscriptions/{id}:{verb}"), body).await
}

/// Makes the shop's tenant wait for its customer, as linking one does.
async fn waits(house: &House, tenant: &str, state: &str) {
    house.execute(&format!("UPDATE tenants SET state = '{state}' WHERE id = '{tenant}'")).await;
}

/// Tells the orders how the wait has ended, as accepting or declining does.
async fn decided(house: &House, shop: &Shop, outcome: lonja::orders::TenantOutcome) {
    let tenant = TenantRow {
        id: shop.tenant.id.clone(),
        customer_id: shop.customer.id.clone(),
        domain: shop.tenant.domain.clone(),
        directory_id: shop.tenant.directory_id.clone(),
        state: TenantState::Active,
        version: 1,
        created_at: chrono::NaiveDateTime::default(),
    };
    let settings = Settings::of(&house.state.config);
    let hand = lonja::db::write::Actor::house("test");
    let work =
        async |tx: &mut lonja::db::write::Tx<'_>| lonja::orders::tenant_decided(tx, settings, &tenant, outcome).await;
    house.state.write(&hand, work).await.unwrap();
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_03_and_ord_05_orders_wait_for_the_tenant(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    waits(&house, &shop.tenant.id, "awaitingAcceptance").await;
    let lines = json!([line(E1_MXN, 5), line(WINDOWS_MXN, 1)]);
    let wanted = json!({ "customerId": shop.customer.id, "tenantId": shop.tenant.id, "lines": lines });
    let mut placed = Vec::new();
    for _ in 0..2 {
        let waiting = shop.seller.post("/v1/orders", &wanted).await.json();
        assert_eq!(
            (&waiting["state"], &waiting["lines"][0]["subscriptionId"]),
            (&json!("awaitingAcceptance"), &Value::Null)
        );
        placed.push(waiting["id"].as_str().unwrap().to_owned());
    }
    // What waits counts: another family is refused already (CAT-03).
    let other = json!({ "customerId": shop.customer.id, "tenantId": shop.tenant.id, "lines": [line(BUSINESS_MXN, 1)] });
    refused(&shop.seller.post("/v1/orders", &other).await, 409, "plan_family_conflict");
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 0, "who waits is not charged");

    // One is cancelled (ORD-05), the other completes by itself; its purchase is that instant.
    let cancel = format!("/v1/orders/{}:cancel", placed[0]);
    let cancelled = shop.seller.post(&cancel, &Value::Null).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["cancelledBecause"]), (200, &json!("requested")));
    refused(&shop.seller.post(&cancel, &Value::Null).await, 409, "order_not_cancellable");
    house.set_clock("2097-03-11T09:00:00Z").await;
    waits(&house, &shop.tenant.id, "active").await;
    decided(&house, &shop, lonja::orders::TenantOutcome::Active).await;
    let done = shop.seller.get(&format!("/v1/orders/{}", placed[1])).await.json();
    assert_eq!((&done["state"], &done["lines"][0]["period"]["start"]), (&json!("completed"), &json!("2097-03-11")));
    let id = done["lines"][0]["subscriptionId"].as_str().unwrap();
    let begun = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!((&begun["state"], &begun["purchasedAt"]), (&json!("active"), &json!("2097-03-11T09:00:00Z")));
    let software = done["lines"][1]["entitlementId"].as_str().unwrap();
    assert_eq!(shop.seller.get(&format!("/v1/entitlements/{software}")).await.json()["state"], "active");
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 1);
    refused(
        &shop.seller.post(&format!("/v1/orders/{}:cancel", placed[1]), &Value::Null).await,
        409,
        "order_not_cancellable",
    );

    // Declined: cancelled with the reason.
    waits(&house, &shop.tenant.id, "awaitingAcceptance").await;
    let third = shop.seller.post("/v1/orders", &wanted).await.json()["id"].as_str().unwrap().to_owned();
    decided(&house, &shop, lonja::orders::TenantOutcome::Declined).await;
    let declined = shop.seller.get(&format!("/v1/orders/{third}")).await.json();
    assert_eq!(
        (&declined["state"], &declined["cancelledBecause"]),
        (&json!("cancelled"), &json!("acceptanceDeclined"))
    );
}

async fn post(actor: &Actor, path: &str, body: &Value) -> Reply {
    actor.post(path, body).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_02_and_lnk_09_to_11_providers_and_their_resellers(backend: Backend) {
    let house = House::open(backend).await;
    let linked = Linked::open(&house).await;
    let shop = Shop::of(linked.provider).await;
    let reseller = linked.reseller;
    let locate = format!("UPDATE partners SET partner_location_id = '6208815' WHERE id = '{}'", reseller.partner_id);
    house.execute(&locate).await;
    let wanted = |more: Value| {
        let mut body =
            json!({ "customerId": shop.customer.id, "tenantId": shop.tenant.id, "lines": [line(E1_MXN, 1)] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    // Not the reseller's customer yet: it is nobody's record, and cannot be named.
    let named = wanted(json!({ "partnerIdOnRecord": "6208815" }));
    refused(&post(&shop.seller, "/v1/orders", &named).await, 422, "partner_of_record_invalid");
    assert_eq!(post(&shop.seller, "/v1/orders", &wanted(json!({}))).await.json()["partnerOfRecordId"], Value::Null);

    // The customer's only reseller is the record, named or not.
    linked::accept(&house, &reseller.partner_id, &shop.customer.id).await;
    for body in [named, wanted(json!({}))] {
        let placed = post(&shop.seller, "/v1/orders", &body).await.json();
        assert_eq!(placed["partnerOfRecordId"], json!(reseller.partner_id), "{placed}");
    }
    // The reseller buys through its provider, who pays; both see it.
    let through = post(&reseller, "/v1/orders", &wanted(json!({}))).await.json();
    assert_eq!(
        (&through["partnerId"], &through["partnerOfRecordId"]),
        (&json!(shop.seller.partner_id), &json!(reseller.partner_id))
    );
    let id = through["lines"][0]["subscriptionId"].as_str().unwrap().to_owned();
    let path = format!("/v1/subscriptions/{id}");
    assert_eq!((shop.seller.get(&path).await.status.as_u16(), reseller.get(&path).await.status.as_u16()), (200, 200));

    // A second provider: now it must be said which, and the one that the customer has not accepted cannot.
    let second = house.partner(PartnerKind::IndirectProvider).await;
    linked::link(&house, &second, &reseller).await;
    refused(&post(&reseller, "/v1/orders", &wanted(json!({}))).await, 422, "provider_required");
    let unknown = wanted(json!({ "providerId": second.partner_id }));
    refused(&post(&reseller, "/v1/orders", &unknown).await, 409, "provider_relationship_required");

    // LNK-10: after the end of the link nothing new, but what there is goes on.
    let end = format!("/v1/indirect-provider-links/{}:end", linked.link);
    assert_eq!(post(&reseller, &end, &Value::Null).await.status, 200);
    let ended = wanted(json!({ "providerId": shop.seller.partner_id }));
    refused(&post(&reseller, "/v1/orders", &ended).await, 409, "link_not_active");
    refused(&act(&shop, &id, "change-seats", &json!({ "quantity": 2 })).await, 409, "link_not_active");
    refused(&act(&shop, &id, "upgrade", &json!({ "targetOfferId": E3_MXN })).await, 409, "link_not_active");
    let fewer = act(&shop, &id, "change-seats", &json!({ "quantity": 1, "effective": "endOfTerm" })).await;
    assert_eq!(fewer.status, 200, "{}", fewer.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_06_the_strictest_lines_role_holds_for_the_whole_order(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let scopes = ["orders:write", "orders:read"];
    let wanted = json!({ "customerId": shop.customer.id, "tenantId": shop.tenant.id, "lines": [line(E1_MXN, 1)] });
    for (role, status) in [(Role::GlobalAdmin, 201), (Role::AdminAgent, 201), (Role::SalesAgent, 403)] {
        let actor = house.client_of(&shop.seller.partner_id, &scopes, &[role]).await;
        let placed = post(&actor, "/v1/orders", &wanted).await;
        assert_eq!(placed.status.as_u16(), status, "{role:?}: {}", placed.text);
        let preview = post(&actor, "/v1/orders:preview", &wanted).await;
        assert_eq!(preview.status.as_u16(), if status == 201 { 200 } else { 403 }, "{role:?}: {}", preview.text);
        if status == 403 {
            assert_eq!(
                (placed.code().as_str(), &placed.json()["context"]["roles"]),
                ("role_required", &json!(["adminAgent", "globalAdmin"]))
            );
        }
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_10_three_hundred_subscriptions_on_a_tenant(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let id = shop.subscribe(E1_MXN, 1).await.id;
    let columns = "partner_id, partner_of_record_id, customer_id, tenant_id, order_id, order_line_id, split_from, \
                   split_into, offer_id, product_id, family, name, friendly_name, channel, quantity, unit_price_minor, \
                   currency, term_months, billing_cycle, refund, anchor, term_passed, period_passed, is_extended, state, \
                   suspended_because, end_of_term, scheduled_quantity, version, purchased_at, ended_at";
    let copies = format!(
        "INSERT INTO subscriptions (id, {columns})
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 298)
         SELECT 'copy-' || CAST(i AS TEXT), {columns} FROM n, subscriptions WHERE id = '{id}'"
    );
    house.execute(&copies).await;
    let wanted = json!({ "customerId": shop.customer.id, "tenantId": shop.tenant.id, "lines": [line(E1_MXN, 1)] });
    assert_eq!(shop.seller.post("/v1/orders", &wanted).await.status, 201);
    let over = shop.seller.post("/v1/orders", &wanted).await;
    refused(&over, 409, "subscription_limit_reached");
    assert_eq!(over.json()["context"]["limit"], json!(300));
}

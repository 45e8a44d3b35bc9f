//! Orders of cloud plans: what they wait for, who buys through whom, whose role they need (ORD, LNK, TEN-10).

use lonja::access::Role;
use lonja::partners::PartnerKind;
use lonja_tests::actor::refused;
use lonja_tests::linked::{self, Linked};
use lonja_tests::shop::{E1_MXN, E3_MXN, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop, shop, tenants};
use serde_json::{Value, json};
use test_case::test_case;

const BUSINESS_MXN: &str = "microsoft-365-business-basic-mxn";

fn line(offer: &str, quantity: u32) -> Value {
    json!({ "offerId": offer, "quantity": quantity })
}

async fn act(shop: &Shop, id: &str, verb: &str, body: &Value) -> Reply {
    shop.seller.post(&format!("/v1/subscriptions/{id}:{verb}"), body).await
}

/// Links a tenant that another provider has served: it waits for its customer.
async fn waiting_tenant(shop: &Shop) -> Value {
    let path = format!("/v1/customers/{}/tenants", shop.customer.id);
    let asked = shop.seller.post(&path, &tenants::link(&json!({ "previousProvider": true }))).await;
    assert_eq!(asked.json()["state"], "awaitingAcceptance", "{}", asked.text);
    asked.json()
}

async fn order(shop: &Shop, id: &str) -> Value {
    shop.seller.get(&format!("/v1/orders/{id}")).await.json()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_03_and_ord_05_orders_wait_for_the_tenant(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let tenant = waiting_tenant(&shop).await;
    let lines = json!([line(E1_MXN, 5), line(WINDOWS_MXN, 1)]);
    let wanted = json!({ "customerId": shop.customer.id, "tenantId": tenant["id"], "lines": lines });
    let mut placed = Vec::new();
    for _ in 0..2 {
        let waiting = shop.seller.post("/v1/orders", &wanted).await.json();
        assert_eq!(
            (&waiting["state"], &waiting["lines"][0]["subscriptionId"]),
            (&json!("awaitingAcceptance"), &Value::Null)
        );
        placed.push(waiting["id"].as_str().unwrap().to_owned());
    }
    let grid = shop.seller.get("/v1/tenants?state=awaitingAcceptance").await.json();
    assert_eq!(grid["items"][0]["licenses"]["waiting"], 4, "two lines of two orders");
    // What waits counts: another family is refused already (CAT-03).
    let other = json!({ "customerId": shop.customer.id, "tenantId": tenant["id"], "lines": [line(BUSINESS_MXN, 1)] });
    refused(&shop.seller.post("/v1/orders", &other).await, 409, "plan_family_conflict");
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 0, "who waits is not charged");

    // One is cancelled (ORD-05), the other completes by itself; its purchase is that instant.
    let cancel = format!("/v1/orders/{}:cancel", placed[0]);
    let cancelled = shop.seller.post(&cancel, &Value::Null).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["cancelledBecause"]), (200, &json!("requested")));
    refused(&shop.seller.post(&cancel, &Value::Null).await, 409, "order_not_cancellable");
    house.set_clock("2097-03-05T09:00:00Z").await;
    let yes = tenants::accept(&house, &shop.seller, &tenant).await;
    assert_eq!(yes.status, 200, "{}", yes.text);
    let done = order(&shop, &placed[1]).await;
    assert_eq!((&done["state"], &done["lines"][0]["period"]["start"]), (&json!("completed"), &json!("2097-03-05")));
    let id = done["lines"][0]["subscriptionId"].as_str().unwrap();
    let begun = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!((&begun["state"], &begun["purchasedAt"]), (&json!("active"), &json!("2097-03-05T09:00:00Z")));
    let software = done["lines"][1]["entitlementId"].as_str().unwrap();
    assert_eq!(shop.seller.get(&format!("/v1/entitlements/{software}")).await.json()["state"], "active");
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 1);
    let late = format!("/v1/orders/{}:cancel", placed[1]);
    refused(&shop.seller.post(&late, &Value::Null).await, 409, "order_not_cancellable");
    assert_eq!(order(&shop, &placed[0]).await["state"], "cancelled");
}

/// The customer is asked for the provider with the tenant: what the reseller buys through it waits for just that.
#[test_case(Backend::Sqlite, true; "sqlite")]
#[test_case(Backend::Postgres, true; "postgres")]
#[test_case(Backend::Sqlite, false; "no link on sqlite")]
#[test_case(Backend::Postgres, false; "no link on postgres")]
#[tokio::test]
async fn rule_ord_03_a_resellers_order_waits_for_its_provider(backend: Backend, stays_linked: bool) {
    let house = House::open(backend).await;
    let Linked { provider, reseller, link } = Linked::open(&house).await;
    // The provider has served the customer, and does so no more.
    let customer = reseller.lonja.create_customer(&shop::new_customer()).await.unwrap().id;
    let path = format!("/v1/customers/{customer}");
    let attested = json!({ "contact": shop::contact(), "agreedAt": "2020-01-01T00:00:00Z" });
    assert_eq!(post(&provider, &format!("{path}/agreements"), &attested).await.status, 201);
    let related = provider.get(&format!("{path}/relationships")).await.json();
    let own = related["items"].as_array().unwrap().iter().find(|one| one["partnerId"] == provider.partner_id.as_str());
    let own = format!("{path}/relationships/{}", own.unwrap()["id"].as_str().unwrap());
    assert_eq!(provider.send(reqwest::Method::DELETE, &own, &[], None).await.status, 204);
    let asked = tenants::link(&json!({ "previousProvider": true }));
    let tenant = post(&reseller, &format!("/v1/customers/{customer}/tenants"), &asked).await.json();
    let wanted = json!({ "customerId": customer, "tenantId": tenant["id"], "lines": [line(E1_MXN, 3)] });
    let waiting = post(&reseller, "/v1/orders", &wanted).await.json();
    assert_eq!(
        (&waiting["state"], &waiting["partnerId"]),
        (&json!("awaitingAcceptance"), &json!(provider.partner_id)),
        "{waiting}"
    );
    if !stays_linked {
        let end = format!("/v1/indirect-provider-links/{link}:end");
        assert_eq!(post(&reseller, &end, &Value::Null).await.status, 200);
        refused(&tenants::accept(&house, &reseller, &tenant).await, 409, "link_not_active");
        return;
    }
    let yes = tenants::accept(&house, &reseller, &tenant).await;
    assert_eq!(yes.status, 200, "{}", yes.text);
    let done = reseller.get(&format!("/v1/orders/{}", waiting["id"].as_str().unwrap())).await.json();
    assert_eq!(done["state"], "completed", "{done}");
}

#[derive(Debug, Clone, Copy)]
enum No {
    Declined,
    Expired,
    Unlinked,
}

/// A customer that says no, says nothing, or is no longer asked.
#[test_case(Backend::Sqlite, No::Declined, "acceptanceDeclined"; "declined on sqlite")]
#[test_case(Backend::Postgres, No::Declined, "acceptanceDeclined"; "declined on postgres")]
#[test_case(Backend::Sqlite, No::Expired, "acceptanceExpired"; "expired on sqlite")]
#[test_case(Backend::Postgres, No::Expired, "acceptanceExpired"; "expired on postgres")]
#[test_case(Backend::Sqlite, No::Unlinked, "tenantFailed"; "unlinked on sqlite")]
#[test_case(Backend::Postgres, No::Unlinked, "tenantFailed"; "unlinked on postgres")]
#[tokio::test]
async fn rule_ord_03_what_waits_in_vain_is_cancelled_with_the_reason(backend: Backend, no: No, because: &str) {
    let house = House::open(backend).await;
    house.set_clock("2097-03-01T09:00:00Z").await;
    let shop = Shop::open(&house).await;
    let tenant = waiting_tenant(&shop).await;
    let lines = json!([line(E1_MXN, 5), line(WINDOWS_MXN, 1)]);
    let wanted = json!({ "customerId": shop.customer.id, "tenantId": tenant["id"], "lines": lines });
    let waiting = shop.seller.post("/v1/orders", &wanted).await.json();
    let path = format!("/v1/tenants/{}", tenant["id"].as_str().unwrap());
    match no {
        No::Declined => {
            let answered = shop.seller.post(&tenants::answers(&tenant), &json!({ "decision": "decline" })).await;
            assert_eq!(answered.status, 200, "{}", answered.text);
        }
        No::Expired => house.set_clock("2098-03-01T09:00:00Z").await,
        No::Unlinked => {
            assert_eq!(shop.seller.send(reqwest::Method::DELETE, &path, &[], None).await.status, 204);
        }
    }
    let cancelled = order(&shop, waiting["id"].as_str().unwrap()).await;
    assert_eq!((&cancelled["state"], &cancelled["cancelledBecause"]), (&json!("cancelled"), &json!(because)));
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 0);
    assert_eq!(house.count("SELECT count(*) FROM subscriptions").await, 0);
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
    let monthly = json!({ "offerId": E1_MXN, "quantity": 1, "termMonths": 1, "billingCycle": "monthly" });
    let through = post(&reseller, "/v1/orders", &wanted(json!({ "lines": [monthly] }))).await.json();
    assert_eq!(
        (&through["partnerId"], &through["partnerOfRecordId"]),
        (&json!(shop.seller.partner_id), &json!(reseller.partner_id))
    );
    let id = through["lines"][0]["subscriptionId"].as_str().unwrap().to_owned();
    let path = format!("/v1/subscriptions/{id}");
    assert_eq!((shop.seller.get(&path).await.status.as_u16(), reseller.get(&path).await.status.as_u16()), (200, 200));

    // Who owes does not say itself that it has paid (REN-04).
    let renewal = reseller.get(&format!("/v1/renewals?subscriptionId={id}")).await.json();
    let payment = json!({ "amount": { "amount": "1.00", "currency": "MXN" }, "method": "bankTransfer" });
    let path = format!("/v1/renewals/{}/payments", renewal["items"][0]["id"].as_str().unwrap());
    refused(&post(&reseller, &path, &payment).await, 403, "payment_by_transacting_partner");
    // More seats from the next term on; by then the link has ended, and they are not added (LNK-10).
    let more = act(&shop, &id, "change-seats", &json!({ "quantity": 9, "effective": "endOfTerm" })).await;
    assert_eq!(more.status, 200, "{}", more.text);

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
    house.set_clock("2098-01-01T00:00:00Z").await;
    let renewed = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!((&renewed["quantity"], &renewed["scheduledChanges"]), (&json!(1), &json!([])), "{renewed}");
    assert_eq!(house.told(&shop.seller, "subscription.change_dropped").await.len(), 1);
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

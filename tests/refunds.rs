//! Refunds: what a request needs, whose purchase it names, what the policies give back, and its files.

use lonja::access::TokenKind;
use lonja::catalog::{self, Catalogue};
use lonja::db::write::Actor as Hand;
use lonja_sdk::types::Order;
use lonja_tests::actor::refused;
use lonja_tests::furnished::PDF;
use lonja_tests::refunds::{self, quoted};
use lonja_tests::shop::{E1_MXN, OFFICE_MXN, WINDOWS_EUR, WINDOWS_MXN};
use lonja_tests::{Actor, Backend, House, Reply, Shop};
use serde_json::{Value, json};
use test_case::test_case;

const WINDOWS: &str = "windows-server-standard";
const OFFICE: &str = "office-ltsc-professional-plus";

/// A request for this purchase with everything that it needs, but the amount is the quote's.
async fn asked(shop: &Shop, named: &Value) -> Value {
    let quote = quoted(&shop.seller, named).await;
    refunds::request(&shop.customer.company_name, named, &quote["amount"])
}

async fn request(shop: &Shop, body: &Value) -> Reply {
    shop.seller.post("/v1/refunds", body).await
}

async fn notes(actor: &Actor, query: &str) -> Vec<Value> {
    actor.get(&format!("/v1/credit-notes?{query}")).await.json()["items"].as_array().unwrap().clone()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_02_everything_that_is_missing_is_told_at_once(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let required =
        |fields: &[&str]| -> Vec<String> { fields.iter().map(|field| format!("/{field} field_required")).collect() };
    for path in ["/v1/refunds", "/v1/refunds:preview"] {
        let mut told = shop.seller.post(path, &json!({})).await.faults();
        told.sort();
        assert_eq!(
            told,
            required(&["amount", "contact", "customer", "impact", "orderId", "reason", "title"]),
            "{path}"
        );
        let some =
            json!({ "subscriptionId": shop.tenant.id, "title": "Reembolso", "contact": { "name": "Marta Ruiz" } });
        let mut told = shop.seller.post(path, &some).await.faults();
        told.sort();
        let missing = ["amount", "contact/email", "contact/phone", "customer", "impact", "reason"];
        assert_eq!(told, required(&missing), "{path}");
    }
    let quote = shop.seller.post("/v1/refund-quotes", &json!({ "lineNumber": 0 })).await;
    let mut told = quote.faults();
    told.sort();
    assert_eq!(told, ["/lineNumber field_out_of_range", "/orderId field_required"]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_02_the_customer_by_name_guid_or_domain_and_the_purchase_by_order_or_subscription(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(WINDOWS, "2022", 2).await;
    let shop = Shop::open(&house).await;
    let (order, other) = (shop.buy(WINDOWS_MXN, 1).await, shop.buy(WINDOWS_MXN, 1).await);
    let software = |order: &Order| order.lines[0].entitlement_id.clone().unwrap();
    let seats = shop.subscribe(E1_MXN, 3).await;
    let of_seats = shop.seller.get(&format!("/v1/subscriptions/{}", seats.id)).await.json()["orderId"].clone();

    let guid = shop.tenant.directory_id.as_deref().unwrap();
    let domain = shop.tenant.domain.as_deref().unwrap();
    let name = format!("  {} ", shop.customer.company_name.to_uppercase().replace(' ', "   "));
    for customer in [name.as_str(), guid, &guid.to_uppercase(), domain, &shop.customer.id] {
        for named in [
            json!({ "orderId": order.id }),
            json!({ "subscriptionId": software(&order) }),
            json!({ "orderId": order.id.to_uppercase(), "subscriptionId": software(&order) }),
            json!({ "subscriptionId": seats.id }),
            json!({ "orderId": of_seats }),
        ] {
            let mut body = asked(&shop, &named).await;
            body["customer"] = json!(customer);
            let preview = shop.seller.post("/v1/refunds:preview", &body).await.json();
            assert_eq!((&preview["possible"], &preview["reasons"]), (&json!(true), &json!([])), "{customer} {named}");
        }
    }
    // Another customer's name, with everything else that is wrong.
    let mut wrong = asked(&shop, &json!({ "orderId": order.id })).await;
    wrong["customer"] = json!("Ferretería Luna S.A. de C.V.");
    wrong["amount"]["amount"] = json!("4899.01");
    let reply = request(&shop, &wrong).await;
    refused(&reply, 422, "refund_customer_mismatch");
    assert_eq!(reply.faults(), ["/amount/amount refund_amount_exceeds_quote", "/customer refund_customer_mismatch"]);
    // Both named, and not of one purchase.
    let both = json!({ "orderId": order.id, "subscriptionId": software(&other) });
    refused(&shop.seller.post("/v1/refund-quotes", &both).await, 404, "not_found");
    // By name and subscription it goes through as by the order, once.
    let body = asked(&shop, &json!({ "subscriptionId": software(&other) })).await;
    let refund = request(&shop, &body).await;
    assert_eq!((refund.status.as_u16(), &refund.json()["orderId"]), (201, &json!(other.id)), "{}", refund.text);
    refused(&request(&shop, &body).await, 409, "refund_already_open");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_01_seats_are_given_back_in_part_and_then_whole_pro_rata(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2096-03-01T09:00:00Z").await;
    let shop = Shop::open(&house).await;
    let (id, late) = (shop.subscribe(E1_MXN, 10).await.id, shop.subscribe(E1_MXN, 2).await.id);
    house.set_clock("2096-03-08T08:59:59Z").await;
    // 4 × 199.00 × 24 ÷ 31, rounded once (REF-04).
    let some = asked(&shop, &json!({ "subscriptionId": id, "quantity": 4 })).await;
    assert_eq!(some["amount"]["amount"], "616.26");
    let refund = request(&shop, &some).await;
    assert_eq!((refund.status.as_u16(), &refund.json()["state"]), (201, &json!("credited")), "{}", refund.text);
    assert_eq!(refund.json()["quote"]["formula"], "4 × 199.00 × 24 ÷ 31");
    let subscription = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!((&subscription["state"], &subscription["quantity"]), (&json!("active"), &json!(6)));
    // More than there are; then less money than the quote gives, which is what is credited (REF-07).
    let more = json!({ "subscriptionId": id, "quantity": 7 });
    assert_eq!(shop.seller.post("/v1/refund-quotes", &more).await.faults(), ["/quantity field_out_of_range"]);
    let mut rest = asked(&shop, &json!({ "subscriptionId": id })).await;
    assert_eq!(rest["amount"]["amount"], "924.39");
    rest["amount"]["amount"] = json!("900.00");
    let refund = request(&shop, &rest).await;
    assert_eq!(refund.json()["amount"]["amount"], "900.00", "{}", refund.text);
    let subscription = shop.seller.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!(subscription["state"], "cancelled");
    let given: Vec<Value> = notes(&shop.seller, &format!("subscriptionId={id}"))
        .await
        .iter()
        .map(|note| note["total"]["amount"].clone())
        .collect();
    assert_eq!(given, ["616.26", "900.00"]);
    refused(&request(&shop, &rest).await, 409, "subscription_not_active");
    // The same arithmetic as cancelling; exactly at the end of the window it is closed, for all and for a part.
    house.set_clock("2096-03-08T09:00:00Z").await;
    let closed = shop.seller.post("/v1/refund-quotes", &json!({ "subscriptionId": late })).await;
    refused(&closed, 409, "refund_window_closed");
    assert_eq!(closed.json()["context"]["closedAt"], "2096-03-08T09:00:00Z");
    let part = shop.seller.post("/v1/refund-quotes", &json!({ "subscriptionId": late, "quantity": 1 })).await;
    refused(&part, 409, "seat_decrease_window_closed");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_01_perpetual_software_comes_back_in_full_until_720_hours(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(OFFICE, "2024", 2).await;
    house.set_clock("2096-03-01T09:00:00Z").await;
    let shop = Shop::open(&house).await;
    let (order, late) = (shop.buy(OFFICE_MXN, 2).await, shop.buy(OFFICE_MXN, 1).await);
    house.set_clock("2096-03-31T08:59:59Z").await;
    let body = asked(&shop, &json!({ "orderId": order.id })).await;
    assert_eq!(body["amount"]["amount"], "25998.00");
    // One key stands for all: a part is refused by the policy, whole it is not.
    let part = json!({ "orderId": order.id, "quantity": 1 });
    let reply = shop.seller.post("/v1/refund-quotes", &part).await;
    refused(&reply, 422, "partial_quantity_not_allowed");
    assert_eq!(reply.json()["context"]["policy"], "software-perpetual-2020");
    let whole = asked(&shop, &json!({ "orderId": order.id, "quantity": 2 })).await;
    let refund = request(&shop, &whole).await.json();
    assert_eq!((&refund["state"], &refund["amount"]["amount"]), (&json!("credited"), &json!("25998.00")));
    assert_eq!((&refund["keyRevokedAt"], &refund["creditedAt"]), (&Value::Null, &json!("2096-03-31T08:59:59Z")));
    house.set_clock("2096-03-31T09:00:00Z").await;
    refused(&shop.seller.post("/v1/refund-quotes", &json!({ "orderId": late.id })).await, 409, "refund_window_closed");
}

/// To a second before the window closes, to the cent, and however the clock is moved (REF-04, REF-07, REF-10).
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_10_a_second_before_168_hours_it_is_credited_and_at_168_hours_refused(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(WINDOWS, "2022", 2).await;
    house.set_clock("2096-03-01T09:30:00Z").await;
    let shop = Shop::open(&house).await;
    let (order, late) = (shop.buy(WINDOWS_EUR, 5).await, shop.buy(WINDOWS_EUR, 1).await);
    house.set_clock("2096-03-08T09:29:59Z").await;
    let mut body = asked(&shop, &json!({ "orderId": order.id })).await;
    let late_body = asked(&shop, &json!({ "orderId": late.id })).await;
    assert_eq!(body["amount"]["amount"], "1790.00");
    body["amount"]["amount"] = json!("1790.01");
    let greedy = request(&shop, &body).await;
    refused(&greedy, 422, "refund_amount_exceeds_quote");
    assert_eq!(greedy.json()["context"]["quote"], json!({ "amount": "1790.00", "currency": "EUR" }));
    for (amount, code) in
        [("0.00", "amount_not_positive"), ("1.001", "amount_too_precise"), ("-1.00", "amount_not_positive")]
    {
        body["amount"]["amount"] = json!(amount);
        assert_eq!(request(&shop, &body).await.code(), code);
    }
    body["amount"]["amount"] = json!("0.01");
    let less = request(&shop, &body).await;
    assert_eq!((less.status.as_u16(), &less.json()["amount"]["amount"]), (201, &json!("0.01")), "{}", less.text);
    assert_eq!(notes(&shop.seller, &format!("orderId={}", order.id)).await[0]["total"]["amount"], "0.01");

    house.set_clock("2096-03-08T09:30:00Z").await;
    let closed = request(&shop, &late_body).await;
    refused(&closed, 409, "refund_window_closed");
    assert_eq!(closed.json()["context"]["closedAt"], "2096-03-08T09:30:00Z");
    // Nobody opens it again by setting the time back (PLT-08).
    let clock = format!("{}/v1/sandbox/clock", house.url);
    let back = house.http().put(&clock).json(&json!({ "now": "2096-03-08T09:29:59Z" })).send().await.unwrap();
    assert_eq!(back.status(), 409);
    refused(&request(&shop, &late_body).await, 409, "refund_window_closed");
    assert_eq!(notes(&shop.seller, &format!("orderId={}", late.id)).await.len(), 0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_01_what_is_sold_without_that_right_is_not_given_back(backend: Backend) {
    let house = House::open(backend).await;
    let offer = |id: &str, product: &str, term: Value| {
        json!({ "id": id, "productId": product, "name": id, "currency": "MXN", "terms": [term],
            "soldFrom": "2025-01-01T00:00:00Z" })
    };
    let price = json!({ "amount": "100.00", "currency": "MXN" });
    let file = json!({
        "name": "final", "source": "test",
        "products": [
            { "id": "plan", "kind": "cloud" },
            { "id": "tool", "kind": "software",
                "media": [{ "versions": ["1"], "languages": ["es"], "bitnesses": ["x64"] }] },
        ],
        "offers": [
            offer("plan-mxn", "plan", json!({ "termMonths": 12, "billingCycle": "annual", "price": price, "refund": "notRefundable" })),
            offer("tool-mxn", "tool", json!({ "billingCycle": "oneTime", "price": price, "refund": "notRefundable" })),
        ],
    });
    let file: Catalogue = serde_json::from_value(file).unwrap();
    let import = async |tx: &mut lonja::db::write::Tx<'_>| catalog::import(tx, &file, |_done| {}).await;
    house.state.write(&Hand::house("test"), import).await.unwrap();
    house.stock("tool", "1", 1).await;
    let shop = Shop::open(&house).await;
    for offer in ["plan-mxn", "tool-mxn"] {
        let order = shop.buy(offer, 1).await;
        let reply = shop.seller.post("/v1/refund-quotes", &json!({ "orderId": order.id })).await;
        refused(&reply, 409, "product_not_refundable");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_02_files_are_bounded_told_by_their_bytes_and_kept_sealed(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(WINDOWS, "2022", 1).await;
    let (shop, other) = (Shop::open(&house).await, Shop::open(&house).await);
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let mut body = asked(&shop, &json!({ "orderId": order.id })).await;
    let file = |kind: &str, content: &str| json!({ "fileName": "C:\\facturas\\a.pdf", "contentType": kind, "content": content });
    // Everything that is wrong with each, beside what is wrong with the rest.
    body["customer"] = json!("Otro");
    body["attachments"] = json!([
        file("image/png", PDF),
        file("application/pdf", "UEsDBBQAAAAIAA=="),
        file("application/pdf", "¿?"),
        file("application/pdf", PDF),
    ]);
    assert_eq!(
        request(&shop, &body).await.faults(),
        [
            "/attachments/0/contentType attachment_type_differs",
            "/attachments/1/content attachment_type_not_allowed",
            "/attachments/2/content attachment_not_base64",
            "/customer refund_customer_mismatch",
        ]
    );
    assert_eq!(house.count("SELECT count(*) FROM attachments").await, 0);
    body["customer"] = json!(shop.tenant.domain);
    body["attachments"] = json!([file("application/pdf", PDF)]);
    let refund = request(&shop, &body).await;
    assert_eq!(refund.status, 201, "{}", refund.text);
    let path = format!("/v1/refunds/{}", refund.json()["id"].as_str().unwrap());
    let first = &refund.json()["attachments"][0];
    assert_eq!((&first["fileName"], &first["size"]), (&json!("a.pdf"), &json!(77)));
    assert!(!refund.text.contains(PDF));

    let before = shop.seller.get(&path).await;
    let added = shop.seller.post(&format!("{path}/attachments"), &file("application/pdf", PDF)).await;
    assert_eq!(added.json()["attachments"].as_array().unwrap().len(), 2, "{}", added.text);
    assert_ne!(shop.seller.get(&path).await.header("etag"), before.header("etag"), "PLT-03");
    let one = format!("{path}/attachments/{}", first["id"].as_str().unwrap());
    for actor in [&shop.seller, &house.operator().await] {
        let shown = actor.get(&one).await;
        assert_eq!(shown.json()["content"], PDF, "{}", shown.text);
    }
    assert_eq!(other.seller.get(&one).await.status, 404);
    let elsewhere = format!("/v1/refunds/{}/attachments", uuid::Uuid::new_v4());
    refused(&shop.seller.post(&elsewhere, &file("application/pdf", PDF)).await, 404, "not_found");
    // Sealed, and never with the request or its answer.
    let clear = "/Type /Catalog";
    for column in
        ["sealed AS text FROM attachments", "request AS text FROM refunds", "body AS text FROM idempotency_answers"]
    {
        let rows = house.texts(&format!("SELECT {column}")).await;
        assert!(!rows.is_empty() && rows.iter().all(|row| !row.contains(clear) && !row.contains(PDF)), "{column}");
    }
    // As many as there may be, and not one more.
    for _ in 2..20 {
        assert_eq!(shop.seller.post(&format!("{path}/attachments"), &file("application/pdf", PDF)).await.status, 200);
    }
    let reply = shop.seller.post(&format!("{path}/attachments"), &file("application/pdf", PDF)).await;
    refused(&reply, 422, "attachment_limit");
    let clerk = house.client(TokenKind::Partner, Some(&shop.seller.partner_id), None, &["refunds:write"], &[]).await;
    refused(&clerk.post(&format!("{path}/attachments"), &file("application/pdf", PDF)).await, 403, "role_required");
}

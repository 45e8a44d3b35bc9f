//! The rules of a sale, of its key and of its refund, where the main job does not pass by.

use lonja::partners::{PartnerKind, PartnerState};
use lonja_sdk::types::{ListSoftware, PlaceOrder, PlaceOrderLine, QuoteRefund};
use lonja_tests::shop::{OFFICE_MXN, WINDOWS_EUR, WINDOWS_MXN, new_customer};
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ord_01_preview_and_order_give_the_same_reasons_all_together(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    // A customer that has not accepted the agreement (CUS-06), an offer that nobody sells, and two currencies (MKT-03).
    let stranger = shop.seller.lonja.create_customer(&new_customer()).await.unwrap();
    let path = format!("/v1/customers/{}/tenants", stranger.id);
    let tenant = shop.seller.post(&path, &json!({ "mode": "create", "name": "ordone" })).await.json();
    let line = |offer: &str| json!({ "offerId": offer, "quantity": 1 });
    let order = json!({
        "customerId": stranger.id, "tenantId": tenant["id"],
        "lines": [line(WINDOWS_MXN), line("no-such-offer"), line(WINDOWS_EUR)],
    });
    let preview = shop.seller.post("/v1/orders:preview", &order).await;
    let refused = shop.seller.post("/v1/orders", &order).await;
    let expected =
        ["/customerId mca_required", "/lines/1/offerId offer_not_available", "/lines/2/offerId currency_mismatch"];
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "mca_required"));
    assert_eq!(refused.faults(), expected);
    assert_eq!(preview.json()["possible"], false);
    assert_eq!(preview.json()["reasons"], refused.json()["errors"]);
    assert_eq!(shop.seller.get("/v1/orders").await.json()["items"], json!([]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_11_a_partner_that_is_not_active_sells_nothing(backend: Backend) {
    let house = House::open(backend).await;
    let draft = house.partner_in(PartnerKind::DirectBill, PartnerState::Approved).await;
    let refused = draft.lonja.create_customer(&new_customer()).await.unwrap_err();
    assert_eq!(refused.code(), "partner_not_active");
    assert_eq!(draft.get("/v1/customers").await.json()["items"], json!([]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_06_who_may_attest_the_agreement_and_when(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let customer = shop.seller.lonja.create_customer(&new_customer()).await.unwrap();
    let path = format!("/v1/customers/{}/agreements", customer.id);
    let contact = json!({ "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example" });
    let body = |at: &str| json!({ "agreedAt": at, "contact": contact });
    let early = shop.seller.post(&path, &body("2999-01-01T00:00:00Z")).await;
    assert_eq!((early.status.as_u16(), early.faults()), (422, vec!["/agreedAt mca_date_in_future".to_owned()]));
    assert_eq!(shop.seller.post(&path, &body("2020-01-01T00:00:00Z")).await.status, 201);
    let again = shop.seller.post(&path, &body("2020-01-01T00:00:00Z")).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "mca_already_accepted"));

    // CUS-01: an indirect reseller does not even come so far.
    let reseller = house.partner(PartnerKind::IndirectReseller).await;
    let refused = reseller.lonja.create_customer(&new_customer()).await.unwrap_err();
    assert_eq!(refused.code(), "customer_creation_not_allowed");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_02_a_wrong_combination_lists_the_right_ones(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
    let ask = |bitness: &str, kind: &str| json!({ "version": "2022", "language": "es", "bitness": bitness, "kind": kind, "reason": "prueba" });
    let refused = shop.seller.post(&path, &ask("arm64", "mak")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "combination_not_available"));
    let available = refused.json()["context"]["available"].clone();
    let fits = json!({ "version": "2022", "language": "es", "bitness": "x64", "isDowngrade": true });
    assert!(available.as_array().unwrap().contains(&fits));
    // SWK-06: KMS does not exist here; both reasons are told at once.
    let both = shop.seller.post(&path, &ask("arm64", "kms")).await;
    assert_eq!(both.faults(), ["/kind key_type_not_available", "/version combination_not_available"]);
    assert_eq!(shop.seller.post(&path, &ask("x64", "mak")).await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_01_and_ref_09_a_cancelled_purchase_stays_visible_and_its_invoice_unchanged(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("office-ltsc-professional-plus", "2024", 2).await;
    let shop = Shop::open(&house).await;
    let lonja = &shop.seller.lonja;
    let line = |quantity| PlaceOrderLine { offer_id: OFFICE_MXN.to_owned(), quantity, ..Default::default() };
    let order = PlaceOrder { lines: vec![line(1), line(2)], ..shop.order(OFFICE_MXN, 1) };
    let order = lonja.place_order(&order).await.unwrap();
    let invoice = shop.seller.get(&format!("/v1/invoices?orderId={}", order.id)).await.json();

    let second = QuoteRefund { order_id: Some(order.id.clone()), line_number: Some(2), ..Default::default() };
    let quote = lonja.quote_refund(&second).await.unwrap();
    assert_eq!((quote.amount.amount.as_str(), quote.unused_days), ("25998.00", None));
    let mut ask = Shop::refund(&order, quote.amount);
    ask.line_number = Some(2);
    let refund = lonja.request_refund(&ask).await.unwrap();

    let owned = lonja.list_software(&shop.customer.id, &ListSoftware::default()).await.unwrap();
    let mut states: Vec<&str> = owned.items.iter().map(|item| item.state.as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["active", "cancelled"]);
    assert_eq!(lonja.get_order(&order.id).await.unwrap().state.as_str(), "partlyCancelled");
    assert_eq!(shop.seller.get(&format!("/v1/invoices?orderId={}", order.id)).await.json(), invoice);
    let notes = shop.seller.get(&format!("/v1/credit-notes?orderId={}", order.id)).await.json();
    // REF-09: the credit note points at the invoice's line.
    let charged: Vec<&Value> =
        invoice["items"][0]["lines"].as_array().unwrap().iter().map(|line| &line["id"]).collect();
    assert!(charged.contains(&&notes["items"][0]["lines"][0]["invoiceLineId"]), "{notes}");
    assert_eq!(notes["items"][0]["refundId"], json!(refund.id));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_08_the_key_is_revoked_before_the_credit_exists(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let lonja = &shop.seller.lonja;
    lonja.reveal_key(order.lines[0].entitlement_id.as_deref().unwrap(), &Shop::reveal("2022")).await.unwrap();
    let quote =
        lonja.quote_refund(&QuoteRefund { order_id: Some(order.id.clone()), ..Default::default() }).await.unwrap();
    lonja.request_refund(&Shop::refund(&order, quote.amount)).await.unwrap();
    let topics = house.texts("SELECT topic AS text FROM events WHERE topic NOT LIKE 'order.%' ORDER BY seq").await;
    let tail: Vec<&str> = topics.iter().rev().take(6).rev().map(String::as_str).collect();
    // REF-05, REF-08: the order in which things came to be.
    let expected = [
        "refund.requested",
        "refund.approved",
        "product_key.revoked",
        "refund.key_revoked",
        "credit_note.issued",
        "refund.credited",
    ];
    assert_eq!(tail, expected);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ref_10_at_168_hours_the_window_is_closed_and_an_instant_before_it_is_open(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    house.set_clock("2099-03-01T09:30:00Z").await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_EUR, 5).await;
    let ask = json!({ "orderId": order.id });

    house.set_clock("2099-03-08T09:29:59.999999Z").await;
    // REF-03: the quote shows its arithmetic and writes nothing, however often it is asked for.
    let quote = shop.seller.post("/v1/refund-quotes", &ask).await.json();
    assert_eq!(quote["formula"], "5 × 365.00 × 358 ÷ 365");
    assert_eq!(
        (&quote["amount"]["amount"], &quote["windowClosesAt"]),
        (&json!("1790.00"), &json!("2099-03-08T09:30:00Z"))
    );
    assert_eq!(shop.seller.post("/v1/refund-quotes", &ask).await.json(), quote);
    assert_eq!(shop.seller.get("/v1/refunds").await.json()["items"], json!([]));
    // REF-07: a cent more is refused with the quote.
    let amount = lonja_sdk::types::Amount { amount: "1790.01".to_owned(), currency: "EUR".to_owned() };
    let greedy = serde_json::to_value(Shop::refund(&order, amount)).unwrap();
    let refused = shop.seller.post("/v1/refunds", &greedy).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "refund_amount_exceeds_quote"));
    assert_eq!(refused.json()["context"]["quote"], quote["amount"]);
    let preview = shop.seller.post("/v1/refunds:preview", &greedy).await.json();
    assert_eq!(
        (&preview["possible"], &preview["reasons"][0]["code"]),
        (&json!(false), &json!("refund_amount_exceeds_quote"))
    );

    house.set_clock("2099-03-08T09:30:00Z").await;
    let closed = shop.seller.post("/v1/refund-quotes", &ask).await;
    assert_eq!((closed.status.as_u16(), closed.code().as_str()), (409, "refund_window_closed"));
    assert_eq!(closed.json()["context"]["closedAt"], "2099-03-08T09:30:00Z");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_08_the_sandbox_clock_stands_still_and_only_goes_forward(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2099-01-01T00:00:00Z").await;
    let clock = format!("{}/v1/sandbox/clock", house.url);
    let now: Value = house.http().get(&clock).send().await.unwrap().json().await.unwrap();
    assert_eq!(now, json!({ "now": "2099-01-01T00:00:00Z" }));
    let back = house.http().put(&clock).json(&json!({ "now": "2098-12-31T23:59:59Z" })).send().await.unwrap();
    assert_eq!(back.status(), 409);
    let problem: Value = back.json().await.unwrap();
    assert_eq!(
        (&problem["code"], &problem["context"]["now"]),
        (&json!("clock_cannot_go_back"), &json!("2099-01-01T00:00:00Z"))
    );
    // Business instants come from it; tokens do not, or nobody could call any more.
    let shop = Shop::open(&house).await;
    assert_eq!(shop.customer.created_at.to_rfc3339(), "2099-01-01T00:00:00+00:00");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_05_a_refusal_explains_itself_in_the_caller_s_language(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    for (language, tag, title) in [("es-MX, en;q=0.5", "es", "No se encontró"), ("fr, en;q=0.1", "en", "Not found")] {
        let headers = [("accept-language", language)];
        let reply = shop.seller.send(reqwest::Method::GET, "/v1/orders/none", &headers, None).await;
        assert_eq!((reply.header("content-language"), &reply.json()["title"]), (tag, &json!(title)));
        let kind = reply.json()["type"].as_str().unwrap().to_owned();
        let meaning: Value = house.http().get(kind).send().await.unwrap().json().await.unwrap();
        assert_eq!((&meaning["code"], &meaning["status"]), (&json!("not_found"), &json!(404)));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_parameters_that_an_operation_does_not_have_are_refused(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let reply = shop.seller.get(&format!("/v1/customers/{}?expand=tenants", shop.customer.id)).await;
    assert_eq!((reply.status.as_u16(), reply.faults()), (400, vec!["?expand field_unknown".to_owned()]));
    // PLT-03: the catalogue is tagged, too.
    let offers = shop.seller.get("/v1/offers").await;
    let headers = [("if-none-match", offers.header("etag"))];
    assert_eq!(shop.seller.send(reqwest::Method::GET, "/v1/offers", &headers, None).await.status, 304);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_03_showing_a_key_again_is_audited_and_takes_the_right_role_for_its_kind(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
    let ask = serde_json::to_value(Shop::reveal("2022")).unwrap();
    let stale = [("idempotency-key", "one"), ("if-match", "\"7\"")];
    let refused = shop.seller.send(reqwest::Method::POST, &path, &stale, Some(ask.to_string())).await;
    assert_eq!(refused.status, 412, "PLT-03: an action honours If-Match");
    let shown = shop.seller.post_with(&path, "one", &ask).await;
    let again = shop.seller.post_with(&path, "one", &ask).await;
    assert_eq!((shown.status.as_u16(), again.header("idempotent-replayed"), &again.text), (200, "true", &shown.text));
    assert_eq!(house.count("SELECT COUNT(*) AS count FROM audit_records WHERE operation = 'reveal_key'").await, 2);

    // A customer's role in a partner's hands opens nothing.
    let scopes = ["software:keys"];
    let borrowed = house.client_of(&shop.seller.partner_id, &scopes, &[lonja::access::Role::CustomerGlobalAdmin]).await;
    let refused = borrowed.post(&path, &ask).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "role_required"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_07_answers_stay_small_and_ids_of_clients_may_be_anything(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let unknown: serde_json::Map<String, Value> = (0..5000).map(|n| (format!("field{n}"), json!("\u{1}"))).collect();
    let refused = shop.seller.post("/v1/customers", &Value::Object(unknown)).await;
    assert_eq!((refused.status.as_u16(), refused.faults().len()), (400, 100));
    let form = "grant_type=client_credentials&client_id=%00x&client_secret=y";
    let reply = house
        .http()
        .post(format!("{}/v1/oauth/token", house.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 401);
}

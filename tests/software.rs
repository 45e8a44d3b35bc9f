//! What a customer owns of on-premises software, what may be had of it, and what waits until keys come.

use lonja::access::TokenKind;
use lonja::catalog::{self, Catalogue};
use lonja::db::write::{Actor as Hand, Tx};
use lonja_sdk::types::PlaceOrderLine;
use lonja_tests::shop::{E1_MXN, OFFICE_MXN, WINDOWS_MXN};
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;

const WINDOWS: &str = "windows-server-standard";
const OFFICE: &str = "office-ltsc-professional-plus";

async fn software(actor: &lonja_tests::Actor, customer: &str) -> Vec<Value> {
    let reply = actor.get(&format!("/v1/customers/{customer}/software")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["items"].as_array().unwrap().clone()
}

fn choice(version: &str, language: &str, bitness: &str) -> Value {
    json!({ "version": version, "language": language, "bitness": bitness, "reason": "Instalación" })
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_01_the_list_tells_all_software_and_what_may_be_had_of_it(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(WINDOWS, "2022", 2).await;
    house.stock(OFFICE, "2024", 1).await;
    let shop = Shop::open(&house).await;
    let kept = shop.buy(OFFICE_MXN, 1).await;
    let (gone, waits) = (shop.buy(WINDOWS_MXN, 1).await, shop.buy(OFFICE_MXN, 1).await);
    let quote = json!({ "orderId": gone.id });
    let quote = shop.seller.post("/v1/refund-quotes", &quote).await.json();
    let refund = json!(Shop::refund(&gone, serde_json::from_value(quote["amount"].clone()).unwrap()));
    assert_eq!(shop.seller.post("/v1/refunds", &refund).await.status, 201);
    let path = format!("/v1/entitlements/{}/keys:reveal", kept.lines[0].entitlement_id.as_deref().unwrap());
    assert_eq!(shop.seller.post(&path, &choice("2024", "fr", "x86")).await.status, 200);

    let all = software(&shop.seller, &shop.customer.id).await;
    let [office, windows, waiting] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        [&office["state"], &office["license"], &office["productVersion"]],
        [&json!("active"), &json!("perpetual"), &json!("2024")]
    );
    let key = &office["productKey"];
    assert_eq!([&key["version"], &key["language"], &key["bitness"]], [&json!("2024"), &json!("fr"), &json!("x86")]);
    // Two versions, because this product goes back by one; three languages; two bitnesses.
    let media = office["media"].as_array().unwrap();
    assert_eq!(media.len(), 12);
    assert!(media.iter().all(|medium| medium["isDowngrade"] == json!(medium["version"] == "2021")), "{media:?}");
    assert_eq!((&windows["state"], &windows["media"]), (&json!("cancelled"), &json!([])));
    assert_eq!((&waiting["state"], &waiting["productKey"]), (&json!("awaitingStock"), &Value::Null));
    assert_eq!(waiting["orderId"], json!(waits.id));
    // One alone tells it in a list of its own, so that its ETag is that of the purchase.
    let path = format!("/v1/entitlements/{}", office["id"].as_str().unwrap());
    assert_eq!(shop.seller.get(&path).await.json().get("media"), None);
    assert_eq!(shop.seller.get(&format!("{path}/media")).await.json()["items"], json!(media));
}

/// A catalogue of one product, sold for good, in these versions.
async fn name_tool(house: &House, depth: u32, versions: &[&str]) {
    let price = json!({ "amount": "100.00", "currency": "MXN" });
    let catalogue = json!({
        "name": "tools",
        "source": "test",
        "products": [{ "id": "tool", "kind": "software", "downgradeDepth": depth, "media": [
            { "versions": versions, "languages": ["es"], "bitnesses": ["x64"] }] }],
        "offers": [{ "id": "tool-mxn", "productId": "tool", "name": "Tool", "currency": "MXN",
            "terms": [{ "billingCycle": "oneTime", "price": price, "refund": "softwarePerpetual" }],
            "soldFrom": "2025-01-01T00:00:00Z" }],
    });
    let catalogue: Catalogue = serde_json::from_value(catalogue).unwrap();
    let import = async |tx: &mut Tx<'_>| catalog::import(tx, &catalogue, |_done| {}).await;
    house.state.write(&Hand::house("test"), import).await.unwrap();
}

/// The versions that may be had of what was bought.
async fn versions(shop: &Shop, entitlement: &str) -> Vec<String> {
    let items = shop.seller.get(&format!("{entitlement}/media")).await.json()["items"].clone();
    items.as_array().unwrap().iter().map(|item| item["version"].as_str().unwrap().to_owned()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_08_a_version_that_is_retired_widens_nobodys_rights_and_takes_none(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    name_tool(&house, 1, &["9", "10", "11", "12"]).await;
    for version in ["9", "10", "11", "12"] {
        house.stock("tool", version, 2).await;
    }
    let bought = async || {
        let order = shop.buy("tool-mxn", 1).await;
        format!("/v1/entitlements/{}", order.lines[0].entitlement_id.as_deref().unwrap())
    };
    let reveal = async |path: &str, version: &str| {
        shop.seller.post(&format!("{path}/keys:reveal"), &choice(version, "es", "x64")).await
    };
    let first = bought().await;
    assert_eq!(versions(&shop, &first).await, ["11", "12"]);
    // The one between goes: what was two versions back stays two back. Then the oldest and the newest go, then all do.
    for named in [&["9", "10", "12"][..], &["10"], &["13"]] {
        name_tool(&house, 1, named).await;
        assert_eq!(versions(&shop, &first).await, ["11", "12"], "{named:?}");
        for (other, code) in [("10", "downgrade_not_permitted"), ("9", "downgrade_not_permitted")] {
            assert_eq!(reveal(&first, other).await.code(), code, "{other} of {named:?}");
        }
    }
    // Bought now is the newest that is named, and back from it counts what was retired.
    name_tool(&house, 1, &["9", "10"]).await;
    let second = bought().await;
    assert_eq!(shop.seller.get(&second).await.json()["productVersion"], "10");
    assert_eq!(versions(&shop, &second).await, ["10", "9"]);
    assert_eq!(reveal(&second, "12").await.code(), "combination_not_available", "nothing newer than was bought");
    name_tool(&house, 1, &["9", "10", "11", "12"]).await;
    assert_eq!(versions(&shop, &first).await, ["11", "12"]);
    assert_eq!(reveal(&first, "11").await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_08_an_owner_for_good_goes_back_as_far_as_the_product_allows(backend: Backend) {
    let house = House::open(backend).await;
    // The order of the file counts, not that of the letters.
    name_tool(&house, 2, &["9", "10", "11", "12"]).await;
    for version in ["9", "10", "11", "12"] {
        house.stock("tool", version, 2).await;
    }
    let shop = Shop::open(&house).await;
    let bought = async || {
        let order = shop.buy("tool-mxn", 1).await;
        format!("/v1/entitlements/{}", order.lines[0].entitlement_id.as_deref().unwrap())
    };
    let (first, second) = (bought().await, bought().await);
    name_tool(&house, 2, &["9", "10", "11", "12", "13"]).await;
    house.stock("tool", "13", 1).await;

    assert_eq!(versions(&shop, &first).await, ["10", "11", "12"]);
    let reveal = async |path: &str, version: &str| {
        shop.seller.post(&format!("{path}/keys:reveal"), &choice(version, "es", "x64")).await
    };
    let refused = reveal(&first, "9").await;
    assert_eq!(
        (refused.status.as_u16(), refused.code().as_str()),
        (422, "downgrade_not_permitted"),
        "{}",
        refused.text
    );
    assert_eq!(refused.json()["context"]["available"].as_array().unwrap().len(), 3);
    // What came out after the purchase does not belong to it.
    assert_eq!(reveal(&first, "13").await.code(), "combination_not_available");
    let shown = reveal(&first, "10").await;
    assert_eq!((shown.status.as_u16(), &shown.json()["version"]), (200, &json!("10")));
    assert_eq!(reveal(&second, "12").await.status, 200);
    // Once chosen it stays.
    assert_eq!(reveal(&first, "12").await.code(), "key_already_assigned");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_02_a_wrong_combination_lists_the_right_ones(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(OFFICE, "2024", 1).await;
    let shop = Shop::open(&house).await;
    let order = shop.buy(OFFICE_MXN, 1).await;
    let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
    for (version, language, bitness) in [("2024", "de", "x64"), ("2024", "es", "arm64"), ("1999", "es", "x64")] {
        let reply = shop.seller.post(&path, &choice(version, language, bitness)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "combination_not_available"));
        let available = reply.json()["context"]["available"].as_array().unwrap().clone();
        assert_eq!(available.len(), 12, "{available:?}");
        assert!(available.contains(&json!({
            "version": "2021", "language": "es", "bitness": "x64", "isDowngrade": true })));
    }
    let mut kms = choice("2024", "es", "x64");
    kms["kind"] = json!("KMS");
    let reply = shop.seller.post(&path, &kms).await;
    assert_eq!(
        (reply.code().as_str(), &reply.json()["context"]["available"]),
        ("key_type_not_available", &json!(["mak"]))
    );
    assert_eq!(house.count("SELECT count(*) FROM product_keys WHERE state <> 'inStock'").await, 0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_what_waits_completes_when_keys_come_the_oldest_first(backend: Backend) {
    let house = House::open(backend).await;
    house.set_clock("2030-01-31T10:00:00Z").await;
    let shop = Shop::open(&house).await;
    let windows = async || shop.buy(WINDOWS_MXN, 1).await.id;
    let mut both = shop.order(WINDOWS_MXN, 2);
    both.lines.push(PlaceOrderLine { offer_id: OFFICE_MXN.to_owned(), quantity: 1, ..Default::default() });
    // Seats wait with what they were ordered with (ORD-06).
    both.lines.push(PlaceOrderLine { offer_id: E1_MXN.to_owned(), quantity: 4, ..Default::default() });
    let first = windows().await;
    let mixed = shop.seller.lonja.place_order(&both).await.unwrap().id;
    let (third, fourth) = (windows().await, windows().await);
    let state = async |order: &str| {
        let order = shop.seller.get(&format!("/v1/orders/{order}")).await.json();
        assert!(order["lines"].as_array().unwrap().iter().all(|line| line["state"] == order["state"]), "{order}");
        order["state"].as_str().unwrap().to_owned()
    };
    for order in [&first, &mixed, &third, &fourth] {
        assert_eq!(state(order).await, "awaitingStock");
    }

    house.set_clock("2030-02-10T09:00:00Z").await;
    house.stock(WINDOWS, "2022", 3).await;
    // Nobody overtakes those who wait, even before they were served.
    let late = shop.buy(WINDOWS_MXN, 1).await;
    assert_eq!(late.state.as_str(), "awaitingStock");
    lonja::jobs::run_due(&house.state).await.unwrap();
    let states = async || {
        let mut states = Vec::new();
        for order in [&first, &mixed, &third, &fourth, &late.id] {
            states.push(state(order).await);
        }
        states
    };
    // The second waits for Office too; its Windows key is kept for it.
    let (done, waits) = ("completed", "awaitingStock");
    assert_eq!(states().await, [done, waits, done, waits, waits]);

    house.stock(OFFICE, "2024", 1).await;
    lonja::jobs::run_due(&house.state).await.unwrap();
    assert_eq!(states().await, [done, done, done, waits, waits]);
    assert_eq!(house.count("SELECT count(*) FROM invoices").await, 3);
    let seats = shop.seller.get(&format!("/v1/orders/{mixed}")).await.json()["lines"][2]["subscriptionId"].clone();
    let seats = shop.seller.get(&format!("/v1/subscriptions/{}", seats.as_str().unwrap())).await.json();
    assert_eq!((&seats["state"], &seats["quantity"]), (&json!("active"), &json!(4)), "{seats}");

    // The purchase is when the line completed; what is paid for begins that day (REF-01).
    let order = shop.seller.get(&format!("/v1/orders/{first}")).await;
    assert_eq!(order.json()["lines"][0]["period"], json!({ "start": "2030-02-10", "end": "2031-02-09" }));
    let entitlement = order.json()["lines"][0]["entitlementId"].as_str().unwrap().to_owned();
    let entitlement = shop.seller.get(&format!("/v1/entitlements/{entitlement}")).await;
    assert_eq!(
        (entitlement.json()["purchasedAt"].as_str(), entitlement.header("etag")),
        (Some("2030-02-10T09:00:00Z"), "\"2\""),
        "{}",
        entitlement.text
    );
    assert_eq!(order.header("etag"), "\"2\"");
    let completed = shop.seller.get("/v1/events?type=order.completed").await.json();
    assert_eq!(completed["items"].as_array().unwrap().len(), 3);

    // A unit that is given back before its key was seen serves the next.
    let quote = shop.seller.post("/v1/refund-quotes", &json!({ "orderId": third })).await.json();
    let third_order = shop.seller.lonja.get_order(&third).await.unwrap();
    let refund = json!(Shop::refund(&third_order, serde_json::from_value(quote["amount"].clone()).unwrap()));
    assert_eq!(shop.seller.post("/v1/refunds", &refund).await.status, 201);
    lonja::jobs::run_due(&house.state).await.unwrap();
    assert_eq!([state(&fourth).await, state(&late.id).await], [done, waits]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_swk_09_the_operator_is_told_once_when_stock_runs_low(backend: Backend) {
    let house = House::open_with(backend, "[software]\nlow_stock = 2\n").await;
    let (shop, operator) = (Shop::open(&house).await, house.operator().await);
    house.stock(WINDOWS, "2022", 5).await;
    let told = async || {
        house.seal().await;
        let events = operator.get("/v1/events?type=key_stock.low").await.json();
        let ids = |event: &Value| event["data"]["id"].as_str().unwrap().to_owned();
        events["items"].as_array().unwrap().iter().map(ids).collect::<Vec<_>>()
    };
    let mut bought = Vec::new();
    for _ in 0..2 {
        bought.push(shop.buy(WINDOWS_MXN, 1).await);
    }
    assert!(told().await.is_empty(), "three are free");
    for _ in 0..3 {
        bought.push(shop.buy(WINDOWS_MXN, 1).await);
    }
    assert_eq!(told().await, [WINDOWS], "as two are left, and not again with each that is sold");
    for order in &bought {
        let path = format!("/v1/entitlements/{}/keys:reveal", order.lines[0].entitlement_id.as_deref().unwrap());
        assert_eq!(shop.seller.post(&path, &choice("2022", "es", "x64")).await.status, 200);
    }
    assert_eq!(told().await, [WINDOWS.to_owned(), format!("{WINDOWS}/2022")]);
    assert!(shop.seller.get("/v1/events?type=key_stock.low").await.json()["items"].as_array().unwrap().is_empty());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_09_a_customer_sees_and_reveals_its_own_only(backend: Backend) {
    let house = House::open(backend).await;
    house.stock(WINDOWS, "2022", 2).await;
    let (shop, other) = (Shop::open(&house).await, Shop::open(&house).await);
    let (own, foreign) = (shop.buy(WINDOWS_MXN, 1).await, other.buy(WINDOWS_MXN, 1).await);
    let (own, foreign) =
        (own.lines[0].entitlement_id.as_deref().unwrap(), foreign.lines[0].entitlement_id.as_deref().unwrap());
    let customer = house.customer(&shop.customer.id).await;

    assert_eq!(software(&customer, &shop.customer.id).await.len(), 1);
    assert_eq!(customer.get(&format!("/v1/customers/{}/software", other.customer.id)).await.status, 404);
    let reveal = async |id: &str| {
        customer.post(&format!("/v1/entitlements/{id}/keys:reveal"), &choice("2022", "es", "x64")).await
    };
    let shown = reveal(own).await;
    assert_eq!((shown.status.as_u16(), shown.header("cache-control")), (200, "no-store"), "{}", shown.text);
    for path in ["", "/media"] {
        assert_eq!(customer.get(&format!("/v1/entitlements/{own}{path}")).await.status, 200);
        assert_eq!(customer.get(&format!("/v1/entitlements/{foreign}{path}")).await.status, 404);
    }
    assert_eq!(reveal(foreign).await.status, 404);
    // The partner sees that its customer looked; the purchase's key is the same for both.
    let again = shop.seller.post(&format!("/v1/entitlements/{own}/keys:reveal"), &choice("2022", "es", "x64")).await;
    assert_eq!(again.json()["productKey"], shown.json()["productKey"]);
    house.seal().await;
    let events = shop.seller.get("/v1/events?type=product_key.revealed").await.json();
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
    // Nothing else is for it, and without its role no key.
    for path in ["/v1/orders", "/v1/offers", "/v1/customers", "/v1/invoices", "/v1/key-stock"] {
        assert_eq!(customer.get(path).await.status, 403, "{path}");
    }
    let rename = format!("/v1/entitlements/{own}");
    assert_eq!(customer.patch(&rename, "*", &json!({ "friendlyName": "Caja" })).await.status, 403);
    let clerk = house.client(TokenKind::Customer, None, Some(&shop.customer.id), &["software:keys"], &[]).await;
    let refused = clerk.post(&format!("/v1/entitlements/{own}/keys:reveal"), &choice("2022", "es", "x64")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "role_required"));
}

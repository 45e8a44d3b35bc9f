//! What partners earn: the comparison to the cent, advisor agreements, accruals and what takes them back.

use lonja::partners::PartnerKind;
use lonja_tests::Backend;
use lonja_tests::house::House;
use lonja_tests::shop::{OFFICE_MXN, Shop, WINDOWS_MXN};
use serde_json::{Value, json};
use test_case::test_case;

const E3: &str = "office-365-enterprise-e3";

fn eur(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ear_03_the_worked_example_to_the_cent(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let ask = json!({ "years": 3, "plans": [{ "offerId": E3, "seats": 10 }] });
    let answer = seller.post("/v1/earnings-comparisons", &ask).await.json();
    let years = answer["years"].as_array().unwrap();
    assert_eq!(years.len(), 3);
    assert_eq!(years[0]["sales"], eur("2280.00"));
    assert_eq!(years[0]["advisor"], json!({ "from": eur("364.80"), "to": eur("524.40") }));
    for year in &years[1..] {
        assert_eq!(year["advisor"], json!({ "from": eur("91.20"), "to": eur("91.20") }));
    }
    assert_eq!(answer["total"]["advisor"], json!({ "from": eur("547.20"), "to": eur("706.80") }));
    assert_eq!(answer["total"]["reseller"], eur("0.00"), "own price and provider's are the list price unless said");
    assert_eq!(answer["serviceGuide"][0]["from"], eur("30.00"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ear_02_the_reseller_earns_its_price_less_the_providers(backend: Backend) {
    let house = House::open(backend).await;
    let seller = house.partner(PartnerKind::IndirectReseller).await;
    let ask = json!({
        "years": 2,
        "firstYearPercent": "18.5",
        "plans": [
            { "offerId": E3, "seats": 10, "billingCycle": "annual", "ownPrice": eur("240.00"), "providerPrice": eur("205.20") },
            { "offerId": "exchange-online-plan-1", "seats": 3, "providerPrice": eur("3.00") },
        ],
        "services": [
            { "kind": "implementationAndMigration", "pricePerSeat": eur("30.00"), "period": "once" },
            { "kind": "managedServicesAndSupport", "pricePerSeat": eur("40.00"), "period": "yearly" },
        ],
    });
    let answer = seller.post("/v1/earnings-comparisons", &ask).await.json();
    assert_eq!(answer["seats"], 13);
    // 10 × 228.00 + 3 × 3.30 × 12 = 2 398.80; 18.5 % of it = 443.778.
    let first = &answer["years"][0];
    assert_eq!((&first["sales"], &first["advisor"]["from"]), (&eur("2398.80"), &eur("443.78")));
    // 10 × 34.80 + 3 × 0.30 × 12 = 358.80.
    assert_eq!((&first["reseller"], &first["services"]), (&eur("358.80"), &eur("910.00")));
    assert_eq!(first["resellerWithServices"], eur("1268.80"));
    let second = &answer["years"][1];
    // 4 % of 2 398.80 = 95.952.
    assert_eq!((&second["advisor"]["to"], &second["services"]), (&eur("95.95"), &eur("520.00")));
    assert_eq!(answer["total"]["reseller"], eur("717.60"));
}

#[test_case(json!({ "offerId": "office-365-enterprise-e4", "seats": 1 }), "/plans/0/offerId price_not_available"; "no price")]
#[test_case(json!({ "offerId": "office-365-e9", "seats": 1 }), "/plans/0/offerId offer_not_available"; "no such offer")]
#[test_case(json!({ "offerId": E3, "seats": 1, "termMonths": 36 }), "/plans/0/offerId term_not_available"; "no such term")]
#[test_case(json!({ "offerId": E3, "seats": 1, "ownPrice": { "amount": "1.005", "currency": "EUR" } }), "/plans/0/ownPrice/amount amount_too_precise"; "a tenth of a cent")]
#[test_case(json!({ "offerId": E3, "seats": 1, "ownPrice": { "amount": "1.00", "currency": "MXN" } }), "/plans/0/ownPrice/currency currency_mismatch"; "another currency")]
#[test_case(json!({ "offerId": E3, "seats": 1, "providerPrice": { "amount": "-1.00", "currency": "EUR" } }), "/plans/0/providerPrice/amount amount_not_positive"; "less than nothing")]
#[tokio::test]
async fn rule_ear_03_what_cannot_be_compared_is_named(plan: Value, fault: &str) {
    let house = House::open(Backend::Sqlite).await;
    let seller = house.partner(PartnerKind::DirectBill).await;
    let refused = seller.post("/v1/earnings-comparisons", &json!({ "years": 1, "plans": [plan] })).await;
    assert_eq!(refused.faults(), [fault], "{}", refused.text);
    let mixed = json!({ "years": 1, "firstYearPercent": "24", "plans": [
        { "offerId": E3, "seats": 1 }, { "offerId": WINDOWS_MXN, "seats": 1 },
    ] });
    let refused = seller.post("/v1/earnings-comparisons", &mixed).await;
    assert_eq!(
        refused.faults(),
        ["/firstYearPercent advisor_rate_out_of_bounds", "/plans/1/offerId currency_mismatch"]
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ear_01_a_rate_is_inside_the_bounds_and_one_agreement_for_each_customer(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let make = async |percent: &str| {
        let body = json!({ "customerId": shop.customer.id, "firstYearPercent": percent });
        shop.seller.post("/v1/advisor-agreements", &body).await
    };
    for percent in ["15.99", "23.01", "16.001", "-16", "16%"] {
        let refused = make(percent).await;
        assert_eq!(refused.faults(), ["/firstYearPercent advisor_rate_out_of_bounds"], "{percent}");
        assert_eq!(refused.status, 422);
    }
    let made = make("23").await.json();
    assert_eq!((&made["firstYearPercent"], &made["laterYearsPercent"]), (&json!("23"), &json!("4")));
    assert_eq!(make("16").await.faults(), ["/customerId advisor_agreement_exists"]);
    let list = shop.seller.get("/v1/advisor-agreements").await.json();
    assert_eq!(list["items"], json!([made]));

    let stranger = Shop::open(&house).await;
    assert_eq!(stranger.seller.get("/v1/advisor-agreements").await.json()["items"], json!([]));
    let body = json!({ "customerId": shop.customer.id, "firstYearPercent": "16" });
    assert_eq!(stranger.seller.post("/v1/advisor-agreements", &body).await.status, 404);
    assert_eq!(house.operator().await.get("/v1/advisor-agreements").await.json()["items"], json!([made]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ear_04_accruals_follow_invoices_and_credit_notes_take_them_back(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    house.set_clock("2199-03-01T12:00:00Z").await;
    house.stock("windows-server-standard", "2022", 4).await;
    house.stock("office-ltsc-professional-plus", "2024", 2).await;
    shop.buy(WINDOWS_MXN, 1).await;
    let body = json!({ "customerId": shop.customer.id, "firstYearPercent": "16.5" });
    assert_eq!(shop.seller.post("/v1/advisor-agreements", &body).await.json()["startsOn"], "2199-03-01");
    let earnings = async || shop.seller.get("/v1/earnings").await.json()["items"].as_array().unwrap().clone();
    assert_eq!(earnings().await.len(), 0, "what was invoiced before earns nothing");

    let order = shop.buy(OFFICE_MXN, 1).await;
    // 16.5 % of 12 999.00 = 2 144.835.
    let first = &earnings().await[0];
    assert_eq!((&first["kind"], &first["percent"], &first["year"]), (&json!("accrual"), &json!("16.5"), &json!(1)));
    assert_eq!(first["amount"], json!({ "amount": "2144.84", "currency": "MXN" }));
    let invoices = shop.seller.get(&format!("/v1/invoices?orderId={}", order.id)).await.json();
    assert_eq!(first["invoiceId"], invoices["items"][0]["id"]);

    let mut refund = serde_json::to_value(Shop::refund(&order, order.total.clone())).unwrap();
    refund["lineNumber"] = json!(1);
    assert_eq!(shop.seller.post("/v1/refunds", &refund).await.status, 201);
    let reversed = &earnings().await[1];
    assert_eq!((&reversed["kind"], &reversed["invoiceId"]), (&json!("reversal"), &first["invoiceId"]));
    assert_eq!(reversed["amount"], json!({ "amount": "-2144.84", "currency": "MXN" }), "to the cent");
    let notes = shop.seller.get("/v1/credit-notes").await.json();
    assert_eq!(reversed["creditNoteId"], notes["items"][0]["id"]);

    house.set_clock("2200-02-28T23:59:59Z").await;
    shop.buy(WINDOWS_MXN, 1).await;
    house.set_clock("2200-03-01T00:00:00Z").await;
    shop.buy(WINDOWS_MXN, 1).await;
    let all = earnings().await;
    let years: Vec<_> = all[2..].iter().map(|earning| (&earning["year"], &earning["amount"]["amount"])).collect();
    // 16.5 % and 4 % of 4 899.00.
    assert_eq!(years, [(&json!(1), &json!("808.34")), (&json!(2), &json!("195.96"))]);

    let only = shop.seller.get("/v1/earnings?kind=reversal").await.json();
    assert_eq!(only["items"].as_array().unwrap().len(), 1);
    let topics = "SELECT COUNT(*) AS count FROM events WHERE topic IN ('earning.accrued', 'earning.reversed')";
    assert_eq!(house.count(topics).await, 4);
    let stranger = house.partner(PartnerKind::DirectBill).await;
    assert_eq!(stranger.get("/v1/earnings").await.json()["items"], json!([]));
}

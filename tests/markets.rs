//! Regions, who may sell to whom, and that amounts keep their currency.

use lonja::partners::PartnerKind;
use lonja_tests::shop::WINDOWS_MXN;
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_mkt_01_the_regions_with_their_countries_and_currencies(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::IndirectReseller).await;
    let all = partner.get("/v1/markets").await.json();
    let items = all["items"].as_array().unwrap();
    assert_eq!((items.len(), &all["nextCursor"]), (15, &Value::Null));
    let countries: Vec<&Value> = items.iter().flat_map(|item| item["countries"].as_array().unwrap()).collect();
    let of = |code: &str| countries.iter().filter(|one| one["country"] == code).collect::<Vec<_>>();
    assert_eq!(of("PR"), [&&json!({ "country": "PR", "currency": "USD" })]);
    assert_eq!(of("GB"), [&&json!({ "country": "GB", "currency": "GBP" })]);
    assert_eq!(of("VA"), [&&json!({ "country": "VA", "currency": null })]);

    // Page by page it is the same list.
    let (mut seen, mut query) = (Vec::new(), "?limit=4".to_owned());
    while !query.is_empty() {
        let page = partner.get(&format!("/v1/markets{query}")).await.json();
        seen.extend(page["items"].as_array().unwrap().clone());
        query = page["nextCursor"].as_str().map(|next| format!("?limit=4&cursor={next}")).unwrap_or_default();
    }
    assert_eq!(&seen, items);

    let sides = partner.get("/v1/markets/check?seller=MX&buyer=PR").await.json();
    assert_eq!(sides["seller"], json!({ "country": "MX", "region": "latinAmerica", "currency": "USD" }));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_mkt_02_may_a_sell_to_b_with_reasons(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let check = async |seller: &str, buyer: &str| {
        let reply = partner.get(&format!("/v1/markets/check?seller={seller}&buyer={buyer}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    };
    for (seller, buyer) in [("FR", "DE"), ("MX", "PR"), ("mx", "MX"), ("UK", "IE")] {
        let answer = check(seller, buyer).await;
        assert_eq!((&answer["possible"], &answer["reasons"]), (&json!(true), &json!([])), "{seller} {buyer}");
    }
    for (seller, buyer) in [("US", "GB"), ("US", "UK"), ("MX", "ES"), ("US", "PR"), ("MX", "BR")] {
        let answer = check(seller, buyer).await;
        let reason = &answer["reasons"][0];
        assert_eq!((&answer["possible"], &reason["code"]), (&json!(false), &json!("region_mismatch")));
        assert_eq!(reason["context"]["sellerRegion"], answer["seller"]["region"]);
        assert_eq!(reason["context"]["buyerRegion"], answer["buyer"]["region"]);
    }
    // `UK` is the United Kingdom, and is called by its name.
    let kingdom = check("UK", "ES").await;
    assert_eq!(kingdom["seller"], json!({ "country": "GB", "region": "europe", "currency": "GBP" }));
    let nowhere = check("MX", "RU").await;
    assert_eq!(nowhere["reasons"][0]["code"], "country_without_region");
    assert_eq!(nowhere["buyer"], json!({ "country": "RU", "region": null, "currency": null }));

    let unknown = partner.get("/v1/markets/check?seller=ZZ&buyer=QQ").await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (422, "country_unknown"));
    assert_eq!(unknown.faults(), ["?buyer country_unknown", "?seller country_unknown"]);
    let long = partner.get("/v1/markets/check?seller=MEX&buyer=MX").await;
    assert_eq!(long.faults(), ["?seller field_too_long"]);
}

/// Every amount below a value, as `amount currency`; none without a currency.
fn amounts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(amount) = fields.get("amount").filter(|amount| amount.is_string()) {
                let currency = fields["currency"].as_str().expect("an amount has its currency beside it");
                found.push(format!("{} {currency}", amount.as_str().unwrap()));
            }
            fields.values().for_each(|field| amounts(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| amounts(item, found)),
        _ => {}
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_mkt_03_a_price_in_pesos_stays_in_pesos_in_a_market_of_dollars(backend: Backend) {
    let house = House::open(backend).await;
    house.stock("windows-server-standard", "2022", 2).await;
    let shop = Shop::open(&house).await;
    let market = shop.seller.get("/v1/markets/check?seller=MX&buyer=MX").await.json();
    assert_eq!(market["buyer"]["currency"], "USD");

    let offer = shop.seller.get(&format!("/v1/offers/{WINDOWS_MXN}")).await.json();
    let price: f64 = offer["price"]["amount"].as_str().unwrap().parse().unwrap();
    let order = shop.buy(WINDOWS_MXN, 2).await;
    let invoices = format!("/v1/invoices?orderId={}", order.id);
    for path in [format!("/v1/offers/{WINDOWS_MXN}"), format!("/v1/orders/{}", order.id), invoices] {
        let mut found = Vec::new();
        amounts(&shop.seller.get(&path).await.json(), &mut found);
        let [one, two] = [price, 2.0 * price].map(|amount| format!("{amount:.2} MXN"));
        assert!(!found.is_empty() && found.iter().all(|amount| *amount == one || *amount == two), "{path}: {found:?}");
    }
}

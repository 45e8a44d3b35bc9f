//! The catalogue as a seller reads it: plans with their prices, families and caps, upgrades, recommendations.

use lonja::partners::PartnerKind;
use lonja_tests::Backend;
use lonja_tests::actor::Actor;
use lonja_tests::house::House;
use lonja_tests::shop::{Shop, WINDOWS_MXN};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_case::test_case;

type Plan = (&'static str, &'static str, Option<&'static str>, &'static str, Option<u32>, Option<[u32; 2]>);

/// The plans of seed 000: short name, offer, price of a month, family, cap, target size.
const PLANS: [Plan; 10] = [
    ("sb", "office-365-small-business", Some("4.10"), "smallBusiness", Some(25), Some([1, 10])),
    ("sbp", "office-365-small-business-premium", Some("10.40"), "smallBusiness", Some(25), Some([1, 10])),
    ("mid", "office-365-midsize", Some("12.30"), "midsize", Some(300), Some([11, 250])),
    ("pp", "office-365-proplus", Some("12.90"), "enterprise", None, None),
    ("x1", "exchange-online-plan-1", Some("3.30"), "enterprise", None, None),
    ("x2", "exchange-online-plan-2", None, "enterprise", None, None),
    ("k1", "office-365-enterprise-k1", None, "enterprise", None, None),
    ("e1", "office-365-enterprise-e1", Some("6.50"), "enterprise", None, None),
    ("e3", "office-365-enterprise-e3", Some("19.00"), "enterprise", None, None),
    ("e4", "office-365-enterprise-e4", None, "enterprise", None, None),
];
/// Its upgrade table: 23 pairs.
const UPGRADES: [(&str, &[&str]); 8] = [
    ("sb", &["sbp", "mid", "e1", "e3", "e4"]),
    ("sbp", &["mid", "e3", "e4"]),
    ("mid", &["e3", "e4"]),
    ("e1", &["e3", "e4"]),
    ("x2", &["e3", "e4"]),
    ("x1", &["e1", "e3", "e4"]),
    ("pp", &["e1", "e3", "e4"]),
    ("k1", &["e1", "e3", "e4"]),
];

async fn seller(house: &House) -> Actor {
    house.partner(PartnerKind::DirectBill).await
}

fn ids(reply: &Value) -> BTreeSet<String> {
    reply["items"].as_array().unwrap().iter().map(|offer| offer["id"].as_str().unwrap().to_owned()).collect()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_01_the_plans_of_2013_with_their_prices_caps_and_families(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    let list = seller.get("/v1/offers?catalogue=office-365-2013&limit=200").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), PLANS.len());
    for (_, id, price, family, cap, size) in PLANS {
        let offer = seller.get(&format!("/v1/offers/{id}")).await.json();
        let listed = list["items"].as_array().unwrap().iter().find(|listed| listed["id"] == id).unwrap();
        assert_eq!(&offer, listed);
        assert_eq!((&offer["kind"], &offer["license"], &offer["gcc"]), (&json!("cloud"), &Value::Null, &json!(false)));
        let expected = price.map(|price| json!({ "amount": price, "currency": "EUR" }));
        assert_eq!(offer["price"], json!(expected), "{id}");
        assert_eq!((&offer["family"], &offer["seatCap"]), (&json!(family), &json!(cap)), "{id}");
        assert_eq!(offer["targetSize"], json!(size.map(|[from, to]| json!({ "from": from, "to": to }))), "{id}");
        assert_eq!(offer["soldUntil"], Value::Null, "there is no end date");
        let cycles: Vec<_> = offer["terms"].as_array().unwrap().iter().map(|term| &term["billingCycle"]).collect();
        assert_eq!(cycles, [&json!("monthly"), &json!("annual")], "CAT-08");
    }
    let offer = seller.get("/v1/offers/office-365-enterprise-e3").await.json();
    assert_eq!(offer["terms"][1]["price"], json!({ "amount": "228.00", "currency": "EUR" }));
    let features: Vec<_> = offer["features"].as_array().unwrap().iter().map(|f| (&f["id"], &f["quantity"])).collect();
    assert!(features.contains(&(&json!("mailboxStorage"), &json!("50"))), "{features:?}");
    assert!(features.contains(&(&json!("serviceLevel"), &json!("99.9"))), "{features:?}");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_01_a_plan_without_a_price_is_listed_and_cannot_be_ordered(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let order = serde_json::to_value(shop.order("office-365-enterprise-e4", 1)).unwrap();
    let refused = shop.seller.post("/v1/orders", &order).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_mkt_03_offers_are_filtered_and_nothing_is_converted(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    let all = ids(&seller.get("/v1/offers?limit=200").await.json());
    let of = async |query: &str| ids(&seller.get(&format!("/v1/offers?limit=200&{query}")).await.json());
    let gcc = of("gcc=true").await;
    let products =
        ["office-365-e3-gcc", "power-bi-pro-gcc", "dynamics-365-sales-gcc", "enterprise-mobility-security-e3-gcc"];
    assert_eq!(gcc, products.map(|product| format!("{product}-usd")).into());
    assert_eq!(of("gcc=false").await.len() + gcc.len(), all.len());
    assert_eq!(of("kind=software").await.len() + of("kind=cloud").await.len(), all.len());
    assert_eq!(of("family=smallBusiness").await.len(), 2);
    assert_eq!(of("productId=office-365-e3").await.len(), 3);
    let spanish = of("market=ES").await;
    assert_eq!(spanish, of("currency=EUR").await);
    assert!(spanish.contains("office-365-midsize") && !spanish.contains(WINDOWS_MXN), "{spanish:?}");
    assert!(of("currency=MXN").await.contains(WINDOWS_MXN));
    assert_eq!(of("market=ES&currency=MXN").await, BTreeSet::new());
    assert_eq!(of("channel=open").await.len(), PLANS.len());
    assert_eq!(of("soldAt=2013-01-01T00:00:00Z").await, BTreeSet::new());
    assert_eq!(of("soldAt=2014-01-01T00:00:00Z").await.len(), PLANS.len());
    let unknown = seller.get("/v1/offers?market=QQ").await;
    assert_eq!((unknown.status.as_u16(), unknown.faults()), (400, vec!["?market country_unknown".to_owned()]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_plt_03_the_catalogue_is_tagged_and_known_by_its_language(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    for path in ["/v1/offers", "/v1/offers/office-365-enterprise-e3", "/v1/offers/office-365-small-business/upgrades"] {
        let english = seller.get(path).await;
        let again = [("if-none-match", english.header("etag"))];
        assert_eq!(seller.send(Method::GET, path, &again, None).await.status, 304, "{path}");
        let spanish = [("if-none-match", english.header("etag")), ("accept-language", "es")];
        let spanish = seller.send(Method::GET, path, &spanish, None).await;
        assert_eq!(spanish.status, 200, "{path}: words in another language are another answer");
        assert_ne!(spanish.text, english.text);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_04_every_pair_of_the_table_and_none_outside_it(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    let plan = |short: &str| *PLANS.iter().find(|plan| plan.0 == short).unwrap();
    let (mut inside, mut outside) = (0, 0);
    for (from, from_id, _, from_family, ..) in PLANS {
        let answer = seller.get(&format!("/v1/offers/{from_id}/upgrades?channel=advisor")).await.json();
        let upgrades = answer["upgrades"].as_array().unwrap();
        let targets = UPGRADES.iter().find(|row| row.0 == from).map(|row| row.1).unwrap_or_default();
        for (to, to_id, price, to_family, ..) in PLANS {
            let found = upgrades.iter().find(|upgrade| upgrade["offerId"] == to_id);
            assert_eq!(found.is_some(), targets.contains(&to), "CAT-04: {from} to {to}");
            let Some(found) = found else {
                outside += 1;
                continue;
            };
            inside += 1;
            // CAT-05: inside a family some may move, across families all.
            let scope = if from_family == to_family { "subset" } else { "allUsers" };
            assert_eq!((&found["scope"], &found["allowed"]), (&json!(scope), &json!(true)), "{from} to {to}");
            assert_eq!(found["price"]["amount"], json!(price), "{from} to {to}");
            let codes: Vec<&str> =
                found["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
            assert_eq!(codes.contains(&"no_price_listed"), plan(to).2.is_none());
            assert_eq!(codes.contains(&"same_family"), from_family == to_family);
        }
    }
    assert_eq!((inside, outside), (23, 77));
}

#[test_case("officeWeb", true; "the vendor's web shop")]
#[test_case("advisor", true; "advisor")]
#[test_case("syndication", true; "syndication")]
#[test_case("open", false; "open")]
#[test_case("csp", false; "csp")]
#[tokio::test]
async fn rule_cat_06_the_table_of_2013_names_its_channels(channel: &str, served: bool) {
    let house = House::open(Backend::Sqlite).await;
    let seller = seller(&house).await;
    let of = async |offer: &str| {
        let answer = seller.get(&format!("/v1/offers/{offer}/upgrades?channel={channel}")).await.json();
        let allowed = answer["upgrades"].as_array().unwrap().iter().map(|upgrade| upgrade["allowed"] == true);
        allowed.collect::<Vec<_>>()
    };
    assert_eq!(of("office-365-enterprise-e1").await, [served; 2]);
    // The current sample adds csp.
    assert_eq!(of("office-365-e1-mxn").await, [channel != "open"; 2]);
}

#[test_case(1, false, "basic", "mail", "small", "sb"; "one user")]
#[test_case(10, false, "basic", "mail", "small", "sb"; "exactly ten are few")]
#[test_case(10, true, "basic", "mail", "large", "x1"; "ten that grow")]
#[test_case(11, false, "basic", "mail", "large", "x1"; "eleven")]
#[test_case(10, false, "advanced", "mail", "large", "x1"; "ten with advanced needs")]
#[test_case(10, false, "basic", "desktopApps", "small", "sbp"; "apps for ten")]
#[test_case(10, false, "basic", "bothOrOther", "small", "sbp"; "both for ten")]
#[test_case(11, false, "basic", "desktopApps", "large", "pp"; "apps for eleven")]
#[test_case(11, false, "basic", "bothOrOther", "large", "e3"; "both for eleven")]
#[test_case(1, true, "advanced", "bothOrOther", "large", "e3"; "one that grows, with advanced needs")]
#[tokio::test]
async fn rule_cat_07_the_plan_that_suits(users: u32, growing: bool, it: &str, want: &str, size: &str, plan: &str) {
    let house = House::open(Backend::Sqlite).await;
    let seller = seller(&house).await;
    let ask = json!({ "users": users, "growing": growing, "itNeeds": it, "want": want });
    let answer = seller.post("/v1/plan-recommendations", &ask).await.json();
    let expected = PLANS.iter().find(|known| known.0 == plan).unwrap().1;
    assert_eq!((&answer["size"], &answer["plan"]["productId"]), (&json!(size), &json!(expected)), "{answer}");
    let reasons: Vec<&str> =
        answer["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    assert_eq!(reasons.contains(&"few_users"), users <= 10);
    assert_eq!(reasons.contains(&"growing"), growing);
    assert_eq!(reasons.contains(&"advanced_it"), it == "advanced");
    assert!(answer["reasons"].as_array().unwrap().iter().all(|reason| !reason["detail"].as_str().unwrap().is_empty()));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_09_signals_tell_the_profiles_with_what_to_offer(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    let ask = json!({ "users": 40, "itNeeds": "basic", "want": "mail",
        "signals": ["windowsXp", "exchange2007OrOlder", "serverUpgradeAhead"] });
    let spanish = [("accept-language", "es-MX")];
    let path = "/v1/plan-recommendations";
    let answer = seller.send(Method::POST, path, &spanish, Some(ask.to_string())).await.json();
    let profiles: Vec<_> = answer["profiles"].as_array().unwrap().iter().map(|profile| &profile["id"]).collect();
    assert_eq!(profiles, [&json!("oldMailServer"), &json!("oldOffice")], "those with most signals first");
    let profile = &answer["profiles"][1];
    assert_eq!(profile["signals"][0]["detail"], "Clientes que siguen usando Windows XP");
    assert_eq!(profile["challenges"][1], "Soporte limitado para los trabajadores móviles");
    assert_eq!(profile["plan"]["productId"], "office-365-proplus");
    assert_eq!(answer["profiles"][0]["plan"]["offers"][0]["price"], json!({ "amount": "3.30", "currency": "EUR" }));

    let unknown = json!({ "users": 1, "itNeeds": "basic", "want": "mail", "signals": ["windowsXp", "windowsXP"] });
    let refused = seller.post(path, &unknown).await;
    assert_eq!((refused.status.as_u16(), refused.faults()), (422, vec!["/signals/1 signal_unknown".to_owned()]));
    let nobody = seller.post(path, &json!({ "users": 0, "itNeeds": "some", "want": "mail" })).await;
    let faults = vec!["/itNeeds field_not_allowed".to_owned(), "/users field_out_of_range".to_owned()];
    let mut found = nobody.faults();
    found.sort();
    assert_eq!((nobody.status.as_u16(), found), (400, faults));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_07_what_to_mind_is_said(backend: Backend) {
    let house = House::open(backend).await;
    let seller = seller(&house).await;
    let ask = json!({ "users": 10, "itNeeds": "basic", "want": "mail", "currency": "MXN" });
    let answer = seller.post("/v1/plan-recommendations", &ask).await.json();
    assert_eq!(answer["plan"]["remarks"][0]["code"], "not_sold_in_currency", "nothing is converted: {answer}");
    assert_eq!(answer["plan"]["offers"], json!([]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_08_an_offer_has_several_terms_each_with_its_cycle_and_price(backend: Backend) {
    let house = House::open(backend).await;
    let offer = seller(&house).await.get("/v1/offers/microsoft-365-business-basic-mxn").await.json();
    let terms: Vec<_> = offer["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| (&term["termMonths"], &term["billingCycle"], &term["price"]["amount"]))
        .collect();
    let expected = [(12, "monthly", "119.00"), (12, "annual", "1428.00"), (1, "monthly", "142.80")];
    assert_eq!(json!(terms), json!(expected));
    assert_eq!(offer["extensionPrice"]["amount"], "147.08");
}

/// A version of a plan's only offer.
fn version(price: &str, from: &str) -> String {
    json!({
        "name": "dated",
        "source": "A test.",
        "products": [{ "id": "dated-server", "kind": "software",
            "media": [{ "versions": ["2022"], "languages": ["es"], "bitnesses": ["x64"] }] }],
        "offers": [{ "id": "dated-server-1y", "productId": "dated-server", "name": "Dated Server", "currency": "MXN",
            "soldFrom": from, "terms": [{ "termMonths": 12, "billingCycle": "annual", "refund": "softwareSubscription",
                "price": { "amount": price, "currency": "MXN" } }] }],
    })
    .to_string()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cat_01_offers_are_versioned_by_date_and_an_order_keeps_its_price(backend: Backend) {
    let house = House::open(backend).await;
    let import = async |price: &str, from: &str| {
        let checked = lonja::catalog::read(&version(price, from)).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        lonja::catalog::take_in(&house.state, &checked, |_done| {}).await.unwrap().unwrap();
    };
    import("100.00", "2199-01-01T00:00:00Z").await;
    import("120.00", "2199-07-01T00:00:00Z").await;
    let shop = Shop::open(&house).await;
    let path = "/v1/offers/dated-server-1y";
    let price = async |query: &str| {
        let list = shop.seller.get(&format!("/v1/offers?productId=dated-server{query}")).await.json();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|offer| offer["price"]["amount"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(price("").await, Vec::<String>::new(), "not sold yet");
    assert_eq!(shop.seller.get(path).await.json()["soldFrom"], "2199-01-01T00:00:00Z", "the first one to come");
    assert_eq!(price("&soldAt=2199-06-30T23:59:59Z").await, ["100.00"]);
    assert_eq!(price("&soldAt=2199-07-01T00:00:00Z").await, ["120.00"]);
    house.set_clock("2199-06-30T12:00:00Z").await;
    house.stock("dated-server", "2022", 2).await;
    let order = shop.buy("dated-server-1y", 2).await;
    let before = shop.seller.get(path).await;
    assert_eq!(
        (&before.json()["price"]["amount"], &before.json()["soldUntil"]),
        (&json!("100.00"), &json!("2199-07-01T00:00:00Z"))
    );
    house.set_clock("2199-07-01T00:00:00Z").await;
    let after = shop.seller.get(path).await;
    assert_eq!(after.json()["price"]["amount"], "120.00");
    assert_ne!(before.header("etag"), after.header("etag"));
    let kept = shop.seller.get(&format!("/v1/orders/{}", order.id)).await.json();
    assert_eq!(
        (&kept["total"]["amount"], &kept["lines"][0]["unitPrice"]["amount"]),
        (&json!("200.00"), &json!("100.00"))
    );
    assert_eq!(shop.buy("dated-server-1y", 1).await.total.amount, "120.00");
}

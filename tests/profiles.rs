//! Addresses and registration numbers of customers, country by country.

use lonja_tests::shop::new_customer;
use lonja_tests::{Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;

/// A customer of this country with this state and postal code.
fn customer(country: &str, state: &Value, postal_code: &str) -> Value {
    let mut customer = serde_json::to_value(new_customer()).unwrap();
    customer["country"] = json!(country);
    customer["address"]["postalCode"] = json!(postal_code);
    match state {
        Value::Null => drop(customer["address"].as_object_mut().unwrap().remove("state")),
        state => customer["address"]["state"] = state.clone(),
    }
    customer
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_05_addresses_are_checked_by_country(backend: Backend) {
    let house = House::open(backend).await;
    let seller = Shop::open(&house).await.seller;
    let both = ["/address/postalCode postal_code_invalid", "/address/state state_unknown"];
    for (country, state, postal_code, faults) in [
        ("MX", json!("TX"), "066000", &both[..]),
        ("MX", Value::Null, "06600", &both[1..]),
        ("US", json!("CMX"), "78701-12", &both),
        ("CA", json!("Ontari"), "K1A 0B1", &both[1..]),
        ("CN", json!("东京"), "100096", &both[1..]),
        ("GB", Value::Null, "QQ1 1AA", &both[..1]),
        ("ES", Value::Null, "3660", &both[..1]),
    ] {
        let refused = seller.post("/v1/customers", &customer(country, &state, postal_code)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.faults()),
            (422, faults.iter().map(|f| (*f).to_owned()).collect())
        );
    }
    // The expected form is named; and the address is told together with all else.
    let mut wrong = customer("CA", &json!("ON"), "K1A");
    wrong["companyName"] = json!("LLC");
    let refused = seller.post("/v1/customers", &wrong).await;
    assert_eq!(refused.faults(), ["/address/postalCode postal_code_invalid", "/companyName company_name_invalid"]);
    assert_eq!(refused.json()["errors"][1]["context"], json!({ "country": "CA", "expected": "K1A 0B1" }));
    let states = seller.post("/v1/customers", &customer("MX", &json!("?"), "06600")).await.json();
    assert_eq!(states["context"]["allowed"].as_array().unwrap().len(), 32);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_enr_05_a_better_address_is_suggested_and_not_forced(backend: Backend) {
    let house = House::open(backend).await;
    let seller = Shop::open(&house).await.seller;
    let proper = seller.post("/v1/customers", &customer("MX", &json!("CMX"), "06600")).await.json();
    assert_eq!(proper["suggestedAddress"], Value::Null);
    for (country, typed, [state, postal_code]) in [
        ("CA", (json!("québec"), "k1a0b1"), ["QC", "K1A 0B1"]),
        ("US", (json!("Texas"), "787011234"), ["TX", "78701-1234"]),
        ("MX", (json!("Nuevo Leon"), " 64000"), ["NLE", "64000"]),
        ("CN", (json!("广东省"), "510000"), ["GD", "510000"]),
        // The usual mistake is stored as GB, whose codes then hold.
        ("UK", (json!("Greater  London"), "sw1a1aa"), ["Greater London", "SW1A 1AA"]),
    ] {
        let made = seller.post("/v1/customers", &customer(country, &typed.0, typed.1)).await.json();
        let suggested = &made["suggestedAddress"];
        assert_eq!((&suggested["state"], &suggested["postalCode"]), (&json!(state), &json!(postal_code)), "{made}");
        assert_eq!((&made["address"]["state"], &made["address"]["postalCode"]), (&typed.0, &json!(typed.1)));

        // It stays so when it is read, until it is taken.
        let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
        let read = seller.get(&path).await;
        assert_eq!(read.json()["suggestedAddress"], *suggested);
        let taken = seller.patch(&path, read.header("etag"), &json!({ "address": suggested })).await.json();
        assert_eq!((&taken["address"], &taken["suggestedAddress"]), (suggested, &Value::Null));
        assert_eq!(taken["country"], if country == "UK" { "GB" } else { country });
    }
    let path = format!("/v1/customers/{}", proper["id"].as_str().unwrap());
    let etag = seller.get(&path).await.header("etag").to_owned();
    let elsewhere = customer("US", &json!("TX"), "78701-1234")["address"].clone();
    let refused = seller.patch(&path, &etag, &json!({ "address": elsewhere })).await;
    assert_eq!(refused.faults(), ["/address/postalCode postal_code_invalid", "/address/state state_unknown"]);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_03_the_registration_number_is_mandatory_or_refused_by_country(backend: Backend) {
    let house = House::open(backend).await;
    let seller = Shop::open(&house).await.seller;
    let with = |mut customer: Value, number: &str| {
        customer["organizationRegistrationNumber"] = json!(number);
        customer
    };
    let venezuela = customer("VE", &Value::Null, "1010");
    let mexico = customer("MX", &json!("CMX"), "06600");
    for (body, fault) in [
        (venezuela.clone(), "/organizationRegistrationNumber registration_number_required"),
        (with(venezuela.clone(), " - "), "/organizationRegistrationNumber registration_number_required"),
        (with(mexico.clone(), "J-12345678-9"), "/organizationRegistrationNumber registration_number_not_accepted"),
    ] {
        let refused = seller.post("/v1/customers", &body).await;
        assert_eq!((refused.status.as_u16(), refused.faults()), (422, vec![fault.to_owned()]));
    }
    let made = seller.post("/v1/customers", &with(venezuela, "J-12345678-9")).await;
    assert_eq!(made.json()["organizationRegistrationNumber"], "J-12345678-9");
    let made = (made.header("location").to_owned(), made.header("etag").to_owned());
    let changed = seller.patch(&made.0, &made.1, &json!({ "organizationRegistrationNumber": "J-98765432-1" })).await;
    assert_eq!(changed.status, 200);
    assert_eq!(seller.get(&made.0).await.json()["organizationRegistrationNumber"], "J-98765432-1");

    let other = seller.post("/v1/customers", &mexico).await;
    assert_eq!(other.json()["organizationRegistrationNumber"], Value::Null);
    let number = json!({ "organizationRegistrationNumber": "J-98765432-1" });
    let refused = seller.patch(other.header("location"), other.header("etag"), &number).await;
    assert_eq!(refused.code(), "registration_number_not_accepted");
}

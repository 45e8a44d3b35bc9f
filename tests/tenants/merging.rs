//! A second record of an organisation leads to the first, once its contact there has accepted (TEN-08).

use super::{contact as contact_of, customer, delete, get, made, mail, path_of, refused, text, told};
use lonja::partners::PartnerKind;
use lonja_tests::open::{self, E1, clear, enable, redemption, retrieve, signature};
use lonja_tests::shop::{E1_MXN, E3_MXN, WINDOWS_MXN, contact, new_customer};
use lonja_tests::tenants::{accept, answers, link};
use lonja_tests::{Actor, Backend, House, Shop};
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

const BUSINESS_MXN: &str = "microsoft-365-business-basic-mxn";

/// A customer whose contact the partner has typed in as somebody of its choice.
async fn customer_reached_at(partner: &Actor, email: &str) -> String {
    let mut asked = json!(new_customer());
    asked["contact"]["email"] = json!(email);
    let made = partner.post("/v1/customers", &asked).await;
    assert_eq!(made.status, 201, "{}", made.text);
    text(&made.json(), "id")
}

async fn attest(partner: &Actor, customer: &str) {
    let body = json!({ "contact": contact(), "agreedAt": "2020-01-01T00:00:00Z" });
    let reply = partner.post(&format!("/v1/customers/{customer}/agreements"), &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

fn order(customer: &str, tenant: &Value, offer: &str, quantity: u32) -> Value {
    json!({ "customerId": customer, "tenantId": tenant["id"], "lines": [{ "offerId": offer, "quantity": quantity }] })
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_08_two_records_of_one_organisation_become_one(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (first, other) = (&shop.customer.id, house.partner(PartnerKind::DirectBill).await);
    let guid = Uuid::new_v4();
    let tenant = made(&shop.seller, first, &json!({ "mode": "link", "tenantId": guid })).await;
    assert_eq!(shop.seller.post("/v1/orders", &order(first, &tenant, E1_MXN, 5)).await.status, 201);

    house.stock("windows-server-standard", "2022", 1).await;

    // Another partner has a record of its own, with a contact of its choice, and sells on.
    let second = customer_reached_at(&other, "compras@panaderiasol.example").await;
    attest(&other, &second).await;
    let theirs = made(&other, &second, &json!({ "mode": "link", "tenantId": guid })).await;
    assert_eq!(theirs["state"], "awaitingAcceptance");
    let fits = other.post("/v1/orders", &order(&second, &theirs, WINDOWS_MXN, 1)).await.json();
    let unfit = other.post("/v1/orders", &order(&second, &theirs, BUSINESS_MXN, 9)).await.json();
    assert_eq!([&fits["state"], &unfit["state"]], ["awaitingAcceptance", "awaitingAcceptance"]);
    let (fits, unfit) = (text(&fits, "id"), text(&unfit, "id"));

    // Only the contact that is on record gets the code; whom the asker named gets nothing.
    let accepted = accept(&house, &other, &theirs).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    let codes = house.texts("SELECT recipient AS text FROM acceptance_codes").await;
    assert!(codes.iter().all(|to| to == "lucia@panaderiasol.example"), "{codes:?}");

    // The second record and its tenant lead to the first; the partner sees those, and what it sold is there.
    for (path, kept) in [(format!("/v1/customers/{second}"), first), (path_of(&theirs), &text(&tenant, "id"))] {
        let gone = other.get(&path).await;
        refused(&gone, 410, "record_merged");
        assert_eq!(gone.json()["context"]["mergedInto"], json!(kept));
        refused(&house.partner(PartnerKind::DirectBill).await.get(&path).await, 404, "not_found");
    }
    assert_eq!(get(&other, &tenant).await["state"], "active");
    let listed = other.get("/v1/customers").await.json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &json!(first)));
    let listed = other.get("/v1/tenants").await.json();
    assert!(listed["items"].as_array().unwrap().iter().all(|one| one["id"] != theirs["id"]), "{listed}");
    let sold = other.get(&format!("/v1/orders/{fits}")).await.json();
    assert_eq!(
        (&sold["state"], &sold["customerId"], &sold["tenantId"]),
        (&json!("completed"), &json!(first), &tenant["id"])
    );
    let dropped = other.get(&format!("/v1/orders/{unfit}")).await.json();
    assert_eq!(
        (&dropped["state"], &dropped["cancelledBecause"]),
        (&json!("cancelled"), &json!("tenantHoldsOtherPlans"))
    );
    // From now on it sells there.
    assert_eq!(other.post("/v1/orders", &order(first, &tenant, E3_MXN, 2)).await.status, 201);
    let licenses = other.get(&format!("{}/licenses", path_of(&tenant))).await.json();
    assert_eq!(licenses["items"].as_array().unwrap().len(), 2, "what others sold is not shown: {licenses}");
    for topic in ["customer.merged", "tenant.merged"] {
        assert_eq!(told(&house, &other, topic).await, 1, "{topic}");
        assert_eq!(told(&house, &shop.seller, topic).await, 0, "{topic}");
    }
    // Families still hold over all that is on it (CAT-03), and it can be unlinked by nobody now.
    let family = other.post("/v1/orders", &order(first, &tenant, BUSINESS_MXN, 1)).await;
    refused(&family, 409, "plan_family_conflict");
    refused(&delete(&other, &tenant).await, 409, "tenant_has_live_licenses");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_08_a_record_that_is_more_than_a_question_is_not_merged(backend: Backend) {
    let house = House::open(backend).await;
    let (partner, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let (first, second) = (customer(&partner).await, customer(&other).await);
    let guid = Uuid::new_v4();
    let tenant = made(&partner, &first, &json!({ "mode": "link", "tenantId": guid })).await;
    made(&other, &second, &link(&json!({}))).await;
    let theirs = made(&other, &second, &json!({ "mode": "link", "tenantId": guid })).await;
    let late = accept(&house, &other, &theirs).await;
    refused(&late, 409, "tenant_belongs_to_other_customer");
    assert!(!late.text.contains(&first), "{}", late.text);
    assert_eq!(get(&other, &theirs).await["state"], "awaitingAcceptance");
    assert_eq!(get(&partner, &tenant).await["state"], "active");

    // Whoever has changed the contact on record does not get its code (CUS-06).
    let changer = house.partner(PartnerKind::DirectBill).await;
    contact_of(&house, &changer).await;
    let third = customer_reached_at(&changer, "compras@panaderiasol.example").await;
    let again = made(&changer, &third, &json!({ "mode": "link", "tenantId": guid })).await;
    let changed = format!("UPDATE customers SET contact_changed_by = '{}' WHERE id = '{first}'", changer.partner_id);
    house.execute(&changed).await;
    let sent = changer.post(&answers(&again), &json!({ "decision": "sendCode" })).await;
    refused(&sent, 409, "contact_changed_by_partner");
    let no = changer.post(&answers(&again), &json!({ "decision": "decline" })).await;
    assert_eq!(no.status, 200, "{}", no.text);
    assert_eq!(mail(&house, "mail_tenant_declined").await["to"], super::RESELLER);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_08_opn_01_agreements_of_open_go_with_the_record(backend: Backend) {
    let house = House::open(backend).await;
    let shop = Shop::open(&house).await;
    let (first, other) = (&shop.customer.id, house.partner(PartnerKind::DirectBill).await);
    enable(&house, &other.partner_id).await;
    let guid = Uuid::new_v4();
    let tenant = made(&shop.seller, first, &json!({ "mode": "link", "tenantId": guid })).await;
    let second = customer_reached_at(&other, "compras@panaderiasol.example").await;
    attest(&other, &second).await;
    let make = json!({ "customerId": second, "kind": "openLicense" });
    let agreement = text(&other.post("/v1/open/agreements", &make).await.json(), "id");
    let path = format!("/v1/open/agreements/{agreement}");
    let signed = house.customer(&second).await.post(&format!("{path}:sign"), &signature()).await;
    assert_eq!(signed.status, 200, "{}", signed.text);
    let before = other.get(&path).await;
    assert_eq!(before.json()["customerId"], json!(second));

    let theirs = made(&other, &second, &json!({ "mode": "link", "tenantId": guid })).await;
    assert_eq!(accept(&house, &other, &theirs).await.status, 200);
    let after = other.get(&path).await;
    assert_eq!((&after.json()["customerId"], &after.json()["state"]), (&json!(first), &json!("active")));
    assert_ne!(after.header("etag"), before.header("etag"));
    let listed = other.get(&format!("/v1/open/agreements?customerId={first}")).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    // It is its partner's as before, and keys that are bought on it are the organisation's.
    assert_eq!(shop.seller.get(&path).await.status, 404);
    house.stock(E1, "open", 1).await;
    let tenant = text(&tenant, "id");
    let placed = other.post("/v1/open/orders", &open::order(&agreement, &tenant, &other.partner_id, &[(E1, 2)])).await;
    assert_eq!((placed.status.as_u16(), &placed.json()["customerId"]), (201, &json!(first)), "{}", placed.text);
    let customer = house.customer(first).await;
    let key = clear(&retrieve(&customer, placed.json()["lines"][0]["keyId"].as_str().unwrap()).await);
    let redeemed = customer.post("/v1/open/redemptions", &redemption(&[key])).await;
    assert_eq!((redeemed.status.as_u16(), &redeemed.json()["customerId"]), (201, &json!(first)), "{}", redeemed.text);
}

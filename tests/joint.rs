//! What provider and reseller do with customers through their link: customers created through a provider (CUS-01), one
//! invitation for both (LNK-08), shared customers (LNK-07), and the provider's own relationship (LNK-09).

use lonja::partners::{PartnerKind, PartnerState};
use lonja_tests::actor::refused;
use lonja_tests::linked::{self, Linked};
use lonja_tests::shop::{WINDOWS_MXN, contact, new_customer};
use lonja_tests::{Actor, Backend, House, Reply};
use serde_json::{Value, json};
use test_case::test_case;

fn organization(more: Value) -> Value {
    let mut body = serde_json::to_value(new_customer()).unwrap();
    body["contact"] = serde_json::to_value(contact()).unwrap();
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    body
}

async fn create(partner: &Actor, provider: Option<&str>) -> Reply {
    let more = provider.map_or(json!({}), |id| json!({ "providerId": id }));
    partner.post("/v1/customers", &organization(more)).await
}

async fn invite(partner: &Actor, link: &str, more: Value) -> Reply {
    partner.post(&format!("/v1/indirect-provider-links/{link}/customer-invitations"), &organization(more)).await
}

async fn accept(partner: &Actor, request: &Value) -> Reply {
    let token = request["link"].as_str().unwrap().rsplit('/').next().unwrap();
    let yes = json!({
        "decision": "accept", "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
    });
    partner.post(&format!("/v1/acceptances/{token}"), &yes).await
}

async fn ids(partner: &Actor, path: &str) -> Vec<String> {
    let reply = partner.get(&format!("{path}?limit=200")).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    let items = reply.json()["items"].as_array().cloned().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// How often this partner was told of it.
async fn told(house: &House, partner: &Actor, topic: &str) -> usize {
    house.seal().await;
    let page = partner.get(&format!("/v1/events?type={topic}&limit=200")).await;
    page.json()["items"].as_array().unwrap_or_else(|| panic!("{}", page.text)).len()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_01_an_indirect_reseller_creates_customers_through_its_provider(backend: Backend) {
    let house = House::open(backend).await;
    let alone = house.partner(PartnerKind::IndirectReseller).await;
    let stranger = house.partner(PartnerKind::IndirectProvider).await;
    refused(&create(&alone, None).await, 403, "customer_creation_not_allowed");
    let unlinked = create(&alone, Some(&stranger.partner_id)).await;
    refused(&unlinked, 409, "link_not_active");
    assert_eq!(unlinked.faults(), ["/providerId link_not_active"]);

    let pair = Linked::open(&house).await;
    let before =
        (ids(&pair.provider, "/v1/customers").await.len(), told(&house, &pair.provider, "customer.created").await);
    let made = create(&pair.reseller, None).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    // Both have it, both were told, and it is a shared customer at once.
    for partner in [&pair.provider, &pair.reseller] {
        assert!(ids(partner, "/v1/customers").await.contains(&id));
    }
    assert_eq!(ids(&pair.provider, "/v1/customers").await.len(), before.0 + 1);
    assert_eq!(told(&house, &pair.provider, "customer.created").await, before.1 + 1);
    assert_eq!(told(&house, &pair.reseller, "customer.created").await, 1);
    let shared = format!("/v1/indirect-provider-links/{}/customers", pair.link);
    assert!(ids(&pair.reseller, &shared).await.contains(&id));
    assert!(!ids(&stranger, "/v1/customers").await.contains(&id));

    // With two providers it says which.
    let second = house.partner(PartnerKind::IndirectProvider).await;
    linked::link(&house, &second, &pair.reseller).await;
    let unsaid = create(&pair.reseller, None).await;
    refused(&unsaid, 422, "provider_required");
    assert_eq!(unsaid.faults(), ["/providerId provider_required"]);
    let through = create(&pair.reseller, Some(&second.partner_id.to_uppercase())).await;
    assert_eq!(through.status, 201, "{}", through.text);
    assert_eq!(ids(&second, "/v1/customers").await, [through.json()["id"].as_str().unwrap()]);
    refused(&create(&pair.reseller, Some(&stranger.partner_id)).await, 409, "link_not_active");

    // One that was stopped takes no more; after the end of the link there is no way through it.
    let stop = format!(
        "UPDATE partners SET state = '{}' WHERE id = '{}'",
        PartnerState::Suspended.as_str(),
        second.partner_id
    );
    house.execute(&stop).await;
    let stopped = create(&pair.reseller, Some(&second.partner_id)).await;
    refused(&stopped, 409, "provider_not_active");
    let end = format!("/v1/indirect-provider-links/{}:end", pair.link);
    assert_eq!(pair.provider.post(&end, &Value::Null).await.status, 200);
    refused(&create(&pair.reseller, Some(&pair.provider.partner_id)).await, 409, "link_not_active");
    assert!(ids(&pair.provider, "/v1/customers").await.contains(&id), "what was created stays (LNK-10)");

    // Who creates customers by itself names no provider.
    for kind in [PartnerKind::DirectBill, PartnerKind::IndirectProvider] {
        let partner = house.partner(kind).await;
        refused(&create(&partner, Some(&stranger.partner_id)).await, 403, "partner_kind_not_allowed");
        assert_eq!(create(&partner, None).await.status, 201);
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_08_one_answer_is_for_both_and_recorded_for_each(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Linked::open(&house).await;
    let (reseller, provider) = (&pair.reseller, &pair.provider);
    let before = ids(provider, "/v1/customers").await;
    let made = invite(reseller, &pair.link, json!({ "sendMail": true })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(
        made.header("location")
            .ends_with(&format!("/v1/relationship-requests/{}", made.json()["id"].as_str().unwrap()))
    );
    let made = made.json();
    // The provider sees what was asked for it too, without the link that opens it.
    let own = format!("/v1/relationship-requests/{}", made["id"].as_str().unwrap());
    let seen = provider.get(&own).await;
    assert!(seen.status == 200 && !seen.text.contains("/accept/"), "{}", seen.text);
    let token = made["link"].as_str().unwrap().rsplit('/').next().unwrap();
    let shown = provider.get(&format!("/v1/acceptances/{token}")).await.json();
    let kinds = [&shown["parties"][0]["kind"], &shown["parties"][1]["kind"]];
    assert_eq!(kinds, ["indirectReseller", "indirectProvider"]);
    assert_eq!(ids(provider, "/v1/customers").await, before, "nobody has it before it has accepted");

    assert_eq!(accept(reseller, &made).await.status, 200);
    let shared = format!("/v1/indirect-provider-links/{}/customers", pair.link);
    for partner in [reseller, provider] {
        let request = partner.get(&own).await.json();
        let parties = request["parties"].as_array().unwrap();
        assert!(parties.len() == 2 && parties.iter().all(|party| party["acceptedAt"].is_string()), "{request}");
        let customer = request["customerId"].as_str().unwrap().to_owned();
        assert!(ids(partner, "/v1/customers").await.contains(&customer));
        assert!(ids(partner, &shared).await.contains(&customer), "it is a shared customer (LNK-07)");
        let relationships = format!("/v1/customers/{customer}/relationships");
        assert_eq!(ids(partner, &relationships).await.len(), 2, "both were accepted together");
        assert_eq!(told(&house, partner, "relationship_request.accepted").await, 1);
    }
    // Each relationship is one of its own: the end of one leaves the other.
    let customer = reseller.get(&own).await.json()["customerId"].as_str().unwrap().to_owned();
    let list = reseller.get(&format!("/v1/customers/{customer}/relationships")).await.json();
    let mine = list["items"].as_array().unwrap().iter().find(|one| one["partnerId"] == reseller.partner_id.as_str());
    let path = format!("/v1/customers/{customer}/relationships/{}", mine.unwrap()["id"].as_str().unwrap());
    assert_eq!(reseller.send(reqwest::Method::DELETE, &path, &[], None).await.status, 204);
    assert!(!ids(reseller, "/v1/customers").await.contains(&customer));
    assert!(ids(provider, "/v1/customers").await.contains(&customer));
    assert!(!ids(provider, &shared).await.contains(&customer), "and it is no longer shared (LNK-07)");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_08_only_the_reseller_of_a_live_link_invites_for_both(backend: Backend) {
    let house = House::open(backend).await;
    let (pair, others) = (Linked::open(&house).await, Linked::open(&house).await);
    refused(&invite(&pair.provider, &pair.link, json!({})).await, 403, "partner_kind_not_allowed");
    refused(&invite(&others.reseller, &pair.link, json!({})).await, 404, "not_found");
    let numbered = json!({ "organizationRegistrationNumber": "J-12345678-9" });
    refused(&invite(&pair.reseller, &pair.link, numbered).await, 422, "registration_number_not_accepted");
    let open = invite(&pair.reseller, &pair.link, json!({})).await.json();
    let end = format!("/v1/indirect-provider-links/{}:end", pair.link);
    assert_eq!(pair.reseller.post(&end, &Value::Null).await.status, 200);
    refused(&invite(&pair.reseller, &pair.link, json!({})).await, 409, "link_not_active");
    // What was asked through it can no longer be accepted nor sent again, but declined.
    refused(&accept(&pair.reseller, &open).await, 409, "link_not_active");
    let own = format!("/v1/relationship-requests/{}", open["id"].as_str().unwrap());
    refused(&pair.reseller.post(&format!("{own}:resend"), &Value::Null).await, 409, "link_not_active");
    let token = open["link"].as_str().unwrap().rsplit('/').next().unwrap();
    let no = pair.reseller.post(&format!("/v1/acceptances/{token}"), &json!({ "decision": "decline" })).await;
    assert_eq!(no.status, 200, "{}", no.text);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_lnk_09_a_provider_orders_only_for_who_has_accepted_it(backend: Backend) {
    let house = House::open(backend).await;
    let (pair, others) = (Linked::open(&house).await, Linked::open(&house).await);
    // The reseller's own customer: it has accepted the reseller alone.
    let asked = pair.reseller.post("/v1/relationship-requests", &organization(json!({}))).await.json();
    assert_eq!(accept(&pair.reseller, &asked).await.status, 200);
    let own = format!("/v1/relationship-requests/{}", asked["id"].as_str().unwrap());
    let customer = pair.reseller.get(&own).await.json()["customerId"].as_str().unwrap().to_owned();
    let order = json!({
        "customerId": customer, "tenantId": customer, "lines": [{ "offerId": WINDOWS_MXN, "quantity": 1 }],
    });
    for path in ["/v1/orders", "/v1/orders:preview"] {
        refused(&pair.provider.post(path, &order).await, 409, "provider_relationship_required");
        refused(&others.provider.post(path, &order).await, 404, "not_found");
    }
    assert_eq!(pair.provider.get(&format!("/v1/customers/{customer}")).await.status, 404);
    // Asked through the link, with the code that goes to the customer's own contact, it accepts the provider too.
    let known = invite(&pair.reseller, &pair.link, json!({ "customerId": customer })).await;
    assert!(known.status == 201 && known.json()["needsCode"] == true, "{}", known.text);
    let token = known.json()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let answers = format!("/v1/acceptances/{token}");
    assert_eq!(pair.reseller.post(&answers, &json!({ "decision": "sendCode" })).await.status, 200);
    let url = format!("{}/v1/sandbox/emails?kind=mail_acceptance_code", house.url);
    let mails: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    let subject = mails["items"].as_array().unwrap().last().unwrap()["subject"].as_str().unwrap().to_owned();
    let code = subject.split_whitespace().find(|word| word.len() == 6 && word.parse::<u32>().is_ok()).unwrap();
    let yes = json!({
        "decision": "accept", "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
        "code": code,
    });
    assert_eq!(pair.reseller.post(&answers, &yes).await.status, 200);
    // Now the provider sees it; what is wrong is only that the tenant is none.
    let next = pair.provider.post("/v1/orders", &order).await;
    assert!(next.status == 404 && next.json()["context"]["thing"] == "tenant", "{}", next.text);
    // After the end of the link a customer of the reseller's is again nobody's business.
    let end = format!("/v1/indirect-provider-links/{}:end", others.link);
    assert_eq!(others.provider.post(&end, &Value::Null).await.status, 200);
    refused(&others.provider.post("/v1/orders", &order).await, 404, "not_found");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_cus_04_each_party_is_told_once_that_a_request_ran_out(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Linked::open(&house).await;
    let made = invite(&pair.reseller, &pair.link, json!({})).await.json();
    let until: chrono::DateTime<chrono::Utc> = made["expiresAt"].as_str().unwrap().parse().unwrap();
    let told = async || {
        let topic = "relationship_request.expired";
        (told(&house, &pair.reseller, topic).await, told(&house, &pair.provider, topic).await)
    };
    house.set_clock(&(until - chrono::TimeDelta::seconds(1)).to_rfc3339()).await;
    assert_eq!(told().await, (0, 0));
    for days in [0, 1] {
        house.set_clock(&(until + chrono::TimeDelta::days(days)).to_rfc3339()).await;
        assert_eq!(told().await, (1, 1));
    }
    // Sent again it lives again, and may run out again.
    let own = format!("/v1/relationship-requests/{}", made["id"].as_str().unwrap());
    let again = pair.reseller.post(&format!("{own}:resend"), &Value::Null).await.json();
    let until: chrono::DateTime<chrono::Utc> = again["expiresAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(told().await, (1, 1));
    house.set_clock(&until.to_rfc3339()).await;
    assert_eq!(told().await, (2, 2));
    // What was answered does not run out.
    let answered = invite(&pair.reseller, &pair.link, json!({})).await.json();
    assert_eq!(accept(&pair.reseller, &answered).await.status, 200);
    house.set_clock(&(until + chrono::TimeDelta::days(200)).to_rfc3339()).await;
    assert_eq!(told().await, (2, 2));
}

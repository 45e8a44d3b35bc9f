//! Tenants: names, linking, acceptance, credentials, licences, unlinking (TEN-01 to TEN-09).

mod licenses;
mod merging;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use lonja::access::Role;
use lonja::partners::PartnerKind;
use lonja_tests::actor::refused;
use lonja_tests::house::partner_scopes;
use lonja_tests::shop::new_customer;
use lonja_tests::tenants::{accept, answers, link, mail, name};
use lonja_tests::{Actor, Backend, House, Linked, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;
use uuid::Uuid;

/// Where mail to the resellers of these tests goes.
const RESELLER: &str = "socios@integradorapacifico.example";

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

async fn customer(partner: &Actor) -> String {
    partner.lonja.create_customer(&new_customer()).await.unwrap().id
}

async fn ask(partner: &Actor, customer: &str, body: &Value) -> Reply {
    partner.post(&format!("/v1/customers/{customer}/tenants"), body).await
}

async fn made(partner: &Actor, customer: &str, body: &Value) -> Value {
    let reply = ask(partner, customer, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

async fn get(partner: &Actor, tenant: &Value) -> Value {
    let reply = partner.get(&path_of(tenant)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn path_of(tenant: &Value) -> String {
    format!("/v1/tenants/{}", text(tenant, "id"))
}

async fn delete(partner: &Actor, tenant: &Value) -> Reply {
    partner.send(Method::DELETE, &path_of(tenant), &[], None).await
}

/// Gives a partner somebody to write to.
async fn contact(house: &House, partner: &Actor) {
    let contact = json!({ "firstName": "Marta", "lastName": "Ruiz", "email": RESELLER });
    let id = &partner.partner_id;
    house.execute(&format!("UPDATE partners SET primary_contact = '{contact}' WHERE id = '{id}'")).await;
}

async fn told(house: &House, partner: &Actor, topic: &str) -> usize {
    house.seal().await;
    let page = partner.get(&format!("/v1/events?type={topic}&limit=200")).await;
    page.json()["items"].as_array().unwrap_or_else(|| panic!("{}", page.text)).len()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_02_what_is_taken_is_told_with_free_ones_like_it(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let customer = customer(&partner).await;
    let available = async |domain: &str| partner.get(&format!("/v1/domains/{domain}/availability")).await;
    let longest = "abcdefghijklmnopqrstuvwxyz0";
    for name in ["panaderiasol", longest] {
        let free = available(name).await.json();
        assert_eq!(
            (&free["available"], &free["alternatives"], &free["domain"]),
            (&json!(true), &json!([]), &json!(format!("{name}.onmicrosoft.com")))
        );
        made(&partner, &customer, &json!({ "mode": "create", "name": name })).await;
        for asked in [name.to_owned(), format!("{name}.onmicrosoft.com")] {
            let taken = available(&asked).await.json();
            assert_eq!(taken["available"], false);
            let alternatives = taken["alternatives"].as_array().unwrap();
            assert_eq!(alternatives.len(), 5, "{taken}");
            for free in alternatives {
                let free = free.as_str().unwrap();
                assert!(free.len() <= 27 + ".onmicrosoft.com".len(), "{free}");
                assert_eq!(available(free).await.json()["available"], true, "{free}");
            }
        }
        // Every one that was suggested can be had; then it is suggested no more.
        let suggested = available(name).await.json()["alternatives"].clone();
        for one in suggested.as_array().unwrap() {
            let name = one.as_str().unwrap().trim_end_matches(".onmicrosoft.com");
            made(&partner, &customer, &json!({ "mode": "create", "name": name })).await;
        }
        let next = available(name).await.json()["alternatives"].clone();
        let is_new = |one: &Value| !suggested.as_array().unwrap().contains(one);
        assert!(next.as_array().unwrap().len() == 5 && next.as_array().unwrap().iter().all(is_new), "{next}");
    }
    for bad in ["PanaderiaSol", "panaderia-sol", &format!("{longest}1"), "panader%C3%ADa", "sol.example", "%20"] {
        refused(&available(bad).await, 422, "domain_name_invalid");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_01_03_what_is_wrong_is_refused_and_takes_no_name(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let customer = customer(&partner).await;
    let nil = Uuid::nil();
    let guid = Uuid::new_v4();
    let wrong = [
        (json!({ "mode": "create", "name": "abcdefghijklmnopqrstuvwxyz01" }), "/name domain_name_invalid"),
        (json!({ "mode": "create", "name": "PanaderiaSol" }), "/name domain_name_invalid"),
        // The letter that looks like an i.
        (json!({ "mode": "create", "name": "panaderіasol" }), "/name domain_name_invalid"),
        (json!({ "mode": "create", "name": "panaderia-sol" }), "/name domain_name_invalid"),
        (json!({ "mode": "create" }), "/name field_required"),
        (json!({ "mode": "create", "name": "panaderiasol", "tenantId": guid }), "/tenantId field_not_allowed"),
        (json!({ "mode": "create", "name": "panaderiasol", "domain": "sol.example" }), "/domain field_not_allowed"),
        (json!({ "mode": "link", "tenantId": nil }), "/tenantId tenant_id_invalid"),
        (json!({ "mode": "link", "tenantId": "3f2b0c1e8d4a4f6b9c2d1e0f5a7b8c9d" }), "/tenantId field_format"),
        (json!({ "mode": "link", "tenantId": "3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9" }), "/tenantId field_format"),
        (json!({ "mode": "link", "domain": "panadería.example" }), "/domain domain_invalid"),
        (json!({ "mode": "link", "domain": "sol.onmicrosоft.com" }), "/domain domain_invalid"),
        (json!({ "mode": "link", "domain": "panaderiasol" }), "/domain domain_invalid"),
        (json!({ "mode": "link", "domain": "a.b.onmicrosoft.com" }), "/domain domain_invalid"),
        (json!({ "mode": "link" }), " tenant_reference_required"),
        (json!({ "mode": "link", "name": "sol", "domain": "luna.onmicrosoft.com" }), "/domain tenant_names_differ"),
        (link(&json!({ "providerId": Uuid::new_v4() })), "/providerId link_not_active"),
    ];
    for (body, fault) in wrong {
        let reply = ask(&partner, &customer, &body).await;
        assert!(reply.status.is_client_error(), "{body}: {}", reply.text);
        assert_eq!(reply.faults(), [fault], "{body}: {}", reply.text);
        let preview = partner.post(&format!("/v1/customers/{customer}/tenants:preview"), &body).await;
        match reply.status.as_u16() {
            400 if reply.code() == "invalid_request" => refused(&preview, 400, "invalid_request"),
            _ => {
                let (told, code) = (preview.json(), reply.code());
                assert_eq!((&told["possible"], &told["reasons"][0]["code"]), (&json!(false), &json!(code)));
            }
        }
    }
    assert_eq!(partner.get("/v1/tenants").await.json()["items"], json!([]));
    let free = partner.get("/v1/domains/panaderiasol/availability").await.json();
    assert_eq!(free["available"], true, "nothing of it was burnt");
    // Capitals are the same domain, and the same GUID.
    let body = json!({ "mode": "link", "domain": "PanaderiaSol.Example", "tenantId": guid.to_string().to_uppercase() });
    let linked = made(&partner, &customer, &body).await;
    assert_eq!(linked["state"], "active");
    assert_eq!((&linked["customDomain"], &linked["directoryId"]), (&json!("panaderiasol.example"), &json!(guid)));
    assert!(linked["domain"].is_null() && linked["acceptance"].is_null());
    for again in
        [json!({ "mode": "link", "domain": "panaderiasol.example" }), json!({ "mode": "link", "tenantId": guid })]
    {
        refused(&ask(&partner, &customer, &again).await, 409, "tenant_already_linked");
    }
    // What was linked cannot be created.
    made(&partner, &customer, &json!({ "mode": "link", "domain": "panaderialuna.onmicrosoft.com" })).await;
    let taken = ask(&partner, &customer, &json!({ "mode": "create", "name": "panaderialuna" })).await;
    refused(&taken, 409, "domain_taken");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_04_credentials_are_shown_once(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let customer = customer(&partner).await;
    let tenant = made(&partner, &customer, &json!({ "mode": "create", "name": "panaderiasol" })).await;
    assert!(!tenant.to_string().contains("admin@"), "creating shows none");
    let path = format!("{}/credentials:reveal", path_of(&tenant));
    let reason = json!({ "reason": "Entrega al cliente" });
    let kept = house.texts("SELECT sealed AS text FROM tenant_credentials").await;

    // Of several at once one sees them.
    let keys: Vec<String> = (0..4).map(|_| Uuid::new_v4().to_string()).collect();
    let replies = join_all(keys.iter().map(|key| partner.post_with(&path, key, &reason))).await;
    let winner = replies.iter().position(|reply| reply.status == 200).unwrap();
    for (index, reply) in replies.iter().enumerate().filter(|(index, _)| *index != winner) {
        refused(reply, 409, "credentials_already_revealed");
        assert_ne!(index, winner);
    }
    let shown = replies[winner].json();
    assert_eq!(shown["userName"], "admin@panaderiasol.onmicrosoft.com");
    let password = text(&shown, "temporaryPassword");
    assert!(password.len() == 20 && !kept[0].contains(&password), "sealed until then");
    assert_eq!(house.count("SELECT count(*) FROM tenant_credentials WHERE sealed IS NOT NULL").await, 0);

    // The same client with the same key sees the same, nobody else.
    let again = partner.post_with(&path, &keys[winner], &reason).await;
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", shown));
    let kin = house.client_of(&partner.partner_id, &partner_scopes(), &[Role::AdminAgent]).await;
    refused(&kin.post_with(&path, &keys[winner], &reason).await, 410, "secret_already_shown");
    refused(&kin.post(&path, &reason).await, 409, "credentials_already_revealed");
    refused(&partner.post(&path, &reason).await, 409, "credentials_already_revealed");
    house.execute("UPDATE idempotency_answers SET answered_at = '2020-01-01 00:00:00'").await;
    refused(&partner.post_with(&path, &keys[winner], &reason).await, 410, "secret_already_shown");
    assert_eq!(told(&house, &partner, "tenant.credentials_revealed").await, 1);
    let audited = "SELECT reason AS text FROM audit_records WHERE operation = 'reveal_tenant_credentials' \
                   AND outcome = 'done' ORDER BY seq";
    assert_eq!(house.texts(audited).await[0], "Entrega al cliente");
    assert!(house.texts(audited).await[1..].iter().all(|reason| reason.contains("shown again")), "audited as a replay");
    let everywhere = "SELECT data AS text FROM events";
    assert!(house.texts(everywhere).await.iter().all(|data| !data.contains(&password)));

    // What was linked has its own; and another partner of the customer's sees none.
    let linked = made(&partner, &customer, &link(&json!({}))).await;
    let none = format!("{}/credentials:reveal", path_of(&linked));
    refused(&partner.post(&none, &reason).await, 409, "tenant_has_no_credentials");
    let second = made(&partner, &customer, &json!({ "mode": "create", "name": "panaderialuna" })).await;
    let other = house.partner(PartnerKind::DirectBill).await;
    lonja_tests::linked::accept(&house, &other.partner_id, &customer).await;
    let path = format!("{}/credentials:reveal", path_of(&second));
    refused(&other.post(&path, &reason).await, 409, "tenant_has_no_credentials");
    assert_eq!(partner.post(&path, &reason).await.status, 200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_05_the_customer_accepts_both_and_activation_goes_on_by_itself(backend: Backend) {
    let house = House::open(backend).await;
    let pair = Linked::open(&house).await;
    let (reseller, provider) = (&pair.reseller, &pair.provider);
    contact(&house, reseller).await;
    let customer =
        text(&reseller.post("/v1/customers", &serde_json::to_value(new_customer()).unwrap()).await.json(), "id");
    let body = json!({ "mode": "link", "domain": "panaderiasol.example", "previousProvider": true });
    let preview = reseller.post(&format!("/v1/customers/{customer}/tenants:preview"), &body).await.json();
    assert_eq!((&preview["possible"], &preview["state"]), (&json!(true), &json!("awaitingAcceptance")), "{preview}");
    assert_eq!(preview["toAccept"].as_array().unwrap().len(), 2);

    let tenant = made(reseller, &customer, &body).await;
    assert_eq!(tenant["state"], "awaitingAcceptance");
    let parties = |tenant: &Value| {
        let parties = tenant["acceptance"]["parties"].as_array().unwrap().clone();
        let one = |party: &Value| (text(party, "partnerId"), party["acceptedAt"].is_string());
        parties.iter().map(one).collect::<Vec<_>>()
    };
    let (first, second) = (reseller.partner_id.clone(), provider.partner_id.clone());
    assert_eq!(parties(&tenant), [(first.clone(), false), (second.clone(), false)]);
    // The reseller is mailed what it forwards, and the texts to do it with.
    let link = text(&tenant["acceptance"], "link");
    let forward = mail(&house, "mail_tenant_acceptance").await;
    assert_eq!(forward["to"], RESELLER);
    for words in [&forward, &tenant["acceptance"]["texts"][0], &tenant["acceptance"]["texts"][1]] {
        let words = text(words, "text");
        assert!(words.contains(&link) && words.contains("panaderiasol.example"), "{words}");
    }
    let page = house.http().get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("panaderiasol.example"), "the page says for what");
    assert_eq!(reseller.get(&answers(&tenant)).await.json()["tenant"], "panaderiasol.example");
    // Afterwards the link is not shown, also not to the provider.
    for partner in [reseller, provider] {
        let seen = get(partner, &tenant).await;
        assert!(seen["acceptance"]["link"].is_null() && !seen.to_string().contains(&link), "{seen}");
    }
    // Whoever holds the link cannot accept without the code.
    let yes = json!({ "decision": "accept", "firstName": "Marta", "lastName": "Ruiz", "email": RESELLER });
    refused(&reseller.post(&answers(&tenant), &yes).await, 422, "acceptance_code_required");

    let accepted = accept(&house, reseller, &tenant).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    for partner in [reseller, provider] {
        let seen = get(partner, &tenant).await;
        assert_eq!((&seen["state"], &seen["acceptance"]["state"]), (&json!("active"), &json!("accepted")), "{seen}");
        assert_eq!(parties(&seen), [(first.clone(), true), (second.clone(), true)]);
        assert_eq!(told(&house, partner, "tenant.activated").await, 1);
        assert_eq!(told(&house, partner, "tenant.acceptance_requested").await, 1);
    }
    assert_eq!(mail(&house, "mail_tenant_active").await["to"], RESELLER);
    refused(
        &reseller.post(&format!("{}:resend-acceptance", path_of(&tenant)), &Value::Null).await,
        409,
        "tenant_not_awaiting_acceptance",
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_05_it_can_be_declined_run_out_and_be_sent_again(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    contact(&house, &partner).await;
    let customer = customer(&partner).await;
    let elsewhere = json!({ "previousProvider": true });
    let states = async |state: &str| {
        let page = partner.get(&format!("/v1/tenants?state={state}")).await.json();
        page["items"].as_array().unwrap().len()
    };

    let declined = made(&partner, &customer, &link(&elsewhere)).await;
    let no = partner.post(&answers(&declined), &json!({ "decision": "decline" })).await;
    assert_eq!(no.status, 200, "{}", no.text);
    assert_eq!((get(&partner, &declined).await["state"].clone(), states("declined").await), (json!("declined"), 1));
    assert_eq!(told(&house, &partner, "tenant.declined").await, 1);
    assert!(text(&mail(&house, "mail_tenant_declined").await, "text").contains(&text(&declined, "directoryId")));
    // It is free again.
    let body = json!({ "mode": "link", "tenantId": declined["directoryId"], "previousProvider": true });
    let again = made(&partner, &customer, &body).await;
    assert_eq!((states("awaitingAcceptance").await, states("expired").await), (1, 0));

    let until: DateTime<Utc> = text(&again["acceptance"], "expiresAt").parse().unwrap();
    let before = partner.get(&path_of(&again)).await;
    house.set_clock(&until.to_rfc3339()).await;
    let expired = partner.get(&path_of(&again)).await;
    assert_eq!(
        (&expired.json()["state"], &expired.json()["acceptance"]["state"]),
        (&json!("expired"), &json!("expired"))
    );
    assert_ne!(expired.header("etag"), before.header("etag"));
    assert_eq!((states("awaitingAcceptance").await, states("expired").await), (0, 1));
    house.set_clock(&(until + TimeDelta::days(1)).to_rfc3339()).await;
    assert_eq!(told(&house, &partner, "tenant.expired").await, 1, "told once");
    mail(&house, "mail_tenant_expired").await;

    // Sent again it waits again, with another link.
    let resend = format!("{}:resend-acceptance", path_of(&again));
    let key = Uuid::new_v4().to_string();
    let stale = partner.send(Method::POST, &resend, &[("idempotency-key", &key), ("if-match", "\"1\"")], None).await;
    refused(&stale, 412, "precondition_failed");
    let sent = partner.post(&resend, &Value::Null).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let sent = sent.json();
    assert_eq!((&sent["state"], states("awaitingAcceptance").await), (&json!("awaitingAcceptance"), 1));
    assert_ne!(answers(&sent), answers(&again));
    refused(&partner.get(&answers(&again)).await, 404, "not_found");
    assert_eq!(accept(&house, &partner, &sent).await.status, 200);
    assert_eq!(get(&partner, &again).await["state"], "active");

    // Unlinking one that waits takes the request back.
    let given_up = made(&partner, &customer, &link(&elsewhere)).await;
    assert_eq!(delete(&partner, &given_up).await.status, 204);
    assert_eq!(get(&partner, &given_up).await["state"], "unlinked");
    refused(&partner.get(&answers(&given_up)).await, 410, "acceptance_withdrawn");
    // And so does taking the request itself back.
    let withdrawn = made(&partner, &customer, &link(&elsewhere)).await;
    let request = format!("/v1/relationship-requests/{}", text(&withdrawn["acceptance"], "requestId"));
    assert_eq!(partner.get(&request).await.json()["tenantId"], withdrawn["id"]);
    assert_eq!(partner.post(&format!("{request}:withdraw"), &Value::Null).await.status, 200);
    assert_eq!(get(&partner, &withdrawn).await["state"], "unlinked");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_05_the_configured_storefront_is_accepted_beside_the_distributor(backend: Backend) {
    let storefront = Uuid::new_v4();
    let house = House::open_with(backend, &format!("[storefront]\npartner_id = \"{storefront}\"\n")).await;
    house
        .execute(&format!(
            "INSERT INTO partners (id, kind, legal_name, country, state, version, created_at)
             VALUES ('{storefront}', 'directBill', 'Distribuidora del Golfo', 'MX', 'active', 1, '2026-01-01 00:00:00')"
        ))
        .await;
    let pair = Linked::open(&house).await;
    let customer = pair.shared_customer().await;
    let tenant = made(&pair.reseller, &customer, &link(&json!({ "previousProvider": true }))).await;
    let parties = tenant["acceptance"]["parties"].as_array().unwrap().clone();
    let named: Vec<String> = parties.iter().map(|party| text(party, "partnerId")).collect();
    // Who asks is named beside them: the tenant is then among its tenants.
    assert_eq!(named, [storefront.to_string(), pair.provider.partner_id.clone(), pair.reseller.partner_id.clone()]);
    assert_eq!(accept(&house, &pair.reseller, &tenant).await.status, 200);
    assert_eq!(get(&pair.reseller, &tenant).await["state"], "active");
    assert_eq!(told(&house, &pair.reseller, "tenant.activated").await, 1, "who linked it is told, too");
    let accepted = format!(
        "SELECT count(*) FROM relationships WHERE customer_id = '{customer}' AND partner_id = '{storefront}'
         AND state = 'accepted'"
    );
    assert_eq!(house.count(&accepted).await, 1);

    // A link that has ended meanwhile ends what was asked through it.
    let late = made(&pair.reseller, &customer, &link(&json!({ "previousProvider": true }))).await;
    let end = format!("/v1/indirect-provider-links/{}:end", pair.link);
    assert_eq!(pair.provider.post(&end, &Value::Null).await.status, 200);
    refused(&accept(&house, &pair.reseller, &late).await, 409, "link_not_active");
    refused(&ask(&pair.reseller, &customer, &link(&json!({ "previousProvider": true }))).await, 409, "link_not_active");
    // What nobody served before needs no provider.
    assert_eq!(made(&pair.reseller, &customer, &link(&json!({}))).await["state"], "active");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_08_a_tenant_belongs_to_one_customer(backend: Backend) {
    let house = House::open(backend).await;
    let (partner, other) = (house.partner(PartnerKind::DirectBill).await, house.partner(PartnerKind::DirectBill).await);
    let (first, second, theirs) = (customer(&partner).await, customer(&partner).await, customer(&other).await);
    let body = json!({ "mode": "link", "tenantId": Uuid::new_v4(), "domain": "panaderiasol.example" });
    let tenant = made(&partner, &first, &body).await;
    let refusal = ask(&partner, &second, &body).await;
    refused(&refusal, 409, "tenant_belongs_to_other_customer");
    assert!(!refusal.text.contains(&first) && !refusal.text.contains(&text(&tenant, "id")), "{}", refusal.text);

    // To another partner it is one that somebody serves already: it learns no more than that the customer is asked.
    let foreign = made(&other, &theirs, &body).await;
    assert_eq!(foreign["state"], "awaitingAcceptance", "a known relationship is on record (TEN-05)");
    assert!(!foreign.to_string().contains(&first) && !foreign.to_string().contains(&partner.partner_id));
    assert_eq!(get(&other, &foreign).await["state"], "awaitingAcceptance");
    // When it is unlinked there, it can be accepted here.
    assert_eq!(delete(&partner, &tenant).await.status, 204);
    assert_eq!(accept(&house, &other, &foreign).await.status, 200);
    assert_eq!(get(&other, &foreign).await["state"], "active");
    // Whoever comes back is one that another provider serves.
    assert_eq!(made(&partner, &first, &body).await["state"], "awaitingAcceptance");
    // One that merely waits holds nobody up, who does not see it.
    let wanted = link(&json!({ "previousProvider": true }));
    made(&other, &theirs, &wanted).await;
    assert_eq!(
        made(&partner, &first, &json!({ "mode": "link", "tenantId": wanted["tenantId"] })).await["state"],
        "active"
    );

    // A partner's own work account is no customer's tenant.
    house
        .execute("INSERT INTO taken_domains (domain, taken_at) VALUES ('golfo.onmicrosoft.com', '2026-01-01 00:00:00')")
        .await;
    let own = json!({ "mode": "link", "domain": "golfo.onmicrosoft.com" });
    refused(&ask(&partner, &first, &own).await, 409, "tenant_belongs_to_other_customer");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn rule_ten_08_of_several_who_link_one_tenant_at_once_one_gets_it(backend: Backend) {
    let house = House::open(backend).await;
    let partner = house.partner(PartnerKind::DirectBill).await;
    let customers = [customer(&partner).await, customer(&partner).await, customer(&partner).await];
    for body in [link(&json!({})), json!({ "mode": "link", "domain": "panaderiasol.onmicrosoft.com" })] {
        let replies = join_all(customers.iter().map(|customer| ask(&partner, customer, &body))).await;
        let won = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(won, 1, "{replies:?}");
        for lost in replies.iter().filter(|reply| reply.status != 201) {
            refused(lost, 409, "tenant_belongs_to_other_customer");
        }
    }
    // Linking and creating one name at once: one of the two.
    let name = name();
    let (create, link) = (
        json!({ "mode": "create", "name": name }),
        json!({ "mode": "link", "domain": format!("{name}.onmicrosoft.com") }),
    );
    let (created, linked) =
        futures_util::join!(ask(&partner, &customers[0], &create), ask(&partner, &customers[1], &link));
    assert_eq!([&created, &linked].iter().filter(|reply| reply.status == 201).count(), 1, "{created:?} {linked:?}");
}

//! Companies and organisations of the US government cloud, made by the API where the API can.

use super::actor::{Actor, Reply};
use super::house::{House, partner_scopes};
use lonja::access::Role;
use lonja::db::write::Actor as Hand;
use lonja::partners::{self, NewPartner, PartnerKind, PartnerState};
use serde_json::{Value, json};
use uuid::Uuid;

/// Office 365 in the government cloud.
pub const E3_GCC: &str = "office-365-e3-gcc-usd";
/// Power BI there.
pub const POWER_BI_GCC: &str = "power-bi-pro-gcc-usd";
/// Where forms say that their submitter reads its mail.
pub const SUBMITTER: &str = "marta@distribuidora.example";

/// An active partner in the United States with a commercial tenant id on record.
pub async fn american(house: &House, kind: PartnerKind, legal_name: &str) -> Actor {
    let new = NewPartner {
        kind,
        legal_name: legal_name.to_owned(),
        country: "US".to_owned(),
        partner_location_id: None,
        state: PartnerState::Active,
    };
    let row = house.state.write(&Hand::house("test"), async |tx| partners::register(tx, &new).await).await.unwrap();
    let roles = [Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent];
    let actor = house.client_of(&row.id, &partner_scopes(), &roles).await;
    record_tenant(&actor, "tenantId", &Uuid::new_v4().to_string()).await;
    actor
}

/// Records a directory of a partner: `tenantId` or `azureGccTenantId`.
pub async fn record_tenant(partner: &Actor, field: &str, id: &str) {
    let reply = partner.patch(&format!("/v1/partners/{}", partner.partner_id), "*", &json!({ field: id })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// A directory of a partner as it is on record.
pub async fn tenant_of(partner: &Actor) -> String {
    partner.get("/v1/partners/me").await.json()["tenantId"].as_str().unwrap().to_owned()
}

/// A person who submits.
pub fn submitter() -> Value {
    json!({ "firstName": "Marta", "lastName": "Ruiz", "email": SUBMITTER, "phone": "+1 512 555 0123" })
}

/// A PDF of a few bytes.
pub fn pdf() -> Value {
    json!({ "fileName": "charter.pdf", "contentType": "application/pdf", "content": "JVBERi0xLjcKY2hhcnRlcg==" })
}

/// The form of a partner, with every field.
pub fn partner_form(tenant_id: &str) -> Value {
    json!({
        "partnerTenantId": tenant_id,
        "criteria": ["servesGovernment", "contractVehicle"],
        "evidence": "GSA schedule 47QTCA22D003X since 2022.",
        "attachments": [pdf()],
        "submitter": submitter(),
    })
}

/// The form of an organisation, with every field but `customerId`.
pub fn customer_form(tenant_id: &str, company_name: &str) -> Value {
    json!({
        "partnerTenantId": tenant_id,
        "organization": { "companyName": company_name, "country": "US", "address": address() },
        "category": "privateEntity",
        "controlledData": "cui",
        "evidence": "Holds controlled unclassified information of the state; contract attached.",
        "attachments": [pdf()],
        "contact": { "firstName": "Grace", "lastName": "Whitfield", "email": "grace@bluebonnetdental.example",
            "phone": "+1 512 555 0100" },
        "language": "en",
        "submitter": submitter(),
    })
}

/// An address in Texas, with every field.
pub fn address() -> Value {
    json!({
        "line1": "410 Congress Ave", "line2": "Suite 2", "city": "Austin", "state": "TX", "postalCode": "78701",
    })
}

/// A new customer in the United States of this name.
pub fn new_american(company_name: &str) -> Value {
    json!({
        "companyName": company_name,
        "country": "US",
        "address": address(),
        "contact": { "firstName": "Grace", "lastName": "Whitfield", "email": "grace@bluebonnetdental.example" },
    })
}

/// A name that no other organisation has.
pub fn new_name() -> String {
    let letters = Uuid::new_v4().simple().to_string().chars().filter(char::is_ascii_alphabetic).collect::<String>();
    format!("City of Q{letters}w")
}

/// The id of what was made.
pub fn id_of(made: &Reply) -> String {
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// A partner's new validation.
pub async fn submit_partner(partner: &Actor) -> String {
    id_of(&partner.post("/v1/gcc/partner-validations", &partner_form(&tenant_of(partner).await)).await)
}

/// Qualifies a partner: it submits, the operator approves.
pub async fn qualify(partner: &Actor, operator: &Actor) {
    let id = submit_partner(partner).await;
    let reply = operator.post(&format!("/v1/gcc/partner-validations/{id}:approve"), &Value::Null).await;
    assert_eq!(reply.json()["state"], "approved", "{}", reply.text);
}

/// Submits an organisation in this transacting partner's name, and the operator approves it; answers its code.
pub async fn code_for(by: &Actor, tenant_id: &str, name: &str, operator: &Actor) -> String {
    let id = id_of(&by.post("/v1/gcc/customer-validations", &customer_form(tenant_id, name)).await);
    let reply = operator.post(&format!("/v1/gcc/customer-validations/{id}:approve"), &json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["validationCode"].as_str().unwrap().to_owned()
}

/// Qualifies a customer with a code, for the first time.
pub async fn use_code(by: &Actor, customer_id: &str, code: &str) -> Reply {
    let path = format!("/v1/customers/{customer_id}/qualifications/government-community-cloud");
    let body = json!({ "validationCode": code }).to_string();
    by.send(reqwest::Method::PUT, &path, &[("if-none-match", "*")], Some(body)).await
}

/// The mails to an address, oldest first.
pub async fn mails_to(house: &House, address: &str) -> Vec<Value> {
    let url = format!("{}/v1/sandbox/emails?to={address}&limit=200", house.url);
    let page: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    page["items"].as_array().unwrap().clone()
}

/// Their kinds.
pub async fn kinds_to(house: &House, address: &str) -> Vec<String> {
    let mails = mails_to(house, address).await;
    mails.iter().map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect()
}

/// A customer with the agreement and a tenant: ready to be sold to, but for its validation.
pub async fn ready(partner: &Actor, attesting: &Actor, name: &str) -> (String, String) {
    let customer = id_of(&partner.post("/v1/customers", &new_american(name)).await);
    let contact = new_american(name)["contact"].clone();
    let attest = json!({ "contact": contact, "agreedAt": "2020-01-01T00:00:00Z" });
    id_of(&attesting.post(&format!("/v1/customers/{customer}/agreements"), &attest).await);
    let tenant = format!("t{}", &Uuid::new_v4().simple().to_string()[..20]);
    let create = json!({ "mode": "create", "name": tenant });
    let tenant = id_of(&partner.post(&format!("/v1/customers/{customer}/tenants"), &create).await);
    (customer, tenant)
}

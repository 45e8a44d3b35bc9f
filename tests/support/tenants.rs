//! Names and bodies for tenants.

use super::actor::{Actor, Reply};
use super::house::House;
use serde_json::{Value, json};
use uuid::Uuid;

/// A name that no other tenant has.
pub fn name() -> String {
    format!("t{}", &Uuid::new_v4().simple().to_string()[..20])
}

/// Links a tenant that nobody has, by its GUID, with these fields besides.
pub fn link(more: &Value) -> Value {
    let mut body = json!({ "mode": "link", "tenantId": Uuid::new_v4() });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The newest mail of this kind.
pub async fn mail(house: &House, kind: &str) -> Value {
    let url = format!("{}/v1/sandbox/emails?limit=200&kind={kind}", house.url);
    let mails: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    mails["items"].as_array().unwrap().last().unwrap_or_else(|| panic!("no {kind}")).clone()
}

/// Where the customer answers what a tenant asks it.
pub fn answers(tenant: &Value) -> String {
    let link = tenant["acceptance"]["link"].as_str().expect("no link");
    format!("/v1/acceptances/{}", link.rsplit('/').next().unwrap())
}

/// The customer accepts, with the code that its own contact is mailed.
pub async fn accept(house: &House, partner: &Actor, tenant: &Value) -> Reply {
    let path = answers(tenant);
    assert_eq!(partner.post(&path, &json!({ "decision": "sendCode" })).await.status, 200);
    let sent = mail(house, "mail_acceptance_code").await;
    assert_eq!(sent["to"], "lucia@panaderiasol.example", "the code goes to the customer's own contact");
    let subject = sent["subject"].as_str().unwrap();
    let code = subject.split_whitespace().find(|word| word.len() == 6 && word.parse::<u32>().is_ok()).unwrap();
    let yes = json!({
        "decision": "accept", "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
        "code": code,
    });
    partner.post(&path, &yes).await
}

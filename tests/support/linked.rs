//! A provider and its reseller, linked by the API, with customers that have accepted both.

use super::actor::Actor;
use super::house::House;
use super::shop::{contact, new_customer};
use lonja::partners::PartnerKind;
use serde_json::{Value, json};
use uuid::Uuid;

/// The address that invitations go to.
pub const RESELLER_EMAIL: &str = "socios@integradorapacifico.example";

/// A linked pair.
pub struct Linked {
    /// The provider's client.
    pub provider: Actor,
    /// The reseller's client.
    pub reseller: Actor,
    /// Their live link.
    pub link: String,
}

impl Linked {
    /// Links a new pair, furnished so that every list has several rows: a second invitation, two shared customers, a
    /// directory entry.
    pub async fn open(house: &House) -> Self {
        let provider = house.partner(PartnerKind::IndirectProvider).await;
        let reseller = house.partner(PartnerKind::IndirectReseller).await;
        let link = link(house, &provider, &reseller).await;
        invite(house, &provider, &json!({})).await;
        for _ in 0..2 {
            let customer = provider.lonja.create_customer(&new_customer()).await.unwrap().id;
            accept(house, &reseller.partner_id, &customer).await;
        }
        let entry = json!({ "offerings": ["training", "financing"] });
        let headers = [("if-none-match", "*")];
        let path = "/v1/indirect-providers/me";
        let put = provider.send(reqwest::Method::PUT, path, &headers, Some(entry.to_string())).await;
        assert_eq!(put.status, 200, "{}", put.text);
        Self { provider, reseller, link }
    }
}

impl Linked {
    /// A new customer that has accepted both, by one answer to one invitation.
    pub async fn shared_customer(&self) -> String {
        let mut asked = serde_json::to_value(new_customer()).unwrap();
        asked["contact"] = serde_json::to_value(contact()).unwrap();
        let path = format!("/v1/indirect-provider-links/{}/customer-invitations", self.link);
        let made = self.reseller.post(&path, &asked).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let link = made.json()["link"].as_str().unwrap().to_owned();
        let path = format!("/v1/acceptances/{}", link.rsplit('/').next().unwrap());
        let yes = json!({
            "decision": "accept", "firstName": "Lucía", "lastName": "Hernández", "email": "lucia@panaderiasol.example",
        });
        assert_eq!(self.reseller.post(&path, &yes).await.status, 200);
        let own = format!("/v1/relationship-requests/{}", made.json()["id"].as_str().unwrap());
        self.reseller.get(&own).await.json()["customerId"].as_str().unwrap().to_owned()
    }
}

/// The customer accepts the partner.
pub async fn accept(house: &House, partner_id: &str, customer_id: &str) {
    let id = lonja::ids::new_id(lonja::clock::machine_now());
    let row = format!(
        "INSERT INTO relationships (id, partner_id, customer_id, state, created_at)
         VALUES ('{id}', '{partner_id}', '{customer_id}', 'accepted', '2026-01-01 00:00:00')"
    );
    house.execute(&row).await;
}

/// The secret of the newest mail to an address.
pub async fn token_to(house: &House, email: &str) -> String {
    let url = format!("{}/v1/sandbox/emails?limit=200&to={email}", house.url);
    let mails: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    let mail = mails["items"].as_array().unwrap().last().expect("no mail").clone();
    let text = mail["text"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.starts_with(&house.url)).expect("no link");
    link.rsplit('/').next().unwrap().to_owned()
}

/// Invites by an address of its own; answers the link's id and the secret.
pub async fn invite(house: &House, provider: &Actor, more: &Value) -> (String, String) {
    let email = format!("{}@integradorapacifico.example", Uuid::new_v4().simple());
    let mut body = json!({ "email": email });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let invited = provider.post("/v1/indirect-provider-links", &body).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    let token = token_to(house, body["email"].as_str().unwrap()).await;
    (invited.json()["id"].as_str().unwrap().to_owned(), token)
}

/// Links the two; answers the link's id.
pub async fn link(house: &House, provider: &Actor, reseller: &Actor) -> String {
    let (id, token) = invite(house, provider, &json!({})).await;
    let path = format!("/v1/indirect-provider-links/{id}:authorize");
    let authorized = reseller.post(&path, &json!({ "token": token, "consent": true })).await;
    assert_eq!(authorized.status, 200, "{}", authorized.text);
    id
}

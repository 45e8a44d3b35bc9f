//! A reseller on its way in: its draft, its mails, and what it does itself.

use super::actor::Actor;
use super::house::House;
use lonja_sdk::types::{
    AcceptPartnerAgreement, Address, Contact, CreatePartner, GetPartnerAgreementDocument, Partner, SetPartnerLocation,
    VerifyEmail,
};
use serde_json::Value;
use uuid::Uuid;

/// Where the primary contact reads its mail.
pub const CONTACT: &str = "ana@integradorapacifico.example";

/// A newcomer's first client, with the draft that came with it.
pub struct Newcomer {
    /// Its client.
    pub actor: Actor,
    /// Its id.
    pub id: String,
}

/// A contact with this address.
pub fn contact(email: &str) -> Contact {
    let (first_name, last_name) = ("Lucía".to_owned(), "Hernández".to_owned());
    Contact { first_name, last_name, email: email.to_owned(), ..Default::default() }
}

/// An address in Mexico that nothing is wrong with.
pub fn address() -> Address {
    Address {
        line1: "Av. Revolución 1200".to_owned(),
        city: "Tijuana".to_owned(),
        state: Some("BCN".to_owned()),
        postal_code: "22000".to_owned(),
        ..Default::default()
    }
}

/// A draft that nothing is missing from.
pub fn whole() -> CreatePartner {
    CreatePartner {
        legal_name: "Integradora Pacífico S.C.".to_owned(),
        country: "MX".to_owned(),
        tenant_id: Some(Uuid::new_v4().to_string()),
        address: Some(address()),
        primary_contact: Some(contact(CONTACT)),
        support_contact: Some(contact("soporte@integradorapacifico.example")),
        ..Default::default()
    }
}

/// The storefront enrols somebody.
pub async fn enrol(house: &House, new: &CreatePartner) -> Newcomer {
    let made = house.enrolment().await.lonja.create_partner(new).await.unwrap();
    assert_eq!((made.state.as_str(), made.kind.as_str()), ("draft", "indirectReseller"));
    let first = made.client.unwrap();
    let actor = Actor::new(&house.url, house.http(), &first.client_id, first.client_secret.expose(), Some(&made.id));
    Newcomer { actor, id: made.id }
}

/// The mails to the primary contact, oldest first: their kinds, and the newest one.
pub async fn mails(house: &House) -> (Vec<String>, Value) {
    let url = format!("{}/v1/sandbox/emails?to={CONTACT}&limit=200", house.url);
    let page: Value = house.http().get(url).send().await.unwrap().json().await.unwrap();
    let items = page["items"].as_array().unwrap();
    let kinds = items.iter().map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect();
    (kinds, items.last().cloned().unwrap_or_default())
}

/// The link of the newest mail.
pub async fn link(house: &House) -> String {
    let text = mails(house).await.1["text"].as_str().unwrap().to_owned();
    let link = text.split_whitespace().find(|word| word.contains("/verify-email/")).unwrap();
    link.to_owned()
}

/// The token of the link in the newest mail.
pub async fn token(house: &House) -> String {
    link(house).await.rsplit('/').next().unwrap().to_owned()
}

/// One that has proved its address and waits for the review.
pub async fn in_review(house: &House) -> Newcomer {
    let newcomer = enrol(house, &whole()).await;
    newcomer.actor.lonja.submit_partner(&newcomer.id).await.unwrap();
    let verify = VerifyEmail { token: token(house).await.into() };
    let verified = newcomer.actor.lonja.verify_email(&verify).await.unwrap();
    assert_eq!(verified.state.as_str(), "inReview");
    newcomer
}

impl Newcomer {
    /// The partner as it is now.
    pub async fn partner(&self) -> Partner {
        self.actor.lonja.get_own_partner().await.unwrap()
    }

    /// Its state as it is now.
    pub async fn state(&self) -> String {
        self.partner().await.state.as_str().to_owned()
    }

    /// States its PartnerID.
    pub async fn link_location(&self, id: &str) -> Result<Partner, lonja_sdk::Error> {
        let body = SetPartnerLocation { partner_location_id: id.to_owned(), ..Default::default() };
        self.actor.lonja.set_partner_location(&self.id, &body).if_match("*").await
    }

    /// Reads the agreement, then accepts it.
    pub async fn accept(&self) -> Result<(), lonja_sdk::Error> {
        let ask = GetPartnerAgreementDocument::default();
        let document = self.actor.lonja.get_partner_agreement_document(&self.id, &ask).await?;
        assert!(document.is_sample && document.text.len() > 500 && document.file_name.ends_with(".txt"));
        let accept = AcceptPartnerAgreement { version: document.version };
        self.actor.lonja.accept_partner_agreement(&self.id, &accept).await.map(drop)
    }
}

/// A web page as somebody with this language sees it: its status and its text. None may be kept, framed or told on.
pub async fn page(house: &House, path: &str, method: reqwest::Method, language: &str) -> (u16, String) {
    let request = house.http().request(method, path).header("accept-language", language);
    let reply = request.send().await.unwrap();
    let headers = reply.headers().clone();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    (reply.status().as_u16(), reply.text().await.unwrap())
}

//! The Open programme by the API: an agreement that is signed, orders on it, keys that are retrieved.

use super::actor::{Actor, Reply};
use super::house::House;
use super::shop::{Shop, contact, new_customer};
use serde_json::{Value, json};

/// A plan that is sold through Open, 228.00 EUR a year; its family has no cap.
pub const E3: &str = "office-365-enterprise-e3";
/// Another one of its family, 78.00 EUR a year.
pub const E1: &str = "office-365-enterprise-e1";
/// A third one of its family, 39.60 EUR a year.
pub const EXCHANGE: &str = "exchange-online-plan-1";
/// A plan of another family, with a cap of 25, 49.20 EUR a year.
pub const SMALL: &str = "office-365-small-business";

/// A shop that may sell through Open, and its customer's administrator.
pub struct Programme<'a> {
    /// The house.
    pub house: &'a House,
    /// The shop.
    pub shop: &'a Shop,
    /// The customer's administrator.
    pub customer: Actor,
}

/// The operator enables a partner as an advisor, beside the service.
pub async fn enable(house: &House, partner_id: &str) {
    house.execute(&format!("UPDATE partners SET advisor_enabled = TRUE WHERE id = '{partner_id}'")).await;
}

fn id(reply: &Reply) -> String {
    reply.json()["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

impl<'a> Programme<'a> {
    /// Of this shop, whose partner is enabled.
    pub async fn of(house: &'a House, shop: &'a Shop) -> Self {
        enable(house, &shop.seller.partner_id).await;
        Self { house, shop, customer: house.customer(&shop.customer.id).await }
    }

    /// A new agreement of this kind, not signed.
    pub async fn agreement(&self, kind: &str) -> String {
        let body = json!({ "customerId": self.shop.customer.id, "kind": kind });
        id(&self.shop.seller.post("/v1/open/agreements", &body).await)
    }

    /// The customer signs.
    pub async fn sign(&self, agreement: &str) -> Reply {
        self.customer.post(&format!("/v1/open/agreements/{agreement}:sign"), &signature()).await
    }

    /// A new Open License, signed.
    pub async fn signed(&self) -> String {
        let agreement = self.agreement("openLicense").await;
        assert_eq!(self.sign(&agreement).await.status, 200);
        agreement
    }

    /// An order of these plans.
    pub fn order(&self, agreement: &str, lines: &[(&str, u32)]) -> Value {
        let provider = &self.shop.seller.partner_id;
        order(agreement, &self.shop.tenant.id, provider, lines)
    }

    /// Places an order of these plans.
    pub async fn try_place(&self, agreement: &str, lines: &[(&str, u32)]) -> Reply {
        self.shop.seller.post("/v1/open/orders", &self.order(agreement, lines)).await
    }

    /// Places an order for which there are keys.
    pub async fn place(&self, agreement: &str, lines: &[(&str, u32)]) -> Value {
        for (offer, _) in lines {
            self.house.stock(offer, "open", 1).await;
        }
        let placed = self.try_place(agreement, lines).await;
        assert_eq!((placed.status.as_u16(), &placed.json()["state"]), (201, &json!("completed")), "{}", placed.text);
        placed.json()
    }

    /// The keys of a new order of these plans, as they were retrieved.
    pub async fn keys(&self, agreement: &str, lines: &[(&str, u32)]) -> Vec<String> {
        let order = self.place(agreement, lines).await;
        let mut keys = Vec::new();
        for line in order["lines"].as_array().unwrap() {
            keys.push(clear(&retrieve(&self.customer, line["keyId"].as_str().unwrap()).await));
        }
        keys
    }

    /// The customer redeems these keys.
    pub async fn redeem(&self, keys: &[String]) -> Reply {
        self.customer.post("/v1/open/redemptions", &redemption(keys)).await
    }
}

/// The signature of the customer's administrator.
pub fn signature() -> Value {
    let mut signer = json!(contact());
    signer["phone"] = json!("+52 55 5555 0100");
    json!({ "signer": signer })
}

/// An order on an agreement.
pub fn order(agreement: &str, tenant: &str, provider: &str, lines: &[(&str, u32)]) -> Value {
    let mut reseller = signature()["signer"].clone();
    (reseller["firstName"], reseller["lastName"]) = (json!("Marta"), json!("Ruiz"));
    reseller["email"] = json!("marta@distribuidora.example");
    let lines: Vec<Value> = lines.iter().map(|(offer, seats)| json!({ "offerId": offer, "quantity": seats })).collect();
    json!({
        "agreementId": agreement,
        "tenantId": tenant,
        "providerId": provider,
        "purchaseOrderNumber": "OC-2026-0117",
        "customerContact": signature()["signer"],
        "resellerContact": reseller,
        "lines": lines,
    })
}

/// Retrieves a key.
pub async fn retrieve(actor: &Actor, key: &str) -> Reply {
    let body = json!({ "reason": "Alta de la panadería en Office 365" });
    actor.post(&format!("/v1/open/keys/{key}:retrieve"), &body).await
}

/// The key in clear.
pub fn clear(reply: &Reply) -> String {
    reply.json()["productKey"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
}

/// A redemption of these keys, with every field.
pub fn redemption(keys: &[String]) -> Value {
    let mut address = json!(new_customer().address);
    address["line2"] = json!("Piso 3");
    json!({
        "keys": keys,
        "companyName": "Panadería Sol S.A. de C.V.",
        "address": address,
        "contact": signature()["signer"],
    })
}

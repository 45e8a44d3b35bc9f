//! Requests about the Open programme.

use super::{Furnished, Request};
use crate::open::{E1, E3, EXCHANGE, Programme, clear, redemption, retrieve, signature};
use crate::walk::Operation;
use serde_json::{Value, json};

/// What there is of the Open programme.
#[derive(Default)]
pub struct OpenThings {
    /// A signed agreement.
    pub agreement: String,
    /// A complete order on it.
    pub order: String,
    /// Its key.
    pub key: String,
}

impl Furnished<'_> {
    async fn programme(&self) -> Programme<'_> {
        Programme::of(self.house, &self.shop).await
    }

    /// Two of everything.
    pub(super) async fn furnish_open(&mut self) {
        for _ in 0..2 {
            let programme = self.programme().await;
            let agreement = programme.signed().await;
            let order = programme.place(&agreement, &[(E3, 2)]).await;
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let (order, key) = (text(&order["id"]), text(&order["lines"][0]["keyId"]));
            self.open = OpenThings { agreement, order, key };
        }
    }

    /// The id that such a path takes.
    pub(super) fn open_id_for(&self, operation: &Operation) -> Option<&str> {
        let below = operation.path.strip_prefix("/v1/open/").filter(|_| operation.has_id())?;
        Some(match below.split('/').next().unwrap_or_default() {
            "agreements" => &self.open.agreement,
            "orders" => &self.open.order,
            "keys" => &self.open.key,
            _ => return None,
        })
    }

    /// The request, where it is one about the Open programme.
    pub(super) async fn open_request(&self, operation: &Operation) -> Option<Request> {
        if !operation.path.starts_with("/v1/open/") {
            return None;
        }
        let mut id = self.id_for(operation).to_owned();
        let programme = self.programme().await;
        let body = match operation.id.as_str() {
            "create_open_agreement" => json!({ "customerId": self.shop.customer.id, "kind": "openValue" }),
            "sign_open_agreement" => {
                id = programme.agreement("openLicense").await;
                signature()
            }
            "place_open_order" | "preview_open_order" => {
                // Nobody has keys of it in stock: it waits, and is in nobody's way.
                let mut order = programme.order(&self.open.agreement, &[(EXCHANGE, 1)]);
                order["partnerIdOnRecord"] = json!(self.partner_location);
                order
            }
            "cancel_open_order" => {
                let order = programme.place(&self.open.agreement, &[(E1, 1)]).await;
                id = order["id"].as_str().unwrap().to_owned();
                json!({ "reason": "El cliente eligió otro plan", "lineNumber": 1 })
            }
            "retrieve_open_key" => {
                let order = programme.place(&self.open.agreement, &[(E1, 1)]).await;
                id = order["lines"][0]["keyId"].as_str().unwrap().to_owned();
                json!({ "reason": "Alta de la panadería" })
            }
            "redeem_open_keys" => {
                let order = programme.place(&self.open.agreement, &[(E1, 1)]).await;
                let key = order["lines"][0]["keyId"].as_str().unwrap();
                redemption(&[clear(&retrieve(self.seller(), key).await)])
            }
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

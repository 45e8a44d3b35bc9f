//! Requests about tenants.

use super::{Furnished, Request};
use crate::tenants::{link, name};
use crate::walk::Operation;
use serde_json::{Value, json};
use uuid::Uuid;

impl Furnished<'_> {
    /// A tenant of the seller's customer that nobody else needs.
    async fn spare_tenant(&self, body: &Value) -> String {
        let path = format!("/v1/customers/{}/tenants", self.shop.customer.id);
        let made = self.seller().post(&path, body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// The request, where it is one about tenants.
    pub(super) async fn tenant_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.shop.customer.id.clone();
        let body = match operation.id.as_str() {
            "create_tenant" | "preview_tenant" => json!({
                "mode": "link",
                "name": name(),
                "domain": format!("{}.example", name()),
                "tenantId": Uuid::new_v4(),
                "previousProvider": true,
                "providerId": self.seller().partner_id,
            }),
            "reveal_tenant_credentials" => {
                id = self.spare_tenant(&json!({ "mode": "create", "name": name() })).await;
                json!({ "reason": "Entrega al cliente" })
            }
            "resend_tenant_acceptance" | "unlink_tenant" => {
                id = self.spare_tenant(&link(&json!({ "previousProvider": true }))).await;
                Value::Null
            }
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

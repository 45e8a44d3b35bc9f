//! Requests about what is between a provider and its resellers.

use super::{Furnished, Request};
use crate::linked;
use crate::walk::Operation;
use lonja::partners::PartnerKind;
use serde_json::{Value, json};

impl Furnished<'_> {
    /// A live link with the reseller that nobody else needs.
    async fn spare_link(&self) -> String {
        let provider = self.house.partner(PartnerKind::IndirectProvider).await;
        linked::link(self.house, &provider, &self.linked.reseller).await
    }

    /// The request, where it is one about links.
    pub(super) async fn link_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.linked.link.clone();
        let body = match operation.id.as_str() {
            "invite_indirect_reseller" => {
                let reseller = self.house.partner(PartnerKind::IndirectReseller).await;
                json!({
                    "email": linked::RESELLER_EMAIL,
                    "resellerId": reseller.partner_id,
                    "purpose": "newLink",
                    "message": "Hablamos el martes en la feria.",
                    "language": "es",
                })
            }
            "cancel_indirect_provider_link" => {
                id = linked::invite(self.house, &self.linked.provider, &json!({})).await.0;
                Value::Null
            }
            "authorize_indirect_provider_link" => {
                let provider = self.house.partner(PartnerKind::IndirectProvider).await;
                let invited = linked::invite(self.house, &provider, &json!({})).await;
                id = invited.0;
                json!({ "token": invited.1, "consent": true, "consentVersion": "2026-01" })
            }
            "decline_indirect_provider_link" => {
                let invited = linked::invite(self.house, &self.linked.provider, &json!({})).await;
                id = invited.0;
                json!({ "token": invited.1 })
            }
            "lookup_indirect_provider_link" => {
                json!({ "token": linked::invite(self.house, &self.linked.provider, &json!({})).await.1 })
            }
            "end_indirect_provider_link" | "remove_link_admin_access" => {
                id = self.spare_link().await;
                Value::Null
            }
            "update_own_directory_entry" => json!({
                "offerings": ["training", "marketing", "financing"],
                "description": "Formación y crédito a treinta días",
                "contactEmail": "canal@mayoristanorte.example",
                "contactPhone": "+52 81 5555 0140",
                "website": "https://mayoristanorte.example/socios",
            }),
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

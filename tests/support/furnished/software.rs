//! Requests about keys, links that hand software out, and their stock.

use super::{Furnished, Request, buy};
use crate::house::new_key;
use crate::walk::Operation;
use serde_json::{Value, json};

impl Furnished<'_> {
    /// A download that is there, and two links of each kind.
    pub(super) async fn furnish_software(&self) {
        let file = "INSERT INTO media_files VALUES \
                    ('windows-server-standard', '2022', 'es', 'x64', 'w.iso', 1, 'ab', '2026-01-01 00:00:00') \
                    ON CONFLICT DO NOTHING";
        self.house.execute(file).await;
        for _ in 0..2 {
            self.new_share(&self.shared).await;
            self.new_download_link().await;
        }
    }

    /// A link under which the live purchase is downloaded.
    pub(super) async fn new_download_link(&self) -> String {
        let path = format!("/v1/entitlements/{}/download-links", self.shared);
        let reply = self.seller().post(&path, &download()).await;
        reply.json()["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    /// A share of this purchase's key.
    pub(super) async fn new_share(&self, entitlement: &str) -> String {
        let reply = self.seller().post(&format!("/v1/entitlements/{entitlement}/key-shares"), &share()).await;
        reply.json()["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    /// The software of a new purchase.
    pub(super) async fn new_entitlement(&self) -> String {
        buy(self.house, &self.shop).await.lines[0].entitlement_id.clone().unwrap()
    }

    /// The request, where it is one about software.
    pub(super) async fn software_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.id_for(operation).to_owned();
        let body = match operation.id.as_str() {
            "update_entitlement" => json!({ "friendlyName": "Servidor", "tenantId": self.shop.tenant.id }),
            "reveal_key" => {
                id = self.new_entitlement().await;
                json!({ "version": "2022", "language": "es", "bitness": "x64", "kind": "mak", "reason": "Instalación" })
            }
            "create_key_share" => {
                id = self.new_entitlement().await;
                share()
            }
            "withdraw_key_share" => {
                let share = self.new_share(&id).await;
                return Some(Request { path: operation.at_inner(&id, &share), body: Value::Null });
            }
            "create_download_link" => download(),
            "withdraw_download_link" => {
                let link = self.new_download_link().await;
                return Some(Request { path: operation.at_inner(&id, &link), body: Value::Null });
            }
            "import_key_stock" => {
                json!(format!("product,version,key\nwindows-server-standard,2022,{}\n", new_key()))
            }
            "plan_kms_migration" => json!("device,lastActivated\nCAJA-01,2020-01-01\n"),
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

/// A download link with every field.
fn download() -> Value {
    json!({
        "version": "2022",
        "language": "es",
        "bitness": "x64",
        "hours": 24,
        "mostDownloads": 3,
        "acknowledgeRisk": true,
    })
}

/// A share of a key with every field.
fn share() -> Value {
    json!({
        "version": "2022",
        "language": "es",
        "bitness": "x64",
        "hours": 48,
        "mostOpenings": 2,
        "acknowledgeRisk": true,
        "reason": "El cliente instala él mismo",
    })
}

//! A marketplace in which every list has rows, and a valid request for each operation: a new operation fails its tests
//! until its request is described here.

use super::actor::Actor;
use super::house::House;
use super::linked::{self, Linked};
use super::shop::{OFFICE_MXN, Shop, WINDOWS_MXN, contact, new_customer};
use super::walk::Operation;
use lonja::access::TokenKind;
use lonja::partners::PartnerKind;
use lonja_sdk::types::Order;
use serde_json::{Value, json};
use uuid::Uuid;

/// A request that the service accepts.
pub struct Request {
    /// Its path.
    pub path: String,
    /// Its body; null for reads.
    pub body: Value,
}

/// A shop in which every list has rows: two customers with tenants, a live purchase, two that were refunded.
pub struct Furnished<'a> {
    house: &'a House,
    /// The shop.
    pub shop: Shop,
    /// The live purchase.
    pub order: Order,
    /// A refund of another.
    pub refund: String,
    /// An invoice.
    pub invoice: String,
    /// A credit note.
    pub credit_note: String,
    /// A webhook endpoint, with a delivery.
    pub webhook_endpoint: String,
    /// A client of the partner beside the seller's own.
    pub api_client: String,
    /// A provider and its reseller.
    pub linked: Linked,
    /// The marketplace's own client.
    operator: Actor,
    /// A live purchase that is handed on by links.
    shared: String,
}

impl<'a> Furnished<'a> {
    /// Furnishes a new shop.
    pub async fn open(house: &'a House) -> Self {
        let shop = Shop::open(house).await;
        let shared = buy(house, &shop).await.lines[0].entitlement_id.clone();
        let mut made = Self {
            house,
            order: buy(house, &shop).await,
            shop,
            refund: String::new(),
            invoice: String::new(),
            credit_note: String::new(),
            webhook_endpoint: String::new(),
            api_client: String::new(),
            linked: Linked::open(house).await,
            operator: house.operator().await,
            shared,
        };
        let file = "INSERT INTO media_files VALUES \
                    ('windows-server-standard', '2022', 'es', 'x64', 'w.iso', 1, 'ab', '2026-01-01 00:00:00') \
                    ON CONFLICT DO NOTHING";
        house.execute(file).await;
        for _ in 0..2 {
            made.new_share(&made.shared).await;
            made.new_download_link().await;
        }
        let anew = ["request_refund", "request_refund", "create_customer", "create_tenant", "create_webhook_endpoint"];
        for operation in anew {
            let operation = Operation::all().into_iter().find(|known| known.id == operation).unwrap();
            let request = made.request(&operation).await;
            assert_eq!(made.seller().post(&request.path, &request.body).await.status, 201, "{}", operation.id);
        }
        made.api_client = made.new_api_client().await;
        made.refund = made.first("/v1/refunds").await;
        made.invoice = made.first("/v1/invoices").await;
        made.credit_note = made.first("/v1/credit-notes").await;
        made.webhook_endpoint = made.first("/v1/webhook-endpoints").await;
        for path in [":test", ":test"] {
            let path = format!("/v1/webhook-endpoints/{}{path}", made.webhook_endpoint);
            assert_eq!(made.seller().post(&path, &Value::Null).await.status, 200);
        }
        let endpoint = new_webhook_endpoint();
        assert_eq!(made.seller().post("/v1/webhook-endpoints", &endpoint).await.status, 201);
        house.mail("lucia@panaderiasol.example").await;
        house.mail("marta@distribuidora.example").await;
        house.seal().await;
        made
    }

    /// The partner's client.
    pub fn seller(&self) -> &Actor {
        &self.shop.seller
    }

    /// Whoever can do this: the seller, or of what is between provider and reseller the side that it is for.
    pub fn actor(&self, operation: &Operation) -> &Actor {
        match operation.id.as_str() {
            "import_key_stock" => &self.operator,
            "authorize_indirect_provider_link"
            | "decline_indirect_provider_link"
            | "end_indirect_provider_link"
            | "lookup_indirect_provider_link"
            | "remove_link_admin_access" => &self.linked.reseller,
            _ if operation.path.starts_with("/v1/indirect-provider") => &self.linked.provider,
            _ => self.seller(),
        }
    }

    /// A live link with the reseller that nobody else needs.
    async fn spare_link(&self) -> String {
        let provider = self.house.partner(PartnerKind::IndirectProvider).await;
        linked::link(self.house, &provider, &self.linked.reseller).await
    }

    /// A delivery to this endpoint that has come to its end.
    async fn delivered_once(&self, endpoint: &str) -> String {
        let path = format!("/v1/webhook-endpoints/{endpoint}:test");
        let delivery = self.seller().post(&path, &Value::Null).await.json()["id"].as_str().unwrap().to_owned();
        let ended =
            format!("UPDATE webhook_deliveries SET state = 'failed', next_attempt_at = NULL WHERE id = '{delivery}'");
        self.house.execute(&ended).await;
        delivery
    }

    /// A link under which the live purchase is downloaded.
    async fn new_download_link(&self) -> String {
        let path = format!("/v1/entitlements/{}/download-links", self.shared);
        let reply = self.seller().post(&path, &download()).await;
        reply.json()["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    /// A share of this purchase's key.
    async fn new_share(&self, entitlement: &str) -> String {
        let reply = self.seller().post(&format!("/v1/entitlements/{entitlement}/key-shares"), &share()).await;
        reply.json()["id"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    async fn new_api_client(&self) -> String {
        let body = json!({ "name": "Nightly orders", "scope": "orders:read", "roles": [] });
        let reply = self.seller().post("/v1/api-clients", &body).await;
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    async fn first(&self, list: &str) -> String {
        self.seller().get(list).await.json()["items"][0]["id"].as_str().unwrap().to_owned()
    }

    /// What the purchase granted.
    pub fn entitlement(&self) -> &str {
        &self.order.lines[0].entitlement_id
    }

    /// Everything that belongs to this partner alone.
    pub fn ids(&self) -> [&str; 9] {
        let bought = [self.order.id.as_str(), self.entitlement(), &self.refund, &self.invoice, &self.credit_note];
        let [order, entitlement, refund, invoice, credit_note] = bought;
        [
            &self.shop.customer.id,
            &self.shop.tenant.id,
            order,
            entitlement,
            refund,
            invoice,
            credit_note,
            &self.api_client,
            &self.webhook_endpoint,
        ]
    }

    /// The id that this operation's path takes.
    pub fn id_for(&self, operation: &Operation) -> &str {
        let [customer, tenant, order, entitlement, refund, invoice, credit_note, api_client, endpoint] = self.ids();
        match operation.path.split('/').nth(2).unwrap_or_default() {
            "api-clients" => api_client,
            "customers" => customer,
            "tenants" => tenant,
            "orders" => order,
            "entitlements" if operation.path.contains("/key-shares") || operation.path.contains("-links") => {
                &self.shared
            }
            "entitlements" => entitlement,
            "refunds" => refund,
            "invoices" => invoice,
            "credit-notes" => credit_note,
            "offers" => WINDOWS_MXN,
            "webhook-endpoints" => endpoint,
            "indirect-provider-links" => &self.linked.link,
            _ if !operation.has_id() => "",
            _ => panic!("{}: say here which id its path takes", operation.id),
        }
    }

    /// The id that a body or filter takes by this name; none where it is the same for every partner.
    pub fn id_named(&self, name: &str) -> Option<&str> {
        match name {
            "clientId" => Some(&self.seller().client_id),
            "customerId" => Some(&self.shop.customer.id),
            "objectId" => Some(&self.order.id),
            "tenantId" => Some(&self.shop.tenant.id),
            "orderId" => Some(&self.order.id),
            // A provider may invite any reseller.
            "offerId" | "productId" | "resellerId" => None,
            _ => panic!("{name}: say here which id that is"),
        }
    }

    /// Something of this partner for a further id of a path, by its name.
    pub async fn inner(&self, name: &str) -> String {
        match name {
            "downloadLinkId" => self.new_download_link().await,
            "shareId" => self.new_share(&self.shared).await,
            "deliveryId" => self.delivered_once(&self.webhook_endpoint).await,
            _ => panic!("{name}: say here which id that is"),
        }
    }

    /// A request that succeeds, with every field that there is, and with whatever it needs made anew.
    pub async fn request(&self, operation: &Operation) -> Request {
        let mut id = self.id_for(operation).to_owned();
        let body = match operation.id.as_str() {
            "create_api_client" => {
                json!({ "name": "Nightly", "scope": "orders:read orders:write", "roles": ["adminAgent"] })
            }
            "rotate_api_client_secret" => {
                id = self.new_api_client().await;
                json!({ "overlapSeconds": 3600 })
            }
            "delete_api_client" => {
                id = self.new_api_client().await;
                Value::Null
            }
            "create_customer" => customer(),
            "update_customer" => {
                // In a country where every field is taken.
                id = self.seller().post("/v1/customers", &customer()).await.json()["id"].as_str().unwrap().to_owned();
                without(customer(), &["country"])
            }
            "attest_customer_agreement" => {
                id = self.shop.seller.lonja.create_customer(&new_customer()).await.unwrap().id;
                json!({ "contact": customer()["contact"], "agreedAt": "2020-01-01T00:00:00Z" })
            }
            "create_tenant" | "preview_tenant" => {
                json!({ "mode": "create", "name": format!("t{}", &Uuid::new_v4().simple().to_string()[..20]) })
            }
            "update_entitlement" => json!({ "friendlyName": "Servidor", "tenantId": self.shop.tenant.id }),
            "reveal_key" => {
                id.clone_from(&buy(self.house, &self.shop).await.lines[0].entitlement_id);
                json!({ "version": "2022", "language": "es", "bitness": "x64", "kind": "mak", "reason": "Instalación" })
            }
            "create_key_share" => {
                id.clone_from(&buy(self.house, &self.shop).await.lines[0].entitlement_id);
                share()
            }
            "withdraw_key_share" => {
                let share = self.new_share(&id).await;
                return Request { path: operation.at_inner(&id, &share), body: Value::Null };
            }
            "create_download_link" => download(),
            "withdraw_download_link" => {
                let link = self.new_download_link().await;
                return Request { path: operation.at_inner(&id, &link), body: Value::Null };
            }
            "import_key_stock" => {
                json!(format!("product,version,key\nwindows-server-standard,2022,{}\n", super::house::new_key()))
            }
            "plan_kms_migration" => json!("device,lastActivated\nCAJA-01,2020-01-01\n"),
            "place_order" | "preview_order" => json!({
                "customerId": self.shop.customer.id,
                "tenantId": self.shop.tenant.id,
                "channel": "csp",
                "lines": [{ "offerId": OFFICE_MXN, "quantity": 2 }],
            }),
            "quote_refund" => json!({ "orderId": self.order.id, "lineNumber": 1 }),
            "request_refund" | "preview_refund" => json!({
                "orderId": buy(self.house, &self.shop).await.id,
                "lineNumber": 1,
                "amount": { "amount": "1.00", "currency": "MXN" },
                "reason": "El cliente compró la edición equivocada",
                "title": "Reembolso",
                "impact": "moderate",
                "contact": { "name": "Marta Ruiz", "email": "marta@distribuidora.example", "phone": "+52 55 5555 0123" },
            }),
            "create_webhook_endpoint" => new_webhook_endpoint(),
            "update_webhook_endpoint" => {
                let mut endpoint = new_webhook_endpoint();
                endpoint["state"] = json!("enabled");
                endpoint
            }
            "rotate_webhook_secret" => json!({ "overlapSeconds": 60 }),
            "redeliver_webhook" => {
                let delivery = self.delivered_once(&id).await;
                return Request { path: operation.at_inner(&id, &delivery), body: Value::Null };
            }
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
            "set_sandbox_clock" => json!({ "now": "2199-01-01T00:00:00Z" }),
            _ if operation.body.is_none() => Value::Null,
            _ => panic!("{}: describe here a request that succeeds", operation.id),
        };
        Request { path: operation.at(&id), body }
    }

    /// How often this operation has done something: once each, its audit records say.
    pub async fn done(&self, operation: &Operation) -> usize {
        let records = format!(
            "SELECT count(*) FROM audit_records WHERE outcome = 'done' AND operation = '{}'
             AND coalesce(reason, '') NOT LIKE 'the same answer was shown again%'",
            operation.id
        );
        usize::try_from(self.house.count(&records).await).unwrap()
    }

    /// Everything that the partner can list, as text: equal texts mean that nothing has changed.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for operation in Operation::lists().filter(|operation| operation.kinds.contains(&TokenKind::Partner)) {
            // Providers stand in the directory for everybody.
            if operation.id == "list_indirect_providers" {
                continue;
            }
            let path = format!("{}?limit=200", operation.at(self.id_for(&operation)));
            let reply = self.actor(&operation).get(&path).await;
            assert_eq!(reply.status, 200, "{}", operation.id);
            all.push(reply.text);
        }
        all
    }
}

/// A completed purchase of one Windows Server.
async fn buy(house: &House, shop: &Shop) -> Order {
    house.stock("windows-server-standard", "2022", 1).await;
    let order = shop.buy(WINDOWS_MXN, 1).await;
    assert_eq!(order.state.as_str(), "completed");
    order
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

/// A customer with every field: of a country where the registration number is asked (CUS-03).
fn customer() -> Value {
    let mut customer = serde_json::to_value(new_customer()).unwrap();
    customer["country"] = json!("VE");
    customer["organizationRegistrationNumber"] = json!("J-12345678-9");
    customer["address"]["postalCode"] = json!("1010");
    customer["language"] = json!("es");
    customer["address"]["line2"] = json!("Piso 3");
    customer["address"]["state"] = json!("Distrito Capital");
    customer["contact"] = serde_json::to_value(contact()).unwrap();
    customer["contact"]["phone"] = json!("+52 55 5555 0100");
    customer
}

/// A webhook endpoint with every field. Nobody listens there.
fn new_webhook_endpoint() -> Value {
    json!({ "url": "http://127.0.0.1:9/hook", "description": "CRM", "eventTypes": ["order.*", "refund.credited"] })
}

fn without(mut value: Value, fields: &[&str]) -> Value {
    value.as_object_mut().unwrap().retain(|name, _| !fields.contains(&name.as_str()));
    value
}

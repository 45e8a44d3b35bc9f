//! A marketplace in which every list has rows, and a valid request for each operation: a new operation fails its tests
//! until its request is described here.

mod gcc;
mod links;
mod open;
mod partners;
mod refunds;
mod sales;
mod software;
mod tenants;

use self::gcc::Gcc;
use self::open::OpenThings;
use self::partners::digits;
pub use self::refunds::PDF;
use super::actor::Actor;
use super::house::House;
use super::linked::Linked;
use super::shop::{Shop, WINDOWS_MXN, contact, new_customer};
use super::walk::Operation;
use lonja::access::TokenKind;
use lonja::partners::PartnerState;
use lonja_sdk::types::Order;
use serde_json::{Value, json};
use std::cell::Cell;

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
    /// A subscription that nobody has changed.
    pub subscription: String,
    /// The renewal that lies ahead of it.
    pub renewal: String,
    /// The PartnerID of the seller.
    partner_location: String,
    /// A webhook endpoint, with a delivery.
    pub webhook_endpoint: String,
    /// A client of the partner beside the seller's own.
    pub api_client: String,
    /// A client of the marketplace's own staff.
    pub operator: Actor,
    /// A client of the storefront that enrols newcomers.
    pub storefront: Actor,
    /// A company in the directory.
    company: String,
    /// Whether the seller's enrolment stands elsewhere than at its end.
    is_disturbed: Cell<bool>,
    /// A provider and its reseller.
    pub linked: Linked,
    /// A live purchase that is handed on by links.
    shared: String,
    /// An organisation that is asked for a relationship.
    pub relationship_request: String,
    /// The token of the link of another one.
    pub acceptance: String,
    /// A customer that has accepted the provider and the reseller together.
    pub shared_customer: String,
    /// A customer of the seller that has bought nothing.
    pub spare_customer: String,
    /// What the seller has of the government cloud.
    pub gcc: Gcc,
    /// What there is of the Open programme.
    pub open: OpenThings,
    /// The customer's administrator.
    pub administrator: Actor,
}

impl<'a> Furnished<'a> {
    /// Furnishes a new shop.
    pub async fn open(house: &'a House) -> Self {
        let shop = Shop::open(house).await;
        // Before the first purchase, which earns by it.
        let agreement = json!({ "customerId": shop.customer.id, "firstYearPercent": "16" });
        assert_eq!(shop.seller.post("/v1/advisor-agreements", &agreement).await.status, 201);
        let shared = buy(house, &shop).await.lines[0].entitlement_id.clone().unwrap();
        let mut made = Self {
            house,
            order: buy(house, &shop).await,
            administrator: house.customer(&shop.customer.id).await,
            open: OpenThings::default(),
            shop,
            refund: String::new(),
            invoice: String::new(),
            credit_note: String::new(),
            subscription: String::new(),
            renewal: String::new(),
            partner_location: String::new(),
            webhook_endpoint: String::new(),
            api_client: String::new(),
            operator: house.operator().await,
            storefront: house.enrolment().await,
            company: digits(9),
            is_disturbed: Cell::new(false),
            linked: Linked::open(house).await,
            shared,
            relationship_request: String::new(),
            acceptance: String::new(),
            shared_customer: String::new(),
            spare_customer: String::new(),
            gcc: Gcc::default(),
        };
        made.furnish_software().await;
        made.partner_location = made.new_partner_location().await;
        made.subscription = made.subscribe().await;
        made.furnish_open().await;
        let fewer = json!({ "quantity": 4, "effective": "now" });
        made.renewal = made.first("/v1/renewals").await;
        let path = format!("/v1/subscriptions/{}:change-seats", made.subscribe().await);
        assert_eq!(made.seller().post(&path, &fewer).await.status, 200);
        let anew = [
            "accept_partner_agreement",
            "create_partner_user",
            "create_partner_user",
            "request_refund",
            "request_refund",
            "create_customer",
            "create_relationship_request",
            "create_tenant",
            "create_webhook_endpoint",
            "make_advisor_agreement",
        ];
        for operation in anew {
            let operation = Operation::all().into_iter().find(|known| known.id == operation).unwrap();
            let request = made.request(&operation).await;
            let reply = made.actor(&operation).post(&request.path, &request.body).await;
            assert_eq!(reply.status, 201, "{}: {}", operation.id, reply.text);
        }
        house
            .execute(&format!(
                "INSERT INTO companies (duns, name, country) VALUES ('{}', 'Integradora Pacífico S.C.', 'MX')",
                made.company
            ))
            .await;
        made.partner_in(PartnerState::InReview).await;
        made.api_client = made.new_api_client().await;
        made.relationship_request = made.first("/v1/relationship-requests").await;
        made.acceptance = made.new_relationship_request().await.1;
        made.shared_customer = made.linked.shared_customer().await;
        made.spare_customer = made.spare_relationship().await.0;
        made.gcc = made.furnish_gcc().await;
        made.refund = made.first("/v1/refunds").await;
        made.furnish_refunds().await;
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
            "authorize_indirect_provider_link"
            | "decline_indirect_provider_link"
            | "end_indirect_provider_link"
            | "create_customer"
            | "invite_link_customer"
            | "list_customer_relationships"
            | "lookup_indirect_provider_link"
            | "remove_link_admin_access" => &self.linked.reseller,
            _ if operation.path.starts_with("/v1/indirect-provider") => &self.linked.provider,
            _ if operation.path.starts_with("/v1/gcc/partner-validations")
                && operation.kinds.contains(&TokenKind::Partner) =>
            {
                &self.linked.provider
            }
            _ if operation.kinds.contains(&TokenKind::Enrolment) => &self.storefront,
            _ if operation.kinds.contains(&TokenKind::Partner) => self.seller(),
            _ if operation.kinds.contains(&TokenKind::Operator) => &self.operator,
            _ if operation.kinds.contains(&TokenKind::Customer) => &self.administrator,
            _ => self.seller(),
        }
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
        self.order.lines[0].entitlement_id.as_deref().unwrap()
    }

    /// Everything that belongs to this partner alone.
    pub fn ids(&self) -> [&str; 15] {
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
            &self.subscription,
            &self.renewal,
            &self.relationship_request,
            &self.open.agreement,
            &self.open.order,
            &self.open.key,
        ]
    }

    /// The id that this operation's path takes.
    pub fn id_for(&self, operation: &Operation) -> &str {
        if let Some(id) = self.open_id_for(operation) {
            return id;
        }
        if let Some(id) = self.gcc_id(operation) {
            return id;
        }
        let [customer, tenant, order, entitlement, refund, invoice, credit_note, api_client, endpoint, ..] = self.ids();
        match operation.path.split('/').nth(2).unwrap_or_default() {
            _ if operation.id == "list_customer_relationships" => &self.shared_customer,
            _ if operation.id == "remove_relationship" => &self.spare_customer,
            "api-clients" => api_client,
            "customers" => customer,
            "domains" => "libre",
            "tenants" => tenant,
            "orders" => order,
            "entitlements" if operation.path.contains("/key-shares") || operation.path.contains("-links") => {
                &self.shared
            }
            "entitlements" => entitlement,
            "refunds" => refund,
            "renewals" => &self.renewal,
            "subscriptions" => &self.subscription,
            "invoices" => invoice,
            "credit-notes" => credit_note,
            "offers" => WINDOWS_MXN,
            "partners" => &self.seller().partner_id,
            "webhook-endpoints" => endpoint,
            "relationship-requests" => &self.relationship_request,
            "acceptances" => &self.acceptance,
            "indirect-provider-links" => &self.linked.link,
            _ if !operation.has_id() => "",
            _ => panic!("{}: say here which id its path takes", operation.id),
        }
    }

    /// The id that a body or filter takes by this name; none where it is the same for every partner.
    pub fn id_named(&self, name: &str) -> Option<&str> {
        match name {
            "agreementId" => Some(&self.open.agreement),
            "clientId" => Some(&self.seller().client_id),
            "customerId" => Some(&self.shop.customer.id),
            "objectId" => Some(&self.order.id),
            "tenantId" => Some(&self.shop.tenant.id),
            "orderId" => Some(&self.order.id),
            "subscriptionId" => Some(&self.subscription),
            // A provider may invite any reseller, and be named by one.
            "azureGccTenantId" | "offerId" | "partnerLocationId" | "partnerTenantId" | "productId" | "providerId"
            | "resellerId" | "targetOfferId" => None,
            _ => panic!("{name}: say here which id that is"),
        }
    }

    /// Something of this partner for a further id of a path, by its name.
    pub async fn inner(&self, name: &str) -> String {
        match name {
            "attachmentId" => self.new_attachment(&self.refund).await,
            "downloadLinkId" => self.new_download_link().await,
            "shareId" => self.new_share(&self.shared).await,
            "deliveryId" => self.delivered_once(&self.webhook_endpoint).await,
            "userId" => self.new_user().await,
            "relationshipId" => self.first(&format!("/v1/customers/{}/relationships", self.spare_customer)).await,
            _ => panic!("{name}: say here which id that is"),
        }
    }

    /// A request that succeeds, with every field that there is, and with whatever it needs made anew.
    pub async fn request(&self, operation: &Operation) -> Request {
        self.set_enrolment(operation).await;
        if let Some(request) = self.partner_request(operation).await {
            return request;
        }
        if let Some(request) = self.link_request(operation).await {
            return request;
        }
        if let Some(request) = self.gcc_request(operation).await {
            return request;
        }
        if let Some(request) = self.sales_request(operation).await {
            return request;
        }
        if let Some(request) = self.tenant_request(operation).await {
            return request;
        }
        if let Some(request) = self.open_request(operation).await {
            return request;
        }
        if let Some(request) = self.software_request(operation).await {
            return request;
        }
        if let Some(request) = self.refund_request(operation).await {
            return request;
        }
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
            "create_customer" => {
                let mut through = customer();
                through["providerId"] = json!(self.linked.provider.partner_id);
                through
            }
            "invite_link_customer" => {
                let known = self.linked.reseller.lonja.create_customer(&new_customer()).await.unwrap();
                let mut asked = customer();
                asked["customerId"] = json!(known.id);
                asked["includeMca"] = json!(true);
                asked["sendMail"] = json!(true);
                asked
            }
            "create_relationship_request" => {
                let mut asked = customer();
                // One without the agreement, for which it can be asked.
                asked["customerId"] = json!(self.spare_relationship().await.0);
                asked["includeMca"] = json!(true);
                asked["sendMail"] = json!(true);
                asked
            }
            "resend_relationship_request" | "withdraw_relationship_request" => {
                id = self.new_relationship_request().await.0;
                Value::Null
            }
            "remove_relationship" => {
                let (customer, relationship) = self.spare_relationship().await;
                return Request { path: operation.at_inner(&customer, &relationship), body: Value::Null };
            }
            "answer_acceptance" => {
                id = self.new_relationship_request().await.1;
                json!({
                    "decision": "accept",
                    "firstName": "Lucía",
                    "lastName": "Hernández",
                    "title": "Directora general",
                    "email": "lucia@panaderiasol.example",
                    "agreesToMca": true,
                    "code": "123456",
                })
            }
            "update_customer" => {
                // In a country where every field is taken.
                id = self.seller().post("/v1/customers", &customer()).await.json()["id"].as_str().unwrap().to_owned();
                without(customer(), &["country"])
            }
            "attest_customer_agreement" => {
                id = self.shop.seller.lonja.create_customer(&new_customer()).await.unwrap().id;
                json!({ "contact": customer()["contact"], "agreedAt": "2020-01-01T00:00:00Z" })
            }
            "create_webhook_endpoint" => new_webhook_endpoint(),
            "update_webhook_endpoint" => {
                let mut endpoint = new_webhook_endpoint();
                endpoint["state"] = json!("enabled");
                endpoint
            }
            "rotate_webhook_secret" => json!({ "overlapSeconds": 60 }),
            "redeliver_webhook" => {
                let delivery = self.delivered_once(&id).await;
                return Request {
                    path: operation.path.replace("{id}", &id).replace("{deliveryId}", &delivery),
                    body: Value::Null,
                };
            }
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

/// A customer with every field: of a country where the registration number is asked (CUS-03).
fn customer() -> Value {
    let mut customer = mexican();
    customer["country"] = json!("VE");
    customer["organizationRegistrationNumber"] = json!("J-12345678-9");
    customer["address"]["postalCode"] = json!("1010");
    customer["address"]["state"] = json!("Distrito Capital");
    customer
}

/// The same at home, where no such number is asked.
fn mexican() -> Value {
    let mut customer = serde_json::to_value(new_customer()).unwrap();
    customer["language"] = json!("es");
    customer["address"]["line2"] = json!("Piso 3");
    customer["address"]["state"] = json!("CMX");
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

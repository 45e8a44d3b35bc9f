//! Requests about partners: each finds the enrolment where it can be taken.

use super::{Furnished, Request, customer, mexican};
use crate::shop::new_customer;
use crate::walk::Operation;
use lonja::partners::{PartnerKind, PartnerState};
use serde_json::{Value, json};
use uuid::Uuid;

impl Furnished<'_> {
    /// Gives the seller a PartnerID that no other partner has.
    pub(super) async fn new_partner_location(&self) -> String {
        let location = digits(10);
        let seller = &self.seller().partner_id;
        let statement = format!("UPDATE partners SET partner_location_id = '{location}' WHERE id = '{seller}'");
        self.house.execute(&statement).await;
        location
    }

    /// The id of a new request, and the token of its link.
    pub(super) async fn new_relationship_request(&self) -> (String, String) {
        let reply = self.seller().post("/v1/relationship-requests", &customer()).await.json();
        let text = |name: &str| reply[name].as_str().unwrap().to_owned();
        (text("id"), text("link").rsplit('/').next().unwrap().to_owned())
    }

    /// A customer that nobody else needs, and its relationship with the seller.
    pub(super) async fn spare_relationship(&self) -> (String, String) {
        let customer = self.seller().lonja.create_customer(&new_customer()).await.unwrap().id;
        let relationship = self.first(&format!("/v1/customers/{customer}/relationships")).await;
        (customer, relationship)
    }

    /// Another partner, in this state; one that is in review is in the queue.
    pub(super) async fn partner_in(&self, state: PartnerState) -> String {
        let id = self.house.partner_in(PartnerKind::IndirectReseller, state).await.partner_id;
        if state == PartnerState::InReview {
            let queued = format!("UPDATE partners SET review_due_by = '2199-01-01 00:00:00' WHERE id = '{id}'");
            self.house.execute(&queued).await;
        }
        id
    }

    /// Puts the seller's enrolment where this operation finds it; where the operation is of another kind, back to active.
    pub(super) async fn set_enrolment(&self, operation: &Operation) {
        let disturbs = operation.path.starts_with("/v1/partners/");
        if !disturbs && !self.is_disturbed.replace(disturbs) {
            return;
        }
        self.is_disturbed.set(disturbs);
        let (state, location) = match operation.id.as_str() {
            "update_partner" | "submit_partner" | "set_partner_location" | "create_work_account" => {
                ("draft", "NULL".to_owned())
            }
            "resend_partner_verification" => ("awaitingEmailProof", "NULL".to_owned()),
            "accept_partner_agreement" => ("approved", format!("'{}'", self.partner_location)),
            _ => ("active", format!("'{}'", self.partner_location)),
        };
        let contact = own_contact().to_string();
        let address = serde_json::to_string(&mexican()["address"]).unwrap();
        let id = &self.seller().partner_id;
        let has_account = operation.id != "create_work_account";
        let tenant = if has_account { format!("'{}'", Uuid::new_v4()) } else { "NULL".to_owned() };
        self.house
            .execute(&format!(
                "UPDATE partners SET state = '{state}', partner_location_id = {location}, location_source = NULL,
                     tenant_id = {tenant}, azure_gcc_tenant_id = NULL, duns = NULL, country = 'MX',
                     legal_name = 'Distribuidora del Bajío S.A. de C.V.', address = '{address}',
                     primary_contact = '{contact}', support_contact = '{contact}' WHERE id = '{id}';
                 DELETE FROM partner_agreements WHERE partner_id = '{id}' AND '{state}' = 'approved';"
            ))
            .await;
    }

    /// A new user of the seller's.
    pub(super) async fn new_user(&self) -> String {
        let path = format!("/v1/partners/{}/users", self.seller().partner_id);
        let made = self.seller().post(&path, &new_user()).await;
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// The token of a link that proves the address of a partner that waits for it.
    async fn new_verification(&self) -> String {
        let partner = self.partner_in(PartnerState::AwaitingEmailProof).await;
        let (token, id) = (format!("{:a<43}", Uuid::new_v4().simple()), Uuid::new_v4());
        let digest = lonja::personal_link::digest_of(&token);
        self.house
            .execute(&format!(
                "INSERT INTO email_verifications (id, partner_id, digest, email, state, expires_at, created_at)
                 VALUES ('{id}', '{partner}', '{digest}', 'lucia@panaderiasol.example', 'open', '2199-01-01 00:00:00',
                     '2020-01-01 00:00:00')"
            ))
            .await;
        token
    }

    /// The request, where it is one about partners.
    pub(super) async fn partner_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.seller().partner_id.clone();
        let body = match operation.id.as_str() {
            "create_partner" => {
                let mut partner = new_partner();
                partner["kind"] = json!("indirectReseller");
                partner
            }
            "update_partner" => new_partner(),
            "verify_email" => json!({ "token": self.new_verification().await }),
            "set_partner_location" => json!({ "partnerLocationId": digits(10), "kind": "location", "country": "MX" }),
            "accept_partner_agreement" => json!({ "version": "2026-10-01" }),
            "approve_partner" => {
                id = self.partner_in(PartnerState::InReview).await;
                Value::Null
            }
            "reject_partner" => {
                id = self.partner_in(PartnerState::InReview).await;
                json!({ "reasons": ["La dirección es la de un buzón."] })
            }
            "suspend_partner" => {
                id = self.partner_in(PartnerState::Active).await;
                json!({ "reason": "Tres facturas sin pagar" })
            }
            "reinstate_partner" => {
                id = self.partner_in(PartnerState::Suspended).await;
                Value::Null
            }
            "set_advisor_enablement" => json!({ "enabled": true }),
            "create_work_account" => json!({ "name": format!("p{}", &Uuid::new_v4().simple().to_string()[..20]) }),
            "create_partner_user" => new_user(),
            "get_partner_user" | "update_partner_user" | "delete_partner_user" => {
                let user = self.new_user().await;
                let change = operation.id == "update_partner_user";
                return Some(Request {
                    path: operation.path.replace("{id}", &id).replace("{userId}", &user),
                    body: if change { json!({ "roles": ["adminAgent", "globalAdmin"] }) } else { Value::Null },
                });
            }
            "get_company" => {
                return Some(Request { path: format!("/v1/companies?duns={}", self.company), body: Value::Null });
            }
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

/// A number of so many digits that no other test has, without a zero at its start.
pub(super) fn digits(count: usize) -> String {
    let random = Uuid::new_v4().as_u128().to_string();
    format!("1{}", &random[random.len() - count + 1..])
}

/// A partner with every field that is changed later.
fn new_partner() -> Value {
    let customer = mexican();
    json!({
        "legalName": "Integradora Pacífico S.C.",
        "country": "MX",
        "tenantId": Uuid::new_v4(),
        "azureGccTenantId": Uuid::new_v4(),
        "address": customer["address"],
        "primaryContact": own_contact(),
        "supportContact": own_contact(),
        "duns": "08-146-6849",
        "language": "es",
    })
}

fn new_user() -> Value {
    let email = format!("marta-{}@distribuidora.example", Uuid::new_v4().simple());
    json!({ "firstName": "Marta", "lastName": "Ruiz", "email": email, "roles": ["adminAgent", "globalAdmin"] })
}

/// Whom the seller names for itself: never where a customer reads its mail (CUS-06).
fn own_contact() -> Value {
    let mut contact = mexican()["contact"].clone();
    contact["email"] = json!("marta@distribuidora.example");
    contact
}

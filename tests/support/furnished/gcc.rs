//! Requests about the government cloud.

use super::{Furnished, Request};
use crate::gcc::{self, E3_GCC, customer_form, id_of, new_american, new_name, partner_form, submit_partner, tenant_of};
use crate::walk::Operation;
use lonja::partners::PartnerKind;
use serde_json::{Value, json};
use uuid::Uuid;

/// What the seller has of it.
#[derive(Default)]
pub struct Gcc {
    /// A validation of the provider.
    pub partner_validation: String,
    /// A validation of a customer, with a file.
    pub customer_validation: String,
    /// That file.
    pub attachment: String,
    /// A code with uses left.
    pub code: String,
    /// A customer that was qualified with it.
    pub customer: String,
}

impl Furnished<'_> {
    /// Two validations of the provider, three of customers, two codes, a qualified customer.
    pub(super) async fn furnish_gcc(&self) -> Gcc {
        let (seller, provider) = (self.seller(), &self.linked.provider);
        for partner in [seller, provider] {
            // Accepting the agreement has given the seller one.
            if partner.get("/v1/partners/me").await.json()["tenantId"].is_null() {
                gcc::record_tenant(partner, "tenantId", &Uuid::new_v4().to_string()).await;
            }
        }
        let qualified =
            "UPDATE partners SET gcc_qualified_at = '2026-01-01 00:00:00', version = version + 1 WHERE id =";
        self.house.execute(&format!("{qualified} '{}'", seller.partner_id)).await;
        let tenant = tenant_of(seller).await;
        let partner_validation = self.new_partner_validation().await;
        self.new_partner_validation().await;
        let name = new_name();
        let code = gcc::code_for(seller, &tenant, &name, &self.operator).await;
        gcc::code_for(seller, &tenant, &new_name(), &self.operator).await;
        let customer = id_of(&seller.post("/v1/customers", &new_american(&name)).await);
        assert_eq!(gcc::use_code(seller, &customer, &code).await.status, 200);
        let customer_validation = self.new_customer_validation().await;
        let path = format!("/v1/gcc/customer-validations/{customer_validation}");
        let attachment = seller.get(&path).await.json()["attachments"][0]["id"].as_str().unwrap().to_owned();
        Gcc { partner_validation, customer_validation, attachment, code, customer }
    }

    /// A new validation of the provider; what was open is taken back.
    async fn new_partner_validation(&self) -> String {
        self.close_partner_validations().await;
        submit_partner(&self.linked.provider).await
    }

    async fn close_partner_validations(&self) {
        let provider = &self.linked.provider.partner_id;
        let close =
            "UPDATE gcc_validations SET state = 'withdrawn', due_at = '9999-01-01 00:00:00' WHERE kind = 'partner'";
        let open = "state IN ('submitted', 'informationNeeded')";
        self.house.execute(&format!("{close} AND partner_id = '{provider}' AND {open}")).await;
    }

    /// One of a partner that nobody else needs.
    async fn strange_partner_validation(&self) -> String {
        let partner = self.house.partner(PartnerKind::DirectBill).await;
        gcc::record_tenant(&partner, "tenantId", &Uuid::new_v4().to_string()).await;
        submit_partner(&partner).await
    }

    /// A new customer in the United States, and the form with which it is submitted.
    async fn customer_form(&self) -> Value {
        let name = new_name();
        let mut form = customer_form(&tenant_of(self.seller()).await, &name);
        form["customerId"] = json!(id_of(&self.seller().post("/v1/customers", &new_american(&name)).await));
        form
    }

    async fn new_customer_validation(&self) -> String {
        id_of(&self.seller().post("/v1/gcc/customer-validations", &self.customer_form().await).await)
    }

    async fn ask(&self, kind: &str, id: &str) {
        let path = format!("/v1/gcc/{kind}-validations/{id}:request-information");
        let asked = self.operator.post(&path, &json!({ "question": "Please attach the charter." })).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
    }

    /// The id that this operation's path takes, where it is one about the government cloud.
    pub(super) fn gcc_id(&self, operation: &Operation) -> Option<&str> {
        match operation.id.as_str() {
            "list_customer_qualifications" | "get_customer_gcc_qualification" | "qualify_customer" => {
                return Some(&self.gcc.customer);
            }
            _ => {}
        }
        let mut parts = operation.path.split('/').skip(2);
        match (parts.next()?, parts.next()?) {
            ("gcc", "partner-validations") => Some(&self.gcc.partner_validation),
            ("gcc", "customer-validations") => Some(&self.gcc.customer_validation),
            ("gcc", "validation-codes") => Some(&self.gcc.code),
            ("gcc", "attachments") => Some(&self.gcc.attachment),
            _ => None,
        }
    }

    /// The request, where it is one about the government cloud.
    pub(super) async fn gcc_request(&self, operation: &Operation) -> Option<Request> {
        let mut id = self.gcc_id(operation).unwrap_or_default().to_owned();
        let answer = json!({ "answer": "The charter is attached.", "attachments": [gcc::pdf()] });
        let body = match operation.id.as_str() {
            "submit_gcc_partner_validation" => {
                self.close_partner_validations().await;
                partner_form(&tenant_of(&self.linked.provider).await)
            }
            "provide_gcc_partner_information" => {
                id = self.new_partner_validation().await;
                self.ask("partner", &id).await;
                answer
            }
            "withdraw_gcc_partner_validation" => {
                id = self.new_partner_validation().await;
                Value::Null
            }
            "approve_gcc_partner_validation" => {
                id = self.strange_partner_validation().await;
                Value::Null
            }
            "submit_gcc_customer_validation" => self.customer_form().await,
            "provide_gcc_customer_information" => {
                id = self.new_customer_validation().await;
                self.ask("customer", &id).await;
                answer
            }
            "withdraw_gcc_customer_validation" => {
                id = self.new_customer_validation().await;
                Value::Null
            }
            "approve_gcc_customer_validation" => {
                id = self.new_customer_validation().await;
                json!({ "maxCreates": 3 })
            }
            "request_gcc_partner_information" => {
                id = self.strange_partner_validation().await;
                json!({ "question": "Which contracts are these?" })
            }
            "request_gcc_customer_information" => {
                id = self.new_customer_validation().await;
                json!({ "question": "Which contracts are these?" })
            }
            "deny_gcc_partner_validation" => {
                id = self.strange_partner_validation().await;
                json!({ "reason": "The contracts have ended." })
            }
            "deny_gcc_customer_validation" => {
                id = self.new_customer_validation().await;
                json!({ "reason": "It is no entity of the government." })
            }
            "withdraw_gcc_validation_code" => {
                id = gcc::code_for(self.seller(), &tenant_of(self.seller()).await, &new_name(), &self.operator).await;
                json!({ "reason": "The organisation no longer exists." })
            }
            "qualify_customer" => json!({ "validationCode": self.gcc.code }),
            "check_gcc_eligibility" => json!({
                "customerId": self.shop.customer.id,
                "organizationName": "City of Marble Falls",
                "providerId": self.seller().partner_id,
                "offers": [E3_GCC],
            }),
            _ => return None,
        };
        Some(Request { path: operation.at(&id), body })
    }
}

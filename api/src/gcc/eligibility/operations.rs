//! The calls that do the missing steps. A test compares them with the document.

use super::model::{GccBlank, GccHeader, GccOperation};
use serde_json::{Value, json};

/// An operation of the document: its id, method and path.
pub type Known = (&'static str, &'static str, &'static str);

pub const GET_OWN_PARTNER: Known = ("get_own_partner", "GET", "/v1/partners/me");
pub const INVITE: Known = ("invite_indirect_reseller", "POST", "/v1/indirect-provider-links");
pub const AUTHORIZE: Known = ("authorize_indirect_provider_link", "POST", "/v1/indirect-provider-links/{id}:authorize");
pub const REINSTATE: Known = ("reinstate_partner", "POST", "/v1/partners/{id}:reinstate");
pub const UPDATE_PARTNER: Known = ("update_partner", "PATCH", "/v1/partners/{id}");
pub const SUBMIT_PARTNER: Known = ("submit_gcc_partner_validation", "POST", "/v1/gcc/partner-validations");
pub const ANSWER_PARTNER: Known =
    ("provide_gcc_partner_information", "POST", "/v1/gcc/partner-validations/{id}:provide-information");
pub const APPROVE_PARTNER: Known =
    ("approve_gcc_partner_validation", "POST", "/v1/gcc/partner-validations/{id}:approve");
pub const SUBMIT_CUSTOMER: Known = ("submit_gcc_customer_validation", "POST", "/v1/gcc/customer-validations");
pub const ANSWER_CUSTOMER: Known =
    ("provide_gcc_customer_information", "POST", "/v1/gcc/customer-validations/{id}:provide-information");
pub const APPROVE_CUSTOMER: Known =
    ("approve_gcc_customer_validation", "POST", "/v1/gcc/customer-validations/{id}:approve");
pub const CREATE_CUSTOMER: Known = ("create_customer", "POST", "/v1/customers");
pub const QUALIFY: Known = ("qualify_customer", "PUT", "/v1/customers/{id}/qualifications/government-community-cloud");
pub const ASK_CUSTOMER: Known =
    ("invite_link_customer", "POST", "/v1/indirect-provider-links/{id}/customer-invitations");
pub const ATTEST: Known = ("attest_customer_agreement", "POST", "/v1/customers/{id}/agreements");
pub const CREATE_TENANT: Known = ("create_tenant", "POST", "/v1/customers/{id}/tenants");
pub const PLACE_ORDER: Known = ("place_order", "POST", "/v1/orders");
pub const PREVIEW_ORDER: Known = ("preview_order", "POST", "/v1/orders:preview");

/// All of them.
#[cfg(test)]
const ALL: [Known; 18] = [
    GET_OWN_PARTNER,
    INVITE,
    AUTHORIZE,
    REINSTATE,
    UPDATE_PARTNER,
    SUBMIT_PARTNER,
    ANSWER_PARTNER,
    APPROVE_PARTNER,
    SUBMIT_CUSTOMER,
    ANSWER_CUSTOMER,
    APPROVE_CUSTOMER,
    CREATE_CUSTOMER,
    QUALIFY,
    ASK_CUSTOMER,
    ATTEST,
    CREATE_TENANT,
    PLACE_ORDER,
    PREVIEW_ORDER,
];

impl GccOperation {
    /// This operation, of a thing that is there, or is to come.
    pub fn of((operation_id, method, path): Known, id: Option<&str>) -> Self {
        Self {
            operation_id: operation_id.to_owned(),
            method: method.to_owned(),
            path: id.map_or_else(|| path.to_owned(), |id| path.replace("{id}", id)),
            headers: Vec::new(),
            body: None,
            blanks: Vec::new(),
        }
    }

    /// With this body.
    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(GccHeader { name: name.to_owned(), value: value.to_owned() });
        self
    }

    /// With a field that only a person knows.
    pub fn blank(mut self, pointer: &str, what: &str) -> Self {
        self.blanks.push(GccBlank { pointer: pointer.to_owned(), what: what.to_owned() });
        self
    }
}

/// The call that submits an organisation, in the name of this partner where it is known.
pub fn submit_customer(
    tenant_id: Option<&str>,
    customer_id: Option<&str>,
    organization: Option<&Value>,
) -> GccOperation {
    let mut body = json!({ "category": "stateOrLocal" });
    let mut call = GccOperation::of(SUBMIT_CUSTOMER, None);
    if let Some(fields) = body.as_object_mut() {
        fields.extend(tenant_id.map(|id| ("partnerTenantId".to_owned(), json!(id))));
        fields.extend(customer_id.map(|id| ("customerId".to_owned(), json!(id))));
        fields.extend(organization.map(|known| ("organization".to_owned(), known.clone())));
    }
    if tenant_id.is_none() {
        call = call.blank("/partnerTenantId", "The commercial tenant id of the partner that will transact.");
    }
    let name = organization.and_then(|known| known.get("companyName"));
    if name.is_none() {
        call = call.blank("/organization/companyName", "The organisation's registered name.");
    }
    if organization.and_then(|known| known.get("address")).is_none() {
        call = call.blank("/organization/country", "US.").blank("/organization/address", "Where it is.");
    }
    call.with(body)
        .blank("/category", "What the organisation is to the government.")
        .blank("/evidence", "What shows it, in words; files may be attached.")
        .blank("/contact", "Whom the reviewer may ask at the organisation.")
        .blank("/submitter", "Who submits it.")
}

/// How to ask for a validation code (GCC-12).
pub fn how_to_ask() -> GccOperation {
    submit_customer(None, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_gcc_12_every_call_that_is_named_stands_in_the_document() {
        let document: Value = serde_json::from_str(&crate::app::document().json).unwrap();
        for (id, method, path) in ALL {
            let operation = &document["paths"][path][method.to_lowercase()];
            assert_eq!(operation["operationId"], id, "{method} {path}");
        }
    }

    #[test]
    fn what_is_known_is_no_blank() {
        let known = json!({ "companyName": "City of Marble Falls", "country": "US", "address": {} });
        let whole = submit_customer(Some("t"), Some("c"), Some(&known));
        let blanks: Vec<_> = whole.blanks.iter().map(|blank| blank.pointer.as_str()).collect();
        assert_eq!(blanks, ["/category", "/evidence", "/contact", "/submitter"]);
        assert_eq!(how_to_ask().blanks.len(), 8);
    }
}

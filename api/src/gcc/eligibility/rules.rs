//! What is missing, in the order in which it is done. Facts in; *all* the steps out.

use super::facts::{Customer, Facts};
use super::model::{GccOperation, GccStepBy as By, GccStepCode as Code};
use super::operations::{self as call, submit_customer};
use crate::error::Result;
use crate::gcc::model::{GccValidationState, ValidationRow};
use crate::markets;
use crate::partners::{PartnerKind, PartnerState};
use crate::profiles::{Address, Contact};
use serde_json::{Map, Value, json};

/// A step without its number and words.
pub struct Missing {
    /// What is missing.
    pub code: Code,
    /// Whose turn it is.
    pub by: By,
    /// The call.
    pub operation: Option<GccOperation>,
    /// What fills the words.
    pub facts: Map<String, Value>,
}

/// Everything that is missing.
pub fn missing(facts: &Facts) -> Result<Vec<Missing>> {
    let mut steps = Vec::new();
    if facts.caller.state != PartnerState::Active {
        steps.push(step(Code::ActivatePartner, By::You, GccOperation::of(call::GET_OWN_PARTNER, None)));
    }
    seller(facts, &mut steps)?;
    match &facts.customer {
        Some(customer) => known_customer(facts, customer, &mut steps)?,
        None => new_customer(facts, &mut steps),
    }
    Ok(steps)
}

fn step(code: Code, by: By, operation: GccOperation) -> Missing {
    Missing { code, by, operation: Some(operation), facts: Map::new() }
}

fn nothing_helps(code: Code, facts: &[(&str, &str)]) -> Missing {
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    Missing { code, by: By::Nobody, operation: None, facts }
}

/// Whoever transacts: the caller itself, or its provider.
fn by_seller(facts: &Facts) -> By {
    if facts.caller.kind == PartnerKind::IndirectReseller { By::Provider } else { By::You }
}

/// A link, a tenant id, a qualification (GCC-02, GCC-03, GCC-07).
fn seller(facts: &Facts, steps: &mut Vec<Missing>) -> Result<()> {
    let by = by_seller(facts);
    let Some(seller) = &facts.seller else {
        if facts.invited.is_none() {
            let mut body = json!({ "resellerId": facts.caller.id });
            let mut invite = GccOperation::of(call::INVITE, None);
            match (facts.caller.primary_contact()?, body.as_object_mut()) {
                (Some(contact), Some(fields)) => drop(fields.insert("email".to_owned(), json!(contact.email))),
                _ => invite = invite.blank("/email", "Where your company reads its mail."),
            }
            steps.push(step(Code::InviteReseller, By::Provider, invite.with(body)));
        }
        let authorize = GccOperation::of(call::AUTHORIZE, facts.invited.as_deref());
        let authorize =
            authorize.with(json!({ "consent": true })).blank("/token", "The code of the mailed invitation.");
        steps.push(step(Code::AuthorizeLink, By::You, authorize));
        steps.push(step(Code::SubmitPartnerValidation, by, submit_partner(None)));
        steps.push(step(Code::ApprovePartnerValidation, By::Operator, GccOperation::of(call::APPROVE_PARTNER, None)));
        return Ok(());
    };
    if seller.state != PartnerState::Active && seller.id != facts.caller.id {
        let reinstate = GccOperation::of(call::REINSTATE, Some(&seller.id));
        steps.push(step(Code::ReinstateSeller, By::Operator, reinstate));
    }
    if seller.tenant_id.is_none() {
        let tag = format!("\"{}\"", seller.version);
        let update = GccOperation::of(call::UPDATE_PARTNER, Some(&seller.id)).with(json!({})).header("If-Match", &tag);
        let update = update.blank("/tenantId", "The commercial (global) tenant id, never the one of Azure Government.");
        steps.push(step(Code::RecordTenantId, by, update));
    }
    if seller.is_gcc_qualified() {
        return Ok(());
    }
    let (answer, approve) = (call::ANSWER_PARTNER, call::APPROVE_PARTNER);
    let courses =
        Course { answer: (Code::AnswerAboutPartner, answer), approve: (Code::ApprovePartnerValidation, approve) };
    if facts.seller_validation.is_none() {
        steps.push(step(Code::SubmitPartnerValidation, by, submit_partner(seller.tenant_id.as_deref())));
    }
    courses.push(facts.seller_validation.as_ref(), by, None, steps);
    Ok(())
}

fn submit_partner(tenant_id: Option<&str>) -> GccOperation {
    let mut submit = GccOperation::of(call::SUBMIT_PARTNER, None);
    let mut body = json!({ "criteria": ["servesGovernment"] });
    match (tenant_id, body.as_object_mut()) {
        (Some(id), Some(fields)) => drop(fields.insert("partnerTenantId".to_owned(), json!(id))),
        _ => submit = submit.blank("/partnerTenantId", "The partner's commercial tenant id."),
    }
    submit
        .with(body)
        .blank("/criteria", "By what the partner qualifies.")
        .blank("/evidence", "What shows it, in words; files may be attached.")
        .blank("/submitter", "Who submits it.")
}

/// The steps of a validation that is submitted, or is to be.
struct Course {
    answer: (Code, call::Known),
    approve: (Code, call::Known),
}

impl Course {
    fn push(&self, open: Option<&ValidationRow>, by: By, body: Option<Value>, steps: &mut Vec<Missing>) {
        let id = open.map(|open| open.id.as_str());
        if open.is_some_and(|open| open.state == GccValidationState::InformationNeeded) {
            let answer = GccOperation::of(self.answer.1, id).with(json!({}));
            steps.push(step(self.answer.0, by, answer.blank("/answer", "The answer to the reviewer's last question.")));
        }
        let approve = GccOperation::of(self.approve.1, id);
        steps.push(step(self.approve.0, By::Operator, GccOperation { body, ..approve }));
    }
}

const CUSTOMERS: Course = Course {
    answer: (Code::AnswerAboutCustomer, call::ANSWER_CUSTOMER),
    approve: (Code::ApproveCustomerValidation, call::APPROVE_CUSTOMER),
};

/// An organisation that is no customer yet: a validation, a code, and the record with it (GCC-10, GCC-12).
fn new_customer(facts: &Facts, steps: &mut Vec<Missing>) {
    if let Some(seller) = &facts.seller
        && !markets::may_sell(&seller.country, "US", facts.now.date_naive()).is_empty()
    {
        steps.push(nothing_helps(Code::OtherRegion, &[("seller", &seller.country), ("customer", "US")]));
    }
    let tenant = facts.seller.as_ref().and_then(|seller| seller.tenant_id.as_deref());
    if facts.code.is_none() {
        if facts.validation.is_none() {
            let organization = facts.organization.as_ref().map(|name| json!({ "companyName": name }));
            let submit = submit_customer(tenant, None, organization.as_ref());
            steps.push(step(Code::SubmitCustomerValidation, By::You, submit));
        }
        CUSTOMERS.push(facts.validation.as_ref(), By::You, Some(json!({})), steps);
    }
    let mut body = json!({ "country": "US" });
    let mut create = GccOperation::of(call::CREATE_CUSTOMER, None);
    let name = facts.code.as_ref().map(|code| &code.organization).or(facts.organization.as_ref());
    if let Some(fields) = body.as_object_mut() {
        fields.extend(name.map(|name| ("companyName".to_owned(), json!(name))));
        fields.extend(facts.code.as_ref().map(|code| ("gccValidationCode".to_owned(), json!(code.id))));
        let through = facts.seller.as_ref().filter(|seller| seller.id != facts.caller.id);
        fields.extend(through.map(|seller| ("providerId".to_owned(), json!(seller.id))));
    }
    if name.is_none() {
        create = create.blank("/companyName", "The organisation's registered name, as it was validated.");
    }
    if facts.code.is_none() {
        create = create.blank("/gccValidationCode", "The code that the approval brings.");
    }
    create = create.with(body).blank("/address", "Where it is.").blank("/contact", "Whom to reach.");
    steps.push(step(Code::CreateCustomer, By::You, create));
    agreement(facts, None, steps);
    steps.push(step(Code::CreateTenant, By::You, tenant_of(None)));
}

/// What a customer lacks.
fn known_customer(facts: &Facts, customer: &Customer, steps: &mut Vec<Missing>) -> Result<()> {
    let id = customer.row.id.as_str();
    if customer.row.country != "US" && !customer.is_qualified {
        steps.push(nothing_helps(Code::NotInUnitedStates, &[("country", &customer.row.country)]));
        return Ok(());
    }
    if let Some(seller) = &facts.seller {
        let faults = markets::may_sell(&seller.country, &customer.row.country, facts.now.date_naive());
        if !faults.is_empty() {
            let names = [("seller", seller.country.as_str()), ("customer", customer.row.country.as_str())];
            steps.push(nothing_helps(Code::OtherRegion, &names));
        }
    }
    if !customer.is_qualified {
        qualification(facts, customer, steps)?;
    }
    let must_accept = facts.caller.kind == PartnerKind::IndirectReseller && !customer.has_accepted_seller;
    if must_accept && customer.is_asked {
        let waits = Missing { code: Code::WaitForCustomer, by: By::Customer, operation: None, facts: Map::new() };
        steps.push(waits);
    } else if must_accept {
        let ask = GccOperation::of(call::ASK_CUSTOMER, facts.link.as_deref());
        let body = json!({
            "customerId": id,
            "companyName": customer.row.company_name,
            "country": customer.row.country,
            "address": customer.row.address.read::<Address>()?,
            "contact": customer.row.contact.read::<Contact>()?,
            "sendMail": true,
        });
        steps.push(step(Code::AskCustomer, By::You, ask.with(body)));
    }
    if !customer.has_accepted_mca {
        agreement(facts, Some(customer), steps);
    }
    if customer.tenant.is_none() {
        steps.push(step(Code::CreateTenant, By::You, tenant_of(Some(id))));
    }
    Ok(())
}

/// By a code of its organisation, else by a validation of its own (GCC-10, GCC-11).
fn qualification(facts: &Facts, customer: &Customer, steps: &mut Vec<Missing>) -> Result<()> {
    let id = customer.row.id.as_str();
    if let Some(code) = &facts.code {
        let qualify = GccOperation::of(call::QUALIFY, Some(id)).with(json!({ "validationCode": code.id }));
        steps.push(step(Code::UseValidationCode, By::You, qualify.header("If-None-Match", "*")));
        return Ok(());
    }
    if facts.validation.is_none() {
        let organization = json!({
            "companyName": customer.row.company_name,
            "country": customer.row.country,
            "address": customer.row.address.read::<Address>()?,
        });
        let tenant = facts.seller.as_ref().and_then(|seller| seller.tenant_id.as_deref());
        steps.push(step(
            Code::SubmitCustomerValidation,
            By::You,
            submit_customer(tenant, Some(id), Some(&organization)),
        ));
    }
    CUSTOMERS.push(facts.validation.as_ref(), By::You, Some(json!({})), steps);
    Ok(())
}

/// The provider attests it for an indirect reseller, which cannot (CUS-06).
fn agreement(facts: &Facts, customer: Option<&Customer>, steps: &mut Vec<Missing>) {
    let attest = GccOperation::of(call::ATTEST, customer.map(|customer| customer.row.id.as_str())).with(json!({}));
    let attest =
        attest.blank("/contact", "Who accepted it for the customer.").blank("/agreedAt", "When; not in the future.");
    steps.push(step(Code::AttestAgreement, by_seller(facts), attest));
}

fn tenant_of(customer_id: Option<&str>) -> GccOperation {
    GccOperation::of(call::CREATE_TENANT, customer_id)
        .with(json!({ "mode": "create" }))
        .blank("/name", "The name of the tenant: lower-case letters and digits.")
}

/// The order would be refused for other reasons than the government's: its preview tells them all.
pub fn refused(order: &GccOperation, reasons: &[&str]) -> Missing {
    let preview = GccOperation::of(call::PREVIEW_ORDER, None).with(order.body.clone().unwrap_or_default());
    let words = [("reasons".to_owned(), json!(reasons.join(", ")))].into_iter().collect();
    Missing { code: Code::OrderRefused, by: By::You, operation: Some(preview), facts: words }
}

/// The order that can be placed once nothing is missing.
pub fn order(facts: &Facts, offers: &[String]) -> Option<GccOperation> {
    let (customer, seller) = (facts.customer.as_ref()?, facts.seller.as_ref()?);
    let tenant = customer.tenant.as_ref()?;
    let lines: Vec<Value> = offers.iter().map(|offer| json!({ "offerId": offer, "quantity": 1 })).collect();
    let mut body = json!({ "customerId": customer.row.id, "tenantId": tenant.id, "lines": lines });
    if let Some(fields) = body.as_object_mut().filter(|_| seller.id != facts.caller.id) {
        fields.insert("providerId".to_owned(), json!(seller.id));
    }
    Some(GccOperation::of(call::PLACE_ORDER, None).with(body))
}

#[cfg(test)]
mod tests;

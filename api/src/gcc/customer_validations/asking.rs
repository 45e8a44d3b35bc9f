//! Whether an organisation may be submitted, in whose name, and under which name it is open (GCC-06 to GCC-08, GCC-13).

use super::model::{CustomerForm, GccControlledData, GccEligibilityCategory, SubmitGccCustomerValidation};
use crate::access::Viewer;
use crate::attachments::{self, Checked};
use crate::customers::{self, CustomerRow};
use crate::db::Db;
use crate::error::{Code, Error, Fault, Result};
use crate::gcc::{self, codes, qualifications, rules};
use crate::partners::{self, PartnerRow, is_active};
use crate::profiles::{self, PreferredLanguage};

/// The country that organisations of the government cloud are in (GCC-08).
const COUNTRY: &str = "US";

/// A form that nothing stands against.
pub struct Accepted {
    /// The partner that will transact.
    pub seller_id: String,
    /// The reseller that submits in its name.
    pub reseller_id: Option<String>,
    /// Under which name only one can be open.
    pub subject: String,
    /// What is kept of the form.
    pub form: CustomerForm,
    /// The files.
    pub files: Vec<Checked>,
}

/// Under which name a customer's validation is open.
pub fn of_customer(customer_id: &str) -> String {
    format!("customer:{customer_id}")
}

/// Under which name the validation of an organisation without a record is open: nobody learns whom others submit (CUS-05).
pub fn of_organization(submitter_id: &str, name: &str) -> String {
    format!("organization:{submitter_id}:{}", rules::organization_key(name))
}

/// Everything that stands against a form, or what is submitted.
pub async fn judge(
    viewer: &Viewer,
    db: &mut Db<'_>,
    caller_id: &str,
    body: &SubmitGccCustomerValidation,
) -> Result<Accepted> {
    let customer = match &body.customer_id {
        Some(id) => Some(customers::find(viewer, db, id).await?),
        None => None,
    };
    let caller = partners::find(db, caller_id).await?;
    let sellers = gcc::sellers(db, &caller).await?;
    let mut faults: Vec<Fault> = is_active(&caller).into_iter().collect();
    let seller = match rules::transacting(&caller, &sellers, &body.partner_tenant_id) {
        Ok(seller) => {
            faults.extend(rules::may_transact(seller, &caller, rules::TENANT));
            Some(seller.clone())
        }
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    faults.extend(organization(body, customer.as_ref()));
    faults.extend(controlled_data(body.category, body.controlled_data));
    faults.extend(profiles::contact(&body.contact, "/contact"));
    faults.extend(profiles::contact(&body.submitter, "/submitter"));
    let files = attachments::check(&body.attachments, 0, "/attachments");
    let files = files.map_err(|found| faults.extend(found)).unwrap_or_default();
    faults.extend(validated(viewer, db, &sellers, customer.as_ref(), &body.organization.company_name).await?);
    let Some(seller) = seller.filter(|_| faults.is_empty()) else {
        return Err(Error::refused(faults));
    };
    let subject = match &customer {
        Some(customer) => of_customer(&customer.id),
        None => of_organization(caller_id, &body.organization.company_name),
    };
    let reseller_id = (seller.id != caller_id).then(|| caller_id.to_owned());
    let form = form(body, &seller, customer.as_ref());
    Ok(Accepted { seller_id: seller.id, reseller_id, subject, form, files })
}

fn form(body: &SubmitGccCustomerValidation, seller: &PartnerRow, customer: Option<&CustomerRow>) -> CustomerForm {
    let known = customer.map(|customer| customer.language);
    CustomerForm {
        partner_tenant_id: seller.tenant_id.clone().unwrap_or_default(),
        organization: body.organization.clone(),
        category: body.category,
        controlled_data: body.controlled_data,
        evidence: body.evidence.clone(),
        contact: body.contact.clone(),
        language: body.language.or(known).unwrap_or(PreferredLanguage::English),
    }
}

/// The organisation is one in the United States (GCC-08); where it is a customer, the one of the record.
fn organization(body: &SubmitGccCustomerValidation, customer: Option<&CustomerRow>) -> Vec<Fault> {
    let asked = &body.organization;
    let mut faults: Vec<Fault> =
        profiles::company_name(&asked.company_name, "/organization/companyName").into_iter().collect();
    match profiles::country(&asked.country, "/organization/country") {
        Ok(country) if country != COUNTRY => {
            faults.push(Fault::at("/organization/country", Code::GccCountryNotUs).with("country", country));
        }
        Ok(country) => faults.extend(profiles::address(&asked.address, &country, "/organization/address")),
        Err(fault) => faults.push(fault),
    }
    if let Some(customer) = customer {
        if customer.country != COUNTRY {
            faults.push(Fault::at("/customerId", Code::GccCountryNotUs).with("country", &customer.country));
        }
        if rules::organization_key(&customer.company_name) != rules::organization_key(&asked.company_name) {
            let fault = Fault::at("/organization/companyName", Code::GccOrganizationDiffers);
            faults.push(fault.with("recorded", &customer.company_name).with("given", &asked.company_name));
        }
    }
    faults
}

/// A private entity names the class of its controlled data, and nobody else does (GCC-08).
fn controlled_data(category: GccEligibilityCategory, data: Option<GccControlledData>) -> Option<Fault> {
    let is_private = category == GccEligibilityCategory::PrivateEntity;
    let code = match (is_private, data) {
        (true, None) => Code::GccControlledDataRequired,
        (false, Some(_)) => Code::GccControlledDataNotAsked,
        _ => return None,
    };
    Some(Fault::at("/controlledData", code).with("category", category))
}

/// Nobody is validated twice (GCC-13): a customer that is qualified, an organisation whose code has uses left.
async fn validated(
    viewer: &Viewer,
    db: &mut Db<'_>,
    sellers: &[PartnerRow],
    customer: Option<&CustomerRow>,
    name: &str,
) -> Result<Option<Fault>> {
    if let Some(customer) = customer
        && qualifications::is_qualified(db, &customer.id).await?
    {
        let fault = Fault::at("/customerId", Code::GccCustomerAlreadyQualified);
        return Ok(Some(fault.with("customerId", &customer.id)));
    }
    let code = codes::usable(viewer, db, name, sellers).await?;
    Ok(code.map(|code| {
        Fault::at("/organization/companyName", Code::GccOrganizationAlreadyValidated)
            .with("validationCode", &code.id)
            .with("remainingCreates", code.remaining_creates)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    use GccEligibilityCategory::{Federal, PrivateEntity, Tribal};

    #[test_case(Federal, None, None; "an agency")]
    #[test_case(PrivateEntity, Some(GccControlledData::Itar), None; "a private entity with its class of data")]
    #[test_case(PrivateEntity, None, Some(Code::GccControlledDataRequired); "a private entity without")]
    #[test_case(Tribal, Some(GccControlledData::Cui), Some(Code::GccControlledDataNotAsked); "a tribe with one")]
    fn rule_gcc_08_who_names_a_class_of_controlled_data(
        category: GccEligibilityCategory,
        data: Option<GccControlledData>,
        expected: Option<Code>,
    ) {
        assert_eq!(controlled_data(category, data).map(|fault| fault.code), expected);
    }
}

//! Who may do what to a customer.

use super::model::CreateCustomer;
use crate::error::{Code, Fault};
use crate::partners::{PartnerKind, PartnerRow, is_active};
use crate::profiles;

/// Where the registration number stands.
pub const REGISTRATION_NUMBER: &str = "/organizationRegistrationNumber";

/// The new customer's country as it is stored; else everything that is wrong with it, or wrong by its rules: the
/// address (ENR-05) and the registration number (CUS-03).
pub fn country(new: &CreateCustomer) -> Result<String, Vec<Fault>> {
    let country = profiles::country(&new.country, "/country").map_err(|fault| vec![fault])?;
    let number = new.organization_registration_number.as_deref();
    let mut faults = profiles::address(&new.address, &country, "/address");
    faults.extend(profiles::registration_number(number, &country, REGISTRATION_NUMBER));
    if faults.is_empty() { Ok(country) } else { Err(faults) }
}

/// Direct-bill partners and providers create customers (CUS-01).
pub fn may_create(partner: &PartnerRow) -> Vec<Fault> {
    let reseller =
        (partner.kind == PartnerKind::IndirectReseller).then(|| Fault::at("", Code::CustomerCreationNotAllowed));
    is_active(partner).into_iter().chain(reseller).collect()
}

/// Direct-bill partners and providers attest the agreement; an indirect reseller cannot (CUS-06).
pub fn may_attest(partner: &PartnerRow) -> Vec<Fault> {
    let reseller =
        (partner.kind == PartnerKind::IndirectReseller).then(|| Fault::at("", Code::McaAttestationNotAllowed));
    is_active(partner).into_iter().chain(reseller).collect()
}

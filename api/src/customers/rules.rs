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

/// An indirect reseller creates a customer through a provider that it is linked with (CUS-01). Whether it is linked
/// with this provider is for whoever keeps the links to say.
pub fn may_create_through(reseller: &PartnerRow, provider: &PartnerRow, are_linked: bool) -> Vec<Fault> {
    let is_fit = reseller.kind == PartnerKind::IndirectReseller && provider.kind == PartnerKind::IndirectProvider;
    let unfit = (!is_fit || !are_linked).then(|| Fault::at("", Code::CustomerCreationNotAllowed));
    is_active(reseller).into_iter().chain(is_active(provider)).chain(unfit).collect()
}

/// Direct-bill partners and providers attest the agreement; an indirect reseller cannot (CUS-06).
pub fn may_attest(partner: &PartnerRow) -> Vec<Fault> {
    let reseller =
        (partner.kind == PartnerKind::IndirectReseller).then(|| Fault::at("", Code::McaAttestationNotAllowed));
    is_active(partner).into_iter().chain(reseller).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::machine_now;
    use crate::partners::PartnerState;
    use test_case::test_case;

    fn partner(kind: PartnerKind, state: PartnerState) -> PartnerRow {
        PartnerRow {
            id: String::new(),
            kind,
            legal_name: String::new(),
            country: "MX".to_owned(),
            partner_location_id: None,
            state,
            version: 1,
            created_at: machine_now().naive_utc(),
        }
    }

    #[test_case(PartnerKind::IndirectProvider, PartnerState::Active, true, &[]; "through its provider")]
    #[test_case(PartnerKind::IndirectProvider, PartnerState::Active, false, &[Code::CustomerCreationNotAllowed];
        "through one that it is not linked with")]
    #[test_case(PartnerKind::IndirectProvider, PartnerState::Suspended, true, &[Code::PartnerNotActive];
        "through one that was stopped")]
    #[test_case(PartnerKind::DirectBill, PartnerState::Active, true, &[Code::CustomerCreationNotAllowed];
        "through somebody who is no provider")]
    fn rule_cus_01_a_reseller_creates_customers(
        kind: PartnerKind,
        state: PartnerState,
        are_linked: bool,
        expected: &[Code],
    ) {
        let reseller = partner(PartnerKind::IndirectReseller, PartnerState::Active);
        let faults = may_create_through(&reseller, &partner(kind, state), are_linked);
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), expected);
    }
}

//! Who may do what to a customer.

use super::model::CreateCustomer;
use crate::error::{Code, Fault};
use crate::links;
use crate::partners::{PartnerKind, PartnerRow, PartnerState, is_active};
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

/// Where the provider stands.
const PROVIDER: &str = "/providerId";

/// Through which provider the partner creates a customer, of those that it has live links with: direct-bill partners
/// and providers create customers by themselves, an indirect reseller through a provider that it is linked with
/// (CUS-01, LNK-11).
pub fn creates_through<'a>(
    partner: &PartnerRow,
    linked: &'a [String],
    named: Option<&str>,
) -> Result<Option<&'a str>, Vec<Fault>> {
    let mut faults: Vec<Fault> = is_active(partner).into_iter().collect();
    let is_reseller = partner.kind == PartnerKind::IndirectReseller;
    let chosen = match (is_reseller, named, linked) {
        (false, None, _) => None,
        (false, Some(_), _) => {
            let kinds = [PartnerKind::IndirectReseller];
            faults.push(Fault::at(PROVIDER, Code::PartnerKindNotAllowed).with("kinds", kinds));
            None
        }
        (true, None, []) => {
            faults.push(Fault::at("", Code::CustomerCreationNotAllowed));
            None
        }
        (true, named, linked) => {
            links::choose_provider(linked, named, PROVIDER).map_err(|fault| faults.push(fault)).ok()
        }
    };
    if faults.is_empty() { Ok(chosen) } else { Err(faults) }
}

/// A provider that was stopped takes no new customers, also where its links still stand.
pub fn takes_customers(provider: &PartnerRow) -> Option<Fault> {
    (provider.state != PartnerState::Active).then(|| Fault::at(PROVIDER, Code::ProviderNotActive))
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
        let row = PartnerRow::draft(String::new(), kind, String::new(), "MX".to_owned(), machine_now().naive_utc());
        PartnerRow { state, ..row }
    }

    #[test_case(PartnerKind::DirectBill, None, &[], Ok(None); "by itself")]
    #[test_case(PartnerKind::IndirectProvider, None, &[], Ok(None); "a provider by itself")]
    #[test_case(PartnerKind::DirectBill, Some("one"), &["one"], Err(Code::PartnerKindNotAllowed); "through nobody")]
    #[test_case(PartnerKind::IndirectReseller, None, &["one"], Ok(Some("one")); "through its only provider")]
    #[test_case(PartnerKind::IndirectReseller, Some("two"), &["one", "two"], Ok(Some("two")); "through the named one")]
    #[test_case(PartnerKind::IndirectReseller, None, &["one", "two"], Err(Code::ProviderRequired); "one of two")]
    #[test_case(PartnerKind::IndirectReseller, Some("three"), &["one"], Err(Code::LinkNotActive); "not linked with it")]
    #[test_case(PartnerKind::IndirectReseller, None, &[], Err(Code::CustomerCreationNotAllowed); "linked with nobody")]
    fn rule_cus_01_who_creates_customers_through_whom(
        kind: PartnerKind,
        named: Option<&str>,
        linked: &[&str],
        expected: Result<Option<&str>, Code>,
    ) {
        let linked: Vec<String> = linked.iter().map(|&id| id.to_owned()).collect();
        let through = creates_through(&partner(kind, PartnerState::Active), &linked, named);
        assert_eq!(through.map_err(|faults| faults[0].code), expected);
    }

    #[test]
    fn rule_cus_01_who_was_stopped_creates_and_takes_no_customers() {
        let stopped = |kind| partner(kind, PartnerState::Suspended);
        let faults = creates_through(&stopped(PartnerKind::DirectBill), &[], None).unwrap_err();
        assert_eq!(faults[0].code, Code::PartnerNotActive);
        assert_eq!(takes_customers(&stopped(PartnerKind::IndirectProvider)).unwrap().code, Code::ProviderNotActive);
        assert_eq!(takes_customers(&partner(PartnerKind::IndirectProvider, PartnerState::Active)), None);
    }
}

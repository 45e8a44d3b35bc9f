//! Who may submit what in whose name (GCC-02, GCC-03, GCC-06, GCC-07), and what may become of a validation. Facts in;
//! faults out, all of them.

use super::model::{GccValidationState, ValidationRow};
use crate::error::{Code, Error, Fault, Result};
use crate::partners::{PartnerKind, PartnerRow, PartnerState};
use crate::profiles;
use serde_json::{Value, json};

/// Where the transacting partner's tenant id stands.
pub const TENANT: &str = "/partnerTenantId";

/// The state must be one of these: of two who decide at once the second finds it decided.
pub fn must_be_in(row: &ValidationRow, allowed: &[GccValidationState]) -> Result<()> {
    if allowed.contains(&row.state) {
        return Ok(());
    }
    Err(Error::new(Code::GccValidationStateNotAllowed).with("state", row.state).with("allowed", allowed))
}

/// Direct-bill partners and providers are validated; an indirect reseller sells through its provider (GCC-02).
pub fn may_be_validated(partner: &PartnerRow, sellers: &[PartnerRow]) -> Vec<Fault> {
    let inactive = crate::partners::is_active(partner);
    let reseller = (partner.kind == PartnerKind::IndirectReseller)
        .then(|| Fault::at("", Code::GccIndirectResellerMustUseProvider).with("providers", companies(sellers)));
    let qualified = partner.is_gcc_qualified().then(|| {
        let since = partner.gcc_qualified_at.map(|at| at.and_utc());
        Fault::at("", Code::GccPartnerAlreadyQualified).with("since", since)
    });
    [reseller, inactive, qualified].into_iter().flatten().collect()
}

/// The partner that will transact, found by the tenant id in the form: the caller itself, or for an indirect reseller one
/// of the providers that it is linked with (GCC-06). A directory of the government cloud is refused by its name (GCC-03).
pub fn transacting<'a>(caller: &PartnerRow, sellers: &'a [PartnerRow], given: &str) -> Result<&'a PartnerRow, Fault> {
    let tenant = profiles::tenant_guid(given, TENANT)?;
    let is = |own: &Option<String>| own.as_deref() == Some(tenant.as_str());
    if let Some(owner) = sellers.iter().chain([caller]).find(|one| is(&one.azure_gcc_tenant_id)) {
        let commercial = sellers.iter().find(|seller| seller.id == owner.id).and_then(|one| one.tenant_id.as_ref());
        return Err(Fault::at(TENANT, Code::GccAzureGovTenantRefused)
            .with("company", &owner.legal_name)
            .with("commercialTenantId", commercial));
    }
    sellers.iter().find(|seller| is(&seller.tenant_id)).ok_or_else(|| {
        Fault::at(TENANT, Code::GccWrongTransactingTenant)
            .with("through", if caller.kind == PartnerKind::IndirectReseller { "provider" } else { "itself" })
            .with("transacting", companies(sellers))
    })
}

/// These companies, with the ids of their commercial directories: whoever submits in their name needs them.
pub fn companies(partners: &[PartnerRow]) -> Vec<Value> {
    let company = |one: &PartnerRow| json!({ "id": one.id, "legalName": one.legal_name, "tenantId": one.tenant_id });
    partners.iter().map(company).collect()
}

/// What stands against dealing through this partner: it is active, and qualified itself (GCC-07).
pub fn may_transact(seller: &PartnerRow, caller: &PartnerRow, pointer: &str) -> Vec<Fault> {
    let stopped = (seller.id != caller.id && seller.state != PartnerState::Active)
        .then(|| Fault::at(pointer, Code::ProviderNotActive));
    stopped.into_iter().chain(not_qualified(seller, pointer)).collect()
}

/// That this partner is not qualified (GCC-07).
pub fn not_qualified(seller: &PartnerRow, pointer: &str) -> Option<Fault> {
    let fault = || {
        Fault::at(pointer, Code::GccPartnerNotQualified)
            .with("partnerId", &seller.id)
            .with("company", &seller.legal_name)
    };
    (!seller.is_gcc_qualified()).then(fault)
}

/// Customers' qualifications are shown to qualified partners, and to resellers of qualified providers (GCC-05).
pub fn may_see_qualifications(caller: &PartnerRow, sellers: &[PartnerRow]) -> Result<()> {
    if sellers.iter().any(PartnerRow::is_gcc_qualified) {
        return Ok(());
    }
    let who = sellers.as_ref().first().unwrap_or(caller);
    Err(not_qualified(who, "")
        .map_or_else(|| Error::new(Code::GccPartnerNotQualified), |fault| Error::refused(vec![fault])))
}

/// A name without what people write differently: by it the organisation of a code is recognised (GCC-11).
pub fn organization_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::machine_now;
    use test_case::test_case;

    const OWN: &str = "3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d";
    const AZURE: &str = "7d1c2b3a-8d4a-4f6b-9c2d-1e0f5a7b8c9d";
    const OTHER: &str = "11111111-8d4a-4f6b-9c2d-1e0f5a7b8c9d";
    const NIL: &str = "00000000-0000-0000-0000-000000000000";

    fn partner(id: &str, kind: PartnerKind) -> PartnerRow {
        let now = machine_now().naive_utc();
        let row = PartnerRow::draft(id.to_owned(), kind, "Mayorista".to_owned(), "US".to_owned(), now);
        let (tenant_id, azure_gcc_tenant_id) = (Some(OWN.to_owned()), Some(AZURE.to_owned()));
        PartnerRow { state: PartnerState::Active, tenant_id, azure_gcc_tenant_id, ..row }
    }

    #[test_case(OWN, Ok("provider"); "the provider's commercial directory")]
    #[test_case(&OWN.to_uppercase(), Ok("provider"); "in capitals")]
    #[test_case(AZURE, Err(Code::GccAzureGovTenantRefused); "the provider's directory in the government cloud")]
    #[test_case(OTHER, Err(Code::GccWrongTransactingTenant); "somebody else's")]
    #[test_case(NIL, Err(Code::TenantIdInvalid); "the nil GUID")]
    #[test_case("mayorista.onmicrosoft.com", Err(Code::TenantIdInvalid); "no GUID")]
    fn rule_gcc_03_06_whose_tenant_id_is_in_the_form(given: &str, expected: Result<&str, Code>) {
        let mut reseller = partner("reseller", PartnerKind::IndirectReseller);
        reseller.tenant_id = Some(OTHER.to_owned());
        reseller.azure_gcc_tenant_id = None;
        let sellers = [partner("provider", PartnerKind::IndirectProvider)];
        let found = transacting(&reseller, &sellers, given);
        assert_eq!(found.map(|one| one.id.as_str()).map_err(|fault| fault.code), expected);
    }

    #[test]
    fn rule_gcc_06_what_is_right_is_named() {
        let reseller = partner("reseller", PartnerKind::IndirectReseller);
        let sellers = [partner("provider", PartnerKind::IndirectProvider)];
        let fault = transacting(&reseller, &sellers, OTHER).unwrap_err();
        assert_eq!(fault.context["transacting"][0]["tenantId"], OWN);
        let fault = transacting(&reseller, &sellers, AZURE).unwrap_err();
        assert_eq!(fault.context["commercialTenantId"], OWN);
    }

    #[test]
    fn rule_gcc_02_who_is_validated() {
        let codes = |partner: &PartnerRow| -> Vec<Code> {
            may_be_validated(partner, &[]).iter().map(|fault| fault.code).collect()
        };
        assert_eq!(codes(&partner("", PartnerKind::DirectBill)), []);
        assert_eq!(codes(&partner("", PartnerKind::IndirectProvider)), []);
        let mut reseller = partner("", PartnerKind::IndirectReseller);
        reseller.state = PartnerState::Approved;
        assert_eq!(codes(&reseller), [Code::GccIndirectResellerMustUseProvider, Code::PartnerNotActive]);
    }

    #[test_case("City of Austin", "CITY  OF AUSTIN."; "capitals, blanks and marks")]
    #[test_case("Peña County", "peña county"; "accents")]
    fn rule_gcc_11_the_same_organisation(one: &str, other: &str) {
        assert_eq!(organization_key(one), organization_key(other));
    }

    #[test]
    fn rule_gcc_11_another_organisation() {
        assert_ne!(organization_key("City of Austin"), organization_key("City of Austintown"));
    }
}

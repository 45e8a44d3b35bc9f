//! The numbers that companies and their tenants are known by.

use super::countries::COUNTRIES;
use crate::error::{Code, Fault};
use uuid::Uuid;

/// A DUNS number as it is stored: nine digits, without the dashes it may be written with (ENR-04).
pub fn duns(text: &str, pointer: &str) -> Result<String, Fault> {
    let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
    let fits = digits.len() == 9 && digits.chars().all(|c| c.is_ascii_digit());
    if fits && digits != "000000000" && digits != "999999999" {
        Ok(digits)
    } else {
        Err(Fault::at(pointer, Code::DunsInvalid))
    }
}

/// A tenant id as it is stored: a GUID in small letters with dashes, not the nil one (TEN-01).
pub fn tenant_guid(text: &str, pointer: &str) -> Result<String, Fault> {
    let is_plain = text.len() == 36;
    let id = Uuid::try_parse(text).ok().filter(|id| is_plain && !id.is_nil());
    id.map(|id| id.to_string()).ok_or_else(|| Fault::at(pointer, Code::TenantIdInvalid))
}

/// Whether an organisation in this country has a registration number where it needs one, and none elsewhere (CUS-03).
pub fn registration_number(number: Option<&str>, country: &str, pointer: &str) -> Option<Fault> {
    let code = match (COUNTRIES.wants_registration_number(country), number) {
        (true, None) => Code::RegistrationNumberRequired,
        (false, Some(_)) => Code::RegistrationNumberNotAccepted,
        _ => return None,
    };
    Some(Fault::at(pointer, code).with("country", country))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("150483782", Some("150483782"); "nine digits")]
    #[test_case("15-048-3782", Some("150483782"); "with dashes")]
    #[test_case("15048378", None; "eight digits")]
    #[test_case("1504837820", None; "ten digits")]
    #[test_case("000000000", None; "a placeholder")]
    #[test_case("99-999-9999", None; "the other placeholder")]
    #[test_case("15048378X", None; "a letter")]
    #[test_case("１５０４８３７８２", None; "wide digits")]
    fn rule_enr_04_duns(given: &str, expected: Option<&str>) {
        assert_eq!(duns(given, "/duns").ok().as_deref(), expected);
    }

    #[test_case("3F2A6C1E-8D4B-4F7A-9C55-0D1E2F3A4B5C", true; "capitals")]
    #[test_case("00000000-0000-0000-0000-000000000000", false; "nil")]
    #[test_case("3f2a6c1e8d4b4f7a9c550d1e2f3a4b5c", false; "without dashes")]
    #[test_case("{3f2a6c1e-8d4b-4f7a-9c55-0d1e2f3a4b5c}", false; "in braces")]
    #[test_case("3f2a6c1e-8d4b-4f7a-9c55-0d1e2f3a4b5", false; "a digit too few")]
    #[test_case("3f2a6c1e-8d4b-4f7a-9c55-0d1e2f3a4b5g", false; "no hex digit")]
    fn rule_ten_01_tenant_ids(given: &str, fits: bool) {
        assert_eq!(tenant_guid(given, "/tenantId").ok(), fits.then(|| given.to_lowercase()));
    }

    #[test_case("BR", None, Some(Code::RegistrationNumberRequired); "needed and missing")]
    #[test_case("BR", Some("12.345.678/0001-95"), None; "needed and there")]
    #[test_case("MX", Some("PSO850101AB1"), Some(Code::RegistrationNumberNotAccepted); "not taken in mexico")]
    #[test_case("MX", None, None; "nor needed there")]
    fn rule_cus_03_registration_numbers(country: &str, number: Option<&str>, expected: Option<Code>) {
        let fault = registration_number(number, country, "/organizationRegistrationNumber");
        assert_eq!(fault.map(|fault| fault.code), expected);
    }
}

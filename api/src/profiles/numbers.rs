//! The numbers that organisations go by: DUNS (ENR-04), tenant ids, registration numbers (CUS-03).

use super::countries::needs_registration_number;
use crate::error::{Code, Fault};
use uuid::Uuid;

/// Numbers that stand for none.
const NO_DUNS: [&str; 2] = ["000000000", "999999999"];

/// A DUNS number as it is stored: nine digits. Dashes are welcome, a check digit there is none (ENR-04).
pub fn duns(text: &str, pointer: &str) -> Result<String, Fault> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let is_one = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_one && !NO_DUNS.contains(&digits.as_str()) { Ok(digits) } else { Err(Fault::at(pointer, Code::DunsInvalid)) }
}

/// A tenant's GUID as it is stored: with hyphens, in lower case.
pub fn tenant_guid(text: &str, pointer: &str) -> Result<String, Fault> {
    // Of the forms that a UUID may take, only the one that the vendor shows.
    let hyphenated = Some(text).filter(|text| text.len() == 36).and_then(|text| Uuid::try_parse(text).ok());
    match hyphenated {
        Some(id) if !id.is_nil() => Ok(id.to_string()),
        _ => Err(Fault::at(pointer, Code::TenantIdInvalid)),
    }
}

/// An organisation's registration number: mandatory in the listed countries, refused elsewhere (CUS-03).
pub fn registration_number(number: Option<&str>, country: &str, pointer: &str) -> Option<Fault> {
    let says_something = number.is_some_and(|number| number.chars().any(char::is_alphanumeric));
    let code = match (needs_registration_number(country), number) {
        (true, _) if !says_something => Code::RegistrationNumberRequired,
        (false, Some(_)) => Code::RegistrationNumberNotAccepted,
        _ => return None,
    };
    Some(Fault::at(pointer, code).with("country", country))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("123456789", Some("123456789"); "nine digits")]
    #[test_case("12-345-6789", Some("123456789"); "with dashes")]
    #[test_case("000000001", Some("000000001"); "leading zeros")]
    #[test_case("999999998", Some("999999998"); "beside the placeholder")]
    #[test_case("000000000", None; "zeros")]
    #[test_case("00-000-0000", None; "zeros with dashes")]
    #[test_case("999999999", None; "nines")]
    #[test_case("12345678", None; "a digit too few")]
    #[test_case("1234567890", None; "a digit too many")]
    #[test_case("12345678A", None; "a letter")]
    #[test_case("12 345 6789", None; "blanks")]
    #[test_case("１２３４５６７８９", None; "wide digits")]
    #[test_case("-", None; "a dash")]
    #[test_case("", None; "nothing")]
    fn rule_enr_04_duns_numbers(text: &str, expected: Option<&str>) {
        let found = duns(text, "/duns");
        assert_eq!(found.as_deref().ok(), expected);
        assert!(found.is_ok() || found.unwrap_err().code == Code::DunsInvalid);
    }

    #[test_case("3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d", true; "lower case")]
    #[test_case("3F2B0C1E-8D4A-4F6B-9C2D-1E0F5A7B8C9D", true; "capitals")]
    #[test_case("00000000-0000-0000-0000-000000000000", false; "the nil GUID")]
    #[test_case("00000000-0000-0000-0000-000000000001", true; "beside the nil GUID")]
    #[test_case("3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d0", false; "a digit too many")]
    #[test_case("3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9", false; "a digit too few")]
    #[test_case("3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9g", false; "no hexadecimal digit")]
    #[test_case("3f2b0c1e8d4a4f6b9c2d1e0f5a7b8c9d", false; "without hyphens")]
    #[test_case("{3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d}", false; "in braces")]
    #[test_case("contoso.onmicrosoft.com", false; "a domain")]
    #[test_case("", false; "nothing")]
    fn rule_cus_05_tenant_guids(text: &str, passes: bool) {
        let expected = if passes { Ok(text.to_lowercase()) } else { Err(Code::TenantIdInvalid) };
        assert_eq!(tenant_guid(text, "/tenantId").map_err(|fault| fault.code), expected);
    }

    #[test_case(Some("12345678-9"), "VE", None; "said where it must be")]
    #[test_case(Some("ИНН 7707083893"), "KZ", None; "in another script")]
    #[test_case(None, "VE", Some(Code::RegistrationNumberRequired); "missing")]
    #[test_case(Some(" - "), "VE", Some(Code::RegistrationNumberRequired); "marks and blanks")]
    #[test_case(None, "MX", None; "not said where it is not asked")]
    #[test_case(Some("12345678-9"), "MX", Some(Code::RegistrationNumberNotAccepted); "said where it is not asked")]
    #[test_case(Some(" "), "ES", Some(Code::RegistrationNumberNotAccepted); "a blank where it is not asked")]
    fn rule_cus_03_registration_numbers(number: Option<&str>, country: &str, expected: Option<Code>) {
        let found = registration_number(number, country, "/organizationRegistrationNumber");
        assert_eq!(found.map(|fault| fault.code), expected);
    }
}

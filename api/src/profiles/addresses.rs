//! What addresses must be like, country by country, and how they are written properly (ENR-05).

use super::{Address, countries};
use crate::error::{Code, Fault};

/// What is wrong with an address in this country, as `country` gives it: states and postal codes, where they are known.
pub fn address(address: &Address, country: &str, pointer: &str) -> Vec<Fault> {
    let states = countries::states(country).filter(|states| states.code_of(stated(address)).is_none());
    let state = states.map(|states| {
        Fault::at(format!("{pointer}/state"), Code::StateUnknown)
            .with("country", country)
            .with("allowed", states.codes().collect::<Vec<_>>())
    });
    let codes = countries::postal_codes(country).filter(|codes| codes.normal(&address.postal_code).is_none());
    let postal_code = codes.map(|codes| {
        Fault::at(format!("{pointer}/postalCode"), Code::PostalCodeInvalid)
            .with("country", country)
            .with("expected", codes.examples.join(", "))
    });
    state.into_iter().chain(postal_code).collect()
}

/// The address as it is written properly, where that differs: single blanks, the state's code, the postal code with
/// capitals and separators. Using it is advised, never forced.
pub fn suggested(address: &Address, country: &str) -> Option<Address> {
    let state = countries::states(country).and_then(|states| states.code_of(stated(address)));
    let postal_code = countries::postal_codes(country).and_then(|codes| codes.normal(&address.postal_code));
    let proper = Address {
        line1: tidy(&address.line1),
        line2: address.line2.as_deref().map(tidy),
        city: tidy(&address.city),
        state: state.map(str::to_owned).or_else(|| address.state.as_deref().map(tidy)),
        postal_code: postal_code.unwrap_or_else(|| tidy(&address.postal_code)),
    };
    (proper != *address).then_some(proper)
}

fn stated(address: &Address) -> &str {
    address.state.as_deref().unwrap_or_default()
}

/// With single blanks. What is nothing but blanks stays: an empty line would be no address that is accepted.
fn tidy(text: &str) -> String {
    let collapsed = super::collapsed(text);
    if collapsed.is_empty() { text.to_owned() } else { collapsed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use test_case::test_case;

    fn at(country: &str, state: &str, postal_code: &str) -> Address {
        let city = if country == "MX" { "Ciudad de México" } else { "București" };
        Address {
            line1: "Calle 1".to_owned(),
            line2: None,
            city: city.to_owned(),
            state: (!state.is_empty()).then(|| state.to_owned()),
            postal_code: postal_code.to_owned(),
        }
    }

    fn codes(faults: &[Fault]) -> Vec<Code> {
        faults.iter().map(|fault| fault.code).collect()
    }

    #[test_case("MX", "CMX", true; "a code")]
    #[test_case("MX", "cmx", true; "a code in lower case")]
    #[test_case("MX", "Ciudad de México", true; "a name")]
    #[test_case("MX", "CIUDAD DE MEXICO", true; "a name in capitals without accents")]
    #[test_case("MX", "Ciudad de Me\u{301}xico", true; "a name with a combining accent")]
    #[test_case("MX", "Q.R.", true; "an abbreviation")]
    #[test_case("MX", "Coahuila", true; "the short name")]
    #[test_case("MX", "CMXX", false; "one letter too many")]
    #[test_case("MX", "CM", false; "one letter too few")]
    #[test_case("MX", "TX", false; "a state of another country")]
    #[test_case("MX", "", false; "none")]
    #[test_case("MX", "  ", false; "blanks")]
    #[test_case("US", "TX", true; "US: a code")]
    #[test_case("US", "texas", true; "US: a name")]
    #[test_case("US", "PR", true; "US: a territory")]
    #[test_case("US", "AE", true; "US: the armed forces")]
    #[test_case("US", "Texass", false; "US: a typing error")]
    #[test_case("US", "CMX", false; "US: a state of Mexico")]
    #[test_case("CA", "QC", true; "CA: a code")]
    #[test_case("CA", "Québec", true; "CA: a name with an accent")]
    #[test_case("CA", "Île-du-Prince-Édouard", true; "CA: a French name")]
    #[test_case("CA", "NLE", false; "CA: a state of Mexico")]
    #[test_case("CN", "北京市", true; "CN: Chinese")]
    #[test_case("CN", "北京", true; "CN: short")]
    #[test_case("CN", "Guangdong", true; "CN: Latin letters")]
    #[test_case("CN", "东京", false; "CN: a city of Japan")]
    #[test_case("ES", "Pontevedra", true; "ES: not checked")]
    #[test_case("JP", "東京都", true; "JP: not checked")]
    #[test_case("DE", "", true; "DE: none")]
    fn rule_enr_05_states(country: &str, state: &str, passes: bool) {
        let postal_code = match country {
            "CA" => "K1A 0B1",
            "CN" => "100096",
            "JP" => "154-0023",
            _ => "06600",
        };
        let found = address(&at(country, state, postal_code), country, "/address");
        assert_eq!(codes(&found), if passes { vec![] } else { vec![Code::StateUnknown] });
    }

    #[test_case("MX", "06600", "06600"; "MX")]
    #[test_case("MX", " 06600 ", "06600"; "MX: blanks around")]
    #[test_case("MX", "０６６００", "06600"; "MX: wide digits")]
    #[test_case("CA", "k1a0b1", "K1A 0B1"; "CA: lower case without a blank")]
    #[test_case("CA", "K1A-0B1", "K1A 0B1"; "CA: a hyphen")]
    #[test_case("GB", "sw1a1aa", "SW1A 1AA"; "GB: the longest")]
    #[test_case("GB", "m1 1ae", "M1 1AE"; "GB: the shortest")]
    #[test_case("GB", "CR26XH", "CR2 6XH"; "GB: two letters and a digit")]
    #[test_case("GB", "W1A0AX", "W1A 0AX"; "GB: a letter at the end of the district")]
    #[test_case("GB", "gir0aa", "GIR 0AA"; "GB: one of its own")]
    #[test_case("US", "78701", "78701"; "US: five digits")]
    #[test_case("US", "787011234", "78701-1234"; "US: nine digits")]
    #[test_case("US", "78701 1234", "78701-1234"; "US: nine digits with a blank")]
    #[test_case("ES", "36600", "36600"; "ES")]
    #[test_case("SE", "11455", "114 55"; "SE")]
    #[test_case("SE", "se-11455", "SE-114 55"; "SE: with its prefix")]
    #[test_case("LV", "1050", "1050"; "LV: without its prefix")]
    #[test_case("BR", "40301110", "40301-110"; "BR")]
    #[test_case("JP", "１５４－００２３", "154-0023"; "JP: wide")]
    #[test_case("IE", "d02af30", "D02 AF30"; "IE")]
    #[test_case("NL", "1234ab", "1234 AB"; "NL")]
    #[test_case("PT", "1250–096", "1250-096"; "PT: a dash")]
    #[test_case("AR", "c1070aam", "C1070AAM"; "AR")]
    fn rule_enr_05_postal_codes_that_pass_and_how_they_are_written(country: &str, typed: &str, proper: &str) {
        let state = countries::states(country).and_then(|states| states.codes().next()).unwrap_or_default();
        let one = at(country, state, typed);
        assert_eq!(address(&one, country, "/address"), []);
        assert_eq!(suggested(&one, country).map_or(one.postal_code, |other| other.postal_code), proper);
    }

    #[test_case("MX", "066000"; "MX: a digit too many")]
    #[test_case("MX", "0660"; "MX: a digit too few")]
    #[test_case("MX", "O6600"; "MX: a letter for a digit")]
    #[test_case("US", "787012"; "US: six digits")]
    #[test_case("US", "7870112345"; "US: ten digits")]
    #[test_case("US", "SW1A 1AA"; "US: of another country")]
    #[test_case("CA", "K1A 0B"; "CA: a character too few")]
    #[test_case("CA", "K1A 0B11"; "CA: a character too many")]
    #[test_case("CA", "D1A 0B1"; "CA: a letter that none begins with")]
    #[test_case("CA", "K1A 0O1"; "CA: a letter that is never used")]
    #[test_case("GB", "SW1A 1A"; "GB: a letter too few")]
    #[test_case("GB", "QQ1 1AA"; "GB: an area that is none")]
    #[test_case("ES", "3660"; "ES: a digit too few")]
    #[test_case("FR", "750011"; "FR: a digit too many")]
    #[test_case("IN", "11003"; "IN: a digit too few")]
    #[test_case("MX", "  "; "MX: blanks")]
    #[test_case("MX", "٠٦٦٠٠"; "MX: digits of another script")]
    fn rule_enr_05_postal_codes_that_do_not(country: &str, typed: &str) {
        let state = countries::states(country).and_then(|states| states.codes().next()).unwrap_or_default();
        let found = address(&at(country, state, typed), country, "/address");
        assert_eq!(codes(&found), [Code::PostalCodeInvalid]);
        assert_eq!(found[0].pointer, "/address/postalCode");
        assert!(found[0].context["expected"].as_str().unwrap().len() >= 4);
    }

    #[test]
    fn rule_enr_05_a_country_without_a_known_form_takes_any() {
        assert_eq!(address(&at("HK", "", "-"), "HK", "/address"), []);
        assert_eq!(address(&at("PA", "", "0801 Panamá"), "PA", "/address"), []);
    }

    #[test]
    fn rule_enr_05_a_proper_address_has_no_suggestion() {
        assert_eq!(suggested(&at("MX", "CMX", "06600"), "MX"), None);
        assert_eq!(suggested(&at("GB", "", "SW1A 1AA"), "GB"), None);
    }

    #[test]
    fn rule_enr_05_everything_is_put_right_at_once() {
        let typed = Address {
            line1: "  Av.  Reforma\t222 ".to_owned(),
            line2: Some("   ".to_owned()),
            city: "Ottawa ".to_owned(),
            state: Some(" ontario".to_owned()),
            postal_code: "k1a0b1".to_owned(),
        };
        let proper = suggested(&typed, "CA").unwrap();
        assert_eq!((proper.line1.as_str(), proper.city.as_str()), ("Av. Reforma 222", "Ottawa"));
        assert_eq!((proper.state.as_deref(), proper.postal_code.as_str()), (Some("ON"), "K1A 0B1"));
        assert_eq!(proper.line2.as_deref(), Some("   "));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// A suggestion is as good as what was typed, and there is no better one.
        #[test]
        fn rule_enr_05_a_suggestion_is_final(
            line1 in "[ a-zñ]{1,9}", state in "[ A-Za-z.]{0,4}", code in "[ A-Za-z0-9-]{1,10}", which in 0_usize..7
        ) {
            let country = ["MX", "US", "CA", "GB", "SE", "IE", "HK"][which];
            let typed = Address { line1, ..at(country, &state, &code) };
            if let Some(proper) = suggested(&typed, country) {
                prop_assert_eq!(suggested(&proper, country), None);
                prop_assert_eq!(address(&proper, country, "").is_empty(), address(&typed, country, "").is_empty());
            }
            prop_assert!(address(&typed, country, "/address").len() <= 2);
        }
    }
}

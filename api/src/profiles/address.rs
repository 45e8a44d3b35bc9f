//! What addresses must be like, country by country (ENR-05): states and postal codes, and the form that the country's
//! post would write. The suggestion is advised, never forced.

use super::Address;
use super::countries::COUNTRIES;
use crate::error::{Code, Fault};
use rust_iso3166::iso3166_2::SUBDIVISION_COUNTRY_MAP;
use unicode_normalization::UnicodeNormalization;

/// Everything that is wrong with an address in a country (as it is stored: upper case).
pub fn address(address: &Address, country: &str, pointer: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(state) = &address.state
        && COUNTRIES.checks_states_of(country)
        && state_code(state, country).is_none()
    {
        let example = SUBDIVISION_COUNTRY_MAP.get(country).and_then(|states| states.iter().next());
        let fault = Fault::at(format!("{pointer}/state"), Code::StateUnknown);
        let example = example.map(|state| state.region_code);
        faults.push(fault.with("country", country).with("state", state).with("example", example));
    }
    if let Some(forms) = COUNTRIES.postal_codes.get(country)
        && postal_code(&address.postal_code, forms).is_none()
    {
        let expected = forms.replace('|', ", ");
        let fault = Fault::at(format!("{pointer}/postalCode"), Code::PostalCodeInvalid);
        faults.push(fault.with("country", country).with("expected", expected));
    }
    faults
}

/// The normalised form, where it differs: single blanks, the state's code, the postal code as the country writes it.
pub fn suggested(address: &Address, country: &str) -> Option<Address> {
    let tidy = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let state = address.state.as_deref().map(|state| {
        let code = if COUNTRIES.checks_states_of(country) { state_code(state, country) } else { None };
        code.unwrap_or_else(|| tidy(state))
    });
    let forms = COUNTRIES.postal_codes.get(country);
    let normalised = Address {
        line1: tidy(&address.line1),
        line2: address.line2.as_deref().map(tidy),
        city: tidy(&address.city),
        state,
        postal_code: forms
            .and_then(|forms| postal_code(&address.postal_code, forms))
            .unwrap_or_else(|| tidy(&address.postal_code)),
    };
    (normalised != *address).then_some(normalised)
}

/// The code of a state that was given by its code, its name or what people call it.
fn state_code(state: &str, country: &str) -> Option<String> {
    let asked = folded(state);
    if let Some(code) = COUNTRIES.alias_of(&asked, country) {
        return Some(code.to_owned());
    }
    let states = SUBDIVISION_COUNTRY_MAP.get(country)?;
    let found = states
        .iter()
        .find(|known| [known.region_code, known.code, known.name].iter().any(|word| folded(word) == asked))?;
    Some(found.region_code.to_owned())
}

/// Letters and digits alone, in upper case and without accents.
fn folded(text: &str) -> String {
    text.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The code in the first of these forms that it fits; blanks and dashes may stand elsewhere, or be missing.
fn postal_code(given: &str, forms: &str) -> Option<String> {
    let given = given.trim();
    if !given.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-') {
        return None;
    }
    let bare: Vec<char> = given.to_ascii_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    forms.split('|').find_map(|form| written_as(&bare, form))
}

fn written_as(bare: &[char], form: &str) -> Option<String> {
    let mut left = bare.iter().copied();
    let mut written = String::new();
    for mark in form.chars() {
        match mark {
            ' ' | '-' => written.push(mark),
            'N' => written.push(left.next().filter(char::is_ascii_digit)?),
            'A' => written.push(left.next().filter(char::is_ascii_alphabetic)?),
            '*' => written.push(left.next()?),
            literal => written.push(left.next().filter(|c| *c == literal)?),
        }
    }
    left.next().is_none().then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn in_a(state: Option<&str>, postal_code: &str) -> Address {
        Address {
            line1: "Av. Reforma 222".to_owned(),
            line2: None,
            city: "Ciudad de México".to_owned(),
            state: state.map(str::to_owned),
            postal_code: postal_code.to_owned(),
        }
    }

    #[test_case("MX", "06600", Some("06600"); "mexico")]
    #[test_case("MX", "0660", None; "a digit too few")]
    #[test_case("MX", "066000", None; "a digit too many")]
    #[test_case("US", "98052", Some("98052"); "a zip")]
    #[test_case("US", "980526399", Some("98052-6399"); "zip and four without its dash")]
    #[test_case("US", "98052-639", None; "zip and three")]
    #[test_case("CA", "k1a0b1", Some("K1A 0B1"); "canada in small letters")]
    #[test_case("CA", "K1A 0B", None; "a letter too few")]
    #[test_case("GB", "sw1a1aa", Some("SW1A 1AA"); "london")]
    #[test_case("GB", "M1 1AE", Some("M1 1AE"); "manchester")]
    #[test_case("GB", "12345", None; "a zip in britain")]
    #[test_case("ES", "28013", Some("28013"); "madrid")]
    #[test_case("PT", "1000 001", Some("1000-001"); "a blank for the dash")]
    #[test_case("NL", "1012ab", Some("1012 AB"); "amsterdam")]
    #[test_case("SE", "11455", Some("114 55"); "stockholm")]
    #[test_case("LV", "LV1010", Some("LV-1010"); "riga with its country")]
    #[test_case("LV", "1010", Some("1010"); "riga without")]
    #[test_case("IE", "D02AF30", Some("D02 AF30"); "an eircode")]
    #[test_case("BR", "01310100", Some("01310-100"); "sao paulo")]
    #[test_case("MX", "٠٦٦٠٠", None; "digits of another script")]
    #[test_case("MX", "06_600", None; "another mark")]
    fn rule_enr_05_postal_codes(country: &str, given: &str, expected: Option<&str>) {
        let forms = &COUNTRIES.postal_codes[country];
        assert_eq!(postal_code(given, forms).as_deref(), expected);
        assert_eq!(address(&in_a(None, given), country, "/address").is_empty(), expected.is_some());
    }

    #[test]
    fn where_nothing_is_known_of_postal_codes_nothing_is_refused() {
        assert_eq!(address(&in_a(None, "whatever"), "AO", "/address"), []);
    }

    #[test_case("MX", "JAL", Some("JAL"); "a code")]
    #[test_case("MX", "Jalisco", Some("JAL"); "a name")]
    #[test_case("MX", "MX-JAL", Some("JAL"); "a whole code")]
    #[test_case("MX", "nuevo leon", Some("NLE"); "without its accent")]
    #[test_case("MX", "CDMX", Some("CMX"); "what everybody says")]
    #[test_case("MX", "Texas", None; "another country's")]
    #[test_case("US", "washington", Some("WA"); "washington")]
    #[test_case("US", "wa", Some("WA"); "small letters")]
    #[test_case("US", "WAS", None; "a letter too many")]
    #[test_case("CA", "Québec", Some("QC"); "quebec")]
    #[test_case("CN", "GD", Some("GD"); "guangdong")]
    #[test_case("CN", "Jalisco", None; "not in china")]
    fn rule_enr_05_states(country: &str, given: &str, expected: Option<&str>) {
        assert_eq!(state_code(given, country).as_deref(), expected);
    }

    #[test]
    fn rule_enr_05_states_are_checked_where_the_vendor_does() {
        for (country, refused) in [("MX", true), ("US", true), ("CA", true), ("CN", true), ("ES", false), ("GB", false)]
        {
            let mut wrong = in_a(Some("Nowhere"), "");
            wrong.postal_code = "1".to_owned();
            let faults = address(&wrong, country, "/address");
            assert_eq!(faults.iter().any(|fault| fault.pointer == "/address/state"), refused, "{country}");
        }
    }

    #[test]
    fn rule_enr_05_what_differs_is_suggested() {
        let given = Address { city: "  Ciudad  de México ".to_owned(), ..in_a(Some("cdmx"), "06600") };
        let better = suggested(&given, "MX").unwrap();
        assert_eq!((better.state.as_deref(), better.city.as_str()), (Some("CMX"), "Ciudad de México"));
        assert_eq!(suggested(&better, "MX"), None, "what is suggested needs no suggestion");
    }
}

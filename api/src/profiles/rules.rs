//! What names and countries must be like (CUS-02).

use super::Contact;
use crate::error::{Code, Fault};

/// Legal forms that are no name by themselves.
const LEGAL_FORMS: &[&str] = &[
    "llc",
    "inc",
    "ltd",
    "ltda",
    "sa",
    "sadecv",
    "sabdecv",
    "sapi",
    "sapidecv",
    "sofom",
    "sl",
    "slu",
    "srl",
    "srldecv",
    "sderl",
    "sderldecv",
    "sas",
    "sasdecv",
    "sarl",
    "sasu",
    "eirl",
    "gmbh",
    "ag",
    "bv",
    "nv",
    "plc",
    "corp",
    "co",
    "company",
    "limited",
    "spa",
    "oy",
    "ab",
    "as",
    "sc",
    "ac",
];
/// Names that people type to get past a form.
const PLACEHOLDERS: &[&str] =
    &["test", "testing", "admin", "administrator", "user", "none", "xxx", "asdf", "prueba", "demo"];

/// A company's name, letters of every script welcome.
pub fn company_name(name: &str, pointer: &str) -> Option<Fault> {
    let bare: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    let single = |word: &&str| word.chars().filter(|c| c.is_alphanumeric()).count() <= 1;
    let problem = if bare.is_empty() {
        "onlySymbols"
    } else if LEGAL_FORMS.contains(&bare.as_str()) {
        "legalForm"
    } else if is_one_character(&bare) && bare.chars().count() >= 3 {
        "oneCharacter"
    } else if words.len() > 1 && words.iter().all(single) {
        "spacedLetters"
    } else if bare.chars().count() < 2 && !is_ideographic(&bare) {
        "singleCharacter"
    } else {
        return None;
    };
    Some(Fault::at(pointer, Code::CompanyNameInvalid).with("problem", problem))
}

/// A person's first or last name.
pub fn contact_name(name: &str, pointer: &str) -> Option<Fault> {
    let bare: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let problem = if !name.chars().any(char::is_alphabetic) {
        "onlyDigits"
    } else if PLACEHOLDERS.contains(&bare.as_str()) {
        "placeholder"
    } else {
        return None;
    };
    Some(Fault::at(pointer, Code::ContactNameInvalid).with("problem", problem))
}

/// A country that exists, as it is stored: upper case, and `GB` for `UK`.
pub fn country(code: &str, pointer: &str) -> Result<String, Fault> {
    let code = code.to_ascii_uppercase();
    let code = if code == "UK" { "GB".to_owned() } else { code };
    // Kosovo has no code of its own in ISO 3166; the vendor uses the reserved XK.
    if code == "XK" || rust_iso3166::from_alpha2(&code).is_some() {
        Ok(code)
    } else {
        Err(Fault::at(pointer, Code::CountryUnknown))
    }
}

/// A contact's two names.
pub fn contact(contact: &Contact, pointer: &str) -> Vec<Fault> {
    let first = contact_name(&contact.first_name, &format!("{pointer}/firstName"));
    let last = contact_name(&contact.last_name, &format!("{pointer}/lastName"));
    first.into_iter().chain(last).collect()
}

fn is_one_character(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| characters.all(|c| c == first))
}

/// One character is a whole name in Chinese, Japanese and Korean.
fn is_ideographic(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af | 0x20000..=0x3ffff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("Panadería Sol"; "accents")]
    #[test_case("株式会社日立"; "another script")]
    #[test_case("3M"; "a digit and a letter")]
    #[test_case("AA"; "one character twice")]
    #[test_case("A & B Abogados"; "letters and a word")]
    #[test_case("Ñandú SL"; "a name with its legal form")]
    fn rule_cus_02_company_names_that_pass(name: &str) {
        assert_eq!(company_name(name, "/companyName"), None);
    }

    #[test_case("--- !!"; "symbols")]
    #[test_case("   "; "blanks")]
    #[test_case("A B C"; "spaced letters")]
    #[test_case("S.A. de C.V."; "a bare legal form")]
    #[test_case("LLC"; "a bare legal form in English")]
    #[test_case("aaa"; "one character three times")]
    #[test_case("AaAaA"; "one character in two cases")]
    #[test_case("X"; "a single letter")]
    fn rule_cus_02_company_names_that_do_not(name: &str) {
        assert_eq!(company_name(name, "/companyName").unwrap().code, Code::CompanyNameInvalid);
    }

    #[test_case("Lucía", true; "accents")]
    #[test_case("O'Brien-Peña", true; "marks inside a name")]
    #[test_case("李", true; "one character that is a whole name")]
    #[test_case("Test", false; "a placeholder")]
    #[test_case("ADMIN", false; "a placeholder in capitals")]
    #[test_case("12345", false; "digits")]
    #[test_case("!?", false; "symbols")]
    #[test_case("Na", true; "a surname that looks like no answer")]
    #[test_case("J", true; "one letter")]
    fn rule_cus_02_contact_names(name: &str, passes: bool) {
        assert_eq!(contact_name(name, "/contact/firstName").is_none(), passes);
    }

    #[test_case("mx", Ok("MX"); "lower case")]
    #[test_case("UK", Ok("GB"); "the usual mistake")]
    #[test_case("XK", Ok("XK"); "Kosovo")]
    #[test_case("ZZ", Err(()); "no country")]
    #[test_case("M", Err(()); "one letter")]
    fn countries(code: &str, expected: Result<&str, ()>) {
        assert_eq!(country(code, "/country").map_err(|_fault| ()).as_deref(), expected.as_ref().map(|code| *code));
    }
}

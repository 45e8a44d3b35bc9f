//! A product key: five groups of five characters (SWK-10). It cannot be printed by accident.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

const ALPHABET: &str = "BCDFGHJKMNPQRTVWXY2346789";

/// A product key in its one form: capitals, five groups, dashes.
pub struct ProductKey(SecretString);

impl ProductKey {
    /// Reads a key as people type it: lower case, and blanks or nothing instead of dashes, mean the same key.
    pub fn parse(text: &str) -> Option<Self> {
        let characters: Vec<char> =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
        if characters.len() != 25 || !characters.iter().all(|c| ALPHABET.contains(*c)) {
            return None;
        }
        let groups: Vec<String> = characters.chunks(5).map(|group| group.iter().collect()).collect();
        Some(Self(groups.join("-").into()))
    }

    /// The key in clear.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The key as a number, by which equal ones are found in little memory. It is as good as the key.
    pub(super) fn number(&self) -> u128 {
        let digits = self.expose().chars().filter_map(|c| ALPHABET.find(c)).filter_map(|at| u128::try_from(at).ok());
        digits.fold(0, |number, digit| number * 25 + digit)
    }

    /// The key with all but its last group hidden.
    pub fn masked(&self) -> String {
        let last = self.expose().rsplit('-').next().unwrap_or_default();
        format!("XXXXX-XXXXX-XXXXX-XXXXX-{last}")
    }
}

impl fmt::Debug for ProductKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ProductKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-46789"; "as printed")]
    #[test_case("bcdfg-hjkmn-pqrtv-wxy23-46789"; "lower case")]
    #[test_case("BCDFG HJKMN PQRTV WXY23 46789"; "blanks")]
    #[test_case(" BCDFGHJKMNPQRTVWXY2346789\t"; "without groups")]
    fn rule_swk_10_one_key_in_many_forms(text: &str) {
        assert_eq!(ProductKey::parse(text).unwrap().expose(), "BCDFG-HJKMN-PQRTV-WXY23-46789");
    }

    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-4678"; "one character short")]
    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-467890"; "one too many")]
    #[test_case("ACDFG-HJKMN-PQRTV-WXY23-46789"; "a vowel")]
    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-4678O"; "a look-alike")]
    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-46785"; "a five")]
    #[test_case(""; "nothing")]
    fn rule_swk_10_what_is_no_key(text: &str) {
        assert!(ProductKey::parse(text).is_none());
    }

    #[test_case("BCDFG-HJKMN-PQRTV-WXY23-46788", false; "another last letter")]
    #[test_case("CCDFG-HJKMN-PQRTV-WXY23-46789", false; "another first letter")]
    #[test_case("bcdfghjkmnpqrtvwxy2346789", true; "the same in another form")]
    fn rule_swk_09_equal_keys_have_one_number(other: &str, expected: bool) {
        let number = |text| ProductKey::parse(text).unwrap().number();
        assert_eq!(number("BCDFG-HJKMN-PQRTV-WXY23-46789") == number(other), expected);
        assert!(number("99999-99999-99999-99999-99999") > number(other), "the largest fits");
    }

    #[test]
    fn rule_swk_03_a_key_cannot_be_printed() {
        let key = ProductKey::parse("BCDFG-HJKMN-PQRTV-WXY23-46789").unwrap();
        assert_eq!(format!("{key:?} {}", key.masked()), "ProductKey(…) XXXXX-XXXXX-XXXXX-XXXXX-46789");
    }
}

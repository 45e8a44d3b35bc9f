//! What is known of each country's addresses (`api/data/countries.toml`): states, postal codes, who needs a number.

use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const FILE: &str = include_str!("../../data/countries.toml");
static COUNTRIES: LazyLock<Countries> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Countries {
    registration_number: Vec<String>,
    postal_codes: BTreeMap<String, PostalCodes>,
    states: BTreeMap<String, States>,
}

/// The postal codes of a country.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalCodes {
    pattern: String,
    /// One of each shape, with its separators.
    pub examples: Vec<String>,
    // Compiled when the country first comes by: there are many, and most shops meet a few.
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

/// The states of a country: their codes (ISO 3166-2 without the country), each with the names that people write.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct States(BTreeMap<String, Vec<String>>);

/// The country's postal codes, where they have a form.
pub fn postal_codes(country: &str) -> Option<&'static PostalCodes> {
    COUNTRIES.postal_codes.get(country)
}

/// The country's states, where they are checked.
pub fn states(country: &str) -> Option<&'static States> {
    COUNTRIES.states.get(country)
}

/// Whether organisations of this country must say their registration number.
pub fn needs_registration_number(country: &str) -> bool {
    COUNTRIES.registration_number.iter().any(|listed| listed == country)
}

impl States {
    /// Every code.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The code of the state that is written like this: its code or one of its names, whatever their case, accents and
    /// marks.
    pub fn code_of(&self, text: &str) -> Option<&str> {
        let asked = folded(text);
        let is_called = |names: &Vec<String>| names.iter().any(|name| folded(name) == asked);
        // A code goes before a name: `NL` is one in Canada, and stands for Nuevo León in Mexico.
        let code = self.codes().find(|code| folded(code) == asked);
        code.or_else(|| self.0.iter().find(|(_, names)| is_called(names)).map(|(code, _)| code.as_str()))
    }
}

impl PostalCodes {
    /// The code as it is written properly: capitals, and separators where they belong. None where it is no such code.
    pub fn normal(&self, text: &str) -> Option<String> {
        // NFKC also brings the wide digits of East Asian keyboards home.
        let typed = super::collapsed(&text.nfkc().collect::<String>()).to_ascii_uppercase();
        let bare = bare(&typed);
        let like = |alike: fn(&str) -> String| {
            let shape = alike(&bare);
            let same = self.examples.iter().filter(move |example| alike(&self::bare(example)) == shape);
            same.map(|example| laid_out(&bare, example)).collect::<Vec<_>>()
        };
        let candidates = like(shape).into_iter().chain(like(length)).chain([typed.clone(), bare.clone()]);
        let pattern = self.compiled()?;
        candidates.into_iter().find(|candidate| pattern.is_match(candidate))
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.pattern)).ok()).as_ref()
    }
}

/// Without separators: blanks, hyphens and dashes.
fn bare(code: &str) -> String {
    code.chars().filter(|c| !is_separator(*c)).collect()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What kind of character stands where.
fn shape(code: &str) -> String {
    let kind = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    code.chars().map(kind).collect()
}

fn length(code: &str) -> String {
    "?".repeat(code.chars().count())
}

/// The same characters with the example's separators.
fn laid_out(bare: &str, example: &str) -> String {
    let mut characters = bare.chars();
    example.chars().filter_map(|c| if is_separator(c) { Some(c) } else { characters.next() }).collect()
}

/// Lower case, without accents, blanks and marks.
fn folded(name: &str) -> String {
    let bare = name.nfd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric());
    bare.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_names_countries_that_exist() {
        let countries: Countries = toml::from_str(FILE).unwrap();
        assert_eq!(countries.registration_number.len(), 24);
        assert!(countries.postal_codes.len() > 170);
        assert_eq!(countries.states.keys().collect::<Vec<_>>(), ["CA", "CN", "MX", "US"]);
        let named = countries.registration_number.iter().chain(countries.postal_codes.keys());
        for code in named {
            assert_eq!(super::super::country(code, "").as_ref(), Ok(code));
        }
    }

    #[test]
    fn every_pattern_takes_its_examples_as_they_are() {
        for (country, codes) in &COUNTRIES.postal_codes {
            assert!(codes.compiled().is_some() && !codes.examples.is_empty(), "{country}");
            for example in &codes.examples {
                assert_eq!(codes.normal(example).as_ref(), Some(example), "{country}");
                assert_eq!(codes.normal(&bare(example).to_lowercase()).as_ref(), Some(example), "{country}");
            }
        }
    }

    /// Against another source: what ISO 3166-2 lists, and in the United States the posts of the armed forces and the
    /// freely associated states beside.
    #[test]
    fn the_states_are_those_of_iso_3166_2() {
        for (country, states) in &COUNTRIES.states {
            let listed = rust_iso3166::iso3166_2::SUBDIVISION_COUNTRY_MAP.get(country).unwrap();
            let codes: Vec<&str> = states.codes().collect();
            let not_in_file = listed.iter().filter(|one| !codes.contains(&one.region_code));
            assert_eq!(
                not_in_file.map(|one| one.code).collect::<Vec<_>>(),
                if country == "US" { vec!["US-UM"] } else { vec![] }
            );
            let only_in_file = codes.iter().filter(|code| !listed.iter().any(|one| one.region_code == **code));
            let beside: &[&str] = if country == "US" { &["AA", "AE", "AP", "FM", "MH", "PW"] } else { &[] };
            assert_eq!(only_in_file.copied().collect::<Vec<_>>(), beside, "{country}");
            for one in listed.iter().filter(|one| one.region_code != "UM") {
                assert_eq!(states.code_of(one.name), Some(one.region_code), "{}", one.name);
            }
        }
    }

    #[test]
    fn no_two_states_share_a_name() {
        for (country, states) in &COUNTRIES.states {
            for (code, names) in &states.0 {
                for name in names.iter().chain([code]) {
                    assert_eq!(states.code_of(name), Some(code.as_str()), "{country}: {name}");
                }
            }
        }
    }
}

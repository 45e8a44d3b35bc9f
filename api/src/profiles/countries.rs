//! The dated data of countries (`api/data/countries.toml`).

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// All of it.
pub static COUNTRIES: LazyLock<Countries> =
    LazyLock::new(|| toml::from_str(include_str!("../../data/countries.toml")).unwrap_or_default());

/// What is checked, country by country.
#[derive(Default, Deserialize)]
pub struct Countries {
    states_checked: String,
    registration_number: String,
    state_aliases: BTreeMap<String, BTreeMap<String, String>>,
    /// The forms of postal codes, by bars.
    pub postal_codes: BTreeMap<String, String>,
}

impl Countries {
    /// Whether a state must be one of the country's.
    pub fn checks_states_of(&self, country: &str) -> bool {
        self.states_checked.split(' ').any(|one| one == country)
    }

    /// Whether organisations need a registration number.
    pub fn wants_registration_number(&self, country: &str) -> bool {
        self.registration_number.split(' ').any(|one| one == country)
    }

    /// The code of a state that people call so.
    pub fn alias_of(&self, state: &str, country: &str) -> Option<&str> {
        self.state_aliases.get(country)?.get(state).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_that_is_named_exists() {
        let listed = [&COUNTRIES.states_checked, &COUNTRIES.registration_number];
        let listed: Vec<&str> = listed.iter().flat_map(|list| list.split(' ')).collect();
        assert_eq!(listed.len(), 4 + 24);
        let keys = COUNTRIES.postal_codes.keys().chain(COUNTRIES.state_aliases.keys()).map(String::as_str);
        for country in listed.into_iter().chain(keys) {
            assert!(rust_iso3166::from_alpha2(country).is_some(), "{country}");
        }
        assert!(COUNTRIES.postal_codes.len() > 90);
    }
}

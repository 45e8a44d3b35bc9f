//! Both companies of a link are in one region (LNK-06).

use crate::clock::Instant;
use crate::error::{Code, Fault};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Names of regions with their countries, by blanks (domain facts §12).
static REGIONS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/link-regions.json")).unwrap_or_default());

fn of(country: &str) -> Option<(&str, &str)> {
    let has = |countries: &String| countries.split(' ').any(|known| known == country);
    REGIONS.iter().find(|(_, countries)| has(countries)).map(|(name, countries)| (name.as_str(), countries.as_str()))
}

/// That the two are in different regions, or one of them in none.
pub fn mismatch(provider: &str, reseller: &str, _now: Instant) -> Option<Fault> {
    let [ours, theirs] = [provider, reseller].map(|country| of(country).map(|(name, _)| name));
    let together = ours.is_some() && ours == theirs;
    (!together).then(|| Fault::at("", Code::RegionMismatch).with("providerRegion", ours).with("resellerRegion", theirs))
}

/// The countries of a country's region.
pub fn countries_beside(country: &str, _now: Instant) -> Vec<String> {
    of(country).map(|(_, countries)| countries.split(' ').map(str::to_owned).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("MX", "MX", None; "one country")]
    #[test_case("MX", "AR", None; "one region")]
    #[test_case("DE", "FR", None; "another region")]
    #[test_case("GB", "ES", None; "the United Kingdom is in Europe")]
    #[test_case("ES", "MX", Some(("Europe", "Latin America & Caribbean")); "Spain and Mexico")]
    #[test_case("US", "PR", Some(("United States", "Latin America & Caribbean")); "Puerto Rico is not in the US region")]
    #[test_case("US", "GB", Some(("United States", "Europe")); "across the sea")]
    fn rule_lnk_06_both_are_in_one_region(provider: &str, reseller: &str, told: Option<(&str, &str)>) {
        let fault = mismatch(provider, reseller, crate::clock::machine_now());
        let regions = fault.map(|fault| {
            let name = |name: &str| fault.context[name].as_str().unwrap().to_owned();
            (name("providerRegion"), name("resellerRegion"))
        });
        assert_eq!(regions, told.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())));
    }

    #[test]
    fn rule_lnk_06_there_are_fifteen_regions() {
        assert_eq!(REGIONS.len(), 15);
        assert!(mismatch("ZZ", "ZZ", crate::clock::machine_now()).is_some(), "in no region is not together");
    }
}

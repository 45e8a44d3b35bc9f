//! Which region a country is in, and who may sell to whom (MKT-01, MKT-02).

use super::model::Region;
use crate::error::{Code, Fault};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const FILE: &str = include_str!("../../data/markets.toml");
static MARKETS: LazyLock<Markets> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Markets {
    regions: Vec<Region>,
}

/// The regions as they are on this day, by their ids.
pub fn regions(date: NaiveDate) -> impl Iterator<Item = &'static Region> {
    in_force(&MARKETS.regions, date)
}

/// Of each region the latest row that holds on this day.
fn in_force(rows: &[Region], date: NaiveDate) -> impl Iterator<Item = &Region> {
    let mut latest: BTreeMap<&str, &Region> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.valid_from <= date) {
        let known = latest.entry(&row.id).or_insert(row);
        if row.valid_from > known.valid_from {
            *known = row;
        }
    }
    latest.into_values()
}

/// The region that this country, as `profiles::country` gives it, is in on this day.
pub fn region_of(country: &str, date: NaiveDate) -> Option<&'static Region> {
    regions(date).find(|region| region.countries.iter().any(|listed| listed == country))
}

/// What stands against a partner of one country selling to a tenant of another, or linking with a partner there: the
/// region of its legal location, against the region of the tenant's country, wherever the company sits (MKT-02).
pub fn may_sell(seller: &str, buyer: &str, date: NaiveDate) -> Vec<Fault> {
    let outside = |country: &str| Fault::at("", Code::CountryWithoutRegion).with("country", country);
    match (region_of(seller, date), region_of(buyer, date)) {
        (Some(here), Some(there)) if here.id == there.id => Vec::new(),
        (Some(here), Some(there)) => vec![
            Fault::at("", Code::RegionMismatch)
                .with("sellerCountry", seller)
                .with("sellerRegion", &here.id)
                .with("sellerRegionName", &here.name)
                .with("buyerCountry", buyer)
                .with("buyerRegion", &there.id)
                .with("buyerRegionName", &there.name),
        ],
        (here, there) => {
            let mut faults = Vec::new();
            faults.extend(here.is_none().then(|| outside(seller)));
            faults.extend((there.is_none() && seller != buyer).then(|| outside(buyer)));
            faults
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use test_case::test_case;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn rule_mkt_01_fifteen_regions_and_each_country_in_exactly_one() {
        let markets: Markets = toml::from_str(FILE).unwrap();
        assert_eq!((markets.regions.len(), regions(day("2026-11-20")).count()), (15, 15));
        let mut known = BTreeSet::new();
        for region in regions(day("2026-11-20")) {
            for country in &region.countries {
                assert!(known.insert(country), "{country} is in two regions");
                assert_eq!(crate::profiles::country(country, "").as_ref(), Ok(country));
                let currency = region.currency_of(country);
                assert!(currency.is_none_or(|code| iso_currency::Currency::from_code(code).is_some()), "{country}");
                assert_eq!(currency.is_none(), country == "VA");
            }
        }
        assert_eq!(known.len(), 242);
    }

    #[test_case("MX", Some("latinAmerica"), Some("USD"); "Mexico is listed in dollars")]
    #[test_case("PR", Some("latinAmerica"), Some("USD"); "Puerto Rico is not in the United States")]
    #[test_case("VI", Some("latinAmerica"), Some("USD"); "nor are the Virgin Islands")]
    #[test_case("BQ", Some("latinAmerica"), Some("USD"); "Bonaire, Saba and Sint Eustatius")]
    #[test_case("BR", Some("brazil"), Some("BRL"); "Brazil is its own")]
    #[test_case("US", Some("unitedStates"), Some("USD"); "the United States")]
    #[test_case("GU", Some("unitedStates"), Some("USD"); "Guam")]
    #[test_case("GB", Some("europe"), Some("GBP"); "the United Kingdom")]
    #[test_case("CH", Some("europe"), Some("CHF"); "Switzerland")]
    #[test_case("DE", Some("europe"), Some("EUR"); "Germany")]
    #[test_case("VA", Some("europe"), None; "the Vatican has no currency there")]
    #[test_case("XK", Some("middleEastCentralEasternEurope"), Some("USD"); "Kosovo")]
    #[test_case("PM", Some("canada"), Some("CAD"); "Saint Pierre and Miquelon")]
    #[test_case("RU", None, None; "Russia is in none")]
    #[test_case("KP", None, None; "nor is North Korea")]
    #[test_case("ZZ", None, None; "no country")]
    fn rule_mkt_01_countries_regions_and_currencies(country: &str, region: Option<&str>, currency: Option<&str>) {
        let found = region_of(country, day("2026-11-20"));
        assert_eq!(found.map(|region| region.id.as_str()), region);
        assert_eq!(found.and_then(|region| region.currency_of(country)), currency);
    }

    #[test_case("FR", "DE", &[]; "within Europe")]
    #[test_case("MX", "PR", &[]; "within Latin America")]
    #[test_case("MX", "MX", &[]; "at home")]
    #[test_case("US", "GB", &[Code::RegionMismatch]; "over the ocean")]
    #[test_case("MX", "ES", &[Code::RegionMismatch]; "one language, two regions")]
    #[test_case("US", "PR", &[Code::RegionMismatch]; "Puerto Rico from the mainland")]
    #[test_case("MX", "BR", &[Code::RegionMismatch]; "Brazil from Latin America")]
    #[test_case("MX", "RU", &[Code::CountryWithoutRegion]; "to a country in no region")]
    #[test_case("RU", "MX", &[Code::CountryWithoutRegion]; "from a country in no region")]
    #[test_case("RU", "RU", &[Code::CountryWithoutRegion]; "within a country in no region")]
    #[test_case("RU", "KP", &[Code::CountryWithoutRegion, Code::CountryWithoutRegion]; "between two of them")]
    fn rule_mkt_02_who_may_sell_to_whom(seller: &str, buyer: &str, expected: &[Code]) {
        let found: Vec<Code> = may_sell(seller, buyer, day("2026-11-20")).iter().map(|fault| fault.code).collect();
        assert_eq!(found, expected);
        // One region is one region from both sides.
        assert_eq!(may_sell(buyer, seller, day("2026-11-20")).len(), expected.len());
    }

    #[test]
    fn rule_mkt_02_a_mismatch_names_both_regions() {
        let found = may_sell("MX", "ES", day("2026-11-20"));
        let regions = ["sellerRegion", "buyerRegion"].map(|name| found[0].context[name].as_str().unwrap());
        assert_eq!(regions, ["latinAmerica", "europe"]);
    }

    #[test]
    fn rule_mkt_01_a_region_is_as_its_latest_row_of_the_day_says() {
        let row = |from: &str, countries: &str| {
            let text =
                format!("id = 'x'\nname = 'X'\nvalid_from = '{from}'\ncurrency = 'USD'\ncountries = '{countries}'");
            toml::from_str::<Region>(&text).unwrap()
        };
        let rows = [row("2024-01-01", "MX"), row("2026-01-01", "MX CO"), row("2025-01-01", "MX PE")];
        let on = |date: &str| in_force(&rows, day(date)).map(|row| row.countries.join(" ")).collect::<Vec<_>>();
        assert_eq!(on("2023-12-31"), Vec::<String>::new());
        assert_eq!(on("2024-12-31"), ["MX"]);
        assert_eq!(on("2025-12-31"), ["MX PE"]);
        assert_eq!(on("2026-01-01"), ["MX CO"]);
    }
}

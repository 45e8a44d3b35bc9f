//! May A sell to B? (MKT-01, MKT-02)

use super::model::{Edition, Region, editions};
use crate::error::{Code, Fault};
use chrono::NaiveDate;

/// The regions in force on a day; before the first edition, the first one's.
pub(super) fn edition_on(day: NaiveDate) -> Option<&'static Edition> {
    let in_force = editions().iter().rev().find(|edition| edition.valid_from().is_some_and(|from| from <= day));
    in_force.or_else(|| editions().iter().next())
}

/// The region of a country (as it is stored: upper case) on a day.
pub fn region_of(country: &str, day: NaiveDate) -> Option<&'static Region> {
    edition_on(day)?.regions.iter().find(|region| region.countries().contains_key(country))
}

/// Everything that stands against a seller in one country selling to a tenant in another, or linking with a partner
/// there (LNK-06): both must be in one region.
pub fn may_sell(seller: &str, buyer: &str, day: NaiveDate) -> Vec<Fault> {
    let [sells, buys] = [seller, buyer].map(|country| region_of(country, day));
    let unserved = |country: &str, pointer: &str| Fault::at(pointer, Code::CountryNotServed).with("country", country);
    match (sells, buys) {
        (Some(sells), Some(buys)) if sells == buys => Vec::new(),
        (Some(sells), Some(buys)) => {
            let [seller_region, buyer_region] = [sells, buys].map(|region| region.region.as_str());
            let fault = Fault::at("", Code::RegionMismatch).with("seller", seller).with("buyer", buyer);
            vec![fault.with("sellerRegion", seller_region).with("buyerRegion", buyer_region)]
        }
        (sells, buys) => {
            let seller = sells.is_none().then(|| unserved(seller, "?seller"));
            let buyer = (buys.is_none()).then(|| unserved(buyer, "?buyer"));
            seller.into_iter().chain(buyer).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use test_case::test_case;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    #[test_case("MX", "MX", true; "at home")]
    #[test_case("MX", "PR", true; "Puerto Rico is in Latin America")]
    #[test_case("MX", "BQ", true; "Bonaire")]
    #[test_case("FR", "DE", true; "two in Europe")]
    #[test_case("GB", "ES", true; "the United Kingdom is in Europe's region")]
    #[test_case("CH", "LI", true; "EFTA")]
    #[test_case("US", "GB", false; "an ocean between")]
    #[test_case("US", "CA", false; "neighbours in two regions")]
    #[test_case("US", "PR", false; "a territory in another region")]
    #[test_case("US", "GU", true; "a territory in the same")]
    #[test_case("MX", "ES", false; "a language in common")]
    #[test_case("MX", "BR", false; "Brazil is its own region")]
    fn rule_mkt_01_who_may_sell_to_whom(seller: &str, buyer: &str, allowed: bool) {
        let faults = may_sell(seller, buyer, day());
        assert_eq!(faults.is_empty(), allowed, "{faults:?}");
        if let Some(fault) = faults.as_slice().first() {
            assert_eq!(fault.code, Code::RegionMismatch);
            let named = ["sellerRegion", "buyerRegion"].map(|name| fault.context[name].as_str().unwrap().to_owned());
            assert_ne!(named[0], named[1], "it names both regions");
        }
    }

    #[test]
    fn rule_mkt_01_where_the_programme_is_not_offered_both_sides_are_told() {
        let faults = may_sell("CU", "KP", day());
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::CountryNotServed; 2]);
        assert_eq!(may_sell("MX", "CU", day())[0].pointer, "?buyer");
    }

    #[test]
    fn rule_mkt_01_fifteen_regions_and_each_country_in_one_of_them() {
        let edition = edition_on(day()).unwrap();
        assert_eq!(edition.regions.len(), 15);
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for region in &edition.regions {
            for (country, currency) in region.countries() {
                assert_eq!(seen.insert(country, &region.region), None, "{country} is in two regions");
                assert_eq!(crate::profiles::country(country, ""), Ok(country.to_owned()), "{country} is no country");
                let known = currency.is_none_or(|code| iso_currency::Currency::from_code(code).is_some());
                assert!(known, "{country}: {currency:?}");
            }
        }
        assert!(seen.len() > 220, "{}", seen.len());
    }

    #[test]
    fn an_edition_is_in_force_from_its_day_on() {
        let first = editions().iter().next().unwrap();
        assert!(editions().iter().all(|edition| edition.valid_from().is_some()));
        assert!(editions().is_sorted_by_key(|edition| edition.valid_from()));
        let before = NaiveDate::from_ymd_opt(2001, 1, 1).unwrap();
        assert_eq!(edition_on(before).unwrap().valid_from(), first.valid_from());
    }
}

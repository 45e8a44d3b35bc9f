//! Both companies of a link are in one region (LNK-06).

use crate::clock::Instant;
use crate::error::Fault;
use crate::markets::{may_sell, region_of};

/// That the two are in different regions, or one of them in none.
pub fn mismatch(provider: &str, reseller: &str, now: Instant, pointer: &str) -> Vec<Fault> {
    let faults = may_sell(provider, reseller, now.date_naive());
    faults.into_iter().map(|fault| Fault { pointer: pointer.to_owned(), ..fault }).collect()
}

/// The countries of a country's region.
pub fn countries_beside(country: &str, now: Instant) -> Vec<String> {
    let region = region_of(country, now.date_naive());
    region.map(|region| region.countries.clone()).unwrap_or_default()
}

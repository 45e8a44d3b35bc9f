//! Business days: not Saturdays, Sundays or the holidays of a country (`api/data/holidays.toml`).
//!
//! No kept library has Mexico's rest days as the law counts them, so the days themselves are data.

use crate::clock::Instant;
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static HOLIDAYS: LazyLock<BTreeMap<String, BTreeSet<NaiveDate>>> =
    LazyLock::new(|| toml::from_str(include_str!("../data/holidays.toml")).unwrap_or_default());

/// Whether people in this country are at work on a day.
pub fn is_business_day(day: NaiveDate, country: &str) -> bool {
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !is_weekend && !HOLIDAYS.get(country).is_some_and(|holidays| holidays.contains(&day))
}

/// The end of the nth business day after an instant, in a zone: the midnight that ends it. The day of the instant itself
/// does not count.
pub fn end_of_business_day(after: Instant, days: u32, zone: Tz, country: &str) -> Instant {
    let mut day = after.with_timezone(&zone).date_naive();
    let mut left = days;
    while left > 0 {
        let Some(next) = day.checked_add_days(Days::new(1)) else { return after };
        day = next;
        if is_business_day(day, country) {
            left -= 1;
        }
    }
    day.checked_add_days(Days::new(1)).map_or(after, |next| start_of(next, zone))
}

/// The first instant of a day in a zone; where midnight is skipped by summer time, the first one after it.
fn start_of(day: NaiveDate, zone: Tz) -> Instant {
    let midnight = day.and_time(NaiveTime::MIN);
    let hours = (0..=24).map(|hour| midnight + TimeDelta::hours(hour));
    let first = hours.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    first.map_or_else(|| Utc.from_utc_datetime(&midnight), |local| local.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike;
    use proptest::prelude::*;
    use test_case::test_case;

    const MEXICO: Tz = chrono_tz::America::Mexico_City;
    const NEW_YORK: Tz = chrono_tz::America::New_York;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test_case("2026-11-16T18:00:00Z", 5, MEXICO, "MX", "2026-11-24T06:00:00Z"; "asked on a holiday: it does not count anyway")]
    #[test_case("2026-11-13T18:00:00Z", 5, MEXICO, "MX", "2026-11-24T06:00:00Z"; "over a weekend and the day of the revolution")]
    #[test_case("2026-11-13T18:00:00Z", 5, MEXICO, "ZZ", "2026-11-21T06:00:00Z"; "a country without data")]
    #[test_case("2026-11-17T05:59:59Z", 1, MEXICO, "MX", "2026-11-18T06:00:00Z"; "the last second of a local day")]
    #[test_case("2026-11-17T06:00:00Z", 1, MEXICO, "MX", "2026-11-19T06:00:00Z"; "the first second of the next")]
    #[test_case("2026-07-02T15:00:00Z", 2, NEW_YORK, "US", "2026-07-08T04:00:00Z"; "the fourth of july is observed on friday")]
    #[test_case("2026-10-30T15:00:00Z", 2, NEW_YORK, "US", "2026-11-04T05:00:00Z"; "over the end of summer time")]
    #[test_case("2027-03-12T15:00:00Z", 1, NEW_YORK, "US", "2027-03-16T04:00:00Z"; "over its beginning")]
    #[test_case("2026-12-24T15:00:00Z", 1, NEW_YORK, "US", "2026-12-29T05:00:00Z"; "over christmas on a friday")]
    #[test_case("2026-11-21T12:00:00Z", 0, MEXICO, "MX", "2026-11-22T06:00:00Z"; "none: the end of today")]
    fn rule_enr_08_the_end_of_a_business_day(after: &str, days: u32, zone: Tz, country: &str, expected: &str) {
        assert_eq!(end_of_business_day(at(after), days, zone, country), at(expected));
    }

    #[test]
    fn a_day_begins_where_its_midnight_is_skipped() {
        // In 2018 Brazil's summer time began at midnight.
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        assert_eq!(start_of(day, chrono_tz::America::Sao_Paulo), at("2018-11-04T03:00:00Z"));
    }

    #[test]
    fn the_holidays_are_those_of_the_law() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (country, free) in [
            ("MX", ["2026-02-02", "2026-03-16", "2026-05-01", "2026-09-16", "2026-11-16", "2030-10-01"]),
            ("US", ["2026-01-19", "2026-05-25", "2026-07-03", "2026-11-26", "2027-12-24", "2027-12-31"]),
        ] {
            assert!(free.iter().all(|text| !is_business_day(day(text), country)), "{country}");
            assert!(HOLIDAYS[country].len() > 70, "{country}");
        }
        assert!(is_business_day(day("2026-07-03"), "MX") && is_business_day(day("2026-10-01"), "MX"));
        let last = HOLIDAYS.values().map(|days| days.last().unwrap().year()).min();
        assert!(last >= Some(2033), "the data ends in {last:?}: add years");
    }

    proptest! {
        #[test]
        fn rule_enr_08_it_is_a_local_midnight_not_too_early_and_later_for_later(
            seconds in 1_700_000_000i64..1_990_000_000, later in 0i64..1_000_000, days in 0u32..30,
        ) {
            let (one, other) = (Utc.timestamp_opt(seconds, 0).unwrap(), Utc.timestamp_opt(seconds + later, 0).unwrap());
            for (zone, country) in [(MEXICO, "MX"), (NEW_YORK, "US")] {
                let end = end_of_business_day(one, days, zone, country);
                let local = end.with_timezone(&zone);
                prop_assert_eq!((local.hour(), local.minute(), local.second()), (0, 0, 0));
                prop_assert!(end > one + TimeDelta::days(i64::from(days)) - TimeDelta::hours(1));
                prop_assert!(end <= end_of_business_day(other, days, zone, country));
                prop_assert!(end < end_of_business_day(one, days + 1, zone, country));
                let counted = (1..=60u64)
                    .map(|offset| one.with_timezone(&zone).date_naive() + Days::new(offset))
                    .filter(|day| start_of(*day, zone) < end && is_business_day(*day, country))
                    .count();
                prop_assert_eq!(counted, usize::try_from(days).unwrap());
            }
        }
    }
}

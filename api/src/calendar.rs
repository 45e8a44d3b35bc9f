//! Days in the storefront's zone: when they begin, and on which people work there, by its country's holidays
//! (`api/data/holidays.toml`).
//!
//! The holidays are data because the crates that have them are no good for this: those of quantitative finance keep
//! the stock exchange's days instead of the law's, the others know one country or are no longer kept.

use crate::clock::Instant;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const FILE: &str = include_str!("../data/holidays.toml");
static HOLIDAYS: LazyLock<BTreeMap<String, Holidays>> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holidays {
    days: BTreeSet<NaiveDate>,
}

/// The end of the `days`th business day after an instant: the midnight after it, where that zone is; it is over exactly
/// then. The instant's own day does not count, nor do weekends and the country's holidays, as far as they are known.
pub fn end_of_business_day(after: Instant, days: u32, zone: Tz, country: &str) -> Instant {
    let mut day = after.with_timezone(&zone).date_naive();
    let mut left = days;
    while left > 0 {
        // At the end of the calendar there is no later day.
        let Some(next) = day.succ_opt() else { return Instant::MAX_UTC };
        day = next;
        left -= u32::from(is_business_day(day, country));
    }
    day.checked_add_days(Days::new(1)).and_then(|next| midnight(next, zone)).unwrap_or(Instant::MAX_UTC)
}

/// Whether people work on this day.
fn is_business_day(day: NaiveDate, country: &str) -> bool {
    let is_holiday = HOLIDAYS.get(country).is_some_and(|holidays| holidays.days.contains(&day));
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday
}

/// The instant at which this day begins there. Where clocks go forward at midnight, it begins with a later time; where
/// they go back over midnight, with the first of the two.
pub fn midnight(day: NaiveDate, zone: Tz) -> Option<Instant> {
    at(day, NaiveTime::MIN, zone)
}

/// The instant at which clocks there show this time of this day; where they leave it out, the next time that they show.
pub fn at(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<Instant> {
    let begins = NaiveDateTime::new(day, time);
    // No gap is longer than a day: Samoa once left one out.
    let times = (0..=96).map(|quarters| begins + TimeDelta::minutes(15 * quarters));
    let first = times.into_iter().find_map(|time| zone.from_local_datetime(&time).earliest())?;
    Some(first.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike;
    use chrono_tz::America::{Havana, Mexico_City, New_York, Sao_Paulo};
    use chrono_tz::Pacific::Apia;
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use test_case::test_case;

    fn end(after: &str, days: u32, zone: Tz, country: &str) -> String {
        let end = end_of_business_day(after.parse().unwrap(), days, zone, country);
        end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    // Mexico City stays at UTC-6 all year since 2022.
    #[test_case("2026-11-04T15:00:00Z", 5, "2026-11-12T06:00:00Z"; "a Wednesday: over one weekend")]
    #[test_case("2026-11-13T18:00:00Z", 5, "2026-11-24T06:00:00Z"; "a Friday: the Monday after is the Revolution's")]
    #[test_case("2026-11-14T18:00:00Z", 1, "2026-11-18T06:00:00Z"; "a Saturday before it")]
    #[test_case("2026-11-16T18:00:00Z", 1, "2026-11-18T06:00:00Z"; "the holiday itself does not count either")]
    #[test_case("2026-11-17T05:59:59Z", 1, "2026-11-18T06:00:00Z"; "the last second of the local holiday")]
    #[test_case("2026-11-17T06:00:00Z", 1, "2026-11-19T06:00:00Z"; "the next second is another day")]
    #[test_case("2026-01-30T18:00:00Z", 1, "2026-02-04T06:00:00Z"; "the Constitution's Monday")]
    #[test_case("2026-03-13T18:00:00Z", 1, "2026-03-18T06:00:00Z"; "Juárez's Monday")]
    #[test_case("2026-04-30T18:00:00Z", 1, "2026-05-05T06:00:00Z"; "Labour Day on a Friday")]
    #[test_case("2026-09-15T18:00:00Z", 1, "2026-09-18T06:00:00Z"; "Independence Day on a Wednesday")]
    #[test_case("2026-12-24T18:00:00Z", 5, "2027-01-05T06:00:00Z"; "over Christmas and New Year")]
    #[test_case("2024-09-30T18:00:00Z", 1, "2024-10-03T06:00:00Z"; "a new government takes office")]
    #[test_case("2026-06-10T18:00:00Z", 0, "2026-06-11T06:00:00Z"; "none: the end of the day itself")]
    fn rule_enr_08_business_days_in_mexico_city(after: &str, days: u32, expected: &str) {
        assert_eq!(end(after, days, Mexico_City, "MX"), expected);
    }

    // Clocks go forward on 8 March 2026 and back on 1 November 2026.
    #[test_case("2026-03-06T15:00:00Z", 1, "2026-03-10T04:00:00Z"; "into summer time")]
    #[test_case("2026-03-05T15:00:00Z", 1, "2026-03-07T05:00:00Z"; "just before it")]
    #[test_case("2026-10-30T15:00:00Z", 1, "2026-11-03T05:00:00Z"; "out of summer time")]
    #[test_case("2026-10-29T15:00:00Z", 1, "2026-10-31T04:00:00Z"; "just before that")]
    #[test_case("2026-07-01T15:00:00Z", 2, "2026-07-07T04:00:00Z"; "the Fourth on a Saturday is kept on Friday")]
    #[test_case("2027-07-02T15:00:00Z", 1, "2027-07-07T04:00:00Z"; "on a Sunday it is kept on Monday")]
    #[test_case("2027-12-30T15:00:00Z", 1, "2028-01-04T05:00:00Z"; "New Year kept in the year before")]
    #[test_case("2026-11-25T15:00:00Z", 2, "2026-12-01T05:00:00Z"; "Thanksgiving")]
    #[test_case("2026-11-10T04:59:59Z", 2, "2026-11-13T05:00:00Z"; "an evening in New York is the next day in UTC")]
    fn rule_enr_08_business_days_in_new_york(after: &str, days: u32, expected: &str) {
        assert_eq!(end(after, days, New_York, "US"), expected);
    }

    #[test_case("2026-11-13T18:00:00Z", Mexico_City, "DE", "2026-11-17T06:00:00Z"; "a country without holidays here")]
    #[test_case("2033-02-04T18:00:00Z", Mexico_City, "MX", "2033-02-08T06:00:00Z"; "a year without holidays here")]
    #[test_case("2018-11-01T15:00:00Z", Sao_Paulo, "BR", "2018-11-03T03:00:00Z"; "the day before a gap")]
    #[test_case("2018-11-02T15:00:00Z", Sao_Paulo, "BR", "2018-11-06T02:00:00Z"; "over a gap at midnight")]
    #[test_case("2026-10-30T15:00:00Z", Havana, "CU", "2026-11-03T05:00:00Z"; "over a midnight that comes twice")]
    fn rule_enr_08_elsewhere(after: &str, zone: Tz, country: &str, expected: &str) {
        assert_eq!(end(after, 1, zone, country), expected);
    }

    #[test]
    fn a_day_that_begins_with_a_gap_or_with_a_time_that_comes_twice() {
        let begin = |day: &str, zone| midnight(day.parse().unwrap(), zone).unwrap().to_rfc3339();
        assert_eq!(begin("2018-11-04", Sao_Paulo), "2018-11-04T03:00:00+00:00");
        assert_eq!(begin("2026-11-01", Havana), "2026-11-01T04:00:00+00:00");
        assert_eq!(begin("2011-12-30", Apia), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn at_the_end_of_time_there_is_no_later_day() {
        assert_eq!(end_of_business_day(Instant::MAX_UTC - TimeDelta::days(3), 9, New_York, "US"), Instant::MAX_UTC);
    }

    /// Against the law instead of the file.
    #[test]
    fn the_holidays_are_those_of_the_law() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let nth = |year, month, weekday, n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n).unwrap();
        let mon = Weekday::Mon;
        let mut mexico = BTreeSet::new();
        let mut states = BTreeSet::new();
        for year in 2024..=2033 {
            mexico.extend([day(year, 1, 1), day(year, 5, 1), day(year, 9, 16), day(year, 12, 25)]);
            mexico.extend([nth(year, 2, mon, 1), nth(year, 3, mon, 3), nth(year, 11, mon, 3)]);
            mexico.extend((year % 6 == 2).then(|| day(year, 10, 1)));
            states.extend([nth(year, 1, mon, 3), nth(year, 2, mon, 3), nth(year, 9, mon, 1), nth(year, 10, mon, 2)]);
            states.insert(nth(year, 11, Weekday::Thu, 4));
            let fifth = NaiveDate::from_weekday_of_month_opt(year, 5, mon, 5);
            states.insert(fifth.unwrap_or_else(|| nth(year, 5, mon, 4)));
            for (month, of_month) in [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)] {
                let date = day(year, month, of_month);
                states.insert(match date.weekday() {
                    Weekday::Sat => date.pred_opt().unwrap(),
                    Weekday::Sun => date.succ_opt().unwrap(),
                    _ => date,
                });
            }
        }
        let is_in_file = |date: &NaiveDate| {
            (2024..=2032).contains(&date.year()) && !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
        };
        for (country, by_law) in [("MX", mexico), ("US", states)] {
            assert_eq!(HOLIDAYS[country].days, by_law.into_iter().filter(is_in_file).collect(), "{country}");
        }
        assert_eq!(HOLIDAYS.keys().collect::<Vec<_>>(), ["MX", "US"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn rule_enr_08_never_early_always_a_midnight_and_later_for_the_later(
            seconds in 1_704_067_200_i64..1_990_000_000, more in 0_i64..1_000_000, days in 0_u32..30, which in 0_usize..2
        ) {
            let (zone, country) = [(Mexico_City, "MX"), (New_York, "US")][which];
            let after = Instant::from_timestamp(seconds, 0).unwrap();
            let found = end_of_business_day(after, days, zone, country);
            let local = found.with_timezone(&zone);
            prop_assert_eq!(local.num_seconds_from_midnight(), 0);
            let passed = local.date_naive() - after.with_timezone(&zone).date_naive();
            prop_assert!(passed.num_days() > i64::from(days) && found > after);
            prop_assert!(days == 0 || is_business_day(local.date_naive().pred_opt().unwrap(), country));
            let later = end_of_business_day(after + TimeDelta::seconds(more), days, zone, country);
            prop_assert!(later >= found);
            prop_assert!(end_of_business_day(after, days + 1, zone, country) > found);
        }
    }
}

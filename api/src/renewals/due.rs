//! When a renewal's payment is due, and when that is told (REN-01, REN-02). The days are dated data
//! (`api/data/renewal-terms.json`), counted in the storefront's zone.

use crate::calendar;
use crate::clock::Instant;
use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const FILE: &str = include_str!("../../data/renewal-terms.json");
static TERMS: LazyLock<Vec<RenewalTerms>> =
    LazyLock::new(|| serde_json::from_str::<File>(FILE).map(|file| file.terms).unwrap_or_default());

#[derive(Deserialize)]
struct File {
    terms: Vec<RenewalTerms>,
}

/// One row: from when it holds, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RenewalTerms {
    valid_from: NaiveDate,
    /// The last day of a month on which a payment is in time.
    last_day: u32,
    /// So many days before it notices go out.
    notice_days_before: Vec<u64>,
    /// At this hour.
    notice_hour: u32,
}

/// The row that holds on this day.
fn terms_on(day: NaiveDate) -> Option<&'static RenewalTerms> {
    TERMS.iter().filter(|terms| terms.valid_from <= day).max_by_key(|terms| terms.valid_from)
}

/// When a renewal's payment opens, when it is late, and when notices go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentCalendar {
    /// The renewal day begins where the storefront is.
    pub opens_at: Instant,
    /// The cut-off: exactly then it is late.
    pub due_at: Instant,
    /// The notices, in their order.
    pub notices: Vec<Instant>,
}

impl PaymentCalendar {
    /// Of a renewal on this day.
    pub fn of(renews_on: NaiveDate, zone: Tz) -> Option<Self> {
        Self::opened(calendar::midnight(renews_on, zone)?, zone)
    }

    /// Of a payment that opens at this instant. What opens after the last day of its month is due in the next one.
    pub fn opened(opens_at: Instant, zone: Tz) -> Option<Self> {
        let day = opens_at.with_timezone(&zone).date_naive();
        let terms = terms_on(day)?;
        let this_month = day.with_day(terms.last_day)?;
        let last = if day <= this_month { this_month } else { this_month.checked_add_months(Months::new(1))? };
        let due_at = calendar::midnight(last.checked_add_days(Days::new(1))?, zone)?;
        let hour = NaiveTime::from_hms_opt(terms.notice_hour, 0, 0)?;
        let mut notices = BTreeSet::new();
        for days in &terms.notice_days_before {
            let at = calendar::at(last.checked_sub_days(Days::new(*days))?, hour, zone)?;
            // One at once for all whose time has passed.
            notices.insert(at.max(opens_at));
        }
        Some(Self { opens_at, due_at, notices: notices.into_iter().collect() })
    }

    /// The next thing that happens after so many notices: the next one, or the cut-off.
    pub fn after_notices(&self, sent: usize) -> Instant {
        self.notices.get(sent).copied().unwrap_or(self.due_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::Mexico_City;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use test_case::test_case;

    fn calendar(opens: &str, zone: Tz) -> PaymentCalendar {
        PaymentCalendar::opened(opens.parse().unwrap(), zone).unwrap()
    }

    #[test_case("2026-10-26T05:59:59Z", "2026-10-26T06:00:00Z"; "25 October 23:59:59 in Mexico City")]
    #[test_case("2026-10-26T06:00:00Z", "2026-11-26T06:00:00Z"; "26 October 00:00:00 in Mexico City")]
    #[test_case("2026-11-01T06:00:00Z", "2026-11-26T06:00:00Z"; "the first of November")]
    #[test_case("2026-11-26T05:59:59Z", "2026-11-26T06:00:00Z"; "the last good instant of November")]
    #[test_case("2026-12-26T06:00:00Z", "2027-01-26T06:00:00Z"; "over the new year")]
    #[test_case("2026-11-01T05:59:59Z", "2026-11-26T06:00:00Z"; "31 October there is due in November")]
    fn rule_ren_01_the_cut_off_in_the_storefronts_zone(opens: &str, due: &str) {
        assert_eq!(calendar(opens, Mexico_City).due_at, due.parse::<Instant>().unwrap());
    }

    #[test]
    fn rule_ren_01_elsewhere_the_cut_off_follows_summer_time() {
        assert_eq!(calendar("2026-10-01T00:00:00Z", Madrid).due_at, "2026-10-25T23:00:00Z".parse::<Instant>().unwrap());
        assert_eq!(calendar("2026-09-01T00:00:00Z", Madrid).due_at, "2026-09-25T22:00:00Z".parse::<Instant>().unwrap());
    }

    #[test_case("2026-11-10T06:00:00Z", &["2026-11-15T15:00:00Z", "2026-11-22T15:00:00Z", "2026-11-24T15:00:00Z"]; "all three")]
    #[test_case("2026-11-15T15:00:00Z", &["2026-11-15T15:00:00Z", "2026-11-22T15:00:00Z", "2026-11-24T15:00:00Z"]; "opened with the first")]
    #[test_case("2026-11-20T06:00:00Z", &["2026-11-20T06:00:00Z", "2026-11-22T15:00:00Z", "2026-11-24T15:00:00Z"]; "one at once for the first")]
    #[test_case("2026-11-23T06:00:00Z", &["2026-11-23T06:00:00Z", "2026-11-24T15:00:00Z"]; "one at once for two")]
    #[test_case("2026-11-25T06:00:00Z", &["2026-11-25T06:00:00Z"]; "one at once for all")]
    #[test_case("2026-11-26T06:00:00Z", &["2026-12-15T15:00:00Z", "2026-12-22T15:00:00Z", "2026-12-24T15:00:00Z"]; "of the next month")]
    fn rule_ren_02_notices_ten_three_and_one_days_before_at_nine(opens: &str, notices: &[&str]) {
        let expected: Vec<Instant> = notices.iter().map(|at| at.parse().unwrap()).collect();
        assert_eq!(calendar(opens, Mexico_City).notices, expected);
    }

    proptest! {
        #[test]
        fn rule_ren_01_due_after_it_opens_and_within_a_month(seconds in 1_704_067_200_i64..1_990_000_000) {
            let opens = Instant::from_timestamp(seconds, 0).unwrap();
            for zone in [Mexico_City, Madrid] {
                let found = PaymentCalendar::opened(opens, zone).unwrap();
                let days = (found.due_at - opens).num_days();
                prop_assert!(found.due_at > opens && days <= 31);
                prop_assert_eq!(found.due_at.with_timezone(&zone).date_naive().day(), 26);
                prop_assert!(!found.notices.is_empty());
                prop_assert!(found.notices.is_sorted() && found.notices.iter().all(|at| opens <= *at && *at < found.due_at));
            }
        }
    }
}

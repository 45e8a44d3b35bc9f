//! A charged period: the days that were paid for, in UTC, both ends included (REF-04).

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The days that are paid for, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    /// The first day, UTC.
    pub start: NaiveDate,
    /// The last day, UTC.
    pub end: NaiveDate,
}

impl Period {
    /// `months` from `start`. From a day that the last month lacks it ends a day before that month does: bought on
    /// 31 January for a month, it ends on 27 February and renews on the 28th.
    pub fn of_months(start: NaiveDate, months: u32) -> Option<Self> {
        Self::after(start, 0, months)
    }

    /// `months` that begin so many months after the day on which everything began. That day stays the anchor: what
    /// began on 31 January renews on the last day of February and on 31 March, not on the 28th for ever.
    pub fn after(anchor: NaiveDate, passed: u32, months: u32) -> Option<Self> {
        let start = anchor.checked_add_months(Months::new(passed))?;
        let renewal = anchor.checked_add_months(Months::new(passed.checked_add(months)?))?;
        Some(Self { start, end: renewal.checked_sub_days(Days::new(1))? })
    }

    /// The day after it, on which the next one begins.
    pub fn renews_on(self) -> NaiveDate {
        self.end.checked_add_days(Days::new(1)).unwrap_or(self.end)
    }

    /// From the two columns of a row.
    pub fn of_columns(start: Option<&str>, end: Option<&str>) -> Option<Self> {
        Some(Self { start: start?.parse().ok()?, end: end?.parse().ok()? })
    }

    /// How many days it has.
    pub fn days(self) -> u32 {
        days_between(self.start, self.end)
    }

    /// How many days are left on `day`, that day counted as unused; never more than it has.
    pub fn unused_on(self, day: NaiveDate) -> u32 {
        days_between(day.max(self.start), self.end)
    }
}

fn days_between(first: NaiveDate, last: NaiveDate) -> u32 {
    u32::try_from((last - first).num_days() + 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test_case("2026-03-01", 12, "2027-02-28", 365; "a year")]
    #[test_case("2026-11-20", 12, "2027-11-19", 365; "a year from the middle of a month")]
    #[test_case("2027-03-01", 12, "2028-02-29", 366; "a year that ends with a leap day")]
    #[test_case("2026-01-31", 1, "2026-02-27", 28; "a month from its last day")]
    #[test_case("2026-01-30", 1, "2026-02-27", 29; "a month from a day that February lacks")]
    #[test_case("2026-12-31", 1, "2027-01-30", 31; "over the new year")]
    fn rule_ref_04_periods_include_both_ends(start: &str, months: u32, end: &str, days: u32) {
        let period = Period::of_months(day(start), months).unwrap();
        assert_eq!((period.end, period.days()), (day(end), days));
    }

    #[test_case("2026-01-31", &["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]; "from the last of January")]
    #[test_case("2028-01-31", &["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]; "in a leap year")]
    #[test_case("2026-01-29", &["2026-02-28", "2026-03-29", "2026-04-29", "2026-05-29"]; "from the 29th")]
    #[test_case("2026-11-30", &["2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]; "over the new year")]
    fn rule_ren_01_months_are_anchored_at_the_day_of_the_start(start: &str, renewals: &[&str]) {
        let mut period = Period::of_months(day(start), 1).unwrap();
        for (passed, renewal) in (1..).zip(renewals) {
            assert_eq!(period.renews_on(), day(renewal));
            period = Period::after(day(start), passed, 1).unwrap();
            assert_eq!(period.start, day(renewal));
        }
    }

    proptest::proptest! {
        #[test]
        fn rule_ren_01_periods_follow_one_another_without_gap_or_overlap(
            days in 0_u64..20_000, months in 1_u32..37, passed in 0_u32..200,
        ) {
            let anchor = day("2000-01-01").checked_add_days(Days::new(days)).unwrap();
            let one = Period::after(anchor, passed, months).unwrap();
            let next = Period::after(anchor, passed + months, months).unwrap();
            proptest::prop_assert_eq!(one.renews_on(), next.start);
            proptest::prop_assert!(one.days() >= 28 * months && one.days() <= 31 * months);
        }
    }

    #[test_case("2026-03-01", 365; "the first day is unused when it is the day of cancelling")]
    #[test_case("2026-03-04", 362; "the fourth day")]
    #[test_case("2027-02-28", 1; "the last day")]
    #[test_case("2027-03-01", 0; "the day after")]
    #[test_case("2026-02-01", 365; "before it began")]
    fn rule_ref_04_the_day_of_cancelling_counts_as_unused(on: &str, unused: u32) {
        let period = Period::of_months(day("2026-03-01"), 12).unwrap();
        assert_eq!(period.unused_on(day(on)), unused);
    }
}

//! Seats come in batches: the order's, and one for each increase. Each can be given back for as long as its own window
//! is open, and never for more than its invoice charged (SUB-01, REF-04).

use crate::clock::Instant;
use crate::money::Money;
use crate::period::Period;
use chrono::NaiveDate;

/// What is known of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// How many of its seats are left.
    pub seats: u32,
    /// Exactly then its window is closed.
    pub window_closes_at: Instant,
    /// What the invoice's line that covers it charged, less what was given back of it.
    pub left: Money,
}

impl Batch {
    /// Whether its seats can still be given back.
    pub fn is_open(&self, now: Instant) -> bool {
        now < self.window_closes_at && self.seats > 0
    }
}

/// The price of so many seats for what is left of a period; the day itself counts (SUB-01, REF-04). A day outside the
/// period is taken for its nearest one.
pub fn pro_rata(unit: Money, seats: u32, period: Period, day: NaiveDate) -> Option<Money> {
    let day = day.clamp(period.start, period.end);
    Some(unit.times(seats)?.share(period.unused_on(day), period.days()))
}

/// What is credited for so many seats of an invoice's line of which `before` are given back in the same breath: the share
/// of all of them, which is rounded once (REF-04), less the share of those; at most what is left of the line.
pub fn credit(left: Money, unit: Money, before: u32, seats: u32, period: Period, day: NaiveDate) -> Option<Money> {
    let share = |seats: u32| Some(pro_rata(unit, seats, period, day)?.minor().min(left.minor()).max(0));
    Some(Money::from_minor(share(before.checked_add(seats)?)? - share(before)?, unit.currency()))
}

/// The first window that has closed, of batches that still have seats.
pub fn closed_first(batches: &[Batch], now: Instant) -> Option<Instant> {
    let closed = batches.iter().filter(|batch| batch.seats > 0 && !batch.is_open(now));
    closed.map(|batch| batch.window_closes_at).min()
}

/// From which batches so many seats are given back: those that close first, first. Each answer is the place of a batch
/// and how many of its seats. `None`: so many are not open.
pub fn open_for(batches: &[Batch], seats: u32, now: Instant) -> Option<Vec<(usize, u32)>> {
    let open = batches.iter().enumerate().filter(|(_, batch)| batch.is_open(now)).collect();
    taken(open, seats)
}

/// The same for seats that move to another plan: open or not, the oldest first.
pub fn moving(batches: &[Batch], seats: u32) -> Option<Vec<(usize, u32)>> {
    taken(batches.iter().enumerate().collect(), seats)
}

fn taken(mut batches: Vec<(usize, &Batch)>, seats: u32) -> Option<Vec<(usize, u32)>> {
    batches.sort_by_key(|(_, batch)| batch.window_closes_at);
    let (mut left, mut taken) = (seats, Vec::new());
    for (index, batch) in batches {
        let part = left.min(batch.seats);
        if part > 0 {
            taken.push((index, part));
            left -= part;
        }
    }
    (left == 0).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, TimeDelta};
    use iso_currency::Currency;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use test_case::test_case;

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn period(start: &str, months: u32) -> Period {
        Period::of_months(start.parse().unwrap(), months).unwrap()
    }

    fn money(amount: &str) -> Money {
        Money::parse(amount, "EUR").unwrap()
    }

    #[test_case("10.08", 10, "2026-07-15", 1, "2026-07-17", "94.30"; "29 of 31 days, rounded once")]
    #[test_case("10.08", 12, "2026-06-18", 1, "2026-06-20", "112.90"; "28 of 30 days")]
    #[test_case("10.08", 300, "2026-06-18", 1, "2026-06-25", "2318.40"; "23 of 30 days")]
    #[test_case("365.00", 5, "2026-03-01", 12, "2026-03-04", "1810.00"; "362 of 365 days")]
    #[test_case("10.00", 1, "2026-03-01", 12, "2026-03-01", "10.00"; "on the first day all of it")]
    #[test_case("365.00", 1, "2026-03-01", 12, "2027-02-28", "1.00"; "on the last day one day")]
    #[test_case("365.00", 1, "2026-03-01", 12, "2027-03-01", "1.00"; "before the renewal has opened, the last day too")]
    fn rule_sub_01_and_ref_04_pro_rata(unit: &str, seats: u32, start: &str, months: u32, day: &str, expected: &str) {
        let amount = pro_rata(money(unit), seats, period(start, months), day.parse().unwrap()).unwrap();
        assert_eq!(amount.amount(), expected);
    }

    #[test]
    fn rule_sub_01_seats_come_from_open_batches_only_and_those_that_close_first() {
        let batch = |seats, closes: &str| Batch { seats, window_closes_at: instant(closes), left: money("100.00") };
        let batches = [
            batch(10, "2026-11-08T09:00:00Z"),
            batch(3, "2026-11-12T09:00:00Z"),
            batch(4, "2026-11-10T09:00:00Z"),
            batch(0, "2026-11-20T09:00:00Z"),
        ];
        let now = instant("2026-11-08T09:00:00Z");
        assert_eq!(open_for(&batches, 5, now), Some(vec![(2, 4), (1, 1)]), "exactly at its end a window is closed");
        assert_eq!(open_for(&batches, 8, now), None);
        assert_eq!(open_for(&batches, 8, now - TimeDelta::microseconds(1)), Some(vec![(0, 8)]));
        assert_eq!(moving(&batches, 17), Some(vec![(0, 10), (2, 4), (1, 3)]));
        assert_eq!(moving(&batches, 18), None);
    }

    proptest! {
        /// However the seats of a line are spread over batches, giving them back is rounded once.
        #[test]
        fn rule_ref_04_a_line_is_rounded_once_however_many_batches_it_covers(
            unit in 1_i64..1_000_000,
            parts in proptest::collection::vec(1_u32..40, 1..8),
            day in 0_u64..31,
            left in proptest::option::of(0_i64..5_000_000),
        ) {
            let unit = Money::from_minor(unit, Currency::MXN);
            let period = period("2026-01-31", 1);
            let day = period.start.checked_add_days(Days::new(day)).unwrap();
            let seats = parts.iter().sum();
            let whole = pro_rata(unit, seats, period, day).unwrap().minor();
            let left = Money::from_minor(left.unwrap_or(whole), Currency::MXN);
            let (mut before, mut credited) = (0, 0);
            for part in parts {
                let amount = credit(left, unit, before, part, period, day).unwrap().minor();
                prop_assert!(amount >= 0);
                before += part;
                credited += amount;
            }
            prop_assert_eq!(credited, whole.min(left.minor()));
        }

        /// Any course of increases and decreases inside one period.
        #[test]
        fn rule_sub_01_never_negative_never_more_than_paid_and_sums_match(
            unit in 1_i64..1_000_000,
            months in proptest::sample::select(vec![1_u32, 12, 36]),
            changes in proptest::collection::vec((0_u64..40, -60_i32..60), 1..12),
        ) {
            let unit = Money::from_minor(unit, Currency::EUR);
            let began = instant("2026-01-31T10:00:00Z");
            let period = Period::of_months(began.date_naive(), months).unwrap();
            let zero = Money::from_minor(0, Currency::EUR);
            let (mut now, mut seats) = (began, 0_u32);
            let (mut charged, mut credited): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
            let mut batches: Vec<Batch> = Vec::new();
            for (hours, change) in changes {
                now = (now + TimeDelta::hours(i64::try_from(hours).unwrap())).min(began + TimeDelta::days(27));
                let day = now.date_naive();
                if let Ok(more) = u32::try_from(change) {
                    let charge = pro_rata(unit, more, period, day).unwrap();
                    prop_assert!((0..=unit.minor() * i64::from(more)).contains(&charge.minor()));
                    batches.push(Batch { seats: more, window_closes_at: now + TimeDelta::hours(168), left: charge });
                    charged.push(charge.minor());
                    credited.push(0);
                    seats += more;
                } else {
                    let less = change.unsigned_abs();
                    let open: u32 = batches.iter().filter(|one| one.is_open(now)).map(|one| one.seats).sum();
                    let Some(taken) = open_for(&batches, less, now) else {
                        prop_assert!(less > open);
                        continue;
                    };
                    prop_assert_eq!(taken.iter().map(|(_, part)| part).sum::<u32>(), less);
                    for (index, part) in taken {
                        let batch = &mut batches[index];
                        let back = credit(batch.left, unit, 0, part, period, day).unwrap();
                        prop_assert!(back.minor() >= 0);
                        batch.seats -= part;
                        batch.left = Money::from_minor(batch.left.minor() - back.minor(), Currency::EUR);
                        credited[index] += back.minor();
                    }
                    seats -= less;
                }
            }
            prop_assert_eq!(batches.iter().map(|batch| batch.seats).sum::<u32>(), seats);
            for (index, batch) in batches.iter().enumerate() {
                prop_assert!(credited[index] <= charged[index]);
                prop_assert_eq!(batch.left.minor(), charged[index] - credited[index]);
                // Given back at once, a batch costs nothing.
                let next_day = period.start.checked_add_days(Days::new(1)).unwrap();
                let all = credit(batch.left, unit, 0, batch.seats, period, next_day);
                prop_assert!(all.unwrap().minor() <= batch.left.minor());
            }
            prop_assert!(charged.iter().sum::<i64>() - credited.iter().sum::<i64>() >= zero.minor());
        }
    }
}

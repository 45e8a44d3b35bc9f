//! Shares of sales, in hundredths of a per cent: 1600 is 16 %.

use rust_decimal::Decimal;
use serde::Deserialize;
use std::str::FromStr;

/// A share of sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Rate(i64);

impl Rate {
    /// From the column of a row.
    pub fn of(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// From per cent as a plain decimal number with two decimals at most.
    pub fn parse(percent: &str) -> Option<Self> {
        if !percent.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let mut value = Decimal::from_str(percent).ok()?.normalize();
        if value.scale() > 2 {
            return None;
        }
        value.rescale(2);
        i64::try_from(value.mantissa()).ok().filter(|hundredths| *hundredths <= 10_000).map(Self)
    }

    /// In hundredths of a per cent.
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// In per cent, as a plain decimal number.
    pub fn percent(self) -> String {
        Decimal::new(self.0, 2).normalize().to_string()
    }

    /// This share of so many minor units, rounded half up, once.
    pub fn of_minor(self, minor: i64) -> i64 {
        let doubled = i128::from(minor) * i128::from(self.0) * 2 + 10_000;
        i64::try_from(doubled.div_euclid(20_000)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("16", Some(1600); "whole")]
    #[test_case("16.25", Some(1625); "two decimals")]
    #[test_case("16.250", Some(1625); "a zero that says nothing more")]
    #[test_case("16.255", None; "three decimals")]
    #[test_case("-16", None; "negative")]
    #[test_case("1e1", None; "an exponent")]
    #[test_case("", None; "nothing")]
    #[test_case("100.01", None; "more than all")]
    fn rates_are_read_exactly(text: &str, expected: Option<i64>) {
        assert_eq!(Rate::parse(text).map(Rate::hundredths), expected);
    }

    #[test]
    fn rule_ear_03_the_worked_example() {
        let sales = 228_000;
        assert_eq!([1600, 2300, 400].map(|rate| Rate::of(rate).of_minor(sales)), [36_480, 52_440, 9_120]);
    }

    #[test]
    fn half_a_minor_unit_rounds_up() {
        assert_eq!(Rate::of(5000).of_minor(1), 1);
        assert_eq!(Rate::of(4999).of_minor(1), 0);
    }

    proptest! {
        #[test]
        fn rule_ear_01_a_share_is_never_negative_nor_more_than_the_whole(minor in 0..100_000_000_000_000_i64, rate in 0..=10_000_i64) {
            prop_assert!((0..=minor).contains(&Rate::of(rate).of_minor(minor)));
        }
    }
}

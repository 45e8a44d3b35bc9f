//! Money: an exact amount that always carries its currency (MKT-03). Inside the house it is whole minor units;
//! on the wire it is a decimal string, because JSON numbers lose cents.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// The most minor units an amount may have: keeps every product with days and seats far inside 128 bits.
const LARGEST_MINOR: i64 = 100_000_000_000_000;

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why a text is no amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyFault {
    /// Not an ISO 4217 code that is in use.
    UnknownCurrency,
    /// Not a plain decimal number.
    NotANumber,
    /// More decimals than the currency has.
    TooManyDecimals,
    /// Larger than any amount this service handles.
    TooLarge,
}

impl Money {
    /// `minor` units of the currency: 181000 MXN is 1 810.00 pesos.
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// From the two columns of a row.
    pub fn from_columns(minor: i64, currency: &str) -> Result<Self, MoneyFault> {
        Ok(Self { minor, currency: currency_named(currency)? })
    }

    /// From the two texts of the wire.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, MoneyFault> {
        let currency = currency_named(currency)?;
        let decimals = decimals_of(currency);
        // `Decimal` also reads exponents and underscores; the contract is a plain decimal.
        if amount.is_empty() || !amount.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-') {
            return Err(MoneyFault::NotANumber);
        }
        let value = Decimal::from_str(amount).map_err(|_fault| MoneyFault::NotANumber)?;
        if value.scale() > decimals && value.normalize().scale() > decimals {
            return Err(MoneyFault::TooManyDecimals);
        }
        let mut minor = value.normalize();
        minor.rescale(decimals);
        let minor = i64::try_from(minor.mantissa()).map_err(|_fault| MoneyFault::TooLarge)?;
        if minor.abs() > LARGEST_MINOR {
            return Err(MoneyFault::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The amount in whole minor units.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// `quantity` times this amount; `None` when that is beyond what this service handles.
    pub fn times(self, quantity: u32) -> Option<Self> {
        let minor = self.minor.checked_mul(i64::from(quantity)).filter(|minor| minor.abs() <= LARGEST_MINOR)?;
        Some(Self { minor, ..self })
    }

    /// The part of this amount for `days` of `of` days, rounded half up to the minor unit, once (REF-04).
    pub fn share(self, days: u32, of: u32) -> Self {
        let (days, of) = (i128::from(days.min(of)), i128::from(of.max(1)));
        let doubled = i128::from(self.minor) * days * 2 + of;
        let minor = i64::try_from(doubled.div_euclid(of * 2)).unwrap_or(self.minor);
        Self { minor, ..self }
    }

    /// The decimal string of the wire, with all decimals of the currency.
    pub fn amount(self) -> String {
        Decimal::new(self.minor, decimals_of(self.currency)).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.amount(), self.currency.code())
    }
}

fn currency_named(code: &str) -> Result<Currency, MoneyFault> {
    Currency::from_code(code).ok_or(MoneyFault::UnknownCurrency)
}

fn decimals_of(currency: Currency) -> u32 {
    currency.exponent().map_or(2, u32::from)
}

/// An amount of money with its currency, exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(title = "Money", example = json!({"amount": "14616.47", "currency": "MXN"}))]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// The amount as a plain decimal number with a point, at most as many decimals as the currency has.
    #[schema(min_length = 1, max_length = 24, pattern = r"^-?[0-9]{1,18}(\.[0-9]{1,4})?$", example = "14616.47")]
    pub amount: String,
    /// The ISO 4217 code of the currency.
    #[schema(min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "MXN")]
    pub currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.code().to_owned() }
    }
}

impl TryFrom<&Amount> for Money {
    type Error = MoneyFault;

    fn try_from(amount: &Amount) -> Result<Self, MoneyFault> {
        Self::parse(&amount.amount, &amount.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("14616.47", "MXN", Ok(1_461_647); "two decimals")]
    #[test_case("14616.470", "MXN", Ok(1_461_647); "a trailing zero says nothing more")]
    #[test_case("5", "EUR", Ok(500); "no decimals")]
    #[test_case("500", "JPY", Ok(500); "a currency without minor units")]
    #[test_case("5.5", "JPY", Err(MoneyFault::TooManyDecimals); "yen have none")]
    #[test_case("1.005", "EUR", Err(MoneyFault::TooManyDecimals); "a tenth of a cent")]
    #[test_case("1e3", "EUR", Err(MoneyFault::NotANumber); "an exponent")]
    #[test_case("1,000.00", "EUR", Err(MoneyFault::NotANumber); "a thousands separator")]
    #[test_case("", "EUR", Err(MoneyFault::NotANumber); "nothing")]
    #[test_case("NaN", "EUR", Err(MoneyFault::NotANumber); "not a number")]
    #[test_case("1.00", "ZZZ", Err(MoneyFault::UnknownCurrency); "no such currency")]
    #[test_case("99999999999999999999", "EUR", Err(MoneyFault::TooLarge); "beyond any amount")]
    fn amounts_are_read_exactly(amount: &str, currency: &str, expected: Result<i64, MoneyFault>) {
        assert_eq!(Money::parse(amount, currency).map(Money::minor), expected);
    }

    #[test]
    fn rule_ref_04_half_a_cent_rounds_up() {
        let cent = Money::from_minor(1, Currency::EUR);
        assert_eq!(cent.share(1, 2).minor(), 1);
        assert_eq!(cent.share(49, 100).minor(), 0);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in -LARGEST_MINOR..LARGEST_MINOR) {
            let money = Money::from_minor(minor, Currency::MXN);
            prop_assert_eq!(Money::parse(&money.amount(), "MXN"), Ok(money));
        }

        #[test]
        fn rule_ref_04_a_share_is_never_negative_nor_more_than_the_whole(
            minor in 0..LARGEST_MINOR, of in 1u32..400, days in 0u32..500,
        ) {
            let whole = Money::from_minor(minor, Currency::EUR);
            let share = whole.share(days, of).minor();
            prop_assert!((0..=minor).contains(&share));
            prop_assert!(days < of || share == minor);
        }

        #[test]
        fn rule_ref_04_two_shares_of_a_period_sum_to_the_whole_within_a_minor_unit(
            minor in 0..LARGEST_MINOR, of in 2u32..400, days in 1u32..400,
        ) {
            let days = days.min(of - 1);
            let whole = Money::from_minor(minor, Currency::EUR);
            let sum = whole.share(days, of).minor() + whole.share(of - days, of).minor();
            prop_assert!((0..=1).contains(&(sum - minor)));
        }
    }
}

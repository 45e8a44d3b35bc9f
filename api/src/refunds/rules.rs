//! The arithmetic of refunds, and when there is none (REF-01, REF-03, REF-04, REF-07, REF-10).

use super::model::{Credit, Went};
use super::policies::{RefundMethod, RefundPolicy};
use crate::clock::Instant;
use crate::error::{Code, Fault};
use crate::money::{Amount, Money};
use crate::period::Period;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is known of the purchase.
#[derive(Debug, Clone)]
pub struct Sale<'a> {
    /// The policy of its day.
    pub policy: &'a RefundPolicy,
    /// When the line completed.
    pub purchased_at: DateTime<Utc>,
    /// Price of one.
    pub unit_price: Money,
    /// How many.
    pub quantity: u32,
    /// The invoice's line.
    pub invoice_line_id: &'a str,
    /// What it charged.
    pub invoiced: Money,
    /// What was given back of it already.
    pub credited: Money,
    /// The days that were paid for; none for perpetual licences.
    pub period: Option<Period>,
}

/// A refund's arithmetic, shown: anyone can check it by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundQuote {
    /// The policy row that was used.
    pub policy: RefundPolicy,
    /// When the purchase was made; the window begins here. Of seats that were bought at several times, the first.
    pub purchased_at: DateTime<Utc>,
    /// When the window closes: at this instant it is closed. Of several windows, the one that closes first.
    pub window_closes_at: DateTime<Utc>,
    /// The instant that this quote is for.
    pub quoted_at: DateTime<Utc>,
    /// Price of one.
    pub unit_price: Amount,
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    pub quantity: u32,
    /// The days that were paid for, both ends included, UTC; null for perpetual licences.
    pub period: Option<Period>,
    /// Days that are left, the day of cancelling counted; null for perpetual licences.
    #[schema(minimum = 0)]
    pub unused_days: Option<u32>,
    /// Days of the period; null for perpetual licences.
    #[schema(minimum = 1)]
    pub total_days: Option<u32>,
    /// How it is rounded: half up to the minor unit, once.
    #[schema(max_length = 20, example = "halfUp")]
    pub rounding: String,
    /// The sum in words: `5 × 365.00 × 362 ÷ 365`.
    #[schema(max_length = 200, example = "5 × 365.00 × 362 ÷ 365")]
    pub formula: String,
    /// What the invoices' lines charged.
    pub invoiced: Amount,
    /// What was given back of them already.
    pub credited: Amount,
    /// What is given back: the sum of the parts.
    pub amount: Amount,
    /// The same for each line of an invoice that is credited: one, but for seats that were bought at several times.
    #[serde(default)]
    #[schema(max_items = 10000)]
    pub parts: Vec<RefundPart>,
}

/// What one line of an invoice gives back: `unitPrice × quantity × unusedDays ÷ totalDays`, or `unitPrice × quantity` where
/// there are no days; rounded half up once, and never more than `invoiced` less `credited` (REF-04).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundPart {
    /// The invoice's line.
    #[schema(format = Uuid, max_length = 36)]
    pub invoice_line_id: String,
    /// The name of the policy row that was used.
    #[schema(max_length = 100, example = "cloud-seats-2020")]
    pub policy_id: String,
    /// When these were bought; the first of them, where one line covers several purchases.
    pub purchased_at: DateTime<Utc>,
    /// When their window closes.
    pub window_closes_at: DateTime<Utc>,
    /// Price of one.
    pub unit_price: Amount,
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    pub quantity: u32,
    /// The days that were paid for; null for perpetual licences.
    pub period: Option<Period>,
    /// Days that are left; null for perpetual licences.
    #[schema(minimum = 0)]
    pub unused_days: Option<u32>,
    /// Days of the period; null for perpetual licences.
    #[schema(minimum = 1)]
    pub total_days: Option<u32>,
    /// What the line charged.
    pub invoiced: Amount,
    /// What was given back of it already.
    pub credited: Amount,
    /// What is given back.
    pub amount: Amount,
}

/// The quote at this instant; refused once the window is closed (REF-10).
pub fn quote(sale: &Sale<'_>, now: Instant) -> Result<(RefundQuote, Money), Fault> {
    let closes_at = sale.purchased_at + TimeDelta::hours(i64::from(sale.policy.window_hours));
    if now >= closes_at {
        return Err(Fault::at("", Code::RefundWindowClosed).with("closedAt", closes_at));
    }
    let price = sale.unit_price.times(sale.quantity).unwrap_or(sale.invoiced);
    let sum = format!("{} × {}", sale.quantity, sale.unit_price.amount());
    let (days, formula, credit) = match (sale.policy.method, sale.period) {
        (RefundMethod::ProRata, Some(period)) => {
            let (unused, total) = (period.unused_on(now.date_naive()), period.days());
            (Some((unused, total)), format!("{sum} × {unused} ÷ {total}"), price.share(unused, total))
        }
        _ => (None, sum, price),
    };
    // Never more than was charged and not yet given back.
    let left = (sale.invoiced.minor() - sale.credited.minor()).max(0);
    let amount = Money::from_minor(credit.minor().min(left), credit.currency());
    let part = RefundPart {
        invoice_line_id: sale.invoice_line_id.to_owned(),
        policy_id: sale.policy.id.clone(),
        purchased_at: sale.purchased_at,
        window_closes_at: closes_at,
        unit_price: sale.unit_price.into(),
        quantity: sale.quantity,
        period: sale.period,
        unused_days: days.map(|(unused, _)| unused),
        total_days: days.map(|(_, total)| total),
        invoiced: sale.invoiced.into(),
        credited: sale.credited.into(),
        amount: amount.into(),
    };
    let quote = RefundQuote {
        policy: sale.policy.clone(),
        purchased_at: sale.purchased_at,
        window_closes_at: closes_at,
        quoted_at: now,
        unit_price: sale.unit_price.into(),
        quantity: sale.quantity,
        period: sale.period,
        unused_days: days.map(|(unused, _)| unused),
        total_days: days.map(|(_, total)| total),
        rounding: "halfUp".to_owned(),
        formula,
        invoiced: sale.invoiced.into(),
        credited: sale.credited.into(),
        amount: amount.into(),
        parts: vec![part],
    };
    Ok((quote, amount))
}

/// What is credited for the amount that is asked: no more than the quote, and less when less is asked (REF-07).
pub fn amount_asked(asked: &Amount, quote: Money) -> Result<Money, Fault> {
    use crate::money::MoneyFault;
    let money = Money::try_from(asked).map_err(|fault| match fault {
        MoneyFault::UnknownCurrency => Fault::at("/amount/currency", Code::CurrencyUnknown),
        MoneyFault::NotANumber => Fault::at("/amount/amount", Code::AmountInvalid),
        MoneyFault::TooManyDecimals => Fault::at("/amount/amount", Code::AmountTooPrecise),
        MoneyFault::TooLarge => Fault::at("/amount/amount", Code::AmountTooLarge),
    })?;
    if money.currency() != quote.currency() {
        let expected = quote.currency().code();
        return Err(Fault::at("/amount/currency", Code::CurrencyMismatch).with("expected", expected));
    }
    if money.minor() <= 0 {
        return Err(Fault::at("/amount/amount", Code::AmountNotPositive));
    }
    if money.minor() > quote.minor() {
        let quote = Amount::from(quote);
        return Err(Fault::at("/amount/amount", Code::RefundAmountExceedsQuote).with("quote", quote));
    }
    Ok(money)
}

/// The credits of a quote, cut down to the amount that is asked: those that come first are given in full.
pub fn share_out(credits: Vec<Credit>, asked: i64) -> Vec<Credit> {
    let mut left = asked;
    let cut = |mut credit: Credit| {
        credit.amount_minor = credit.amount_minor.min(left);
        left -= credit.amount_minor;
        credit
    };
    credits.into_iter().map(cut).collect()
}

/// So many seats go with a scheduled change: those that are asked back go first. Answers how many went from which batch.
pub fn go_first(credits: &mut [Credit], seats: i64, at: Instant) -> Vec<(String, i64)> {
    let (mut left, mut gone) = (seats, Vec::new());
    for credit in credits {
        let part = left.min(credit.standing());
        if let Some(batch_id) = credit.batch_id.clone().filter(|_| part > 0) {
            credit.went.push(Went { seats: part, at: at.naive_utc() });
            left -= part;
            gone.push((batch_id, part));
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::super::policies;
    use super::*;
    use crate::catalog::License;
    use iso_currency::Currency;
    use proptest::prelude::*;
    use test_case::test_case;

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn sale(license: License, unit: &str, currency: &str, quantity: u32, purchased_at: &str) -> Sale<'static> {
        let purchased_at = instant(purchased_at);
        let unit_price = Money::parse(unit, currency).unwrap();
        let months = (license == License::Subscription).then_some(12);
        Sale {
            policy: policies::at(Some(license), purchased_at).unwrap(),
            purchased_at,
            unit_price,
            quantity,
            invoice_line_id: "line",
            invoiced: unit_price.times(quantity).unwrap(),
            credited: Money::from_minor(0, unit_price.currency()),
            period: months.and_then(|months| Period::of_months(purchased_at.date_naive(), months)),
        }
    }

    #[test_case("365.00", "EUR", 5, "2026-03-01T09:00:00Z", "2026-03-04T23:59:59Z", "1810.00", 362; "seed example in EUR")]
    #[test_case("4899.00", "MXN", 3, "2026-11-20T00:00:00Z", "2026-11-22T12:00:00Z", "14616.47", 363; "seed example in MXN")]
    #[test_case("365.00", "EUR", 1, "2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z", "365.00", 365; "at once")]
    fn rule_ref_04_worked_examples(
        unit: &str,
        currency: &str,
        quantity: u32,
        bought: &str,
        cancelled: &str,
        amount: &str,
        unused: u32,
    ) {
        let sale = sale(License::Subscription, unit, currency, quantity, bought);
        let (quote, money) = quote(&sale, instant(cancelled)).unwrap();
        assert_eq!((money.amount().as_str(), quote.unused_days, quote.total_days), (amount, Some(unused), Some(365)));
    }

    #[test]
    fn rule_ref_03_a_quote_is_made_again_later_from_what_it_shows() {
        let sold = sale(License::Subscription, "365.00", "EUR", 5, "2026-03-01T09:00:00Z");
        let (shown, money) = quote(&sold, instant("2026-03-04T12:00:00Z")).unwrap();
        // As it is kept, and read years later, when other policies hold.
        let kept: RefundQuote = serde_json::from_str(&serde_json::to_string(&shown).unwrap()).unwrap();
        let again = Sale {
            policy: &kept.policy,
            purchased_at: kept.purchased_at,
            unit_price: Money::try_from(&kept.unit_price).unwrap(),
            quantity: kept.quantity,
            invoice_line_id: &kept.parts[0].invoice_line_id,
            invoiced: Money::try_from(&kept.invoiced).unwrap(),
            credited: Money::try_from(&kept.credited).unwrap(),
            period: kept.period,
        };
        assert_eq!(quote(&again, kept.quoted_at).unwrap(), (shown.clone(), money));
    }

    #[test]
    fn rule_ref_01_the_window_closes_at_exactly_168_hours() {
        let sale = sale(License::Subscription, "10.00", "EUR", 1, "2026-03-01T09:30:00Z");
        assert!(quote(&sale, instant("2026-03-08T09:29:59.999999Z")).is_ok());
        let closed = quote(&sale, instant("2026-03-08T09:30:00Z")).unwrap_err();
        assert_eq!(closed.code, Code::RefundWindowClosed);
        assert_eq!(closed.context["closedAt"], "2026-03-08T09:30:00Z");
    }

    #[test]
    fn rule_ref_01_perpetual_software_is_credited_in_full_for_720_hours() {
        let sale = sale(License::Perpetual, "12999.00", "MXN", 2, "2026-03-01T00:00:00Z");
        let (quoted, money) = quote(&sale, instant("2026-03-30T23:59:59Z")).unwrap();
        assert_eq!((money.amount().as_str(), quoted.unused_days), ("25998.00", None));
        assert_eq!(quote(&sale, instant("2026-03-31T00:00:00Z")).unwrap_err().code, Code::RefundWindowClosed);
    }

    #[test]
    fn rule_ref_04_never_more_than_invoiced_less_already_credited() {
        let mut sale = sale(License::Subscription, "365.00", "EUR", 5, "2026-03-01T09:00:00Z");
        sale.credited = Money::from_minor(100_000, Currency::EUR);
        assert_eq!(quote(&sale, instant("2026-03-04T00:00:00Z")).unwrap().1.amount(), "825.00");
    }

    #[test_case("1810.00", "EUR", Ok("1810.00"); "all of it")]
    #[test_case("0.01", "EUR", Ok("0.01"); "less")]
    #[test_case("1810.01", "EUR", Err(Code::RefundAmountExceedsQuote); "a cent more")]
    #[test_case("1810.00", "MXN", Err(Code::CurrencyMismatch); "another currency")]
    #[test_case("0.00", "EUR", Err(Code::AmountNotPositive); "nothing")]
    #[test_case("-1.00", "EUR", Err(Code::AmountNotPositive); "less than nothing")]
    #[test_case("1.001", "EUR", Err(Code::AmountTooPrecise); "a tenth of a cent")]
    fn rule_ref_07_what_may_be_asked(amount: &str, currency: &str, expected: Result<&str, Code>) {
        let asked = Amount { amount: amount.to_owned(), currency: currency.to_owned() };
        let quote = Money::from_minor(181_000, Currency::EUR);
        let result = amount_asked(&asked, quote).map(Money::amount).map_err(|fault| fault.code);
        assert_eq!(result.as_deref().map_err(|code| *code), expected);
    }

    #[test]
    fn rule_ref_06_seats_that_are_asked_back_go_first() {
        let batch = |id: &str, seats| Credit::new(String::new(), seats, 100, Some(id.to_owned()));
        let at = instant("2026-03-01T00:00:00Z");
        let mut credits = vec![batch("a", 2), batch("b", 3)];
        assert_eq!(go_first(&mut credits, 4, at), [("a".to_owned(), 2), ("b".to_owned(), 2)]);
        assert_eq!(credits.iter().map(Credit::standing).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(go_first(&mut credits, 4, at), [("b".to_owned(), 1)]);
        assert_eq!(go_first(&mut credits, 4, at), []);
        // As it was kept before it was kept when.
        let older = r#"{"invoiceLineId":"l","quantity":4,"amountMinor":100,"batchId":"a","gone":3}"#;
        let older: Credit = serde_json::from_str(older).unwrap();
        assert_eq!((older.standing(), serde_json::to_value(&older).unwrap()["gone"].as_i64()), (1, Some(3)));
    }

    proptest! {
        #[test]
        fn rule_ref_07_less_is_shared_out_and_nothing_is_lost(
            amounts in proptest::collection::vec(1i64..10_000, 1..8), part in 1u32..=100,
        ) {
            let all: i64 = amounts.iter().sum();
            let asked = (all * i64::from(part) / 100).max(1);
            let credit = |minor: &i64| Credit::new(String::new(), 1, *minor, None);
            let shared = share_out(amounts.iter().map(credit).collect(), asked);
            prop_assert_eq!(shared.iter().map(|credit| credit.amount_minor).sum::<i64>(), asked);
            prop_assert!(shared.iter().zip(&amounts).all(|(credit, most)| (0..=*most).contains(&credit.amount_minor)));
        }

        #[test]
        fn rule_ref_04_a_credit_is_never_negative_nor_more_than_paid(
            minor in 1i64..10_000_000, quantity in 1u32..500, hour in 0i64..168,
        ) {
            let mut sale = sale(License::Subscription, "1.00", "MXN", quantity, "2026-01-31T22:15:00Z");
            sale.unit_price = Money::from_minor(minor, Currency::MXN);
            sale.invoiced = sale.unit_price.times(quantity).unwrap();
            let now = sale.purchased_at + TimeDelta::hours(hour);
            let (quoted, money) = quote(&sale, now).unwrap();
            prop_assert!((0..=sale.invoiced.minor()).contains(&money.minor()));
            prop_assert!(quoted.unused_days <= quoted.total_days);
        }
    }
}

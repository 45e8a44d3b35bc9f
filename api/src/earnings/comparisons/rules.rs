//! The arithmetic: whole minor units, each share rounded half up, once a year (EAR-03).

use super::model::{
    AmountRange, CompareEarnings, ComparedEarnings, ComparedPlan, ComparedYear, EarningsComparison, PercentRange,
    ServicePeriod,
};
use crate::catalog::{Because, OfferRow, Term};
use crate::earnings::models::EarningsModel;
use crate::earnings::rate::Rate;
use crate::error::{Code, Fault};
use crate::messages::Language;
use crate::money::{Amount, Money, MoneyFault};

/// A plan that can be reckoned with.
#[derive(Debug)]
pub(super) struct Line {
    seats: u32,
    /// Months from one payment to the next; none where it is paid once for good.
    every: Option<u32>,
    list: Money,
    own: Money,
    provider: Money,
}

/// A service that can be reckoned with.
struct Service {
    price: Money,
    period: ServicePeriod,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    sales: i128,
    from: i128,
    to: i128,
    margin: i128,
    services: i128,
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self {
            sales: self.sales + other.sales,
            from: self.from + other.from,
            to: self.to + other.to,
            margin: self.margin + other.margin,
            services: self.services + other.services,
        }
    }
}

/// How often is paid in a year that counts from 1, when the first payment is at the start.
fn payments(every: Option<u32>, year: u32) -> u32 {
    let Some(every) = every.filter(|every| *every > 0) else { return u32::from(year == 1) };
    let up_to = |months: u32| months.div_ceil(every);
    up_to(year * 12) - up_to((year - 1) * 12)
}

/// Compares; else everything that stands against it.
pub fn compare(
    asked: &CompareEarnings,
    offers: &[OfferRow],
    model: &EarningsModel,
    language: Language,
) -> Result<EarningsComparison, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for (index, plan) in asked.plans.iter().enumerate() {
        match line(plan, offers, &format!("/plans/{index}"), lines.as_slice().first()) {
            Ok(line) => lines.push(line),
            Err(found) => faults.extend(found),
        }
    }
    let Some(currency) = lines.as_slice().first().map(|line| line.list.currency()) else { return Err(faults) };
    let mut services = Vec::new();
    for (index, service) in asked.services.iter().enumerate() {
        let at = format!("/services/{index}/pricePerSeat");
        match price(&service.price_per_seat, currency.code(), &at) {
            Ok(price) => services.push(Service { price, period: service.period }),
            Err(fault) => faults.push(fault),
        }
    }
    let (from, to) = rates(asked, model).unwrap_or_else(|fault| {
        faults.push(fault);
        (model.first_year_from, model.first_year_to)
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let seats: u64 = lines.iter().map(|line| u64::from(line.seats)).sum();
    let too_large = || vec![Fault::at("/plans", Code::AmountTooLarge)];
    let (mut years, mut total) = (Vec::new(), Sums::default());
    for year in 1..=asked.years {
        let share = if year == 1 { (from, to) } else { (model.later_years, model.later_years) };
        let sums = one_year(year, &lines, &services, seats, share).ok_or_else(too_large)?;
        total = total.plus(sums);
        years.push(ComparedYear { year, earnings: shown(sums, currency).ok_or_else(too_large)? });
    }
    let reasons = [
        Because::of("sales_at_list_price"),
        Because::of("advisor_bills_vendor")
            .with("from", from.percent())
            .with("to", to.percent())
            .with("later", model.later_years.percent()),
        Because::of("reseller_bills_reseller"),
        Because::of("services_extra"),
        Because::of("rounded_once"),
    ];
    Ok(EarningsComparison {
        seats: u32::try_from(seats).map_err(|_ignored| too_large())?,
        first_year_percent: PercentRange { from: from.percent(), to: to.percent() },
        later_years_percent: model.later_years.percent(),
        years,
        total: shown(total, currency).ok_or_else(too_large)?,
        service_guide: model.services.clone(),
        reasons: Because::all(&reasons, language),
    })
}

fn one_year(year: u32, lines: &[Line], services: &[Service], seats: u64, share: (Rate, Rate)) -> Option<Sums> {
    let mut sums = Sums::default();
    for line in lines {
        let times = i128::from(line.seats) * i128::from(payments(line.every, year));
        sums.sales += i128::from(line.list.minor()) * times;
        sums.margin += (i128::from(line.own.minor()) - i128::from(line.provider.minor())) * times;
    }
    for service in services {
        if year == 1 || service.period == ServicePeriod::Yearly {
            sums.services += i128::from(service.price.minor()) * i128::from(seats);
        }
    }
    let sales = i64::try_from(sums.sales).ok()?;
    sums.from = i128::from(share.0.of_minor(sales));
    sums.to = i128::from(share.1.of_minor(sales));
    Some(sums)
}

fn shown(sums: Sums, currency: iso_currency::Currency) -> Option<ComparedEarnings> {
    let amount = |minor: i128| Some(Amount::from(Money::from_minor(i64::try_from(minor).ok()?, currency)));
    Some(ComparedEarnings {
        sales: amount(sums.sales)?,
        advisor: AmountRange { from: amount(sums.from)?, to: amount(sums.to)? },
        reseller: amount(sums.margin)?,
        services: amount(sums.services)?,
        advisor_with_services: AmountRange {
            from: amount(sums.from + sums.services)?,
            to: amount(sums.to + sums.services)?,
        },
        reseller_with_services: amount(sums.margin + sums.services)?,
    })
}

fn line(plan: &ComparedPlan, offers: &[OfferRow], at: &str, first: Option<&Line>) -> Result<Line, Vec<Fault>> {
    let here = |code| Fault::at(format!("{at}/offerId"), code).with("offer", &plan.offer_id);
    let offer = offers.iter().find(|offer| offer.id == plan.offer_id);
    let offer = offer.ok_or_else(|| vec![here(Code::OfferNotAvailable)])?;
    let term: Option<Term> = offer.term(plan.term_months, plan.billing_cycle).ok().flatten();
    let term = term.ok_or_else(|| vec![here(Code::TermNotAvailable)])?;
    let list = term.price(&offer.currency).ok().flatten().ok_or_else(|| vec![here(Code::PriceNotAvailable)])?;
    let mut faults = Vec::new();
    if let Some(expected) = first.map(|first| first.list.currency()).filter(|expected| *expected != list.currency()) {
        faults.push(here(Code::CurrencyMismatch).with("expected", expected.code()));
    }
    let mut given = |amount: &Option<Amount>, name: &str| match amount {
        None => list,
        Some(amount) => price(amount, &offer.currency, &format!("{at}/{name}")).unwrap_or_else(|fault| {
            faults.push(fault);
            list
        }),
    };
    let (own, provider) = (given(&plan.own_price, "ownPrice"), given(&plan.provider_price, "providerPrice"));
    if faults.is_empty() {
        Ok(Line { seats: plan.seats, every: term.months_of_cycle(), list, own, provider })
    } else {
        Err(faults)
    }
}

/// A price that is given: in this currency, not negative.
fn price(amount: &Amount, currency: &str, at: &str) -> Result<Money, Fault> {
    let money = Money::try_from(amount).map_err(|fault| match fault {
        MoneyFault::UnknownCurrency => Fault::at(format!("{at}/currency"), Code::CurrencyUnknown),
        MoneyFault::NotANumber => Fault::at(format!("{at}/amount"), Code::AmountInvalid),
        MoneyFault::TooManyDecimals => Fault::at(format!("{at}/amount"), Code::AmountTooPrecise),
        MoneyFault::TooLarge => Fault::at(format!("{at}/amount"), Code::AmountTooLarge),
    })?;
    if money.currency().code() != currency {
        return Err(Fault::at(format!("{at}/currency"), Code::CurrencyMismatch).with("expected", currency));
    }
    if money.minor() < 0 {
        return Err(Fault::at(format!("{at}/amount"), Code::AmountNotPositive));
    }
    Ok(money)
}

/// The least and the most share of the first year.
fn rates(asked: &CompareEarnings, model: &EarningsModel) -> Result<(Rate, Rate), Fault> {
    match &asked.first_year_percent {
        None => Ok((model.first_year_from, model.first_year_to)),
        Some(percent) => model.first_year(percent).map(|rate| (rate, rate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(Some(1), [12, 12, 12, 12]; "monthly")]
    #[test_case(Some(12), [1, 1, 1, 1]; "annual")]
    #[test_case(Some(36), [1, 0, 0, 1]; "three years at once")]
    #[test_case(Some(18), [1, 1, 0, 1]; "eighteen months at once")]
    #[test_case(None, [1, 0, 0, 0]; "for good")]
    fn rule_ear_03_payments_of_a_year(every: Option<u32>, expected: [u32; 4]) {
        assert_eq!([1, 2, 3, 4].map(|year| payments(every, year)), expected);
    }
}

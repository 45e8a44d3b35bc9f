//! Earnings follow the documents: an invoice accrues, a credit note reverses (EAR-04), in the transaction that issues
//! the document.

use super::model::{EarningKind, EarningRow};
use super::rate::Rate;
use super::{models, store};
use crate::clock::Instant;
use crate::db::write::Tx;
use crate::error::Result;
use crate::topic::Topic;
use chrono::{Datelike, NaiveDate};

/// An invoice or credit note, as far as earnings follow it.
pub struct Document<'a> {
    /// The invoice.
    pub invoice_id: &'a str,
    /// The partners that see it: the transacting one, and the partner of record.
    pub partners: [Option<&'a str>; 2],
    /// For whom was bought.
    pub customer_id: &'a str,
    /// The order.
    pub order_id: &'a str,
    /// Its total in minor units.
    pub total_minor: i64,
    /// The currency.
    pub currency: &'a str,
}

/// Which year of an agreement a day is in, from 1; none before it starts.
fn year_on(starts_on: NaiveDate, day: NaiveDate) -> Option<i64> {
    if day < starts_on {
        return None;
    }
    let began = (day.month(), day.day()) >= (starts_on.month(), starts_on.day());
    Some(i64::from(day.year() - starts_on.year()) + i64::from(began))
}

/// Accrues the advisor's share of an invoice, for each of its partners that has an agreement with the customer.
pub async fn follow_invoice(tx: &mut Tx<'_>, invoice: &Document<'_>) -> Result<()> {
    let day = tx.now().date_naive();
    for partner_id in invoice.partners.into_iter().flatten() {
        let Some(agreement) = store::agreement_of(tx.db(), partner_id, invoice.customer_id).await? else { continue };
        let Some(year) = agreement.starts_on().and_then(|starts_on| year_on(starts_on, day)) else { continue };
        let channel = store::channel_of(tx.db(), invoice.order_id).await?;
        let model = models::on(day)?;
        if !channel.is_some_and(|channel| model.channels.contains(&channel)) {
            continue;
        }
        let rate = if year == 1 { agreement.first_year_rate } else { agreement.later_years_rate };
        let row = EarningRow {
            id: tx.id(),
            partner_id: partner_id.to_owned(),
            customer_id: invoice.customer_id.to_owned(),
            agreement_id: agreement.id,
            kind: EarningKind::Accrual,
            invoice_id: invoice.invoice_id.to_owned(),
            credit_note_id: None,
            year_number: year,
            rate,
            base_minor: invoice.total_minor,
            amount_minor: Rate::of(rate).of_minor(invoice.total_minor),
            currency: invoice.currency.to_owned(),
            created_at: tx.now().naive_utc(),
        };
        store::insert(tx, &row).await?;
        tx.emit(Topic::EarningAccrued, &row);
    }
    Ok(())
}

/// Takes back what a credit note undoes: all credits of an invoice together take back what their sum had earned, so that
/// an invoice that is credited in full has earned nothing, to the cent.
pub async fn follow_credit_note(
    tx: &mut Tx<'_>,
    invoice_id: &str,
    credit_note_id: &str,
    credited_minor: i64,
) -> Result<()> {
    let rows = store::of_invoice(tx.db(), invoice_id).await?;
    let now: Instant = tx.now();
    for accrual in rows.iter().filter(|row| row.kind == EarningKind::Accrual) {
        let taken: Vec<&EarningRow> = rows
            .iter()
            .filter(|row| row.agreement_id == accrual.agreement_id && row.kind == EarningKind::Reversal)
            .collect();
        let credited: i64 = taken.iter().map(|row| row.base_minor).sum::<i64>() + credited_minor;
        let taken: i64 = taken.iter().map(|row| -row.amount_minor).sum();
        let reversed = Rate::of(accrual.rate).of_minor(credited).min(accrual.amount_minor) - taken;
        let row = EarningRow {
            id: tx.id(),
            kind: EarningKind::Reversal,
            credit_note_id: Some(credit_note_id.to_owned()),
            base_minor: credited_minor,
            amount_minor: -reversed,
            created_at: now.naive_utc(),
            ..accrual.clone()
        };
        store::insert(tx, &row).await?;
        tx.emit(Topic::EarningReversed, &row);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("2026-03-01", "2026-02-28", None; "before it starts")]
    #[test_case("2026-03-01", "2026-03-01", Some(1); "the first day")]
    #[test_case("2026-03-01", "2027-02-28", Some(1); "the last day of the first year")]
    #[test_case("2026-03-01", "2027-03-01", Some(2); "the second year")]
    #[test_case("2024-02-29", "2025-02-28", Some(1); "a leap day's year ends with February")]
    #[test_case("2024-02-29", "2025-03-01", Some(2); "and the next begins with March")]
    fn rule_ear_01_years_are_those_of_the_agreement(starts_on: &str, day: &str, year: Option<i64>) {
        assert_eq!(year_on(starts_on.parse().unwrap(), day.parse().unwrap()), year);
    }
}

//! What a change of seats charges and gives back, before anything is written (SUB-01, REF-04).

use super::asked::{MoneyDirection, PreviewedMoney};
use super::batches::{self, Batch};
use super::model::{BatchRow, SubscriptionRow};
use super::store;
use crate::billing::{self, CreditCause, CreditedLine, InvoiceLineRow, InvoiceReason, NewInvoice, NewInvoiceLine};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::money::Money;
use crate::period::Period;
use chrono::NaiveDate;
use std::collections::HashMap;

/// The batches of a subscription with the lines that charged them.
pub struct Seats {
    /// The batches, oldest first.
    pub batches: Vec<BatchRow>,
    lines: HashMap<String, (InvoiceLineRow, i64)>,
}

/// Seats of one batch that are given back.
#[derive(Debug, Clone)]
pub struct Credit {
    /// Which batch.
    pub batch: usize,
    /// Its id.
    pub batch_id: String,
    /// How many of its seats.
    pub seats: u32,
    /// The invoice's line that it is credited from.
    pub line: InvoiceLineRow,
    /// What a seat cost.
    pub unit_price: Money,
    /// What is given back.
    pub amount: Money,
    /// Of which period.
    pub period: Period,
    /// Days that are left of it.
    pub unused_days: u32,
    /// What was given back of the line before.
    pub credited_before: i64,
    /// When the seats were bought.
    pub bought_at: Instant,
    /// When they can no longer be given back.
    pub window_closes_at: Instant,
}

/// Seats that are charged for what is left of a period.
#[derive(Debug, Clone)]
pub struct Charge {
    /// For what.
    pub name: String,
    /// How many.
    pub seats: u32,
    /// What a seat costs for the whole period.
    pub unit_price: Money,
    /// What is charged.
    pub amount: Money,
    /// The whole period.
    pub period: Period,
}

fn too_large() -> Error {
    Error::new(Code::AmountTooLarge)
}

impl Seats {
    /// Reads them.
    pub async fn of(db: &mut Db<'_>, row: &SubscriptionRow) -> Result<Self> {
        let batches = store::batches_of(db, std::slice::from_ref(row)).await?;
        let ids: Vec<&str> = batches.iter().map(|batch| batch.invoice_line_id.as_str()).collect();
        let mut lines = HashMap::new();
        for line in billing::lines(db, &ids).await? {
            let credited = billing::credited_minor(db, &line.id).await?;
            lines.insert(line.id.clone(), (line, credited));
        }
        Ok(Self { batches, lines })
    }

    /// The batches as the arithmetic takes them.
    pub fn facts(&self) -> Result<Vec<Batch>> {
        let fact = |row: &BatchRow| {
            let (line, credited) = self.line(row)?;
            let left = Money::from_columns(line.total_minor - credited, &line.currency);
            Ok(Batch {
                seats: u32::try_from(row.seats).map_err(Error::internal)?,
                window_closes_at: row.window_closes_at.and_utc(),
                left: left.map_err(|fault| Error::internal(format!("an invoice line has {fault:?}")))?,
            })
        };
        self.batches.iter().map(fact).collect()
    }

    fn line(&self, batch: &BatchRow) -> Result<&(InvoiceLineRow, i64)> {
        self.lines.get(&batch.invoice_line_id).ok_or_else(|| Error::internal("a batch that nothing charged"))
    }

    /// What is given back for these seats of these batches. Batches that one line covers share it: it is rounded once, and
    /// never overdrawn (REF-04).
    pub fn credits(&self, taken: &[(usize, u32)], period: Period, day: NaiveDate) -> Result<Vec<Credit>> {
        let facts = self.facts()?;
        let mut given: HashMap<&str, u32> = HashMap::new();
        let mut credits = Vec::new();
        for (index, seats) in taken {
            let (Some(row), Some(fact)) = (self.batches.get(*index), facts.get(*index)) else { continue };
            let (line, credited_before) = self.line(row)?;
            let unit_price = Money::from_columns(line.unit_price_minor, &line.currency)
                .map_err(|fault| Error::internal(format!("an invoice line has {fault:?}")))?;
            let before = given.entry(line.id.as_str()).or_default();
            let amount = batches::credit(fact.left, unit_price, *before, *seats, period, day).ok_or_else(too_large)?;
            *before += seats;
            credits.push(Credit {
                batch: *index,
                batch_id: row.id.clone(),
                seats: *seats,
                line: line.clone(),
                unit_price,
                amount,
                period,
                unused_days: period.unused_on(day.clamp(period.start, period.end)),
                credited_before: *credited_before,
                bought_at: row.added_at.and_utc(),
                window_closes_at: row.window_closes_at.and_utc(),
            });
        }
        Ok(credits)
    }

    /// Takes the seats out of their batches.
    pub async fn take(&mut self, tx: &mut Tx<'_>, credits: &[Credit]) -> Result<()> {
        for credit in credits {
            if let Some(batch) = self.batches.get_mut(credit.batch) {
                batch.seats -= i64::from(credit.seats);
                store::update_batch(tx, batch).await?;
            }
        }
        Ok(())
    }
}

impl Charge {
    /// So many seats of a plan from this day on.
    pub fn of(name: &str, seats: u32, unit_price: Money, period: Period, day: NaiveDate) -> Result<Self> {
        let amount = batches::pro_rata(unit_price, seats, period, day).ok_or_else(too_large)?;
        Ok(Self { name: name.to_owned(), seats, unit_price, amount, period })
    }

    /// The previewed line.
    pub fn shown(&self, day: NaiveDate) -> PreviewedMoney {
        let (period, day) = (self.period, day.clamp(self.period.start, self.period.end));
        PreviewedMoney {
            direction: MoneyDirection::Charge,
            name: self.name.clone(),
            quantity: self.seats,
            unit_price: self.unit_price.into(),
            unused_days: period.unused_on(day),
            total_days: period.days(),
            amount: self.amount.into(),
        }
    }
}

impl Credit {
    /// The previewed line.
    pub fn shown(&self) -> PreviewedMoney {
        PreviewedMoney {
            direction: MoneyDirection::Credit,
            name: self.line.name.clone(),
            quantity: self.seats,
            unit_price: self.unit_price.into(),
            unused_days: self.unused_days,
            total_days: self.period.days(),
            amount: self.amount.into(),
        }
    }
}

/// Charges less credits; none where nothing is charged or given back.
pub fn balance(charges: &[Charge], credits: &[Credit]) -> Option<Money> {
    let plus = charges.iter().map(|charge| charge.amount);
    let minus = credits.iter().map(|credit| Money::from_minor(-credit.amount.minor(), credit.amount.currency()));
    plus.chain(minus).reduce(|sum, next| Money::from_minor(sum.minor() + next.minor(), sum.currency()))
}

/// Invoices a charge; answers the id of the invoice's line.
pub async fn invoice(
    tx: &mut Tx<'_>,
    row: &SubscriptionRow,
    reason: InvoiceReason,
    charge: &Charge,
    now: Instant,
) -> Result<String> {
    let period = charge.period;
    let start = now.date_naive().clamp(period.start, period.end);
    let line = NewInvoiceLine {
        order_line_id: row.order_line_id.clone(),
        name: charge.name.clone(),
        quantity: i64::from(charge.seats),
        unit_price: charge.unit_price,
        total: charge.amount,
        period: Some(Period { start, end: period.end }),
    };
    let new = NewInvoice {
        partner_id: row.partner_id.clone(),
        partner_of_record_id: row.partner_of_record_id.clone(),
        customer_id: row.customer_id.clone(),
        order_id: row.order_id.clone(),
        reason,
        subscription_id: Some(row.id.clone()),
        renewal_id: None,
        lines: vec![line],
    };
    let issued = billing::issue_invoice(tx, new).await?;
    issued.line_ids.into_iter().next().ok_or_else(|| Error::internal("an invoice without lines"))
}

/// Writes the credit notes, one for each invoice.
pub async fn give_back(tx: &mut Tx<'_>, cause: &CreditCause<'_>, credits: &[Credit]) -> Result<()> {
    let lines: Vec<CreditedLine<'_>> = credits
        .iter()
        .filter(|credit| credit.amount.minor() > 0)
        .map(|credit| CreditedLine { line: &credit.line, quantity: i64::from(credit.seats), amount: credit.amount })
        .collect();
    billing::issue_credit_notes(tx, cause, &lines).await
}

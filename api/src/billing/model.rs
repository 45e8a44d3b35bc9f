//! The types of billing.

use crate::db::schema::{credit_note_lines, credit_notes, invoice_lines, invoices};
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::money::{Amount, Money};
use crate::period::Period;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// What an invoice charges for.
    pub enum InvoiceReason {
        /// An order.
        Order = "order",
        /// Seats that were added.
        SeatChange = "seatChange",
        /// Seats that moved to another plan.
        Upgrade = "upgrade",
        /// A renewal's period.
        Renewal = "renewal",
    }
}

crate::word_enum! {
    /// What a credit note gives back for.
    pub enum CreditReason {
        /// A refund.
        Refund = "refund",
        /// Seats that were taken away.
        SeatChange = "seatChange",
        /// Seats that moved to another plan.
        Upgrade = "upgrade",
        /// An order through Open that was cancelled before its keys were redeemed.
        Cancellation = "cancellation",
    }
}

/// An invoice to be issued.
pub struct NewInvoice {
    /// Who owes it.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// For whom was bought.
    pub customer_id: String,
    /// The order.
    pub order_id: String,
    /// What it charges for.
    pub reason: InvoiceReason,
    /// The subscription, where it charges for one.
    pub subscription_id: Option<String>,
    /// The renewal, where it charges for one.
    pub renewal_id: Option<String>,
    /// Its lines.
    pub lines: Vec<NewInvoiceLine>,
}

/// An invoice that was issued.
pub struct Issued {
    /// Its id.
    pub id: String,
    /// The ids of its lines, in their order.
    pub line_ids: Vec<String>,
}

/// A line of an invoice to be issued.
pub struct NewInvoiceLine {
    /// The order line.
    pub order_line_id: String,
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Money,
    /// Price of the line.
    pub total: Money,
    /// The days that are paid for.
    pub period: Option<Period>,
}

/// Why money is given back.
pub struct CreditCause<'a> {
    /// For what.
    pub reason: CreditReason,
    /// The refund that it settles.
    pub refund_id: Option<&'a str>,
    /// The subscription, where it gives back for one.
    pub subscription_id: Option<&'a str>,
}

impl<'a> CreditCause<'a> {
    /// A refund's.
    pub fn refund(refund_id: &'a str, subscription_id: Option<&'a str>) -> Self {
        Self { reason: CreditReason::Refund, refund_id: Some(refund_id), subscription_id }
    }
}

/// A line of a credit note to be issued.
pub struct CreditedLine<'a> {
    /// The invoice's line that it points at.
    pub line: &'a InvoiceLineRow,
    /// How many are given back.
    pub quantity: i64,
    /// What is given back.
    pub amount: Money,
}

/// A row of `invoices`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = invoices, treat_none_as_default_value = false)]
pub(super) struct InvoiceRow {
    pub id: String,
    pub partner_id: String,
    pub partner_of_record_id: Option<String>,
    pub customer_id: String,
    pub order_id: String,
    pub total_minor: i64,
    pub currency: String,
    pub issued_at: NaiveDateTime,
    pub reason: InvoiceReason,
    pub subscription_id: Option<String>,
    pub renewal_id: Option<String>,
}

/// A row of `invoice_lines`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = invoice_lines, treat_none_as_default_value = false)]
pub struct InvoiceLineRow {
    /// Id.
    pub id: String,
    /// Who owes it.
    pub partner_id: String,
    /// The invoice.
    pub invoice_id: String,
    /// The order line.
    pub order_line_id: String,
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub unit_price_minor: i64,
    /// Price of the line.
    pub total_minor: i64,
    /// Currency of both.
    pub currency: String,
    /// First day that is paid for.
    pub period_start: Option<String>,
    /// Last day that is paid for.
    pub period_end: Option<String>,
}

/// A row of `credit_notes`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = credit_notes, treat_none_as_default_value = false)]
pub(super) struct CreditNoteRow {
    pub id: String,
    pub partner_id: String,
    pub partner_of_record_id: Option<String>,
    pub customer_id: String,
    pub order_id: String,
    pub invoice_id: String,
    pub refund_id: Option<String>,
    pub reason: CreditReason,
    pub subscription_id: Option<String>,
    pub total_minor: i64,
    pub currency: String,
    pub issued_at: NaiveDateTime,
}

/// A row of `credit_note_lines`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = credit_note_lines, treat_none_as_default_value = false)]
pub(super) struct CreditNoteLineRow {
    pub id: String,
    pub partner_id: String,
    pub credit_note_id: String,
    pub invoice_line_id: String,
    pub quantity: i64,
    pub amount_minor: i64,
    pub currency: String,
}

macro_rules! transacted {
    ($($row:ident),*) => { $(
        impl Subject for $row {
            fn object_id(&self) -> &str {
                &self.id
            }
            fn partner_id(&self) -> Option<&str> {
                Some(&self.partner_id)
            }
            fn partner_of_record_id(&self) -> Option<&str> {
                self.partner_of_record_id.as_deref()
            }
            fn customer_id(&self) -> Option<&str> {
                Some(&self.customer_id)
            }
        }
    )* };
}

transacted!(InvoiceRow, CreditNoteRow);

/// What a partner owes for an order, for seats or for a renewal. Never edited: a credit note gives back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// What it charges for.
    pub reason: InvoiceReason,
    /// The subscription, where it charges for one alone.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
    /// The renewal, where it charges for one.
    #[schema(format = Uuid, max_length = 36)]
    pub renewal_id: Option<String>,
    /// For whom was bought.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// Its lines.
    #[schema(max_items = 50)]
    pub lines: Vec<InvoiceLine>,
    /// Sum of the lines.
    pub total: Amount,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

/// A line of an invoice.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceLine {
    /// Id; credit notes point at it.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// What it is.
    #[schema(max_length = 255)]
    pub name: String,
    /// How many.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Amount,
    /// Price of the line.
    pub total: Amount,
    /// The days that are paid for; null for perpetual licences.
    pub period: Option<Period>,
}

/// Money given back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditNote {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The invoice that it gives back from.
    #[schema(format = Uuid, max_length = 36)]
    pub invoice_id: String,
    /// What it gives back for.
    pub reason: CreditReason,
    /// The refund that it settles; null where seats were taken away or moved, and for Open orders.
    #[schema(format = Uuid, max_length = 36)]
    pub refund_id: Option<String>,
    /// The subscription, where it gives back for one.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// For whom was bought.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// Its lines.
    #[schema(max_items = 50)]
    pub lines: Vec<CreditNoteLine>,
    /// Sum of the lines.
    pub total: Amount,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

/// A line of a credit note.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditNoteLine {
    /// The invoice's line that it points at.
    #[schema(format = Uuid, max_length = 36)]
    pub invoice_line_id: String,
    /// How many.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// What is given back.
    pub amount: Amount,
}

fn amount(minor: i64, currency: &str) -> Result<Amount> {
    let money = Money::from_columns(minor, currency);
    money.map(Amount::from).map_err(|fault| Error::internal(format!("a stored amount has {fault:?}")))
}

impl Invoice {
    /// From the rows.
    pub(super) fn of(row: InvoiceRow, lines: &[InvoiceLineRow]) -> Result<Self> {
        let lines = lines.iter().filter(|line| line.invoice_id == row.id);
        Ok(Self {
            lines: lines.map(InvoiceLine::of).collect::<Result<_>>()?,
            total: amount(row.total_minor, &row.currency)?,
            id: row.id,
            order_id: row.order_id,
            reason: row.reason,
            subscription_id: row.subscription_id,
            renewal_id: row.renewal_id,
            customer_id: row.customer_id,
            issued_at: row.issued_at.and_utc(),
        })
    }
}

impl InvoiceLine {
    fn of(row: &InvoiceLineRow) -> Result<Self> {
        Ok(Self {
            id: row.id.clone(),
            name: row.name.clone(),
            quantity: row.quantity,
            unit_price: amount(row.unit_price_minor, &row.currency)?,
            total: amount(row.total_minor, &row.currency)?,
            period: Period::of_columns(row.period_start.as_deref(), row.period_end.as_deref()),
        })
    }
}

impl CreditNote {
    /// From the rows.
    pub(super) fn of(row: CreditNoteRow, lines: &[CreditNoteLineRow]) -> Result<Self> {
        let lines = lines.iter().filter(|line| line.credit_note_id == row.id);
        let line = |line: &CreditNoteLineRow| {
            Ok(CreditNoteLine {
                invoice_line_id: line.invoice_line_id.clone(),
                quantity: line.quantity,
                amount: amount(line.amount_minor, &line.currency)?,
            })
        };
        Ok(Self {
            lines: lines.map(line).collect::<Result<_>>()?,
            total: amount(row.total_minor, &row.currency)?,
            id: row.id,
            invoice_id: row.invoice_id,
            reason: row.reason,
            refund_id: row.refund_id,
            subscription_id: row.subscription_id,
            order_id: row.order_id,
            customer_id: row.customer_id,
            issued_at: row.issued_at.and_utc(),
        })
    }
}

impl Resource for Invoice {
    // Never edited: its first version is its last.
    fn version(&self) -> Option<i64> {
        Some(1)
    }
}

impl Resource for CreditNote {
    fn version(&self) -> Option<i64> {
        Some(1)
    }
}

crate::page_of! {
    /// A page of invoices.
    pub struct InvoicePage of Invoice;
}

crate::page_of! {
    /// A page of credit notes.
    pub struct CreditNotePage of CreditNote;
}

crate::list_parameters! {
    /// Which invoices.
    pub struct ListInvoices {
        /// Only those of this order.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub order_id: Option<String>,
        /// Only those of this subscription.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub subscription_id: Option<String>,
    }
}

crate::list_parameters! {
    /// Which credit notes.
    pub struct ListCreditNotes {
        /// Only those of this order.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub order_id: Option<String>,
        /// Only those of this subscription.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub subscription_id: Option<String>,
    }
}

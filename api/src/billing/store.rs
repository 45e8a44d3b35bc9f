//! Queries over invoices and credit notes.

use super::model::{
    CreditCause, CreditNoteLineRow, CreditNoteRow, CreditedLine, InvoiceLineRow, InvoiceReason, InvoiceRow, Issued,
    NewInvoice,
};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{credit_note_lines, credit_notes, invoice_lines, invoices};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::topic::Topic;
use crate::{earnings, on, seen_by};
use chrono::NaiveDateTime;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// `documents!(invoices, InvoiceRow, invoice_lines, InvoiceLineRow, invoice_id, "invoice")`: reading is the same for
/// both kinds of document.
macro_rules! documents {
    ($find:ident, $list:ident, $lines:ident, $table:ident, $row:ident, $line_table:ident, $line:ident, $parent:ident, $thing:literal) => {
        pub(super) async fn $find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<$row> {
            on!(db, c => seen_by!($table, viewer).filter($table::id.eq(id)).select($row::as_select()).first(c))
                .optional()?
                .ok_or_else(|| Error::not_found($thing))
        }

        pub(super) async fn $list(
            viewer: &Viewer,
            db: &mut Db<'_>,
            order_id: Option<&str>,
            subscription_id: Option<&str>,
            page: &Page,
        ) -> Result<Vec<$row>> {
            Ok(on!(db, c => {
                let mut rows = seen_by!($table, viewer).filter($table::id.gt(page.after()));
                if let Some(order_id) = order_id {
                    rows = rows.filter($table::order_id.eq(order_id));
                }
                if let Some(subscription_id) = subscription_id {
                    rows = rows.filter($table::subscription_id.assume_not_null().eq(subscription_id));
                }
                rows.order($table::id.asc()).limit(page.rows()).select($row::as_select()).load(c)
            })?)
        }

        pub(super) async fn $lines(db: &mut Db<'_>, documents: &[$row]) -> Result<Vec<$line>> {
            let ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
            Ok(on!(db, c => $line_table::table
                .filter($line_table::$parent.eq_any(&ids))
                .order($line_table::id.asc())
                .limit(10_000)
                .select($line::as_select())
                .load(c))?)
        }
    };
}

documents!(
    find_invoice,
    list_invoices,
    lines_of_invoices,
    invoices,
    InvoiceRow,
    invoice_lines,
    InvoiceLineRow,
    invoice_id,
    "invoice"
);
documents!(
    find_credit_note,
    list_credit_notes,
    lines_of_credit_notes,
    credit_notes,
    CreditNoteRow,
    credit_note_lines,
    CreditNoteLineRow,
    credit_note_id,
    "credit note"
);

/// Issues an invoice.
pub async fn issue_invoice(tx: &mut Tx<'_>, new: NewInvoice) -> Result<Issued> {
    let currency = new.lines.as_slice().first().map(|line| line.total.currency().code().to_owned());
    let invoice = InvoiceRow {
        id: tx.id(),
        partner_id: new.partner_id,
        partner_of_record_id: new.partner_of_record_id,
        customer_id: new.customer_id,
        order_id: new.order_id,
        total_minor: new.lines.iter().map(|line| line.total.minor()).sum(),
        currency: currency.ok_or_else(|| Error::internal("an invoice without lines"))?,
        issued_at: tx.now().naive_utc(),
        reason: new.reason,
        subscription_id: new.subscription_id,
        renewal_id: new.renewal_id,
    };
    let mut line_ids = Vec::new();
    on!(tx.db(), c => diesel::insert_into(invoices::table).values(&invoice).execute(c))?;
    for line in new.lines {
        let row = InvoiceLineRow {
            id: tx.id(),
            partner_id: invoice.partner_id.clone(),
            invoice_id: invoice.id.clone(),
            order_line_id: line.order_line_id,
            name: line.name,
            quantity: line.quantity,
            unit_price_minor: line.unit_price.minor(),
            total_minor: line.total.minor(),
            currency: invoice.currency.clone(),
            period_start: line.period.map(|period| period.start.to_string()),
            period_end: line.period.map(|period| period.end.to_string()),
        };
        on!(tx.db(), c => diesel::insert_into(invoice_lines::table).values(&row).execute(c))?;
        line_ids.push(row.id);
    }
    tx.emit(Topic::InvoiceIssued, &invoice);
    let of_record = invoice.partner_of_record_id.as_deref().filter(|id| *id != invoice.partner_id);
    let document = earnings::Document {
        invoice_id: &invoice.id,
        partners: [Some(&invoice.partner_id), of_record],
        customer_id: &invoice.customer_id,
        order_id: &invoice.order_id,
        total_minor: invoice.total_minor,
        currency: &invoice.currency,
    };
    earnings::follow_invoice(tx, &document).await?;
    Ok(Issued { id: invoice.id, line_ids })
}

/// The lines of invoices with these ids.
pub async fn lines(db: &mut Db<'_>, ids: &[&str]) -> Result<Vec<InvoiceLineRow>> {
    Ok(on!(db, c => invoice_lines::table
        .filter(invoice_lines::id.eq_any(ids))
        .select(InvoiceLineRow::as_select())
        .load(c))?)
}

/// What is still owed of an invoice: its lines less what was given back of them, in minor units.
pub async fn owed_minor(db: &mut Db<'_>, invoice_id: &str) -> Result<i64> {
    let charged: Vec<(String, i64)> = on!(db, c => invoice_lines::table
        .filter(invoice_lines::invoice_id.eq(invoice_id))
        .select((invoice_lines::id, invoice_lines::total_minor))
        .load(c))?;
    let mut owed = 0;
    for (id, total) in charged {
        owed += total - credited_minor(db, &id).await?;
    }
    Ok(owed)
}

/// The invoice's line that charged this order line.
pub async fn invoice_line_of(db: &mut Db<'_>, order_line_id: &str) -> Result<Option<InvoiceLineRow>> {
    Ok(on!(db, c => invoice_lines::table
        .filter(invoice_lines::order_line_id.eq(order_line_id))
        .select(InvoiceLineRow::as_select())
        .first(c))
    .optional()?)
}

/// The lines that charged the next periods of a subscription after this instant, and when each did.
pub async fn renewed_since(
    db: &mut Db<'_>,
    subscription_id: &str,
    at: NaiveDateTime,
) -> Result<Vec<(InvoiceLineRow, NaiveDateTime)>> {
    Ok(on!(db, c => invoice_lines::table
        .inner_join(invoices::table.on(invoices::id.eq(invoice_lines::invoice_id)))
        .filter(invoices::subscription_id.assume_not_null().eq(subscription_id))
        .filter(invoices::reason.eq(InvoiceReason::Renewal))
        .filter(invoices::issued_at.gt(at))
        .order(invoice_lines::id.asc())
        .select((InvoiceLineRow::as_select(), invoices::issued_at))
        .load(c))?)
}

/// What was given back from an invoice's line so far, in minor units.
pub async fn credited_minor(db: &mut Db<'_>, invoice_line_id: &str) -> Result<i64> {
    let amounts: Vec<i64> = on!(db, c => credit_note_lines::table
        .filter(credit_note_lines::invoice_line_id.eq(invoice_line_id))
        .select(credit_note_lines::amount_minor)
        .load(c))?;
    Ok(amounts.iter().sum())
}

/// Issues credit notes that point at the invoices' lines (REF-09), one for each invoice.
pub async fn issue_credit_notes(tx: &mut Tx<'_>, cause: &CreditCause<'_>, lines: &[CreditedLine<'_>]) -> Result<()> {
    let mut invoice_ids: Vec<&str> = lines.iter().map(|line| line.line.invoice_id.as_str()).collect();
    invoice_ids.sort_unstable();
    invoice_ids.dedup();
    for invoice_id in invoice_ids {
        let invoice: InvoiceRow =
            on!(tx.db(), c => invoices::table.find(invoice_id).select(InvoiceRow::as_select()).first(c))?;
        let own: Vec<&CreditedLine<'_>> = lines.iter().filter(|line| line.line.invoice_id == invoice_id).collect();
        let note = CreditNoteRow {
            id: tx.id(),
            partner_id: invoice.partner_id,
            partner_of_record_id: invoice.partner_of_record_id,
            customer_id: invoice.customer_id,
            order_id: invoice.order_id,
            invoice_id: invoice.id,
            refund_id: cause.refund_id.map(str::to_owned),
            reason: cause.reason,
            subscription_id: cause.subscription_id.map(str::to_owned),
            total_minor: own.iter().map(|line| line.amount.minor()).sum(),
            currency: invoice.currency,
            issued_at: tx.now().naive_utc(),
        };
        on!(tx.db(), c => diesel::insert_into(credit_notes::table).values(&note).execute(c))?;
        for line in own {
            let row = CreditNoteLineRow {
                id: tx.id(),
                partner_id: note.partner_id.clone(),
                credit_note_id: note.id.clone(),
                invoice_line_id: line.line.id.clone(),
                quantity: line.quantity,
                amount_minor: line.amount.minor(),
                currency: note.currency.clone(),
            };
            on!(tx.db(), c => diesel::insert_into(credit_note_lines::table).values(&row).execute(c))?;
        }
        tx.emit(Topic::CreditNoteIssued, &note);
        earnings::follow_credit_note(tx, &note.invoice_id, &note.id, note.total_minor).await?;
    }
    Ok(())
}

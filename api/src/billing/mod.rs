//! Billing: invoices and the credit notes that give money back. Neither is ever edited (REF-09).

mod model;
mod routes;
mod store;

pub use model::{CreditCause, CreditReason, CreditedLine, InvoiceLineRow, InvoiceReason, NewInvoice, NewInvoiceLine};
pub use routes::routes;
pub use store::{credited_minor, invoice_line_of, issue_credit_notes, issue_invoice, lines, owed_minor, renewed_since};

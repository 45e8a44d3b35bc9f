//! What partners earn: the advisor's fee (EAR-01), accrued as invoices are issued and reversed as they are credited
//! (EAR-04), and the comparison of advising with reselling (EAR-03).

mod agreements;
mod comparisons;
mod course;
mod model;
mod models;
mod rate;
mod routes;
mod store;

pub use course::{Document, follow_credit_note, follow_invoice};
pub use routes::routes;

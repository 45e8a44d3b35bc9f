//! Customers: the organisations that partners sell to, and the agreement each must accept before its first order.

mod agreements;
mod model;
mod routes;
mod rules;
mod seed;
mod store;

pub use agreements::{has_accepted_mca, record as record_agreement};
pub use model::{AgreementKind, AgreementMethod, AgreementRow, Customer, CustomerPage, CustomerRow};
pub use routes::routes;
pub use seed::{CustomerSeed, seed};
pub use store::{find, get, open};

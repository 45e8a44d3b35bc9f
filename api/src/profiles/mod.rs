//! Who somebody is and where: addresses, people, company names. What partners and customers have in common.

mod model;
mod rules;

pub use model::{Address, Contact, PreferredLanguage};
pub use rules::{company_name, contact, contact_name, country};

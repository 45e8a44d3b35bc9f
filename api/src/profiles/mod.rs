//! Who somebody is and where: addresses, people, company names, numbers. What partners and customers have in common.

mod addresses;
mod countries;
mod model;
mod numbers;
mod rules;
mod webmail;

pub use addresses::{address, suggested};
pub use model::{Address, Contact, PreferredLanguage};
pub use numbers::{duns, registration_number, tenant_guid};
pub use rules::{company_name, contact, contact_name, country};
pub use webmail::{host_of, webmail};

/// With single blanks between words, and none around.
fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

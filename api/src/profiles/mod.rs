//! Who somebody is and where: addresses, people, company names, the numbers they go by. What partners and customers have
//! in common.

mod address;
mod countries;
mod identifiers;
mod model;
mod rules;
mod webmail;

pub use address::{address, suggested};
pub use identifiers::{duns, registration_number, tenant_guid};
pub use model::{Address, Contact, PreferredLanguage};
pub use rules::{company_name, contact, contact_name, country};
pub use webmail::{host_of, webmail};

//! Partners: the companies that sell. A newcomer enrols and is reviewed; the operator registers the others.

mod advisors;
mod agreements;
mod directories;
mod enrolment;
mod model;
mod reviews;
mod routes;
mod rules;
mod store;
mod users;

pub use agreements::Texts;
pub use directories::{DirectoryReport, import_companies, import_locations};
pub use enrolment::pages;
pub use model::{LocationSource, NewPartner, Partner, PartnerKind, PartnerRow, PartnerState, Qualification};
pub use reviews::{mark_overdue, next_overdue};
pub use routes::routes;
pub use rules::{is_active, must_be_active, must_be_in};
pub use store::{find, find_administered, find_all, find_by_name, find_seen, mail_addresses, qualify, register};
use store::{insert, is_location_taken, is_tenant_taken, update};

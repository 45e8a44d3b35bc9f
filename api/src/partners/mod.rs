//! Partners: the companies that sell. Registered by the operator; a newcomer's enrolment comes with its own issue.

mod model;
mod routes;
mod rules;
mod store;

pub use model::{NewPartner, Partner, PartnerKind, PartnerRow, PartnerState};
pub use routes::routes;
pub use rules::{is_active, must_be_active};
pub use store::{find, find_by_name, register};

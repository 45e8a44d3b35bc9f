//! Open agreements: made by a partner, signed by the customer, over after their years (OPN-01, OPN-03).

mod expiry;
mod model;
mod routes;
mod rules;
mod store;

pub use expiry::{expire_due, next_end};
pub use model::AgreementRow;
pub use routes::routes;
pub use rules::{begin, may_order};
pub use store::{find, get, move_to, update};

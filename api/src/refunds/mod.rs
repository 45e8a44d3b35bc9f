//! Refunds: a quote that shows its arithmetic, and the course from the request over the revoked key to the credit
//! note. All of it is one transaction, so a crash can neither credit a live key nor credit twice (REF-05).

mod course;
mod model;
mod policies;
mod routes;
mod rules;
mod seats;
mod store;

pub use model::{RefundContact, RefundImpact};
pub use policies::at as policy_at;
pub use routes::routes;
pub use seats::{Asked as AskedRefund, SeatRefund, grant as grant_seats, quote as quote_seats};

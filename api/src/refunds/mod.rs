//! Refunds: a quote that shows its arithmetic, and the course from the request over the revoked key to the credit
//! note. A request that is approved at once takes all of it in one transaction; after a review each step is one of its
//! own. Neither way can a crash credit a live key or credit twice (REF-05).

mod asked;
mod course;
mod model;
mod policies;
mod purchase;
mod reviews;
mod routes;
mod rules;
mod seats;
mod store;

pub use asked::{RefundContact, RefundImpact, RequestRefund};
pub use course::{GO_ON, go_first, go_on, request};
pub use policies::at as policy_at;
pub use routes::routes;
pub use seats::SeatPart;
pub use store::{live_of_line, open_batches_of, open_of_subscription};

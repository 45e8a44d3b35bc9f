//! Enrolment: from a newcomer's draft to a proven mail address, which is when the review begins (ENR-01 to ENR-07).

mod letters;
mod model;
mod page;
mod proof;
mod routes;
mod rules;
mod store;

pub use letters::{Occasion, tell};
pub use page::pages;
pub use routes::routes;
pub use rules::reopen;

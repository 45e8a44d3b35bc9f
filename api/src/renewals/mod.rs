//! Renewals: what is paid for going on, until when, and what becomes of a subscription that is not paid for (REN).

mod asked;
mod course;
mod due;
mod ending;
mod model;
mod notices;
mod opening;
mod payments;
mod routes;
mod store;

pub use course::{Settings, catch_up, do_due};
pub use ending::withdraw_all;
pub use model::{RenewalRow, RenewalState};
pub use opening::{schedule, settle};
pub use routes::routes;
pub use store::{has_overdue, next_due};

//! Validation codes: what an approved organisation is made a customer with, a few times (GCC-10, GCC-11).

mod model;
mod routes;
mod store;

pub use model::{CodeRow, GccCodeState};
pub use routes::routes;
pub use store::{find, issue, usable, use_up};

//! Orders: what is bought, for whom, and at which price. A preview and the order run the same checks (ORD-01).

mod complete;
mod model;
mod place;
mod routes;
mod rules;
mod store;

pub use complete::complete_waiting;
pub use model::{LineState, OrderLineRow, OrderRow, OrderState};
pub use routes::routes;
pub use store::{cancel_line, find, lines_of};

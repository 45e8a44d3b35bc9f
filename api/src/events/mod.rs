//! The feed of events: what happened, in one order that never skips an event whose transaction committed late (PLT-06).

mod model;
mod place;
mod routes;
mod store;

pub use model::{Event, EventRow};
pub use place::place;
pub use routes::routes;
pub use store::by_id;

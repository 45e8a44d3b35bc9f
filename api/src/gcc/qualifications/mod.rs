//! What a customer is qualified for. It holds one qualification, by its own validation or with a code (GCC-10, GCC-11).

mod assign;
mod model;
mod routes;
mod store;

pub use assign::assign;
pub use model::Grant;
pub use routes::routes;
pub use store::{grant, is_qualified, may_rename, move_to, qualified_of};

//! Who could sell what to whom in the government cloud now, and every missing step in order, with the operation that does
//! it. Writes nothing.

mod facts;
mod model;
mod operations;
mod routes;
mod rules;

pub use model::GccOperation;
pub use operations::how_to_ask;
pub use routes::routes;

//! What sellers go by: which plan suits whom (CAT-07), what profile a customer has (CAT-09), where a plan may lead.

mod model;
mod routes;
mod rules;

pub use routes::routes;

//! The directory in which resellers find the providers of their region (LNK-13).

mod model;
mod routes;
mod rules;
mod store;

pub use routes::routes;

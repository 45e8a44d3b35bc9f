//! The people of a partner and their roles (ENR-12).

mod model;
mod routes;
mod rules;
mod store;

pub use routes::routes;

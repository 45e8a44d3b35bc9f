//! Redeeming keys: several in one go, all or none; with it their years begin (OPN-04, OPN-05).

mod course;
mod model;
mod routes;
mod store;

pub use routes::routes;

//! Markets: which countries make a region, and who may sell to whom (MKT-01).

mod model;
mod routes;
mod rules;

pub use model::Region;
pub use routes::routes;
pub use rules::{may_sell, region_of};

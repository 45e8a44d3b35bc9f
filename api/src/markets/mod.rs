//! Markets: the regions that partners sell in (MKT-01), as dated data.

mod model;
mod routes;
mod rules;

pub use model::{Edition, Region, editions};
pub use routes::routes;
pub use rules::{may_sell, region_of};

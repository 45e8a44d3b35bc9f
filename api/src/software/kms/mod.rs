//! Moving from volume licensing: until when each device needs its MAK, the most urgent first (SWK-07).

mod model;
mod plan;
mod routes;

pub use routes::routes;

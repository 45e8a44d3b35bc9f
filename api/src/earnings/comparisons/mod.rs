//! Advising and reselling side by side, over several years (EAR-02, EAR-03). A pure calculation.

mod model;
mod routes;
mod rules;

pub use routes::routes;

//! Validations of partners: may it deal in the US government cloud (GCC-02 to GCC-05).

mod model;
mod routes;

pub use routes::routes;

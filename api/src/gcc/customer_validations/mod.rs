//! Validations of organisations: may it buy in the US government cloud (GCC-06 to GCC-10).

mod asking;
mod model;
mod routes;

pub use asking::{of_customer, of_organization};
pub use model::CustomerForm;
pub use routes::routes;

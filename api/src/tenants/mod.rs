//! Tenants: the customers' directories. A licence is bound to one for good (TEN-06).

mod model;
mod routes;
mod rules;
mod store;

pub use model::{NewTenant, TenantRow, TenantState};
pub use routes::routes;
pub use store::{create, find, find_by_domain};

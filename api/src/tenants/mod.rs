//! Tenants: the customers' directories. A licence is bound to one for good (TEN-06).

mod administrator;
mod model;
mod names;
mod routes;
mod rules;
mod store;

pub use administrator::Administrator;
pub use model::{NewTenant, TenantRow, TenantState};
pub use names::{new_directory_id, take_by_name};
pub use routes::routes;
pub use store::{create, find, find_by_domain, names_of};

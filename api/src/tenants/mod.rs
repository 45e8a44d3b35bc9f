//! Tenants: the customers' directories. A licence is bound to one for good (TEN-06).

mod administrator;
mod course;
mod credentials;
mod licenses;
mod merging;
mod model;
mod names;
mod plan;
mod routes;
mod rules;
mod store;

pub use administrator::Administrator;
pub use course::{TenantOutcome, answered, asked_again};
pub use merging::{may_be_accepted, merge, on_record};
pub use model::{NewTenant, TenantMode, TenantRow, TenantState};
pub use names::{new_directory_id, take_by_name};
pub use routes::routes;
pub use store::{active_of, create, find, find_by_domain, get, names_of, waits_for};

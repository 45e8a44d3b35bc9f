//! On-premises software: what a customer owns, and the product keys for it, handed out as the valuables they are.

mod gauges;
mod import;
mod model;
mod open_stock;
mod product_key;
mod reveal;
mod reveal_limits;
mod routes;
mod rules;
mod store;

pub use gauges::gauges;
pub use import::{ImportReport, import, read_keys};
pub use model::{EntitlementRow, EntitlementState, NewEntitlement};
pub use open_stock::{
    VERSION as OPEN_VERSION, free_open_keys, known_key, revoke_open_key, show_open_key, take_open_key,
};
pub use product_key::ProductKey;
pub use routes::routes;
pub use store::{activate, cancel, find, free_keys, grant, live_of_customer, revoke_key};

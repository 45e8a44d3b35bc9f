//! On-premises software: what a customer owns, and the product keys for it, handed out as the valuables they are.

mod choice;
mod closed_page;
mod csv_body;
mod downloads;
mod export;
mod gauges;
mod import;
mod key_imports;
mod kms;
mod lifetime;
mod model;
mod open_stock;
mod product_key;
mod reveal;
mod reveal_limits;
mod routes;
mod rules;
mod shares;
mod stock;
mod store;

pub use downloads::{MediaReport, import_media};
pub use export::export_keys;
pub use gauges::gauges;
pub use import::{ImportReport, Known as KnownProducts, RefusedLine, import, read_keys};
pub use model::{EntitlementRow, EntitlementState, NewEntitlement};
pub use open_stock::{
    VERSION as OPEN_VERSION, free_open_keys, known_key, revoke_open_key, show_open_key, take_open_key,
};
pub use product_key::ProductKey;
pub use routes::{pages, routes};
pub use stock::{STOCK_CAME, Waiting, free_keys, keys_for_those_who_wait, tell_when_low, waiting_for, waiting_longer};
pub use store::{activate, cancel, find, grant, live_of_customer, revoke_key};

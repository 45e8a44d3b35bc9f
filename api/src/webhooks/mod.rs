//! Webhooks: where a partner wants to be told of events, and the deliveries that tell it (PLT-06), as Standard Webhooks
//! 1.0 describes them.

mod deliver;
mod document;
mod fan_out;
mod gauges;
mod model;
pub mod network;
mod routes;
mod rules;
mod store;

pub use deliver::{deliver, give_up};
pub use document::section;
pub use fan_out::fan_out;
pub use gauges::gauges;
pub use model::DELIVER;
pub use routes::routes;
pub use store::forget_before;

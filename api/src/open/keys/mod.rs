//! Keys that are bought through Open: one for each line of an order, retrieved by the customer or the reseller that the
//! order names, and redeemed once (OPN-03, OPN-06).

mod model;
mod notices;
mod retrieval;
mod routes;
mod rules;
mod store;

pub use model::{OpenKey, OpenKeyRow, OpenKeyState};
pub use notices::{first_notice, tell_due};
pub use retrieval::release;
pub use routes::routes;
pub use rules::{activated, not_refundable, redeemable};
pub use store::{
    find_by_product_key, insert, live_of_customer, live_on_tenant, next_notice, of_order, of_orders, update,
};

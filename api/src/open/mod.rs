//! The Open programme (OPN): agreements that a customer signs, orders on them, the keys that they bring, and their
//! redemption, at which a year begins. What an order of any channel has (lines, prices, invoices) is `orders`' and
//! `billing`'s; what begins at the redemption is a subscription like any other.

mod agreements;
mod due;
mod keys;
mod orders;
mod programme;
mod redemptions;

pub use agreements::move_to;
pub use due::{do_due, next as next_due};
pub use keys::{live_of_customer, live_on_tenant, not_refundable};
pub use orders::{fill, given_up};

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(agreements::routes).configure(orders::routes);
    service.configure(keys::routes).configure(redemptions::routes);
}

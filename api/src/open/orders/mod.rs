//! Orders through Open: an order like any other (`crate::orders`), with its agreement, its purchase order, its contacts,
//! and a key for each line (OPN-02, OPN-08).

mod cancellation;
mod letters;
mod model;
mod place;
mod routes;
mod stock;
mod store;

pub use cancellation::given_up;
pub use routes::routes;
pub use stock::fill;
pub use store::reseller_contact;

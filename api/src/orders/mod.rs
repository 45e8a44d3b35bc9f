//! Orders: what is bought, for whom, and at which price. A preview and the order run the same checks (ORD-01).

mod fulfil;
mod model;
mod parties;
mod place;
mod routes;
mod rules;
mod stock_came;
mod store;
mod waiting;

pub use model::{
    CancelledBecause, LineState, OrderLineRow, OrderPreview, OrderPreviewLine, OrderRow, OrderState, PlaceOrder,
    PlaceOrderLine,
};
pub use parties::Parties;
pub use place::plan;
pub use routes::routes;
pub use rules::Plan;
pub use stock_came::complete_waiting;
pub use store::{
    cancel_line, find, insert, insert_line, lines_of, lines_of_all, update, update_line, waiting_of_customer,
};
pub use waiting::{move_to, tenant_decided};

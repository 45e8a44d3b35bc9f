//! Key shares: links that show a product key to a customer after a click, for a while and so many times (SWK-04).

mod course;
mod model;
mod page;
mod routes;
mod store;

pub use page::routes as pages;
pub use routes::routes;
pub use store::forget_answers_of;

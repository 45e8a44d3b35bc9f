//! Downloads: links that are signed, end by themselves and are counted (SWK-05), and the media behind them.

mod course;
mod media;
mod model;
mod robots;
mod routes;
mod serve;
mod store;
mod token;

pub use media::{MediaReport, import as import_media};
pub use routes::routes;
pub use serve::routes as pages;
pub use store::forget_answers_of;

//! The partner agreement (MPA): its texts, who accepted which version, and that a partner becomes active by it (ENR-10).

mod model;
mod routes;
mod store;
mod texts;

pub use routes::{activate, routes};
pub use texts::Texts;

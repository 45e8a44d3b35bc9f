//! The audit trail: who did what, on whose behalf, from where and why, and what was refused. Records are written by
//! the transaction they tell of and cannot be changed; the sealer binds them into a signed hash chain (PLT-06).

mod chain;
mod gauges;
mod model;
pub mod refusals;
mod routes;
mod seal;
mod search;
mod store;
mod verify;

pub use gauges::gauges;
pub use routes::routes;
pub use seal::{Sealed, seal};
pub use verify::{Extent, Verification, verify};

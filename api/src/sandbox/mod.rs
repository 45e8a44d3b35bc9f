//! The sandbox: a clock that can be moved, and a small believable marketplace to begin with. Production has neither.

mod clock;
mod seed;

pub use clock::routes;
pub use seed::{Seeded, SeededClient, seed};

//! Work that was left for after a commit: a row each, safe to do twice. A lease in the database says who does one until
//! when, so that replicas share the work and a killed one's is taken over. What fails is tried again, ever later; what
//! failed too often is dead until an operator requeues it.

mod dated;
mod gauges;
mod places;
mod purge;
mod runner;
mod sealer;
mod store;

pub use dated::{do_due as do_dated, next as next_dated};
pub use gauges::gauges;
pub use places::{MAIL, PROMPT};
pub use purge::purge;
pub use runner::{run, run_due};
pub use sealer::{seal, seal_some};
pub use store::{Job, JobState, ListedJob, list, requeue, set_slow};

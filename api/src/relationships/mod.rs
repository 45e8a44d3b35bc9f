//! Relationships: which organisations have accepted which partners. Only then does a partner see an organisation
//! (CUS-05).

mod model;
mod store;

pub use model::{RelationshipRow, RelationshipState};
pub use store::accept;

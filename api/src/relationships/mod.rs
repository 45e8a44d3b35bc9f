//! Relationships: which organisations have accepted which partners, and the requests by which they are asked. Only
//! after it has accepted does a partner see an organisation (CUS-04, CUS-05).

mod asking;
mod expiry;
mod known;
mod model;
mod names;
mod request;
mod request_store;
mod routes;
mod rules;
mod store;

pub use asking::{ask_as, must_be_linked, tell};
pub use expiry::expire_due;
pub use known::MailPlaces;
pub use model::{RelationshipRow, RelationshipState};
pub use names::joined;
pub use request::{
    Accepter, CreateRelationshipRequest, Organization, PartyRow, RelationshipRequest, RelationshipRequestState,
    RequestOf, RequestRow, StoredState,
};
pub use request_store::{by_digest, next_expiry, parties_of, record_acceptance, update};
pub use routes::routes;
pub use store::{accept, must_have_accepted_provider};

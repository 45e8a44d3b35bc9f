//! Relationships: which organisations have accepted which partners, and the requests by which they are asked. Only
//! after it has accepted does a partner see an organisation (CUS-04, CUS-05).

mod asking;
mod expiry;
mod known;
mod model;
mod names;
mod of_tenants;
mod request;
mod request_store;
mod routes;
mod rules;
mod store;

pub use asking::{ask_as, must_be_linked, send_again, tell, withdraw};
pub use expiry::expire_due;
pub use known::MailPlaces;
pub use model::{RelationshipRow, RelationshipState};
pub use names::joined;
pub use of_tenants::{ask_for_tenant, may_ask_for_tenant, request_as_shown};
pub use request::{
    Accepter, CreateRelationshipRequest, ForwardableText, Organization, PartyRow, RelationshipParty,
    RelationshipRequest, RelationshipRequestState, RequestOf, RequestRow, StoredState,
};
pub use request_store::{
    by_digest, get as request, is_asked, next_expiry, open_requests_of, parties_of, record_acceptance, update,
};
pub use routes::routes;
pub use store::{accept, is_accepted, move_to, must_have_accepted_provider, partners_of};

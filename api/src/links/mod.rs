//! Links between an indirect provider and a reseller (LNK): invited by mail, authorised with recorded consent, ended by
//! either side; and the directory in which resellers find providers.

mod answers;
mod consent;
mod directory;
mod expiry;
mod invitations;
mod lookup;
mod model;
mod page;
mod region;
mod routes;
mod rules;
mod shown;
mod store;

pub use expiry::expire_due;
pub use model::{AdminAccess, LinkRow, LinkState};
pub use page::pages;
pub use routes::routes;
pub use rules::{Dealing, allows, choose_provider};
pub use store::{find_for, hold, is_live, live_between, live_providers_of, next_expiry};

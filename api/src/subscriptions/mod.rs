//! Subscriptions: seats of cloud plans on a tenant, from the order to the end of the last term (SUB).

mod asked;
mod batches;
mod beginning;
mod cancel;
mod giving_back;
mod model;
mod money;
mod routes;
mod rules;
mod scheduled;
mod seats;
mod standing;
mod store;
mod upgrades;

pub use beginning::begin;
pub use giving_back::{GivingBack, plan_giving_back, take_back};
pub use model::{EndOfTerm, LIVE, SubscriptionRow, SubscriptionState, SuspendedBecause};
pub use routes::routes;
pub use rules::{MOST_ON_TENANT, other_family, over_cap, running};
pub use scheduled::{apply as apply_scheduled, cover};
pub use store::{Held, find, get, held_by, live_of_customer, update};

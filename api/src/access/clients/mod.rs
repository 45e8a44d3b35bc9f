//! API clients: who may ask for tokens, with which secrets, scopes and roles (ENR-12).

mod directory;
mod model;
mod routes;
mod rules;
mod secret;
mod store;

pub use directory::Directory;
pub use model::{Client, MadeClient, NewClient, Outside, secret_of};
pub use routes::routes;
pub use rules::{Refusal, allowed, grantable_roles, words_once};
pub use store::{authenticate, create, create_outside, find};

//! The hand-written part of the SDK against a service that answers what the test says. `d…` names the rule.

#![cfg(test)]

mod calls;
mod client;
mod docs;
mod errors;
mod pages;
mod retries;
mod support;
mod token;
mod tree;
#[cfg(feature = "webhooks")]
mod webhooks;

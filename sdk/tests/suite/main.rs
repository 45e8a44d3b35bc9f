//! The hand-written part of the SDK against a service that answers what the test says.

#![cfg(test)]

mod calls;
mod support;
mod token;

//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod bad_input;
mod clients;
mod commands;
mod cut;
mod idempotency;
mod isolation;
mod issuers;
mod main_job;
mod preconditions;
mod races;
mod readme;
mod sales;
mod secrets;
mod signing_keys;
mod token_endpoint;
mod tokens;
mod transport;

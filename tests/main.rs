//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod bad_input;
mod commands;
mod cut;
mod frame;
mod hostile;
mod idempotency;
mod isolation;
mod limits;
mod main_job;
mod pages;
mod preconditions;
mod races;
mod readme;
mod sales;
mod secrets;
mod token_endpoint;
mod tokens;
mod transport;

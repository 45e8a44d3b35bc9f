//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod bad_input;
mod commands;
mod cut;
mod idempotency;
mod isolation;
mod main_job;
mod preconditions;
mod problem_types;
mod races;
mod readme;
mod sales;
mod secrets;
mod telemetry;
mod token_endpoint;
mod tokens;
mod transport;

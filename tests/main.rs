//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod audit;
mod bad_input;
mod commands;
mod cut;
mod events;
mod idempotency;
mod isolation;
mod jobs;
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
mod webhooks;

//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod audit;
mod bad_input;
mod commands;
mod cut;
mod events;
mod frame;
mod hostile;
mod idempotency;
mod isolation;
mod jobs;
mod limits;
mod main_job;
mod pages;
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

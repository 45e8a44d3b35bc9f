//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod access;
mod bad_input;
mod idempotency;
mod isolation;
mod main_job;
mod preconditions;
mod transport;

//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod commands;
mod cut;
mod main_job;
mod races;
mod readme;
mod secrets;
mod token_endpoint;
mod tokens;

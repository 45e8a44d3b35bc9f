//! The suite. Every test runs on SQLite and on PostgreSQL, against a real server of its own.

mod cut;
mod main_job;
mod races;

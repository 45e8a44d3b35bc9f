//! Reads the API's document (OpenAPI 3.1, the part of it that the service uses) and writes the generated part of
//! `lonja-sdk`: a method per operation, a type per schema, a stream per list. Compares it with the released one, too.
//!
//! A faithful small reader beats a general one here: the document is ours, and what this crate does not understand it
//! says, instead of guessing.

#![deny(missing_docs)]

mod breaks;
mod docs;
mod document;
mod files;
mod methods;
mod names;
mod render;
mod types;

pub use breaks::{breaks, judge};
pub use files::{stale, write};
pub use render::{Generated, generate};

/// What goes wrong is for the person who runs the generator: a sentence.
pub type Result<T> = std::result::Result<T, String>;

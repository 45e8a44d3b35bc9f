//! Commands with a file of their own.

pub mod software;

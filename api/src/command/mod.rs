//! Commands with a file of their own.

pub mod catalogue;
pub mod directories;
pub mod software;

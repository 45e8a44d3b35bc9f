//! What a new document takes away from clients of the released one, in words.
//!
//! Own code and no library: `redocly diff` finds nearly the same (tried on the table in `tests/breaks.rs`), but takes
//! a new word in an answer for a break, which this API announces, and knows neither roles and kinds of token nor
//! whether a header is always there. It also calls itself experimental, and needs Node where `cargo test` does not.

mod operations;
mod schemas;
mod shape;

use crate::Result;
use serde_json::Value;

/// Every difference that can break a client, once.
pub fn breaks(released: &Value, current: &Value) -> Vec<String> {
    let mut found = operations::breaks(released, current);
    let mut told = std::collections::HashSet::new();
    found.retain(|sentence| told.insert(sentence.clone()));
    found
}

/// Refuses breaks, unless the version says that there are some: a new major one or, below 1.0, a new minor one. Gives
/// back what then breaks.
pub fn judge(released: &Value, current: &Value) -> Result<Vec<String>> {
    let (before, now) = (version(released)?, version(current)?);
    let found = breaks(released, current);
    let says_so = now.0 > before.0 || (now.0 == 0 && before.0 == 0 && now.1 > before.1);
    if found.is_empty() || says_so {
        return Ok(found);
    }
    let list = found.join("\n  ");
    Err(format!(
        "the document breaks clients of version {}.{}:\n  {list}\n\
         take it back, or raise the version: the major one, or below 1.0 the minor one",
        before.0, before.1
    ))
}

fn version(document: &Value) -> Result<(u64, u64)> {
    let said = document.pointer("/info/version").and_then(Value::as_str).unwrap_or_default();
    let mut numbers = said.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(format!("{said:?} is no version")),
    }
}

//! Ids: UUID version 7, so that rows written one after another lie beside each other in an index.

use crate::clock::Instant;
use serde::{Deserialize, Deserializer};
use uuid::{ContextV7, Timestamp, Uuid};

/// A new id for something that comes to be at `now`.
pub fn new_id(now: Instant) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    CONTEXT.with(|context| {
        let timestamp = Timestamp::from_unix(context, seconds, now.timestamp_subsec_nanos());
        Uuid::new_v7(timestamp).hyphenated().to_string()
    })
}

thread_local! {
    /// Counts on inside a millisecond, so that the rows of one transaction keep their order.
    static CONTEXT: ContextV7 = const { ContextV7::new() };
}

/// Whether a text has the form of an id. Anything else cannot name a row, so it is simply not found.
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// Reads an id of a body: in lower case, as it is kept. Its form is the schema's to check (`format: uuid`).
pub fn lower_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|id| id.to_ascii_lowercase())
}

/// The same for a field or filter that may be absent, but has a value where it stands.
pub fn lower_case_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    lower_case(deserializer).map(Some)
}

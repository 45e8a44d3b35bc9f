//! Why an answer is what it is: a stable word, and the same in the caller's language.

use crate::messages::{Language, Text};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// The stable word.
    #[schema(max_length = 64, example = "few_users")]
    pub code: String,
    /// The same in words.
    #[schema(max_length = 500, example = "8 users: an organisation of up to 10 is small.")]
    pub detail: String,
}

/// A reason whose words are not chosen yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    code: &'static str,
    facts: Map<String, Value>,
}

impl Because {
    /// The reason with this word: an entry of `api/data/messages/reasons.*.ftl`.
    pub fn of(code: &'static str) -> Self {
        Self { code, facts: Map::new() }
    }

    /// Adds a fact.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// In words.
    pub fn said(&self, language: Language) -> Reason {
        let detail = Text::of(self.code).say(language, None, &self.facts).unwrap_or_default();
        Reason { code: self.code.to_owned(), detail }
    }

    /// Several of them in words.
    pub fn all(reasons: &[Self], language: Language) -> Vec<Reason> {
        reasons.iter().map(|reason| reason.said(language)).collect()
    }
}

//! What the error codes mean, on the wire.

use crate::error::Code;
use crate::messages::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// In which language.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InLanguage {
    /// Instead of `Accept-Language`.
    pub language: Option<Language>,
}

/// What an error code means.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemType {
    /// The stable word.
    #[schema(max_length = 64, example = "refund_window_closed")]
    pub code: String,
    /// The HTTP status that goes with it.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The language of the words.
    pub language: Language,
    /// What it is, in a few words.
    #[schema(max_length = 200)]
    pub title: String,
    /// What it means; `{name}` stands for a fact that each answer fills in.
    #[schema(max_length = 2000)]
    pub meaning: String,
    /// What to do about it.
    #[schema(max_length = 2000)]
    pub next: Option<String>,
}

/// All error codes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemTypes {
    /// In the order of their statuses.
    #[schema(max_items = 1000)]
    pub items: Vec<ProblemType>,
}

impl ProblemType {
    pub(super) fn of(code: Code, language: Language) -> Self {
        Self {
            code: code.to_string(),
            status: code.status(),
            language,
            title: code.title(language),
            meaning: readable(&meaning(code, language)),
            next: code.advice(language).as_deref().map(readable),
        }
    }
}

/// A fact that is not filled in, without the mark of the catalogue: `{limit}`.
fn readable(sentence: &str) -> String {
    sentence.replace("{$", "{")
}

/// The sentence that answers fill in, with the names of its facts: `{$limit}`.
pub(super) fn meaning(code: Code, language: Language) -> String {
    Text::of(code.as_str()).detail(language, &Map::new())
}

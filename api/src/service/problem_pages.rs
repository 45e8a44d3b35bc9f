//! What the error codes mean, as pages for people.

use super::model::{ProblemType, meaning};
use crate::error::{Code, Error, Fault, Result};
use crate::http::problem::Problem;
use crate::messages::Language;
use crate::pages::{Layout, Piece, pieces};
use askama::Template;

/// The page of one code.
#[derive(Template)]
#[template(path = "problem_type.html")]
pub(super) struct ProblemTypePage {
    layout: Layout,
    code: Code,
    status: u16,
    reason: String,
    side: &'static str,
    title: String,
    meaning: Vec<Piece>,
    effect: Vec<Piece>,
    advice: Vec<Piece>,
    example_note: Vec<Piece>,
    example: String,
}

impl ProblemTypePage {
    pub(super) fn of(layout: Layout, code: Code, public_url: &str) -> Result<Self> {
        let (status, language) = (code.status(), layout.language);
        Ok(Self {
            code,
            status,
            reason: reason(&layout, status),
            side: side(status),
            title: code.title(language),
            meaning: pieces(&meaning(code, language)),
            effect: pieces(&layout.say(if status < 500 { "problem_refused" } else { "problem_failed" })),
            advice: pieces(&code.advice(language).unwrap_or_default()),
            example_note: pieces(&layout.say("problem_example_note")),
            example: example(code, language, public_url)?,
            layout,
        })
    }
}

/// The page of all codes.
#[derive(Template)]
#[template(path = "problem_types.html")]
pub(super) struct ProblemTypesPage {
    layout: Layout,
    intro: Vec<Piece>,
    groups: Vec<Group>,
}

/// The codes of one status.
struct Group {
    status: u16,
    reason: String,
    side: &'static str,
    kinds: Vec<ProblemType>,
}

impl ProblemTypesPage {
    /// Of codes in the order of their statuses.
    pub(super) fn of(layout: Layout, items: Vec<ProblemType>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for kind in items {
            match groups.last_mut() {
                Some(group) if group.status == kind.status => group.kinds.push(kind),
                _ => groups.push(Group {
                    status: kind.status,
                    reason: reason(&layout, kind.status),
                    side: side(kind.status),
                    kinds: vec![kind],
                }),
            }
        }
        Self { intro: pieces(&layout.say("problem_intro")), layout, groups }
    }
}

fn reason(layout: &Layout, status: u16) -> String {
    layout.say(&format!("status_{status}"))
}

/// On whose side it went wrong: the class of the mark.
fn side(status: u16) -> &'static str {
    if status < 500 { "caller" } else { "server" }
}

/// A problem document with this code. The code of a field never comes alone.
fn example(code: Code, language: Language, public_url: &str) -> Result<String> {
    let error = match code.as_str().starts_with("field_") {
        true => Error::invalid(vec![Fault::at("/contact/email", code)]),
        false => Error::new(code),
    };
    let problem = Problem::of(&error, language, "01a1fd7d-8fd2-7160-b54c-8fd857838751", public_url);
    let text = serde_json::to_string_pretty(&problem).map_err(Error::internal)?;
    let filled = text.split("{$").enumerate().map(|(number, part)| match part.split_once('}') {
        Some((_, rest)) if number > 0 => format!("…{rest}"),
        _ => part.to_owned(),
    });
    Ok(filled.collect())
}

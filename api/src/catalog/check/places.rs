//! Where in a file's text a value stands: by JSON pointer, as line and column.

use super::Found;
use crate::http::faults::escaped;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::HashMap;

/// The place of every value of a text.
pub(super) struct Places(HashMap<String, (usize, usize)>);

impl Places {
    /// Reads a text that is JSON; answers also the names that stand twice in one object, because of those only the
    /// last would count.
    pub fn of(text: &str) -> (Self, Vec<Found>) {
        let mut walk = Walk { lines: Lines::of(text), places: HashMap::new(), found: Vec::new() };
        if let Ok(parsed) = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default())
            && let Some(value) = &parsed.value
        {
            walk.value("", value);
        }
        (Self(walk.places), walk.found)
    }

    /// Line and column of a value; of the nearest one around it where there is none, as for a field that is missing.
    pub fn of_pointer(&self, pointer: &str) -> (usize, usize) {
        let mut pointer = pointer;
        loop {
            match (self.0.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return *place,
                (None, Some((around, _))) => pointer = around,
                (None, None) => return (1, 1),
            }
        }
    }
}

struct Walk<'a> {
    lines: Lines<'a>,
    places: HashMap<String, (usize, usize)>,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn value(&mut self, pointer: &str, value: &Value<'_>) {
        self.places.insert(pointer.to_owned(), self.lines.of_byte(value.start()));
        match value {
            Value::Object(object) => {
                let mut seen: HashMap<&str, usize> = HashMap::new();
                for property in &object.properties {
                    let name = property.name.as_str();
                    let at = format!("{pointer}/{}", escaped(name));
                    let (line, _) = self.lines.of_byte(property.start());
                    if let Some(first) = seen.insert(name, line) {
                        let detail = format!("`{name}` stands in line {first} already");
                        self.found.push(Found::at(at.clone(), "field_repeated", detail));
                    }
                    self.value(&at, &property.value);
                }
            }
            Value::Array(array) => {
                for (index, element) in array.elements.iter().enumerate() {
                    self.value(&format!("{pointer}/{index}"), element);
                }
            }
            _ => {}
        }
    }
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let begins = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, begins }
    }

    fn of_byte(&self, at: usize) -> (usize, usize) {
        let line = self.begins.partition_point(|begin| *begin <= at);
        let begin = self.begins.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(begin..at).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}

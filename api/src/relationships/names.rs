//! The names of those who ask, as a sentence tells them.

use crate::messages::{Language, Text};
use serde_json::{Map, Value};

/// One name, or two joined by the language's word.
pub fn joined(names: &[&str], language: Language) -> String {
    let [one, other] = names else { return names.join(", ") };
    let facts: Map<String, Value> =
        [("one", *one), ("other", *other)].into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let words = Text::of(if begins_with_i(other) { "names_two_i" } else { "names_two" });
    words.say(language, None, &facts).unwrap_or_default()
}

/// Before this sound Spanish says `e` for `y`.
fn begins_with_i(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(['i', 'í']) || ((name.starts_with("hi") || name.starts_with("hí")) && !name.starts_with("hie"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(&["Golfo"], Language::Spanish, "Golfo")]
    #[test_case(&["Golfo", "Norte"], Language::Spanish, "Golfo y Norte")]
    #[test_case(&["Golfo", "Integradora"], Language::Spanish, "Golfo e Integradora")]
    #[test_case(&["Golfo", "Hielos"], Language::Spanish, "Golfo y Hielos")]
    #[test_case(&["Golfo", "Íntegra"], Language::English, "Golfo and Íntegra"; "english")]
    fn rule_lnk_08_both_are_named_in_the_readers_language(names: &[&str], language: Language, expected: &str) {
        assert_eq!(joined(names, language), expected);
    }
}

//! The words of Lonja in Spanish and English, kept in Fluent files (`api/data/messages`): of the error codes, of the pages
//! that people see, of mail, and of reasons. An entry's value is its title; `.detail` says what is the case now; `.advice` says what to do next.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;
use utoipa::ToSchema;

/// The languages that people are answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
pub enum Language {
    /// English, also for everybody who asks for something else.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 2] = [Language::English, Language::Spanish];

    /// The tag of the language, for `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language's name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    /// The best of our languages for an `Accept-Language` header, quality values honoured.
    pub fn best_for(accept_language: &str) -> Self {
        let ranges: Vec<(String, f32)> = accept_language.split(',').take(MOST_RANGES).map(range).collect();
        let of = |wanted: &str| ranges.iter().find(|(tag, _)| tag.split('-').next() == Some(wanted));
        let mut best = (Self::default(), 0.0);
        // In the order of the header, which decides between equals; then what only `*` speaks of (RFC 4647 §3.4).
        for (tag, quality) in &ranges {
            let language = Self::ALL.into_iter().find(|language| tag.split('-').next() == Some(language.tag()));
            let unnamed = || Self::ALL.into_iter().find(|language| of(language.tag()).is_none());
            let language = if tag == "*" { unnamed() } else { language };
            if let Some(language) = language.filter(|_| *quality > best.1) {
                best = (language, *quality);
            }
        }
        best.0
    }
}

static ENGLISH: LazyLock<Option<FluentBundle<FluentResource>>> = LazyLock::new(|| {
    bundle(
        "en",
        &[
            include_str!("../data/messages/en.ftl"),
            include_str!("../data/messages/pages.en.ftl"),
            include_str!("../data/messages/mail.en.ftl"),
            include_str!("../data/messages/reasons.en.ftl"),
        ],
    )
});
static SPANISH: LazyLock<Option<FluentBundle<FluentResource>>> = LazyLock::new(|| {
    bundle(
        "es",
        &[
            include_str!("../data/messages/es.ftl"),
            include_str!("../data/messages/pages.es.ftl"),
            include_str!("../data/messages/mail.es.ftl"),
            include_str!("../data/messages/reasons.es.ftl"),
        ],
    )
});
/// How much of an `Accept-Language` is read.
const MOST_RANGES: usize = 16;

/// One range of an `Accept-Language`, in lower case, with its quality: 1 where none is given, 0 where it is no number.
fn range(text: &str) -> (String, f32) {
    let text = text.to_ascii_lowercase();
    let mut pieces = text.split(';').map(str::trim);
    let tag = pieces.next().unwrap_or_default().to_owned();
    let quality = pieces
        .find_map(|piece| piece.strip_prefix("q="))
        .map_or(1.0, |q| q.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
    (tag, quality)
}

fn bundle(language: &str, sources: &[&str]) -> Option<FluentBundle<FluentResource>> {
    let language: LanguageIdentifier = language.parse().ok()?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks that isolate a value's direction would end up in JSON and logs.
    bundle.set_use_isolating(false);
    for source in sources {
        bundle.add_resource(FluentResource::try_new((*source).to_owned()).ok()?).ok()?;
    }
    Some(bundle)
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// The entry of this name.
    pub fn of(name: &'a str) -> Self {
        Self(name)
    }

    /// The title; the name itself where the catalogue has none.
    pub fn title(self, language: Language) -> String {
        self.say(language, None, &Map::new()).unwrap_or_else(|| self.0.replace('_', " "))
    }

    /// What is the case, with these facts filled in; the title where there is no more to say.
    pub fn detail(self, language: Language, facts: &Map<String, Value>) -> String {
        self.say(language, Some("detail"), facts).unwrap_or_else(|| self.title(language))
    }

    /// What to do next.
    pub fn advice(self, language: Language, facts: &Map<String, Value>) -> Option<String> {
        self.say(language, Some("advice"), facts)
    }

    /// The value of an entry, or of one of its attributes, with these facts filled in.
    pub fn say(self, language: Language, attribute: Option<&str>, facts: &Map<String, Value>) -> Option<String> {
        let bundle = match language {
            Language::English => ENGLISH.as_ref(),
            Language::Spanish => SPANISH.as_ref(),
        }?;
        let message = bundle.get_message(self.0)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in facts {
            arguments.set(name.as_str(), FluentValue::from(in_words(value)));
        }
        let mut faults = Vec::new();
        Some(bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned())
    }
}

/// A fact as it stands in a sentence: texts bare, lists by commas, money as amount and currency.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("amount"), fields.get("currency")) {
            (Some(Value::String(amount)), Some(Value::String(currency))) => format!("{amount} {currency}"),
            _ => fields.iter().map(|(name, value)| format!("{name} {}", in_words(value))).collect::<Vec<_>>().join(" "),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use std::collections::{BTreeMap, BTreeSet};
    use test_case::test_case;

    #[test_case("es-MX, en;q=0.8", Language::Spanish; "the first")]
    #[test_case("en;q=0.3, es;q=0.9", Language::Spanish; "the better one")]
    #[test_case("fr;q=0.9, es;q=0.1", Language::Spanish; "the one we have")]
    #[test_case("fr, de", Language::English; "none that we have")]
    #[test_case("es;q=nonsense, en;q=0.1", Language::English; "a quality that is no number")]
    #[test_case("es;q=0", Language::English; "one that is refused")]
    #[test_case("fr;q=0.9, es;q=0.8, en;q=0.1", Language::Spanish; "the second of three")]
    #[test_case("fr;q=0.5, de", Language::English; "two that we have not")]
    #[test_case("*", Language::English; "any")]
    #[test_case("en;q=0.1, *", Language::Spanish; "any other")]
    #[test_case("es;q=0, *;q=0.5", Language::English; "any but one")]
    #[test_case("*;q=0.1, es;q=0.5", Language::Spanish; "any, and rather one")]
    #[test_case("es, en", Language::Spanish; "equal: the first")]
    #[test_case("en, es", Language::English; "equal: the other first")]
    #[test_case("ES-419;Q=1.0", Language::Spanish; "upper case and a region")]
    #[test_case("est, esperanto", Language::English; "what only begins alike")]
    #[test_case("es;q=1.5, en;q=0.1", Language::English; "a quality out of range")]
    #[test_case("es;q=NaN", Language::English; "a quality that is not even a number")]
    #[test_case(";;;,,,=;q=;q", Language::English; "garbage")]
    #[test_case("", Language::English; "nothing")]
    fn rule_plt_05_the_best_language_is_chosen(header: &str, expected: Language) {
        assert_eq!(Language::best_for(header), expected);
    }

    #[test]
    fn rule_plt_05_every_code_has_a_title_a_detail_and_advice_in_both_languages() {
        for code in Code::ALL {
            for language in Language::ALL {
                let text = Text::of(code.as_str());
                assert!(text.say(language, None, &Map::new()).is_some(), "{code} has no title in {language:?}");
                assert!(
                    text.say(language, Some("detail"), &Map::new()).is_some(),
                    "{code} has no detail in {language:?}"
                );
                assert!(text.advice(language, &Map::new()).is_some(), "{code} has no advice in {language:?}");
            }
        }
    }

    /// Each entry and attribute with the facts that it names.
    fn entries(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (mut entry, mut name) = (String::new(), String::new());
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once(" = ") {
                Some((key, _)) if !line.starts_with(' ') => {
                    entry = key.to_owned();
                    name.clone_from(&entry);
                }
                Some((key, _)) if key.trim_start().starts_with('.') => name = format!("{entry}{}", key.trim_start()),
                _ => {}
            }
            if !name.is_empty() {
                let facts = line.split("{ $").skip(1).filter_map(|rest| rest.split([' ', '}']).next());
                found.entry(name.clone()).or_default().extend(facts.map(str::to_owned));
            }
        }
        found
    }

    #[test]
    fn the_two_catalogues_have_the_same_entries_with_the_same_facts() {
        for (english, spanish) in [
            (include_str!("../data/messages/en.ftl"), include_str!("../data/messages/es.ftl")),
            (include_str!("../data/messages/pages.en.ftl"), include_str!("../data/messages/pages.es.ftl")),
            (include_str!("../data/messages/mail.en.ftl"), include_str!("../data/messages/mail.es.ftl")),
            (include_str!("../data/messages/reasons.en.ftl"), include_str!("../data/messages/reasons.es.ftl")),
        ] {
            assert_eq!(entries(english), entries(spanish));
        }
        assert_eq!(entries("a = x { $b }\n    .c = y\n    { $d }")["a.c"], BTreeSet::from(["d".to_owned()]));
    }

    #[test]
    fn what_the_pages_say_is_in_the_catalogues() {
        let mut said = Vec::new();
        let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/templates").to_owned()];
        while let Some(folder) = folders.pop() {
            for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = file.path();
                if path.is_dir() {
                    folders.push(path.display().to_string());
                } else {
                    let text = std::fs::read_to_string(path).unwrap();
                    for call in ["say(\"", "tell(\"", "prose(\""] {
                        said.extend(text.split(call).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
                    }
                }
            }
        }
        assert!(said.len() >= 10, "{said:?}");
        said.extend(Code::ALL.iter().map(|code| format!("status_{}", code.status())));
        said.retain(|name| !name.contains('{'));
        for (name, language) in said.iter().flat_map(|name| Language::ALL.map(|language| (name, language))) {
            assert!(Text::of(name).say(language, None, &Map::new()).is_some(), "{name} is missing in {language:?}");
        }
    }
}

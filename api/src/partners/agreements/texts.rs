//! The texts of the agreement: dated files that come with the service, or the operator's own. A file is named
//! `mpa-YYYY-MM-DD.LANGUAGE.txt` by the day from which its version holds.

use crate::error::{Error, Result};
use crate::messages::Language;
use chrono::NaiveDate;
use std::path::Path;

/// What comes with the service: a sample.
const BUNDLED: [(&str, &str); 2] = [
    ("mpa-2026-10-01.en.txt", include_str!("../../../data/agreements/mpa-2026-10-01.en.txt")),
    ("mpa-2026-10-01.es.txt", include_str!("../../../data/agreements/mpa-2026-10-01.es.txt")),
];

/// A text in one language.
#[derive(Debug, Clone)]
pub struct Text {
    /// From which day it holds; names the version.
    pub since: NaiveDate,
    /// The language.
    pub language: Language,
    /// The words.
    pub words: String,
}

impl Text {
    /// The name of the version, such as `2026-10-01`.
    pub fn version(&self) -> String {
        self.since.format("%Y-%m-%d").to_string()
    }
}

/// Every text there is.
#[derive(Debug)]
pub struct Texts {
    all: Vec<Text>,
    is_sample: bool,
}

impl Texts {
    /// Those in this directory; where none is named, the sample that comes with the service.
    pub fn of(directory: &str) -> Result<Self> {
        if directory.is_empty() {
            let all = BUNDLED.iter().filter_map(|(name, words)| text(name, (*words).to_owned())).collect();
            return Ok(Self { all, is_sample: true });
        }
        let cannot = |error: std::io::Error| Error::internal(format!("`{directory}` cannot be read: {error}"));
        let mut all = Vec::new();
        for entry in std::fs::read_dir(Path::new(directory)).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with("mpa-") {
                let words = std::fs::read_to_string(&path).map_err(cannot)?;
                let wrong = || Error::internal(format!("`{name}` is not named mpa-YYYY-MM-DD.en.txt or .es.txt"));
                all.push(text(&name, words).ok_or_else(wrong)?);
            }
        }
        if all.is_empty() {
            return Err(Error::internal(format!("`{directory}` has no agreement: mpa-YYYY-MM-DD.en.txt or .es.txt")));
        }
        Ok(Self { all, is_sample: false })
    }

    /// Whether it is the sample.
    pub fn is_sample(&self) -> bool {
        self.is_sample
    }

    /// The version that holds on this day, in this language, else in any.
    pub fn in_force(&self, on: NaiveDate, language: Language) -> Option<&Text> {
        let since = self.all.iter().map(|text| text.since).filter(|since| *since <= on).max()?;
        self.version(since, language)
    }

    /// A version by its name.
    pub fn named(&self, version: &str, language: Language) -> Option<&Text> {
        self.version(version.parse().ok()?, language)
    }

    fn version(&self, since: NaiveDate, language: Language) -> Option<&Text> {
        let mut texts = self.all.iter().filter(|text| text.since == since);
        texts.clone().find(|text| text.language == language).or_else(|| texts.next())
    }
}

fn text(name: &str, words: String) -> Option<Text> {
    let (since, language) = name.strip_prefix("mpa-")?.strip_suffix(".txt")?.split_once('.')?;
    let language = Language::ALL.into_iter().find(|known| known.tag() == language)?;
    Some(Text { since: since.parse().ok()?, language, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_enr_10_the_newest_version_that_holds_is_in_force_and_others_stay_readable() {
        let one = |name: &str| text(name, name.to_owned()).unwrap();
        let all = vec![one("mpa-2026-10-01.en.txt"), one("mpa-2027-01-01.es.txt"), one("mpa-2027-01-01.en.txt")];
        let texts = Texts { all, is_sample: false };
        let on = |day: &str, language| texts.in_force(day.parse().unwrap(), language).map(|text| text.words.as_str());
        assert_eq!(on("2026-09-30", Language::English), None);
        assert_eq!(on("2026-10-01", Language::Spanish), Some("mpa-2026-10-01.en.txt"), "better than nothing");
        assert_eq!(on("2027-01-01", Language::Spanish), Some("mpa-2027-01-01.es.txt"));
        assert_eq!(texts.named("2026-10-01", Language::English).unwrap().version(), "2026-10-01");
        assert!(texts.named("2026-10-02", Language::English).is_none());
    }

    #[test]
    fn the_bundled_sample_says_that_it_is_one_in_both_languages() {
        let texts = Texts::of("").unwrap();
        for (language, word) in [(Language::English, "SAMPLE"), (Language::Spanish, "MUESTRA")] {
            let text = texts.named("2026-10-01", language).unwrap();
            assert!(texts.is_sample() && text.language == language && text.words.contains(word));
        }
    }
}

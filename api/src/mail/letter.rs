//! What a mail says: words of the catalogue (`api/data/messages/mail.*.ftl`) with facts filled in, as text and as HTML.
//! An entry's value is the subject, `.body` the paragraphs, `.action` the words on the link, `.note` the small print.

use crate::error::{Error, Result};
use crate::messages::{Language, Text};
use crate::profiles::PreferredLanguage;
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A mail that is to be sent.
pub struct Mail {
    /// The entry of the catalogue, such as `mail_relationship_request`.
    pub(super) kind: &'static str,
    /// The address.
    pub(super) to: String,
    /// The language of the words.
    pub(super) language: PreferredLanguage,
    facts: Map<String, Value>,
    link: Option<SecretString>,
}

/// A mail in words.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The words for readers of plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Mail {
    /// A mail of this kind to this address.
    pub fn new(kind: &'static str, to: &str, language: PreferredLanguage) -> Self {
        Self { kind, to: to.to_owned(), language, facts: Map::new(), link: None }
    }

    /// Fills a fact into the words.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Where the reader is to go. Whoever has the link may use it: it stands in the mail and nowhere else.
    pub fn link(mut self, url: SecretString) -> Self {
        self.link = Some(url);
        self
    }

    /// The words, in the mail's language.
    pub fn letter(&self) -> Result<Letter> {
        self.letter_in(self.language.into())
    }

    /// The words in a language.
    pub fn letter_in(&self, language: Language) -> Result<Letter> {
        let say = |attribute| Text::of(self.kind).say(language, attribute, &self.facts);
        let told = |attribute| say(Some(attribute)).unwrap_or_default();
        let subject = say(None).ok_or_else(|| Error::internal(format!("no words for {}", self.kind)))?;
        let body = told("body");
        let words = Words {
            language,
            subject: one_line(&subject),
            paragraphs: body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect(),
            action: told("action"),
            link: self.link.as_ref().map(|link| link.expose_secret()),
            note: told("note"),
            foot: Text::of("mail_foot").title(language),
        };
        let text = TextMail { words: &words }.render().map_err(Error::internal)?;
        let html = HtmlMail { words: &words }.render().map_err(Error::internal)?;
        Ok(Letter { subject: words.subject, text, html })
    }
}

/// A subject is one line, whatever somebody called its company.
fn one_line(text: &str) -> String {
    text.split(char::is_control).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

struct Words<'a> {
    language: Language,
    subject: String,
    paragraphs: Vec<&'a str>,
    action: String,
    link: Option<&'a str>,
    note: String,
    foot: String,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct TextMail<'a> {
    words: &'a Words<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlMail<'a> {
    words: &'a Words<'a>,
}

//! Web pages for people: one layout, one stylesheet, both languages, nothing from elsewhere and no script. A page is a
//! template in `api/templates` that extends `layout.html` and has a field `layout`.

mod assets;
mod closed;
mod face;
mod prose;

pub use assets::routes;
pub use closed::{Closing, closed_page, failed_page, log_failure};
pub use face::{Face, private_page, private_text, wants_a_page};
pub use prose::{Piece, pieces};

use crate::clock::Instant;
use crate::config::Config;
use crate::error::Result;
use crate::http::context::RequestContext;
use crate::messages::{Language, Text};
use actix_web::{HttpRequest, web};
use chrono::Datelike;
use serde_json::{Map, Value};

/// What the layout of every page needs.
pub struct Layout {
    /// The language of the page.
    pub language: Language,
    is_chosen: bool,
    base: String,
    here: String,
}

impl Layout {
    /// For the page at this path; `chosen`: the language that the reader has picked on a page.
    pub fn of(config: &Config, language: Language, chosen: Option<Language>, here: &str) -> Self {
        // Behind a proxy the service may live below a path: links must lead there.
        let without_scheme = config.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let base = without_scheme.split_once('/').map(|(_, path)| format!("/{path}")).unwrap_or_default();
        Self { language, is_chosen: chosen.is_some(), here: format!("{base}{here}"), base }
    }

    /// For the page at this path, in the language that its address picks with `language`, else in that of the request.
    pub fn asked(config: &Config, request: &HttpRequest, here: &str) -> Result<Self> {
        let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs = query.map(web::Query::into_inner).unwrap_or_default();
        let tag = pairs.iter().find(|(name, _)| name == "language").map(|(_, tag)| tag.as_str());
        let chosen = Language::ALL.into_iter().find(|language| Some(language.tag()) == tag);
        let language = chosen.unwrap_or(RequestContext::of(request)?.language);
        Ok(Self::of(config, language, chosen, here))
    }

    /// Words of the page.
    pub fn say(&self, name: &str) -> String {
        Text::of(name).title(self.language)
    }

    /// Words of the page with facts filled in.
    pub fn tell(&self, name: &str, facts: &[(&str, &str)]) -> String {
        let facts: Map<String, Value> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        Text::of(name).say(self.language, None, &facts).unwrap_or_default()
    }

    /// A day as people write it.
    pub fn date(&self, at: Instant) -> String {
        let (day, month, year) =
            (at.day().to_string(), self.say(&format!("month_{}", at.month())), at.year().to_string());
        self.tell("date", &[("day", day.as_str()), ("month", month.as_str()), ("year", year.as_str())])
    }

    /// A day and the time of it.
    pub fn instant(&self, at: Instant) -> String {
        let (date, time) = (self.date(at), at.format("%H:%M").to_string());
        self.tell("instant", &[("date", date.as_str()), ("time", time.as_str())])
    }

    /// The address of this page, in the language that was picked.
    pub fn here(&self) -> String {
        format!("{}{}", self.here, self.query())
    }

    /// The address of a path of this service.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What an address of a further page ends with, so that it is in the language that was picked.
    pub fn query(&self) -> String {
        if self.is_chosen { format!("?language={}", self.language.tag()) } else { String::new() }
    }

    /// The address of an asset; it changes with its content, so that it can be kept.
    pub fn asset(&self, name: &str) -> String {
        format!("{}/assets/{name}?v={}", self.base, assets::version_of(name))
    }

    /// The language that this page is not in.
    pub fn other(&self) -> Language {
        match self.language {
            Language::English => Language::Spanish,
            Language::Spanish => Language::English,
        }
    }

    /// This page in a language.
    pub fn here_in(&self, language: Language) -> String {
        format!("{}?language={}", self.here, language.tag())
    }
}

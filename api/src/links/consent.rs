//! What a reseller consents to when it authorises a provider: dated texts (`api/data/consents`), because lawyers change
//! them. The text that was consented to is kept word for word (LNK-02).

use super::model::{InvitationPurpose, LinkParty};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::messages::Language;
use crate::profiles::PreferredLanguage;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

static TEXTS: LazyLock<Result<Vec<Version>, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/consents/indirect-provider-link.json"))
        .map_err(|error| error.to_string())
});

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Version {
    version: String,
    from: NaiveDate,
    new_link: Words,
    restore_admin_access: Words,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    es: String,
    en: String,
}

/// A text to be read before consenting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentText {
    /// Its version.
    #[schema(max_length = 20, example = "2026-01")]
    pub version: String,
    /// The language of this text.
    pub language: PreferredLanguage,
    /// The words.
    #[schema(max_length = 4000)]
    pub text: String,
}

/// The text in force, in the reader's language, with both names in it.
pub fn text(
    purpose: InvitationPurpose,
    now: Instant,
    language: Language,
    provider: &LinkParty,
    reseller: &str,
) -> Result<ConsentText> {
    let texts = TEXTS.as_ref().map_err(|error| Error::internal(error.clone()))?;
    let in_force = texts.iter().rev().find(|text| text.from <= now.date_naive()).or(texts.first());
    let version = in_force.ok_or_else(|| Error::internal("there is no text to consent to"))?;
    let words = match purpose {
        InvitationPurpose::NewLink => &version.new_link,
        InvitationPurpose::RestoreAdminAccess => &version.restore_admin_access,
    };
    let (language, words) = match language {
        Language::Spanish => (PreferredLanguage::Spanish, &words.es),
        Language::English => (PreferredLanguage::English, &words.en),
    };
    let text = filled(words, &[("{provider}", &provider.legal_name), ("{reseller}", reseller)]);
    Ok(ConsentText { version: version.version.clone(), language, text })
}

/// The words with names in their places. One pass: a company called `{reseller}` is only called so.
fn filled(words: &str, names: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((at, (place, name))) =
        names.iter().filter_map(|pair| rest.find(pair.0).map(|at| (at, pair))).min_by_key(|(at, _)| *at)
    {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        out.push_str(name);
        rest = after.strip_prefix(place).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str) -> LinkParty {
        LinkParty {
            id: String::new(),
            legal_name: name.to_owned(),
            country: "MX".to_owned(),
            partner_location_id: None,
        }
    }

    #[test]
    fn rule_lnk_02_every_text_is_there_in_both_languages_and_names_both() {
        let now = crate::clock::machine_now();
        for purpose in [InvitationPurpose::NewLink, InvitationPurpose::RestoreAdminAccess] {
            for language in Language::ALL {
                let text = text(purpose, now, language, &provider("Mayorista {reseller}"), "Integradora").unwrap();
                assert!(text.text.contains("Mayorista {reseller}") && text.text.contains("Integradora"), "{text:?}");
                assert!(!text.text.contains("{provider}") && !text.version.is_empty());
            }
        }
    }

    #[test]
    fn rule_lnk_02_the_texts_ascend_in_date() {
        let texts = TEXTS.as_ref().unwrap();
        assert!(!texts.is_empty() && texts.is_sorted_by_key(|text| text.from));
    }
}

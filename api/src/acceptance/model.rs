//! The types of acceptances.

use super::course::Invitation;
use crate::clock::Instant;
use crate::partners::PartnerKind;
use crate::profiles::PreferredLanguage;
use crate::relationships::RelationshipRequestState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What somebody at the organisation decides.
    pub enum AcceptanceDecision {
        /// To accept all parties.
        Accept = "accept",
        /// To accept none of them.
        Decline = "decline",
        /// Nothing yet: the code that accepting needs is to be mailed to the organisation's contact.
        SendCode = "sendCode",
    }
}

/// The answer of an organisation.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerAcceptance {
    /// What is decided.
    pub decision: AcceptanceDecision,
    /// Who decides: first name. Needed to accept, as are the last name and the mail address.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, nullable = false, example = "Lucía")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40, nullable = false, example = "Hernández")]
    pub last_name: Option<String>,
    /// What the person is at the organisation.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, nullable = false, example = "Directora general")]
    pub title: Option<String>,
    /// The person's mail address.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, nullable = false, example = "lucia@panaderiasol.example")]
    pub email: Option<String>,
    /// Whether the Microsoft Customer Agreement is accepted, where it is asked for.
    #[serde(default)]
    #[schema(default = false)]
    pub agrees_to_mca: bool,
    /// The code that was mailed to the organisation's contact, where one is needed.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 6, max = 6))]
    #[schema(format = Password, min_length = 6, max_length = 6, pattern = "^[0-9]{6}$", nullable = false, example = "042137")]
    pub code: Option<String>,
}

/// A partner that is to be accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptanceParty {
    /// Its registered name.
    #[schema(max_length = 255, example = "Distribuidora del Golfo")]
    pub name: String,
    /// How it takes part.
    pub kind: PartnerKind,
    /// The country of its legal location, ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
}

/// What an organisation is asked, as whoever holds the link sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acceptance {
    /// Where it stands.
    pub state: RelationshipRequestState,
    /// The organisation that is asked.
    #[schema(max_length = 255, example = "Panadería Sol S.A. de C.V.")]
    pub company_name: String,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// Whom it is asked to accept: one answer is for all of them.
    #[schema(max_items = 10)]
    pub parties: Vec<AcceptanceParty>,
    /// The tenant of the organisation that it is asked for; null where it is asked for none.
    #[schema(max_length = 253, example = "panaderiasol.onmicrosoft.com")]
    pub tenant: Option<String>,
    /// Whether the Microsoft Customer Agreement is to be accepted too.
    pub includes_mca: bool,
    /// Where its text can be read.
    #[schema(max_length = 500)]
    pub mca_url: Option<String>,
    /// Whether accepting needs a code that is mailed to the organisation's contact.
    pub needs_code: bool,
    /// The contact's mail address, all but hidden; null where no code is needed.
    #[schema(max_length = 260, example = "l•••@panaderiasol.example")]
    pub code_goes_to: Option<String>,
    /// Until when the code that was mailed last is good; null where none is.
    pub code_expires_at: Option<DateTime<Utc>>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When the organisation answered.
    pub answered_at: Option<DateTime<Utc>>,
}

impl Acceptance {
    /// Of an invitation.
    pub fn of(invitation: &Invitation, now: Instant) -> Self {
        let request = &invitation.request;
        let is_open = request.state_at(now) == RelationshipRequestState::Requested;
        let party = |(_, partner): &(_, crate::partners::PartnerRow)| AcceptanceParty {
            name: partner.legal_name.clone(),
            kind: partner.kind,
            country: partner.country.clone(),
        };
        Self {
            state: request.state_at(now),
            company_name: invitation.company_name.clone(),
            language: invitation.language,
            parties: invitation.parties.iter().map(party).collect(),
            tenant: invitation.tenant.clone(),
            includes_mca: request.include_mca,
            mca_url: request.include_mca.then(|| super::agreement::url_at(now).map(str::to_owned)).flatten(),
            needs_code: request.needs_code,
            code_goes_to: (is_open && request.needs_code).then(|| invitation.code_recipient().map(masked)).flatten(),
            code_expires_at: invitation.live_code_until(now).filter(|_| is_open),
            expires_at: request.expires_at.and_utc(),
            answered_at: request.answered_at.map(|at| at.and_utc()),
        }
    }
}

/// A mail address of which its owner recognises enough.
fn masked(email: &str) -> String {
    let (local, host) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{host}")
}

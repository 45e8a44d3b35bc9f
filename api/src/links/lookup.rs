//! An invitation as its holder reads it before consenting (LNK-02).

use super::answers::Asked;
use super::consent::ConsentText;
use super::model::{InvitationPurpose, LinkParty};
use crate::http::problem::FieldError;
use crate::messages::Language;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Who asks for what.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndirectProviderLinkRequest {
    /// The link: its id is for the path of the answer.
    #[schema(format = Uuid, max_length = 36)]
    pub link_id: String,
    /// What is asked for.
    pub purpose: InvitationPurpose,
    /// Who asks.
    pub provider: LinkParty,
    /// Its words.
    #[schema(max_length = 1000)]
    pub message: Option<String>,
    /// Where the invitation went.
    #[schema(max_length = 254)]
    pub email: String,
    /// When it went out.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be answered.
    pub expires_at: DateTime<Utc>,
    /// What is to be consented to, in the language of the request.
    pub consent: ConsentText,
    /// Whether the caller's company could authorise it now.
    pub possible: bool,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
}

impl IndirectProviderLinkRequest {
    /// As it is found.
    pub fn of(asked: Asked, language: Language) -> Self {
        let faults = asked.faults();
        let Asked { link, invitation, provider, text, .. } = asked;
        Self {
            link_id: link.id,
            purpose: invitation.purpose,
            provider: LinkParty {
                id: provider.id,
                legal_name: provider.legal_name,
                country: provider.country,
                partner_location_id: provider.partner_location_id,
            },
            message: invitation.message,
            email: invitation.email,
            invited_at: invitation.created_at.and_utc(),
            expires_at: invitation.expires_at.and_utc(),
            consent: text,
            possible: faults.is_empty(),
            reasons: FieldError::all_of(&faults, language),
        }
    }
}

//! The types of links.

use crate::db::schema::{indirect_provider_invitations, indirect_provider_links};
use crate::db::write::Subject;
use crate::http::Resource;
use crate::profiles::PreferredLanguage;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where a link stands.
    pub enum LinkState {
        /// The reseller has not answered yet.
        Invited = "invited",
        /// Live: the provider orders for the reseller's customers (LNK-04).
        Active = "active",
        /// The reseller said no.
        Declined = "declined",
        /// The provider took the invitation back.
        Cancelled = "cancelled",
        /// Nobody answered in time.
        Expired = "expired",
        /// Either side ended it: nothing new is sold through it (LNK-10).
        Ended = "ended",
    }
}

crate::word_enum! {
    /// Whether the provider may read and change the reseller's profile and users (LNK-04).
    pub enum AdminAccess {
        /// It may.
        Granted = "granted",
        /// It may no longer: the reseller took it away, or the link has ended (LNK-05).
        Removed = "removed",
    }
}

crate::word_enum! {
    /// What an invitation asks for.
    pub enum InvitationPurpose {
        /// To become the reseller's provider.
        NewLink = "newLink",
        /// To get the admin access back that the reseller removed (LNK-05).
        RestoreAdminAccess = "restoreAdminAccess",
    }
}

crate::word_enum! {
    /// Where an invitation stands.
    pub enum InvitationState {
        /// It can be answered.
        Pending = "pending",
        /// The reseller authorised it.
        Accepted = "accepted",
        /// The reseller said no.
        Declined = "declined",
        /// The provider took it back, or a newer one or the end of the link did.
        Cancelled = "cancelled",
        /// Nobody answered in time.
        Expired = "expired",
    }
}

crate::word_enum! {
    /// A side of a link.
    pub enum LinkRole {
        /// The distributor.
        Provider = "provider",
        /// The partner that sells to customers.
        Reseller = "reseller",
    }
}

/// An invitation to a link, or to give admin access again.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InviteIndirectReseller {
    /// Where the personal link goes.
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, example = "socios@integradorapacifico.example")]
    pub email: String,
    /// The reseller, if known: then it alone can answer, and its region is checked before any mail goes out (LNK-06).
    /// Needed for `restoreAdminAccess`.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub reseller_id: Option<String>,
    /// What is asked for; a new link unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub purpose: Option<InvitationPurpose>,
    /// A few words of the provider's, for the mail.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, nullable = false, example = "Hablamos el martes en la feria.")]
    pub message: Option<String>,
    /// The language of the mail; Spanish unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
}

/// The secret of an invitation's personal link.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LookUpIndirectProviderLink {
    /// The last part of the link in the mail.
    #[validate(length(min = 1, max = 200))]
    #[schema(format = Password, min_length = 1, max_length = 200)]
    pub token: String,
}

/// A reseller's yes.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorizeIndirectProviderLink {
    /// The last part of the link in the mail.
    #[validate(length(min = 1, max = 200))]
    #[schema(format = Password, min_length = 1, max_length = 200)]
    pub token: String,
    /// True: a globalAdmin has read the text of the lookup and consents to it (LNK-02).
    #[serde(default)]
    pub consent: bool,
    /// The version of the text that was read; where it is no longer the present one, nothing is authorised.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, nullable = false, example = "2026-01")]
    pub consent_version: Option<String>,
}

/// A reseller's no.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclineIndirectProviderLink {
    /// The last part of the link in the mail; a reseller that the invitation names may leave it out.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 200))]
    #[schema(format = Password, min_length = 1, max_length = 200, nullable = false)]
    pub token: Option<String>,
}

/// A row of `indirect_provider_links`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = indirect_provider_links, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct LinkRow {
    /// Id.
    pub id: String,
    /// The provider.
    pub provider_id: String,
    /// The reseller; none while nobody but an address is invited.
    pub reseller_id: Option<String>,
    /// Where it stands.
    pub state: LinkState,
    /// Whether the provider has admin access; none before it was authorised.
    pub admin_access: Option<AdminAccess>,
    /// Counts changes.
    pub version: i64,
    /// When the provider invited.
    pub created_at: NaiveDateTime,
    /// When the reseller authorised it.
    pub authorized_at: Option<NaiveDateTime>,
    /// When it ended.
    pub ended_at: Option<NaiveDateTime>,
    /// Which partner ended it.
    pub ended_by: Option<String>,
}

impl Subject for LinkRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.provider_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.reseller_id.as_deref()
    }
}

/// A row of `indirect_provider_invitations`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = indirect_provider_invitations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct InvitationRow {
    pub(super) id: String,
    pub(super) link_id: String,
    pub(super) purpose: InvitationPurpose,
    pub(super) state: InvitationState,
    pub(super) digest: String,
    pub(super) email: String,
    pub(super) message: Option<String>,
    pub(super) created_at: NaiveDateTime,
    pub(super) expires_at: NaiveDateTime,
    pub(super) answered_at: Option<NaiveDateTime>,
    /// The API client that answered.
    pub(super) answered_by: Option<String>,
    pub(super) consent_version: Option<String>,
    pub(super) consent_language: Option<PreferredLanguage>,
    pub(super) consent_text: Option<String>,
}

/// A partner as the other side of a link sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkParty {
    /// The partner's id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The registered name.
    #[schema(max_length = 255, example = "Mayorista Nube del Norte S.A. de C.V.")]
    pub legal_name: String,
    /// The country of its legal location, ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The PartnerID; null until it is linked.
    #[schema(max_length = 10, example = "3310942")]
    pub partner_location_id: Option<String>,
}

/// An invitation, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkInvitation {
    /// What it asks for.
    pub purpose: InvitationPurpose,
    /// Where it stands.
    pub state: InvitationState,
    /// Where it went.
    #[schema(max_length = 254)]
    pub email: String,
    /// The provider's words.
    #[schema(max_length = 1000)]
    pub message: Option<String>,
    /// When it went out.
    pub invited_at: DateTime<Utc>,
    /// Until when it can be answered.
    pub expires_at: DateTime<Utc>,
    /// When it was answered, cancelled or ran out.
    pub answered_at: Option<DateTime<Utc>>,
}

/// What was consented to, by whom and when (LNK-02).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkConsent {
    /// What it was given for.
    pub purpose: InvitationPurpose,
    /// The version of the text.
    #[schema(max_length = 20, example = "2026-01")]
    pub version: String,
    /// The language it was read in.
    pub language: PreferredLanguage,
    /// The text, word for word.
    #[schema(max_length = 4000)]
    pub text: String,
    /// The reseller's API client that gave it; shown to the reseller and the operator.
    #[schema(format = Uuid, max_length = 36)]
    pub client_id: Option<String>,
    /// When.
    pub given_at: DateTime<Utc>,
}

/// The pairing of a provider and a reseller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndirectProviderLink {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: LinkState,
    /// Whether the provider may read and change the reseller's profile and users; null before it was authorised.
    pub admin_access: Option<AdminAccess>,
    /// The provider.
    pub provider: LinkParty,
    /// The reseller; null while nobody but an address is invited.
    pub reseller: Option<LinkParty>,
    /// The newest invitation.
    pub invitation: LinkInvitation,
    /// The newest consent; null before it was authorised.
    pub consent: Option<LinkConsent>,
    /// When the reseller authorised it.
    pub authorized_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Which side ended it.
    pub ended_by: Option<LinkRole>,
    /// When it came to be, with its first invitation.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    pub(super) version: i64,
}

impl From<InvitationRow> for LinkInvitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            purpose: row.purpose,
            state: row.state,
            email: row.email,
            message: row.message,
            invited_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            answered_at: row.answered_at.map(|instant| instant.and_utc()),
        }
    }
}

impl LinkConsent {
    pub(super) fn of(row: &InvitationRow) -> Option<Self> {
        Some(Self {
            purpose: row.purpose,
            version: row.consent_version.clone()?,
            language: row.consent_language?,
            text: row.consent_text.clone()?,
            client_id: row.answered_by.clone(),
            given_at: row.answered_at?.and_utc(),
        })
    }
}

impl Resource for IndirectProviderLink {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/indirect-provider-links/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of links.
    pub struct IndirectProviderLinkPage of IndirectProviderLink;
}

crate::list_parameters! {
    /// Which links.
    pub struct ListIndirectProviderLinks {
        /// Only those in which the caller is this side.
        pub role: Option<LinkRole>,
        /// Only those in this state.
        pub state: Option<LinkState>,
    }
}

crate::list_parameters! {
    /// Which customers.
    pub struct ListLinkCustomers {}
}

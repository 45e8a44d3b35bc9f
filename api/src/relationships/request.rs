//! The types of relationship requests.

use crate::clock::Instant;
use crate::db::schema::{relationship_request_parties, relationship_requests};
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::Result;
use crate::http::Resource;
use crate::messages::Language;
use crate::partners::PartnerRow;
use crate::profiles::{Address, Contact, PreferredLanguage};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where a request stands in the database, which does not know what time it is.
    pub enum StoredState {
        Requested = "requested",
        Accepted = "accepted",
        Declined = "declined",
        Withdrawn = "withdrawn",
    }
}

crate::word_enum! {
    /// Where a relationship request stands.
    pub enum RelationshipRequestState {
        /// Waits for the organisation.
        Requested = "requested",
        /// The organisation has accepted.
        Accepted = "accepted",
        /// The organisation has declined.
        Declined = "declined",
        /// A partner has taken it back.
        Withdrawn = "withdrawn",
        /// Its time is over; it can be sent again.
        Expired = "expired",
    }
}

/// An organisation that is asked to accept the partner (CUS-04).
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRelationshipRequest {
    /// The organisation's record, where the partner knows it: one that it serves, or has served. Accepting then changes
    /// nothing in its profile, and a code goes to the contact of the record, not to the one given here.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    #[validate(length(min = 1, max = 36))]
    pub customer_id: Option<String>,
    /// The registered name, 2 to 255 characters (CUS-02).
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, example = "Panadería Sol S.A. de C.V.")]
    pub company_name: String,
    /// The country of its tenant, ISO 3166-1 alpha-2; `UK` is taken as `GB`.
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, example = "MX")]
    pub country: String,
    /// Where it is.
    #[validate(nested)]
    pub address: Address,
    /// Whom to reach. With `includeMca` not at an address of the asking partner (CUS-06).
    #[validate(nested)]
    pub contact: Contact,
    /// The language it is written to; Spanish unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
    /// What it is registered as: mandatory in some countries, refused in all others (CUS-03).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, nullable = false, example = "J-12345678-9")]
    pub organization_registration_number: Option<String>,
    /// Whether it is also asked to accept the Microsoft Customer Agreement; then it needs the code that is mailed to
    /// its own contact.
    #[serde(default)]
    #[schema(default = false)]
    pub include_mca: bool,
    /// Whether the marketplace mails the link to the contact, beside the texts that the partner can forward.
    #[serde(default)]
    #[schema(default = false)]
    pub send_mail: bool,
}

/// The asked organisation as the request tells of it; its record when it accepts and has none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organization {
    /// The registered name.
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where it is.
    pub address: Address,
    /// Whom to reach.
    pub contact: Contact,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// What it is registered as.
    #[serde(default)]
    pub organization_registration_number: Option<String>,
}

/// Who answered for the organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accepter {
    /// First name.
    #[schema(max_length = 40, example = "Lucía")]
    pub first_name: String,
    /// Last name.
    #[schema(max_length = 40, example = "Hernández")]
    pub last_name: String,
    /// What the person is at the organisation.
    #[schema(max_length = 100, example = "Directora general")]
    pub title: Option<String>,
    /// Mail address.
    #[schema(max_length = 254, example = "lucia@panaderiasol.example")]
    pub email: String,
}

/// A row of `relationship_requests`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = relationship_requests, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RequestRow {
    /// Id.
    pub id: String,
    /// The partner that asks.
    pub partner_id: String,
    /// The organisation's record.
    pub customer_id: Option<String>,
    /// An `Organization`.
    pub organization: Json,
    /// Whether the MCA is to be accepted too.
    pub include_mca: bool,
    /// Whether the contact is mailed.
    pub send_mail: bool,
    /// Whether accepting needs a code mailed to the contact.
    pub needs_code: bool,
    /// The digest of its link's token.
    pub digest: String,
    /// Where it stands.
    pub state: StoredState,
    /// Until when its link is good.
    pub expires_at: NaiveDateTime,
    /// Whether its parties were told that its time is over.
    pub expiry_told: bool,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When the organisation answered.
    pub answered_at: Option<NaiveDateTime>,
    /// An `Accepter`.
    pub answered_by: Option<Json>,
    /// From which address the answer came.
    pub source_address: Option<String>,
    /// With which browser.
    pub user_agent: Option<String>,
    /// The tenant that it is about, where it is about one (TEN-05).
    pub tenant_id: Option<String>,
}

impl RequestRow {
    /// Where it stands at this instant.
    pub fn state_at(&self, now: Instant) -> RelationshipRequestState {
        match self.state {
            StoredState::Requested if self.expires_at.and_utc() <= now => RelationshipRequestState::Expired,
            StoredState::Requested => RelationshipRequestState::Requested,
            StoredState::Accepted => RelationshipRequestState::Accepted,
            StoredState::Declined => RelationshipRequestState::Declined,
            StoredState::Withdrawn => RelationshipRequestState::Withdrawn,
        }
    }

    /// The version of what is shown: expiring changes it, though nothing is written.
    pub fn version_at(&self, now: Instant) -> i64 {
        self.version * 2 + i64::from(self.state_at(now) == RelationshipRequestState::Expired)
    }

    /// What replayable answers that show its link are filed under.
    pub fn secret_name(&self) -> String {
        format!("relationship_request:{}", self.id)
    }
}

/// What an event about a request says: each party is told.
pub struct RequestOf<'a> {
    /// The request.
    pub request: &'a RequestRow,
    /// The party.
    pub partner_id: &'a str,
}

impl Subject for RequestOf<'_> {
    fn object_id(&self) -> &str {
        &self.request.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(self.partner_id)
    }
    fn customer_id(&self) -> Option<&str> {
        self.request.customer_id.as_deref()
    }
}

/// A row of `relationship_request_parties`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = relationship_request_parties, treat_none_as_default_value = false)]
pub struct PartyRow {
    /// Id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The partner to be accepted.
    pub partner_id: String,
    /// The relationship that came of it.
    pub relationship_id: Option<String>,
    /// When the organisation accepted this party.
    pub accepted_at: Option<NaiveDateTime>,
}

/// A partner that the organisation is asked to accept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipParty {
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// Its registered name.
    #[schema(max_length = 255, example = "Distribuidora del Golfo")]
    pub partner_name: String,
    /// How it takes part.
    pub partner_kind: crate::partners::PartnerKind,
    /// The relationship that came of it.
    #[schema(format = Uuid, max_length = 36)]
    pub relationship_id: Option<String>,
    /// When the organisation accepted this party.
    pub accepted_at: Option<DateTime<Utc>>,
}

/// A text to forward. The link in it must stay as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForwardableText {
    /// Its language.
    pub language: Language,
    /// One line.
    #[schema(max_length = 1000)]
    pub subject: String,
    /// The words. Who has the link can use it, so it is a secret like the link.
    #[schema(format = Password, max_length = 8000)]
    pub text: String,
}

/// An organisation is asked to accept a partner, or a reseller and its provider at once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipRequest {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: RelationshipRequestState,
    /// The organisation's record: from the beginning where it was known, else once it has accepted.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: Option<String>,
    /// The organisation's registered name.
    #[schema(max_length = 255, example = "Panadería Sol S.A. de C.V.")]
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// Whom to reach.
    pub contact: Contact,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// What it is registered as, in the countries where it must say so.
    #[schema(max_length = 64, example = "J-12345678-9")]
    pub organization_registration_number: Option<String>,
    /// The tenant that it is asked for, where it is asked for one: accepting activates it.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: Option<String>,
    /// Whether the Microsoft Customer Agreement is to be accepted too.
    pub include_mca: bool,
    /// Whether accepting needs a code that is mailed to the organisation's own contact.
    pub needs_code: bool,
    /// Whether the marketplace mails the contact.
    pub send_mail: bool,
    /// Whom the organisation is asked to accept, each with its acceptance.
    #[schema(max_items = 10)]
    pub parties: Vec<RelationshipParty>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When the organisation answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who answered for the organisation.
    pub answered_by: Option<Accepter>,
    /// The link for the organisation. Shown only in the answer that made it; sending again makes another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password, max_length = 500, nullable = false, example = "https://lonja.example/accept/…")]
    pub link: Option<String>,
    /// Texts with the link, ready to forward, in Spanish and English. Shown only together with the link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 2)]
    pub texts: Vec<ForwardableText>,
    #[serde(skip)]
    version: i64,
    #[serde(skip)]
    secret_name: String,
}

impl RelationshipRequest {
    /// Of a request and its parties.
    pub fn of(row: RequestRow, parties: Vec<(PartyRow, PartnerRow)>, now: Instant) -> Result<Self> {
        let organization: Organization = row.organization.read()?;
        let party = |(party, partner): (PartyRow, PartnerRow)| RelationshipParty {
            partner_id: partner.id,
            partner_name: partner.legal_name,
            partner_kind: partner.kind,
            relationship_id: party.relationship_id,
            accepted_at: party.accepted_at.map(|at| at.and_utc()),
        };
        Ok(Self {
            state: row.state_at(now),
            version: row.version_at(now),
            secret_name: row.secret_name(),
            id: row.id,
            customer_id: row.customer_id,
            tenant_id: row.tenant_id,
            company_name: organization.company_name,
            country: organization.country,
            contact: organization.contact,
            language: organization.language,
            organization_registration_number: organization.organization_registration_number,
            include_mca: row.include_mca,
            needs_code: row.needs_code,
            send_mail: row.send_mail,
            parties: parties.into_iter().map(party).collect(),
            expires_at: row.expires_at.and_utc(),
            created_at: row.created_at.and_utc(),
            answered_at: row.answered_at.map(|at| at.and_utc()),
            answered_by: row.answered_by.map(|who| who.read()).transpose()?,
            link: None,
            texts: Vec::new(),
        })
    }

    /// The same with its link, for whoever is to pass it on.
    pub fn showing(mut self, link: &SecretString, texts: Vec<ForwardableText>) -> Self {
        self.link = Some(link.expose_secret().to_owned());
        self.texts = texts;
        self
    }
}

impl Resource for RelationshipRequest {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/relationship-requests/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn secret_of(&self) -> Option<String> {
        self.link.is_some().then(|| self.secret_name.clone())
    }
}

crate::page_of! {
    /// A page of relationship requests.
    pub struct RelationshipRequestPage of RelationshipRequest;
}

crate::list_parameters! {
    /// Which requests.
    pub struct ListRelationshipRequests {
        /// In this state.
        pub state: Option<RelationshipRequestState>,
    }
}

//! The types of partners.

use crate::db::schema::partners;
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::profiles::{self, Address, Contact, PreferredLanguage};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// How a partner takes part.
    pub enum PartnerKind {
        /// Buys from the vendor and sells to customers.
        DirectBill = "directBill",
        /// A distributor: sells to customers through resellers.
        IndirectProvider = "indirectProvider",
        /// Sells through a provider.
        IndirectReseller = "indirectReseller",
    }
}

crate::word_enum! {
    /// Where a partner's enrolment stands.
    pub enum PartnerState {
        /// Being filled in.
        Draft = "draft",
        /// Waiting for the contact to prove its mail address.
        AwaitingEmailProof = "awaitingEmailProof",
        /// With the operator.
        InReview = "inReview",
        /// May accept the MPA.
        Approved = "approved",
        /// May sell.
        Active = "active",
        /// Refused with reasons.
        Rejected = "rejected",
        /// Stopped by the operator.
        Suspended = "suspended",
    }
}

crate::word_enum! {
    /// Who says that a PartnerID is of type location and in the partner's country (ENR-03).
    pub enum LocationSource {
        /// The directory that the operator imports.
        Directory = "directory",
        /// The partner alone; the operator has yet to confirm it.
        Stated = "stated",
        /// The operator, by a review.
        Reviewed = "reviewed",
    }
}

crate::word_enum! {
    /// What brings an enrolment on.
    pub enum NextStep {
        /// Fill in what is missing, then submit.
        CompleteAndSubmit = "completeAndSubmit",
        /// The primary contact opens the link that was mailed; it can be sent again.
        ConfirmEmail = "confirmEmail",
        /// Wait: the operator reviews.
        AwaitReview = "awaitReview",
        /// The review is late: ask the operator, naming the partner's id.
        AskOperator = "askOperator",
        /// Correct what the reasons name, then submit again.
        CorrectAndSubmit = "correctAndSubmit",
        /// Add the PartnerID: without it the agreement cannot be accepted.
        AddPartnerLocation = "addPartnerLocation",
        /// Read the partner agreement and accept it.
        AcceptAgreement = "acceptAgreement",
        /// Nothing: it may sell.
        Nothing = "nothing",
    }
}

crate::word_enum! {
    /// What a company was found to be fit for.
    pub enum Qualification {
        /// Dealing in the US government cloud.
        GovernmentCommunityCloud = "governmentCommunityCloud",
    }
}

/// A partner to be registered by the operator (ENR-01).
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The PartnerID of type location.
    pub partner_location_id: Option<String>,
    /// Where its enrolment stands.
    pub state: PartnerState,
}

/// A row of `partners`.
#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = partners, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PartnerRow {
    /// Id.
    pub id: String,
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The PartnerID.
    pub partner_location_id: Option<String>,
    /// Where its enrolment stands.
    pub state: PartnerState,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// An `Address`.
    pub address: Option<Json>,
    /// A `Contact`: who is asked about the enrolment.
    pub primary_contact: Option<Json>,
    /// A `Contact`: whom customers reach.
    pub support_contact: Option<Json>,
    /// Nine digits.
    pub duns: Option<String>,
    /// The directory of its work account, a GUID.
    pub tenant_id: Option<String>,
    /// Its directory in the government cloud, a GUID (ENR-15).
    pub azure_gcc_tenant_id: Option<String>,
    /// Who vouches for the PartnerID.
    pub location_source: Option<LocationSource>,
    /// Why it was rejected: texts.
    pub rejection_reasons: Option<Json>,
    /// The state to which it returns when it is reinstated.
    pub suspended_from: Option<PartnerState>,
    /// By when the operator is to answer; set while it has something to review.
    pub review_due_by: Option<NaiveDateTime>,
    /// Whether that has passed.
    pub review_overdue: bool,
    /// Since when it may deal in the government cloud (GCC-05).
    pub gcc_qualified_at: Option<NaiveDateTime>,
    /// Whether it may advise customers (MOSPA); the operator says so (OPN-07).
    pub advisor_enabled: bool,
}

impl PartnerRow {
    /// A draft with nothing but what every partner has.
    pub fn draft(id: String, kind: PartnerKind, legal_name: String, country: String, now: NaiveDateTime) -> Self {
        Self {
            id,
            kind,
            legal_name,
            country,
            partner_location_id: None,
            state: PartnerState::Draft,
            version: 1,
            created_at: now,
            language: PreferredLanguage::Spanish,
            address: None,
            primary_contact: None,
            support_contact: None,
            duns: None,
            tenant_id: None,
            azure_gcc_tenant_id: None,
            location_source: None,
            rejection_reasons: None,
            suspended_from: None,
            review_due_by: None,
            review_overdue: false,
            gcc_qualified_at: None,
            advisor_enabled: false,
        }
    }

    /// Whether it may deal in the government cloud (GCC-05).
    pub fn is_gcc_qualified(&self) -> bool {
        self.gcc_qualified_at.is_some()
    }

    /// Whom to write to about the enrolment, where that is known.
    pub fn primary_contact(&self) -> Result<Option<Contact>> {
        self.primary_contact.as_ref().map(Json::read).transpose()
    }

    fn next_step(&self) -> NextStep {
        match self.state {
            PartnerState::Draft => NextStep::CompleteAndSubmit,
            PartnerState::AwaitingEmailProof => NextStep::ConfirmEmail,
            PartnerState::InReview if self.review_overdue => NextStep::AskOperator,
            PartnerState::InReview => NextStep::AwaitReview,
            PartnerState::Approved if self.partner_location_id.is_none() => NextStep::AddPartnerLocation,
            PartnerState::Approved if self.location_source == Some(LocationSource::Stated) => NextStep::AwaitReview,
            PartnerState::Approved => NextStep::AcceptAgreement,
            PartnerState::Active => NextStep::Nothing,
            PartnerState::Rejected => NextStep::CorrectAndSubmit,
            PartnerState::Suspended => NextStep::AskOperator,
        }
    }
}

impl Subject for PartnerRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.id)
    }
}

/// A company that sells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Partner {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// How it takes part.
    pub kind: PartnerKind,
    /// The registered name.
    #[schema(max_length = 255, example = "Distribuidora del Golfo")]
    pub legal_name: String,
    /// The country of its legal location, ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The PartnerID (numeric location account); null until it is linked.
    #[schema(max_length = 10, example = "1234567")]
    pub partner_location_id: Option<String>,
    /// Who vouches for the PartnerID.
    pub partner_location_source: Option<LocationSource>,
    /// Where its enrolment stands.
    pub state: PartnerState,
    /// What brings the enrolment on.
    pub next_step: NextStep,
    /// The directory of its work account.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: Option<String>,
    /// Its directory in the government cloud (ENR-15).
    #[schema(format = Uuid, max_length = 36)]
    pub azure_gcc_tenant_id: Option<String>,
    /// Where it is.
    pub address: Option<Address>,
    /// The address as its country writes it, where that differs. Using it is advised, not forced (ENR-05).
    pub suggested_address: Option<Address>,
    /// Who is asked about the enrolment.
    pub primary_contact: Option<Contact>,
    /// Whom customers reach.
    pub support_contact: Option<Contact>,
    /// The DUNS number: nine digits, once it is right.
    #[schema(max_length = 20, example = "081466849")]
    pub duns: Option<String>,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// Why the enrolment was rejected, until it is corrected.
    #[schema(max_items = 20)]
    pub rejection_reasons: Vec<String>,
    /// By when the operator is to answer, while there is something to review (ENR-08).
    pub review_due_by: Option<DateTime<Utc>>,
    /// Whether that has passed: then ask the operator.
    pub review_overdue: bool,
    /// What it is qualified for: with `governmentCommunityCloud` it sells offers of the government cloud (GCC-05).
    #[schema(max_items = 5)]
    pub qualifications: Vec<Qualification>,
    /// Whether it is enabled to advise customers (MOSPA): whoever is of record for purchases through Open must be. The
    /// operator says so.
    pub advisor_enabled: bool,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<PartnerRow> for Partner {
    type Error = Error;

    fn try_from(row: PartnerRow) -> Result<Self> {
        let address = row.address.as_ref().map(Json::read::<Address>).transpose()?;
        Ok(Self {
            next_step: row.next_step(),
            suggested_address: address.as_ref().and_then(|address| profiles::suggested(address, &row.country)),
            qualifications: row.gcc_qualified_at.map(|_| Qualification::GovernmentCommunityCloud).into_iter().collect(),
            address,
            primary_contact: row.primary_contact()?,
            support_contact: row.support_contact.as_ref().map(Json::read).transpose()?,
            rejection_reasons: row.rejection_reasons.as_ref().map(Json::read).transpose()?.unwrap_or_default(),
            id: row.id,
            kind: row.kind,
            legal_name: row.legal_name,
            country: row.country,
            partner_location_id: row.partner_location_id,
            partner_location_source: row.location_source,
            state: row.state,
            tenant_id: row.tenant_id,
            azure_gcc_tenant_id: row.azure_gcc_tenant_id,
            duns: row.duns,
            language: row.language,
            review_due_by: row.review_due_by.map(|due| due.and_utc()),
            review_overdue: row.review_overdue,
            advisor_enabled: row.advisor_enabled,
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for Partner {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/partners/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

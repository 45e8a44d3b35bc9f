//! The types of Open agreements.

use crate::db::schema::open_agreements;
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::open::programme::{self, AgreementTerms, OpenAgreementKind, OpenBeginning, OpenPayment, OpenSignature};
use crate::profiles::Contact;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where an Open agreement stands.
    pub enum OpenAgreementState {
        /// The customer is to sign it.
        AwaitingSignature = "awaitingSignature",
        /// Signed.
        Active = "active",
        /// Its term is over. What was bought on it stays.
        Expired = "expired",
    }
}

/// An Open agreement to be made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateOpenAgreement {
    /// With whom.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub customer_id: String,
    /// Of which kind.
    pub kind: OpenAgreementKind,
}

/// The customer's signature.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignOpenAgreement {
    /// Who signs for the customer.
    #[validate(nested)]
    pub signer: Contact,
}

/// A row of `open_agreements`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = open_agreements, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct AgreementRow {
    /// Id.
    pub id: String,
    /// Who made it, and orders on it.
    pub partner_id: String,
    /// With whom.
    pub customer_id: String,
    /// Of which kind.
    pub kind: OpenAgreementKind,
    /// Where it stands.
    pub state: OpenAgreementState,
    /// A `Contact`: who signed.
    pub signer: Option<Json>,
    /// When.
    pub signed_at: Option<NaiveDateTime>,
    /// When its term began.
    pub begins_at: Option<NaiveDateTime>,
    /// Exactly then it is over.
    pub ends_at: Option<NaiveDateTime>,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

impl AgreementRow {
    /// What held for its kind when it was made.
    pub fn terms(&self) -> Result<&'static AgreementTerms> {
        programme::agreement(self.kind, self.created_at.date())
    }

    /// Whether the customer has signed it.
    pub fn is_signed(&self) -> bool {
        self.signed_at.is_some()
    }
}

impl Subject for AgreementRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer_id)
    }
}

/// An agreement of the Open programme.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenAgreement {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Of which kind.
    pub kind: OpenAgreementKind,
    /// Where it stands.
    pub state: OpenAgreementState,
    /// Who made it, and orders on it.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// With whom.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// How long it lasts.
    #[schema(minimum = 1, maximum = 100, example = 2)]
    pub years: u32,
    /// How it is paid. Office 365 is paid up front in any.
    pub payment: OpenPayment,
    /// What its term begins with.
    pub begins_with: OpenBeginning,
    /// What it must be signed before.
    pub signed_before: OpenSignature,
    /// Who signed; null until then.
    pub signer: Option<Contact>,
    /// When.
    pub signed_at: Option<DateTime<Utc>>,
    /// When its term began.
    pub begins_at: Option<DateTime<Utc>>,
    /// When it ends; exactly then it is over.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<AgreementRow> for OpenAgreement {
    type Error = Error;

    fn try_from(row: AgreementRow) -> Result<Self> {
        let terms = row.terms()?;
        Ok(Self {
            years: terms.years,
            payment: terms.payment,
            begins_with: terms.begins,
            signed_before: terms.signed_before,
            signer: row.signer.as_ref().map(Json::read).transpose()?,
            id: row.id,
            kind: row.kind,
            state: row.state,
            partner_id: row.partner_id,
            customer_id: row.customer_id,
            signed_at: row.signed_at.map(|at| at.and_utc()),
            begins_at: row.begins_at.map(|at| at.and_utc()),
            ends_at: row.ends_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for OpenAgreement {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/open/agreements/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of Open agreements.
    pub struct OpenAgreementPage of OpenAgreement;
}

crate::list_parameters! {
    /// Which agreements.
    pub struct ListOpenAgreements {
        /// Only those with this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only those in this state.
        pub state: Option<OpenAgreementState>,
    }
}

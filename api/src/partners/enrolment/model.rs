//! What an enrolment gathers, and the proof that a mail address is somebody's.

use crate::access::clients::MadeClient;
use crate::db::schema::email_verifications;
use crate::http::Resource;
use crate::partners::{Partner, PartnerKind, PartnerState};
use crate::profiles::{Address, Contact, PreferredLanguage};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A new partner. All but name and country may come later (ENR-02).
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePartner {
    /// How it takes part; a newcomer enrols as `indirectReseller`, which is what it is unless said (ENR-01).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub kind: Option<PartnerKind>,
    /// The registered name, 2 to 255 characters.
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, example = "Integradora Pacífico S.C.")]
    pub legal_name: String,
    /// The country of its legal location, ISO 3166-1 alpha-2; `UK` is taken as `GB`.
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, example = "MX")]
    pub country: String,
    /// The directory of its work account, a GUID; it enrols once (ENR-13).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 36, max = 36))]
    #[schema(format = Uuid, min_length = 36, max_length = 36, nullable = false)]
    pub tenant_id: Option<String>,
    /// Its directory in the government cloud, so that it is not taken for the other one (ENR-15).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 36, max = 36))]
    #[schema(format = Uuid, min_length = 36, max_length = 36, nullable = false)]
    pub azure_gcc_tenant_id: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub address: Option<Address>,
    /// Who is asked about the enrolment; no web-mail address (ENR-06).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub primary_contact: Option<Contact>,
    /// Whom customers reach.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub support_contact: Option<Contact>,
    /// Nine digits, dashes allowed (ENR-04).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 9, max = 20))]
    #[schema(min_length = 9, max_length = 20, nullable = false, example = "08-146-6849")]
    pub duns: Option<String>,
    /// The language it is written to; Spanish unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
}

/// Changes of a partner: what is absent stays as it is. The legal data (name, country, address, tenant, DUNS, primary
/// contact) changes in a draft or a rejected enrolment only.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePartner {
    /// The registered name, 2 to 255 characters.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, nullable = false)]
    pub legal_name: Option<String>,
    /// The country of its legal location, ISO 3166-1 alpha-2; `UK` is taken as `GB`.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, nullable = false)]
    pub country: Option<String>,
    /// The directory of its work account, a GUID.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 36, max = 36))]
    #[schema(format = Uuid, min_length = 36, max_length = 36, nullable = false)]
    pub tenant_id: Option<String>,
    /// Its directory in the government cloud (ENR-15).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 36, max = 36))]
    #[schema(format = Uuid, min_length = 36, max_length = 36, nullable = false)]
    pub azure_gcc_tenant_id: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub address: Option<Address>,
    /// Who is asked about the enrolment; no web-mail address (ENR-06).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub primary_contact: Option<Contact>,
    /// Whom customers reach.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub support_contact: Option<Contact>,
    /// Nine digits, dashes allowed (ENR-04).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 9, max = 20))]
    #[schema(min_length = 9, max_length = 20, nullable = false)]
    pub duns: Option<String>,
    /// The language it is written to.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
}

impl CreatePartner {
    /// What is more than name and country.
    pub(super) fn details(&self) -> UpdatePartner {
        UpdatePartner {
            legal_name: None,
            country: None,
            tenant_id: self.tenant_id.clone(),
            azure_gcc_tenant_id: self.azure_gcc_tenant_id.clone(),
            address: self.address.clone(),
            primary_contact: self.primary_contact.clone(),
            support_contact: self.support_contact.clone(),
            duns: self.duns.clone(),
            language: self.language,
        }
    }
}

/// A partner just made; a newcomer's with its first API client, whose secret is shown this once (ENR-14).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedPartner {
    /// The partner.
    #[serde(flatten)]
    pub partner: Partner,
    /// The newcomer's first API client, a globalAdmin; null where the operator registers a partner.
    pub client: Option<FirstClient>,
}

/// What a newcomer asks for tokens with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstClient {
    /// The id to ask for tokens with.
    #[schema(format = Uuid, max_length = 36)]
    pub client_id: String,
    /// The secret to ask for tokens with. It is not shown again.
    #[schema(value_type = String, format = Password, max_length = 128)]
    #[serde(serialize_with = "in_clear")]
    pub client_secret: SecretString,
}

/// The one answer that shows a secret.
fn in_clear<S: serde::Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

impl From<MadeClient> for FirstClient {
    fn from(made: MadeClient) -> Self {
        Self { client_id: made.client_id, client_secret: made.client_secret }
    }
}

impl Resource for CreatedPartner {
    fn location(&self) -> Option<String> {
        self.partner.location()
    }
    fn version(&self) -> Option<i64> {
        self.partner.version()
    }
    fn secret_of(&self) -> Option<String> {
        self.client.as_ref().map(|client| crate::access::clients::secret_of(&client.client_id))
    }
}

/// The work account that a newcomer without one gets.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateWorkAccount {
    /// The name: lower-case letters and digits (TEN-01); the domain is `name.onmicrosoft.com`, for ever.
    #[validate(length(min = 1, max = 63))]
    #[schema(min_length = 1, max_length = 63, example = "integradorapacifico")]
    pub name: String,
}

/// A work account just made, with its administrator's password, which is shown this once (TEN-04).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkAccount {
    /// The partner, which has the account's directory as its tenant.
    pub partner: Partner,
    /// The account's domain.
    #[schema(max_length = 80, example = "integradorapacifico.onmicrosoft.com")]
    pub domain: String,
    /// Who signs in first.
    #[schema(max_length = 100, example = "admin@integradorapacifico.onmicrosoft.com")]
    pub user_name: String,
    /// With what, to be changed at the first sign-in. It is not shown again.
    #[schema(value_type = String, format = Password, max_length = 128)]
    #[serde(serialize_with = "in_clear")]
    pub temporary_password: SecretString,
}

impl Resource for WorkAccount {
    fn location(&self) -> Option<String> {
        self.partner.location()
    }
    fn version(&self) -> Option<i64> {
        self.partner.version()
    }
    fn secret_of(&self) -> Option<String> {
        Some(format!("work_account:{}", self.domain))
    }
}

crate::word_enum! {
    /// Where the proof of a mail address stands.
    pub enum VerificationState {
        /// The link can be used.
        Open = "open",
        /// It was used.
        Used = "used",
        /// A newer one was sent.
        Replaced = "replaced",
    }
}

/// A row of `email_verifications`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = email_verifications, treat_none_as_default_value = false)]
pub(super) struct VerificationRow {
    pub(super) id: String,
    pub(super) partner_id: String,
    pub(super) digest: String,
    pub(super) email: String,
    pub(super) state: VerificationState,
    pub(super) expires_at: NaiveDateTime,
    pub(super) created_at: NaiveDateTime,
}

/// The token of the link that was mailed.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VerifyEmail {
    /// What follows `/verify-email/` in the link.
    #[validate(length(min = 1, max = 100))]
    #[schema(format = Password, min_length = 1, max_length = 100)]
    pub token: String,
}

/// That a mail address is its reader's: the review of the enrolment has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedEmail {
    /// The company that is enrolling.
    #[schema(max_length = 255)]
    pub legal_name: String,
    /// Where its enrolment stands now.
    pub state: PartnerState,
    /// By when the review is done (ENR-08).
    pub review_due_by: Option<DateTime<Utc>>,
}

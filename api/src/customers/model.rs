//! The types of customers, their contacts and agreements.

use crate::db::schema::{customer_agreements, customers};
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::profiles::{self, Address, Contact, PreferredLanguage};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What a customer accepts.
    pub enum AgreementKind {
        /// The Microsoft Customer Agreement.
        Mca = "mca",
    }
}

crate::word_enum! {
    /// How an agreement came to be accepted.
    pub enum AgreementMethod {
        /// A partner attests that the customer has accepted it.
        Attested = "attested",
        /// The customer accepted it on the web page.
        Accepted = "accepted",
    }
}

/// A new customer.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCustomer {
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
    /// Whom to reach.
    #[validate(nested)]
    pub contact: Contact,
    /// The language it is written to; Spanish unless said.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
    /// What it is registered as: mandatory in some countries, refused in all others (CUS-03).
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, nullable = false, example = "J-12345678-9")]
    pub organization_registration_number: Option<String>,
    /// For an indirect reseller: the provider through which it creates the customer. May be left out where it has a live
    /// link with one provider only (CUS-01, LNK-11).
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub provider_id: Option<String>,
}

/// Changes of a customer: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateCustomer {
    /// The registered name, 2 to 255 characters (CUS-02).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, nullable = false)]
    pub company_name: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub address: Option<Address>,
    /// Whom to reach.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub contact: Option<Contact>,
    /// The language it is written to.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
    /// What it is registered as: mandatory in some countries, refused in all others (CUS-03).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    pub organization_registration_number: Option<String>,
}

/// A row of `customers`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = customers, treat_none_as_default_value = false)]
pub struct CustomerRow {
    /// Id.
    pub id: String,
    /// The registered name.
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// An `Address`.
    pub address: Json,
    /// A `Contact`.
    pub contact: Json,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
    /// What it is registered as.
    pub organization_registration_number: Option<String>,
    /// The partner that last put another mail address in the place of the contact's.
    pub contact_changed_by: Option<String>,
}

/// What an event about a customer says: who did it, to whom.
pub struct CustomerOf<'a> {
    /// The customer.
    pub customer: &'a CustomerRow,
    /// The partner that acts.
    pub partner_id: &'a str,
}

impl Subject for CustomerOf<'_> {
    fn object_id(&self) -> &str {
        &self.customer.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(self.partner_id)
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer.id)
    }
}

/// An organisation that a partner sells to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The registered name.
    #[schema(max_length = 255, example = "Panadería Sol S.A. de C.V.")]
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// Where it is.
    pub address: Address,
    /// The address as it is written properly, where that differs: advised, never forced (ENR-05).
    pub suggested_address: Option<Address>,
    /// Whom to reach.
    pub contact: Contact,
    /// The language it is written to.
    pub language: PreferredLanguage,
    /// What it is registered as, in the countries where it must say so.
    #[schema(max_length = 64, example = "J-12345678-9")]
    pub organization_registration_number: Option<String>,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<CustomerRow> for Customer {
    type Error = Error;

    fn try_from(row: CustomerRow) -> Result<Self> {
        let address: Address = row.address.read()?;
        Ok(Self {
            suggested_address: profiles::suggested(&address, &row.country),
            address,
            contact: row.contact.read()?,
            id: row.id,
            company_name: row.company_name,
            country: row.country,
            language: row.language,
            organization_registration_number: row.organization_registration_number,
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for Customer {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/customers/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of customers.
    pub struct CustomerPage of Customer;
}

crate::list_parameters! {
    /// Which customers.
    pub struct ListCustomers {}
}

/// That a customer has accepted an agreement, as a partner attests it (CUS-06).
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttestAgreement {
    /// Who accepted it for the customer.
    #[validate(nested)]
    pub contact: Contact,
    /// When; not in the future.
    pub agreed_at: DateTime<Utc>,
}

/// A row of `customer_agreements`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = customer_agreements, treat_none_as_default_value = false)]
pub struct AgreementRow {
    pub id: String,
    pub customer_id: String,
    pub partner_id: String,
    pub kind: AgreementKind,
    pub method: AgreementMethod,
    pub contact: Json,
    pub agreed_at: NaiveDateTime,
    pub created_at: NaiveDateTime,
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

/// An agreement that a customer has accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerAgreement {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The customer.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// Which agreement.
    pub kind: AgreementKind,
    /// How it came to be accepted.
    pub method: AgreementMethod,
    /// Who accepted it for the customer.
    pub contact: Contact,
    /// When the customer accepted.
    pub agreed_at: DateTime<Utc>,
    /// When it was recorded here.
    pub created_at: DateTime<Utc>,
}

impl TryFrom<AgreementRow> for CustomerAgreement {
    type Error = Error;

    fn try_from(row: AgreementRow) -> Result<Self> {
        Ok(Self {
            contact: row.contact.read()?,
            id: row.id,
            customer_id: row.customer_id,
            kind: row.kind,
            method: row.method,
            agreed_at: row.agreed_at.and_utc(),
            created_at: row.created_at.and_utc(),
        })
    }
}

impl Resource for CustomerAgreement {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/customers/{}/agreements", self.customer_id))
    }
}

crate::page_of! {
    /// A page of agreements.
    pub struct CustomerAgreementPage of CustomerAgreement;
}

crate::list_parameters! {
    /// Which agreements.
    pub struct ListCustomerAgreements {}
}

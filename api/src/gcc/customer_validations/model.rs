//! The types of customers' validations.

use crate::attachments::{Attachment, NewAttachment};
use crate::error::{Error, Result};
use crate::gcc::model::{Found, GccQuestion, GccValidationNextStep, GccValidationState};
use crate::http::Resource;
use crate::profiles::{Address, Contact, PreferredLanguage};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What an organisation is to the government (GCC-08).
    pub enum GccEligibilityCategory {
        /// A federal agency.
        Federal = "federal",
        /// A state, county, city or the like.
        StateOrLocal = "stateOrLocal",
        /// A tribal entity.
        Tribal = "tribal",
        /// A regional or interstate body.
        RegionalOrInterstate = "regionalOrInterstate",
        /// A federally funded research and development centre.
        Ffrdc = "ffrdc",
        /// A private entity that holds controlled data of the government.
        PrivateEntity = "privateEntity",
    }
}

crate::word_enum! {
    /// The class of controlled data that a private entity holds.
    pub enum GccControlledData {
        /// International Traffic in Arms Regulations.
        Itar = "itar",
        /// Controlled unclassified information.
        Cui = "cui",
        /// Unclassified controlled nuclear information of the Department of Defense.
        DodUcni = "dodUcni",
        /// The same of the Department of Energy.
        DoeUcni = "doeUcni",
        /// Criminal justice information.
        Cji = "cji",
        /// Data of an impact level of the Department of Defense.
        DodImpactLevel = "dodImpactLevel",
        /// Other data that needs the government cloud; the evidence says which.
        Other = "other",
    }
}

/// An organisation as the form names it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GccOrganization {
    /// The registered name.
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, example = "City of Marble Falls")]
    pub company_name: String,
    /// The country it is in: `US` (GCC-08).
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, example = "US")]
    pub country: String,
    /// Where it is.
    #[validate(nested)]
    pub address: Address,
}

/// An organisation that is to be validated for the government cloud.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitGccCustomerValidation {
    /// The customer, where the organisation is one already: it is qualified at once when this is approved (GCC-10).
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub customer_id: Option<String>,
    /// The commercial (global) tenant id of the partner that will transact: the caller's own, or for an indirect reseller
    /// that of its provider (GCC-06). Never one of Azure Government.
    #[validate(length(min = 1, max = 36))]
    #[schema(min_length = 1, max_length = 36, example = "3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d")]
    pub partner_tenant_id: String,
    /// The organisation; where it is a customer, under the name of its record.
    #[validate(nested)]
    pub organization: GccOrganization,
    /// What it is to the government.
    pub category: GccEligibilityCategory,
    /// The class of controlled data that it holds: for private entities, and for them alone.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub controlled_data: Option<GccControlledData>,
    /// What shows it, in words.
    #[validate(length(min = 3, max = 4000))]
    #[schema(min_length = 3, max_length = 4000, example = "Municipality since 1907; charter attached.")]
    pub evidence: String,
    /// Files that show it.
    #[serde(default)]
    #[validate(length(max = 5), nested)]
    #[schema(max_items = 5)]
    pub attachments: Vec<NewAttachment>,
    /// Whom the reviewer may ask at the organisation (GCC-09).
    #[validate(nested)]
    pub contact: Contact,
    /// The language that this person is written to; English unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub language: Option<PreferredLanguage>,
    /// Who submits it, and is written to beside the partners' primary contacts.
    #[validate(nested)]
    pub submitter: Contact,
}

/// What is kept of the form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerForm {
    /// The transacting partner's commercial tenant id.
    pub partner_tenant_id: String,
    /// The organisation.
    pub organization: GccOrganization,
    /// What it is to the government.
    pub category: GccEligibilityCategory,
    /// The class of controlled data.
    pub controlled_data: Option<GccControlledData>,
    /// What shows it.
    pub evidence: String,
    /// Whom to ask there.
    pub contact: Contact,
    /// The language to write in.
    pub language: PreferredLanguage,
}

/// The reviewer's yes.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveGccCustomerValidation {
    /// How many customers its validation code creates; 5 unless the operator has set another number. Of no use for an
    /// organisation that is a customer already.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 100))]
    #[schema(nullable = false, minimum = 1, maximum = 100, example = 5)]
    pub max_creates: Option<u32>,
}

/// An organisation's validation for the government cloud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccCustomerValidation {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: GccValidationState,
    /// What brings it on.
    pub next_step: GccValidationNextStep,
    /// The partner that will transact.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The reseller that submitted it in that partner's name.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// The transacting partner's commercial tenant id.
    #[schema(max_length = 36)]
    pub partner_tenant_id: String,
    /// The customer, where the organisation is one.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: Option<String>,
    /// The organisation.
    pub organization: GccOrganization,
    /// What it is to the government.
    pub category: GccEligibilityCategory,
    /// The class of controlled data that it holds.
    pub controlled_data: Option<GccControlledData>,
    /// What shows it, in words.
    #[schema(max_length = 4000)]
    pub evidence: String,
    /// The files that were handed in; their bytes are read one by one.
    #[schema(max_items = 20)]
    pub attachments: Vec<Attachment>,
    /// Whom the reviewer may ask at the organisation.
    pub contact: Contact,
    /// Who submitted it.
    pub submitter: Contact,
    /// By when the reviewer is to answer; null while nobody waits for an answer (GCC-04, GCC-09).
    pub due_by: Option<DateTime<Utc>>,
    /// Whether that has passed.
    pub overdue: bool,
    /// What the reviewer asked, oldest first.
    #[schema(max_items = 100)]
    pub questions: Vec<GccQuestion>,
    /// Why it was denied.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// The validation code that its approval brought (GCC-10).
    #[schema(max_length = 36)]
    pub validation_code: Option<String>,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When it was decided, or taken back.
    pub decided_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<Found> for GccCustomerValidation {
    type Error = Error;

    fn try_from(found: Found) -> Result<Self> {
        let submitter = found.submitter()?;
        let Found { row, attachments } = found;
        let form: CustomerForm = row.form.read()?;
        Ok(Self {
            next_step: row.next_step(),
            due_by: row.due_by(),
            questions: row.questions()?,
            partner_tenant_id: form.partner_tenant_id,
            organization: form.organization,
            category: form.category,
            controlled_data: form.controlled_data,
            evidence: form.evidence,
            contact: form.contact,
            attachments,
            submitter,
            id: row.id,
            state: row.state,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            customer_id: row.customer_id,
            overdue: row.is_overdue,
            reason: row.reason,
            validation_code: row.code_id,
            created_at: row.created_at.and_utc(),
            decided_at: row.decided_at.map(|at| at.and_utc()),
            version: row.version,
        })
    }
}

impl Resource for GccCustomerValidation {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/gcc/customer-validations/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of customers' validations: for the operator what is due first, overdue before all else; for partners the
    /// oldest first.
    pub struct GccCustomerValidationPage of GccCustomerValidation;
}

crate::list_parameters! {
    /// Which validations.
    pub struct ListGccCustomerValidations {
        /// Only those in this state.
        pub state: Option<GccValidationState>,
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
    }
}

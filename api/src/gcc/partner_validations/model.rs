//! The types of partners' validations.

use crate::attachments::{Attachment, NewAttachment};
use crate::error::{Error, Result};
use crate::gcc::model::{Found, GccQuestion, GccValidationNextStep, GccValidationState};
use crate::http::Resource;
use crate::profiles::Contact;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// By what a partner qualifies: any one will do.
    pub enum GccPartnerCriterion {
        /// It serves federal, state, local or tribal entities.
        ServesGovernment = "servesGovernment",
        /// It has contracts with the US government, directly or below another company.
        GovernmentContracts = "governmentContracts",
        /// It sells through a vehicle such as a GSA schedule.
        ContractVehicle = "contractVehicle",
    }
}

/// A partner that is to be validated for the government cloud.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitGccPartnerValidation {
    /// The partner's commercial (global) tenant id, as it is on record. Never the one of Azure Government (GCC-03).
    #[validate(length(min = 1, max = 36))]
    #[schema(min_length = 1, max_length = 36, example = "3f2b0c1e-8d4a-4f6b-9c2d-1e0f5a7b8c9d")]
    pub partner_tenant_id: String,
    /// By what it qualifies.
    #[validate(length(min = 1, max = 3))]
    #[schema(min_items = 1, max_items = 3)]
    pub criteria: Vec<GccPartnerCriterion>,
    /// What shows it, in words: contract numbers, customers, vehicles.
    #[validate(length(min = 3, max = 4000))]
    #[schema(min_length = 3, max_length = 4000, example = "GSA schedule 47QTCA22D003X since 2022.")]
    pub evidence: String,
    /// Files that show it.
    #[serde(default)]
    #[validate(length(max = 5), nested)]
    #[schema(max_items = 5)]
    pub attachments: Vec<NewAttachment>,
    /// Who submits it, and is written to beside the partner's primary contact.
    #[validate(nested)]
    pub submitter: Contact,
}

/// What is kept of the form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartnerForm {
    pub(super) partner_tenant_id: String,
    pub(super) criteria: Vec<GccPartnerCriterion>,
    pub(super) evidence: String,
}

/// A partner's validation for the government cloud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccPartnerValidation {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: GccValidationState,
    /// What brings it on.
    pub next_step: GccValidationNextStep,
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// Its registered name.
    #[schema(max_length = 255, example = "Mayorista Nube del Norte S.A. de C.V.")]
    pub partner_name: String,
    /// Its commercial tenant id.
    #[schema(max_length = 36)]
    pub partner_tenant_id: String,
    /// By what it qualifies.
    #[schema(max_items = 3)]
    pub criteria: Vec<GccPartnerCriterion>,
    /// What shows it, in words.
    #[schema(max_length = 4000)]
    pub evidence: String,
    /// The files that were handed in; their bytes are read one by one.
    #[schema(max_items = 20)]
    pub attachments: Vec<Attachment>,
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
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When it was decided, or taken back.
    pub decided_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<Found> for GccPartnerValidation {
    type Error = Error;

    fn try_from(found: Found) -> Result<Self> {
        let submitter = found.submitter()?;
        let Found { row, attachments } = found;
        let form: PartnerForm = row.form.read()?;
        Ok(Self {
            next_step: row.next_step(),
            due_by: row.due_by(),
            questions: row.questions()?,
            partner_tenant_id: form.partner_tenant_id,
            criteria: form.criteria,
            evidence: form.evidence,
            attachments,
            submitter,
            id: row.id,
            state: row.state,
            partner_id: row.partner_id,
            partner_name: row.organization,
            overdue: row.is_overdue,
            reason: row.reason,
            created_at: row.created_at.and_utc(),
            decided_at: row.decided_at.map(|at| at.and_utc()),
            version: row.version,
        })
    }
}

impl Resource for GccPartnerValidation {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/gcc/partner-validations/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of partners' validations: for the operator what is due first, overdue before all else; for partners the
    /// oldest first.
    pub struct GccPartnerValidationPage of GccPartnerValidation;
}

crate::list_parameters! {
    /// Which validations.
    pub struct ListGccPartnerValidations {
        /// Only those in this state.
        pub state: Option<GccValidationState>,
    }
}

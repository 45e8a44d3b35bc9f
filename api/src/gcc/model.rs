//! What validations of partners and of customers have in common.

use crate::attachments::{Attachment, NewAttachment};
use crate::db::schema::gcc_validations;
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::Result;
use crate::profiles::Contact;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Who is validated.
    pub enum ValidationKind {
        /// A partner.
        Partner = "partner",
        /// An organisation that is, or is to be, a customer.
        Customer = "customer",
    }
}

crate::word_enum! {
    /// Where a validation stands.
    pub enum GccValidationState {
        /// With the reviewer; an answer is due.
        Submitted = "submitted",
        /// With the partner: the reviewer has asked, and the clock stands still (GCC-09).
        InformationNeeded = "informationNeeded",
        /// Qualified.
        Approved = "approved",
        /// Refused with a reason; a new one may be submitted.
        Denied = "denied",
        /// Taken back before it was decided.
        Withdrawn = "withdrawn",
    }
}

impl GccValidationState {
    /// The states in which it is not decided.
    pub const OPEN: [Self; 2] = [Self::Submitted, Self::InformationNeeded];
}

crate::word_enum! {
    /// What brings a validation on.
    pub enum GccValidationNextStep {
        /// Wait: the reviewer answers by `dueBy`.
        AwaitDecision = "awaitDecision",
        /// The answer is late: ask the operator, naming the validation's id.
        AskOperator = "askOperator",
        /// Answer the reviewer's question with `:provide-information`.
        ProvideInformation = "provideInformation",
        /// Create the customer with the validation code, or give an existing one the qualification with it.
        UseValidationCode = "useValidationCode",
        /// Order offers of the government cloud.
        PlaceOrder = "placeOrder",
        /// Submit customers for validation.
        SubmitCustomers = "submitCustomers",
        /// Read the reason, then submit anew.
        SubmitAnew = "submitAnew",
    }
}

/// A row of `gcc_validations`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = gcc_validations, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ValidationRow {
    /// Id.
    pub id: String,
    /// Who is validated.
    pub kind: ValidationKind,
    /// The transacting partner.
    pub partner_id: String,
    /// The reseller that submitted it in its provider's name.
    pub partner_of_record_id: Option<String>,
    /// The customer that is validated, where it has a record.
    pub customer_id: Option<String>,
    /// Under which name only one can be open.
    pub subject: String,
    /// The name of who is validated.
    pub organization: String,
    /// Where it stands.
    pub state: GccValidationState,
    /// What was filled in: a `PartnerForm` or a `CustomerForm`.
    pub form: Json,
    /// A `Contact`: who submitted it.
    pub submitter: Json,
    /// `GccQuestion`s.
    pub questions: Json,
    /// Why it was denied.
    pub reason: Option<String>,
    /// By when an answer is due; the end of all days while nobody waits for one.
    pub due_at: NaiveDateTime,
    /// Whether that has passed.
    pub is_overdue: bool,
    /// The business days that are left of the clock that stands still.
    pub days_left: Option<i64>,
    /// The code that came of it.
    pub code_id: Option<String>,
    /// Counts changes.
    pub version: i64,
    /// When it was submitted.
    pub created_at: NaiveDateTime,
    /// When it was decided.
    pub decided_at: Option<NaiveDateTime>,
}

impl ValidationRow {
    /// The end of all days: nobody waits for an answer.
    pub fn never() -> NaiveDateTime {
        DateTime::from_timestamp(253_370_764_800, 0).unwrap_or_default().naive_utc()
    }

    /// Whether it is not decided yet.
    pub fn is_open(&self) -> bool {
        GccValidationState::OPEN.contains(&self.state)
    }

    /// By when an answer is due, while one is.
    pub fn due_by(&self) -> Option<DateTime<Utc>> {
        (self.state == GccValidationState::Submitted).then(|| self.due_at.and_utc())
    }

    /// Who submitted it.
    pub fn submitted_by(&self) -> &str {
        self.partner_of_record_id.as_deref().unwrap_or(&self.partner_id)
    }

    /// What was asked of it, and answered.
    pub fn questions(&self) -> Result<Vec<GccQuestion>> {
        self.questions.read()
    }

    /// What brings it on.
    pub fn next_step(&self) -> GccValidationNextStep {
        use GccValidationNextStep as Next;
        match (self.state, self.kind) {
            (GccValidationState::Submitted, _) if self.is_overdue => Next::AskOperator,
            (GccValidationState::Submitted, _) => Next::AwaitDecision,
            (GccValidationState::InformationNeeded, _) => Next::ProvideInformation,
            (GccValidationState::Approved, ValidationKind::Partner) => Next::SubmitCustomers,
            (GccValidationState::Approved, ValidationKind::Customer) if self.code_id.is_some() => {
                Next::UseValidationCode
            }
            (GccValidationState::Approved, ValidationKind::Customer) => Next::PlaceOrder,
            (GccValidationState::Denied | GccValidationState::Withdrawn, _) => Next::SubmitAnew,
        }
    }
}

impl Subject for ValidationRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.partner_of_record_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }
}

/// What a reviewer asked, and what was answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccQuestion {
    /// What is to be said or shown.
    #[schema(max_length = 2000)]
    pub question: String,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The answer; null until it comes.
    #[schema(max_length = 4000)]
    pub answer: Option<String>,
    /// When it came.
    pub answered_at: Option<DateTime<Utc>>,
}

/// The answer to the reviewer's question.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvideGccInformation {
    /// The answer.
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000, example = "The contract is attached: GS-35F-0119Y.")]
    pub answer: String,
    /// Files that belong to it.
    #[serde(default)]
    #[validate(length(max = 5), nested)]
    #[schema(max_items = 5)]
    pub attachments: Vec<NewAttachment>,
}

/// What the reviewer wants to know.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestGccInformation {
    /// What is to be said or shown; the submitter reads it, and the customer's contact.
    #[validate(length(min = 3, max = 2000))]
    #[schema(min_length = 3, max_length = 2000, example = "Please attach the agency's letterhead.")]
    pub question: String,
}

/// Why a validation is denied.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DenyGccValidation {
    /// In words for the partner.
    #[validate(length(min = 3, max = 1000))]
    #[schema(min_length = 3, max_length = 1000, example = "The organisation is no entity of the government.")]
    pub reason: String,
}

/// A validation as it is found: its row and its files.
pub struct Found {
    /// The row.
    pub row: ValidationRow,
    /// Its files, oldest first.
    pub attachments: Vec<Attachment>,
}

impl Found {
    /// Who submitted it.
    pub fn submitter(&self) -> Result<Contact> {
        self.row.submitter.read()
    }
}

//! The types of the answer to: what is missing?

use crate::messages::{Language, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use validator::{Validate, ValidationError};

crate::word_enum! {
    /// What is missing.
    pub enum GccStepCode {
        /// The caller's company is not active: its `nextStep` says what brings it on.
        ActivatePartner = "activatePartner",
        /// An indirect reseller sells through a provider: one has to invite it (GCC-02).
        InviteReseller = "inviteReseller",
        /// The invitation of a provider waits for the reseller's consent.
        AuthorizeLink = "authorizeLink",
        /// The transacting partner was stopped by the operator.
        ReinstateSeller = "reinstateSeller",
        /// The transacting partner has no commercial tenant id on record (GCC-03).
        RecordTenantId = "recordTenantId",
        /// The transacting partner is not validated (GCC-07).
        SubmitPartnerValidation = "submitPartnerValidation",
        /// The reviewer has asked about the partner.
        AnswerAboutPartner = "answerAboutPartner",
        /// The partner's validation is with the reviewer (GCC-04).
        ApprovePartnerValidation = "approvePartnerValidation",
        /// The organisation is not validated (GCC-13).
        SubmitCustomerValidation = "submitCustomerValidation",
        /// The reviewer has asked about the organisation.
        AnswerAboutCustomer = "answerAboutCustomer",
        /// The organisation's validation is with the reviewer.
        ApproveCustomerValidation = "approveCustomerValidation",
        /// The organisation is validated and has a code: it is to be made a customer with it (GCC-12).
        CreateCustomer = "createCustomer",
        /// The customer is to be qualified with the code of its organisation (GCC-11).
        UseValidationCode = "useValidationCode",
        /// The customer has not accepted the provider (LNK-09).
        AskCustomer = "askCustomer",
        /// The customer was asked to accept the provider, and has not answered.
        WaitForCustomer = "waitForCustomer",
        /// The customer has not accepted the customer agreement (CUS-06).
        AttestAgreement = "attestAgreement",
        /// The customer has no active tenant.
        CreateTenant = "createTenant",
        /// The customer is not in the United States (GCC-08): nothing helps.
        NotInUnitedStates = "notInUnitedStates",
        /// Everything of the government cloud is done, but the order would be refused for another reason: its preview tells
        /// all of them.
        OrderRefused = "orderRefused",
        /// Both are not in one region (MKT-02): another seller is needed.
        OtherRegion = "otherRegion",
    }
}

impl GccStepCode {
    /// The entry of the catalogue of words.
    fn words(self) -> String {
        let mut name = "gcc_step".to_owned();
        for letter in self.as_str().chars() {
            if letter.is_uppercase() || name == "gcc_step" {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// What is missing, in words.
    pub fn detail(self, language: Language, facts: &Map<String, Value>) -> String {
        Text::of(&self.words()).say(language, None, facts).unwrap_or_default()
    }
}

crate::word_enum! {
    /// Whose turn it is.
    pub enum GccStepBy {
        /// The caller's company.
        You = "you",
        /// The provider that transacts.
        Provider = "provider",
        /// The marketplace's operator.
        Operator = "operator",
        /// The customer.
        Customer = "customer",
        /// Nobody: it cannot be had this way.
        Nobody = "nobody",
    }
}

/// Whom it is about. All of it is optional: what is left out counts as not chosen yet.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckGccEligibility {
    /// The customer.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub customer_id: Option<String>,
    /// The organisation's name, while it is no customer yet; of no use beside `customerId`.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 2, max = 255))]
    #[schema(min_length = 2, max_length = 255, nullable = false, example = "City of Marble Falls")]
    pub organization_name: Option<String>,
    /// For an indirect reseller: the provider to go through, where it is linked with several.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub provider_id: Option<String>,
    /// Only these offers; all of the government cloud unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 50), custom(function = "each_is_short"))]
    #[schema(schema_with = wanted_offers)]
    pub offers: Option<Vec<String>>,
}

/// How long an offer's name may be.
const LONGEST_OFFER: usize = 100;

fn wanted_offers() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_OFFER));
    ArrayBuilder::new()
        .items(item)
        .min_items(Some(1))
        .max_items(Some(50))
        .description(Some("Only these offers; all of the government cloud unless said."))
        .examples([json!(["office-365-e3-gcc-usd"])])
        .build()
}

fn each_is_short(offers: &[String]) -> Result<(), ValidationError> {
    let fits = |offer: &String| (1..=LONGEST_OFFER).contains(&offer.chars().count());
    if offers.iter().all(fits) { Ok(()) } else { Err(ValidationError::new("length")) }
}

/// A company that could transact.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccSeller {
    /// The partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// Its registered name.
    #[schema(max_length = 255)]
    pub legal_name: String,
    /// The commercial tenant id that goes into the form of a customer's validation (GCC-06); null until it is on record.
    #[schema(max_length = 36)]
    pub tenant_id: Option<String>,
    /// Whether it may deal in the government cloud.
    pub qualified: bool,
    /// Whether this answer goes through it.
    pub chosen: bool,
}

/// A customer of the government cloud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccCustomer {
    /// The customer.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// Its registered name.
    #[schema(max_length = 255)]
    pub company_name: String,
}

/// An offer of the government cloud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccOffer {
    /// The offer.
    #[schema(max_length = 100, example = "office-365-e3-gcc-usd")]
    pub offer_id: String,
    /// Its name.
    #[schema(max_length = 200, example = "Office 365 E3 GCC")]
    pub name: String,
    /// Whether it can be sold to this customer now.
    pub possible: bool,
}

/// A header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GccHeader {
    /// Its name.
    #[schema(max_length = 40, example = "If-None-Match")]
    pub name: String,
    /// Its value.
    #[schema(max_length = 200, example = "*")]
    pub value: String,
}

/// A field that only a person knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GccBlank {
    /// Where it stands in the body.
    #[schema(max_length = 200, example = "/evidence")]
    pub pointer: String,
    /// What goes there.
    #[schema(max_length = 500)]
    pub what: String,
}

/// A call that does a step. POST needs an `Idempotency-Key` beside the headers named here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccOperation {
    /// The operation of the document.
    #[schema(max_length = 100, example = "submit_gcc_customer_validation")]
    pub operation_id: String,
    /// Its method.
    #[schema(max_length = 10, example = "POST")]
    pub method: String,
    /// Its path; `{id}` stands where the thing comes to be by a step before.
    #[schema(max_length = 300, example = "/v1/gcc/customer-validations")]
    pub path: String,
    /// The headers that it needs.
    #[schema(max_items = 5)]
    pub headers: Vec<GccHeader>,
    /// What is known of its body; null where it takes none.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    /// What is to be filled in.
    #[schema(max_items = 20)]
    pub blanks: Vec<GccBlank>,
}

/// A step that is missing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccStep {
    /// Counts from 1, in the order in which they are done.
    #[schema(minimum = 1, maximum = 20)]
    pub number: usize,
    /// What is missing.
    pub code: GccStepCode,
    /// Whose turn it is.
    pub by: GccStepBy,
    /// The same in words.
    #[schema(max_length = 1000)]
    pub detail: String,
    /// The call that does it; null where none does.
    pub operation: Option<GccOperation>,
}

/// What stands between a partner and an order of the government cloud.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GccEligibility {
    /// Whether an order can be placed now.
    pub possible: bool,
    /// Who could transact: the caller itself, or the providers that it is linked with.
    #[schema(max_items = 100)]
    pub sellers: Vec<GccSeller>,
    /// The customers to whom all of it can be sold: those with the qualification, 200 at most. Empty unless a seller is
    /// qualified (GCC-05).
    #[schema(max_items = 200)]
    pub qualified_customers: Vec<GccCustomer>,
    /// What could be sold.
    #[schema(max_items = 200)]
    pub offers: Vec<GccOffer>,
    /// Everything that is missing, in its order; ask again after each.
    #[schema(max_items = 20)]
    pub steps: Vec<GccStep>,
    /// The order, once nothing is missing.
    pub order: Option<GccOperation>,
}

//! What may be asked of refunds (REF-02).

use crate::attachments::NewAttachment;
use crate::error::{Error, Result};
use crate::money::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

crate::word_enum! {
    /// What the request is about; there is one answer (REF-02).
    pub enum RefundProblemType {
        /// A purchase through CSP, refunded on behalf of a customer.
        CspRefundOnBehalfOfCustomer = "cspRefundOnBehalfOfCustomer",
    }
}

crate::word_enum! {
    /// How much it hurts.
    pub enum RefundImpact {
        /// Nobody can work.
        Critical = "critical",
        /// Work suffers.
        Moderate = "moderate",
        /// It can wait.
        Minimal = "minimal",
    }
}

/// Which purchase a quote is for: `orderId` or `subscriptionId`.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "quote_names_a_purchase", skip_on_field_errors = false))]
pub struct QuoteRefund {
    /// The order.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub order_id: Option<String>,
    /// The subscription, or the software by the id of its entitlement.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub subscription_id: Option<String>,
    /// The order's line; to be said where the order has several.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 50))]
    #[schema(nullable = false, minimum = 1, maximum = 50)]
    pub line_number: Option<u32>,
    /// How many are given back; all unless said. Fewer only where the policy allows it.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 10000))]
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    pub quantity: Option<u32>,
}

/// A refund to be asked for, of what `orderId` or `subscriptionId` names.
// Everything is optional to serde alone, so that all that is missing is told at once; the schema demands it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[validate(schema(function = "request_names_a_purchase", skip_on_field_errors = false))]
pub struct RequestRefund {
    /// The customer: its name, or the GUID or a domain of one of its tenants.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 255))]
    #[schema(required, nullable = false, min_length = 1, max_length = 255, example = "panaderiasol.onmicrosoft.com")]
    pub customer: Option<String>,
    /// The order.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub order_id: Option<String>,
    /// The subscription, or the software by the id of its entitlement.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub subscription_id: Option<String>,
    /// The order's line; to be said where the order has several.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 50))]
    #[schema(nullable = false, minimum = 1, maximum = 50)]
    pub line_number: Option<u32>,
    /// How many are given back; all unless said. Fewer only where the policy allows it.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 10000))]
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    pub quantity: Option<u32>,
    /// What is asked back: the quote's amount, or less (REF-07).
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false)]
    pub amount: Option<Amount>,
    /// Why.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 3, max = 2000))]
    #[schema(
        required,
        nullable = false,
        min_length = 3,
        max_length = 2000,
        example = "El cliente compró la edición equivocada"
    )]
    pub reason: Option<String>,
    /// The request in a few words.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 3, max = 200))]
    #[schema(required, nullable = false, min_length = 3, max_length = 200, example = "Reembolso de Windows Server")]
    pub title: Option<String>,
    /// How much it hurts.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false)]
    pub impact: Option<RefundImpact>,
    /// Whom to ask about it.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    #[schema(required, nullable = false)]
    pub contact: Option<RefundContact>,
    /// Files that support it; more can be added later, one at a time.
    #[serde(default, skip_serializing_if = "are_kept_apart")]
    #[validate(length(max = 5), nested)]
    #[schema(max_items = 5)]
    pub attachments: Vec<NewAttachment>,
}

/// Files are kept sealed, never with the request.
fn are_kept_apart(_: &[NewAttachment]) -> bool {
    true
}

/// A request in which everything that is demanded stands.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The customer's name, or the GUID or a domain of one of its tenants.
    pub customer: &'a str,
    /// What is asked back.
    pub amount: &'a Amount,
    /// Why.
    pub reason: &'a str,
    /// In a few words.
    pub title: &'a str,
    /// How much it hurts.
    pub impact: RefundImpact,
    /// Whom to ask about it.
    pub contact: &'a RefundContact,
}

impl RequestRefund {
    /// What the schema demands.
    pub fn complete(&self) -> Result<Asked<'_>> {
        let missing = || Error::internal("a refund request that its schema should have refused");
        Ok(Asked {
            // Those of before it was asked have none.
            customer: self.customer.as_deref().unwrap_or_default(),
            amount: self.amount.as_ref().ok_or_else(missing)?,
            reason: self.reason.as_deref().ok_or_else(missing)?,
            title: self.title.as_deref().ok_or_else(missing)?,
            impact: self.impact.ok_or_else(missing)?,
            contact: self.contact.as_ref().ok_or_else(missing)?,
        })
    }
}

fn quote_names_a_purchase(asked: &QuoteRefund) -> Result<(), ValidationError> {
    names_a_purchase(asked.order_id.as_ref(), asked.subscription_id.as_ref())
}

fn request_names_a_purchase(asked: &RequestRefund) -> Result<(), ValidationError> {
    names_a_purchase(asked.order_id.as_ref(), asked.subscription_id.as_ref())
}

fn names_a_purchase(order: Option<&String>, subscription: Option<&String>) -> Result<(), ValidationError> {
    if order.is_some() || subscription.is_some() {
        return Ok(());
    }
    let mut missing = ValidationError::new("required");
    missing.add_param("field".into(), &"orderId");
    Err(missing)
}

/// Whom to ask about a refund.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundContact {
    /// Name.
    #[validate(length(min = 2, max = 100))]
    #[schema(min_length = 2, max_length = 100, example = "Marta Ruiz")]
    pub name: String,
    /// Mail address.
    #[validate(email, length(min = 3, max = 254))]
    #[schema(format = Email, min_length = 3, max_length = 254, example = "marta@distribuidora.example")]
    pub email: String,
    /// Phone number.
    #[validate(length(min = 5, max = 30))]
    #[schema(min_length = 5, max_length = 30, example = "+52 55 5555 0123")]
    pub phone: String,
}

/// Why a refund is rejected.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectRefund {
    /// In words for the partner.
    #[validate(length(min = 3, max = 2000))]
    #[schema(min_length = 3, max_length = 2000, example = "La factura adjunta es de otro cliente")]
    pub reason: String,
}

//! The types of refunds.

use super::rules::RefundQuote;
use crate::db::schema::refunds;
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::http::problem::FieldError;
use crate::money::{Amount, Money};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where a refund stands (REF-08).
    pub enum RefundState {
        /// Asked for.
        Requested = "requested",
        /// With the operator.
        InReview = "inReview",
        /// Granted.
        Approved = "approved",
        /// The key was taken back.
        KeyRevoked = "keyRevoked",
        /// The credit note exists.
        Credited = "credited",
        /// Refused with a reason.
        Rejected = "rejected",
        /// Taken back by the partner.
        Withdrawn = "withdrawn",
    }
}

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

/// Which purchase a quote is for.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuoteRefund {
    /// The order.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub order_id: String,
    /// The line's number; 1 unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 50))]
    #[schema(nullable = false, minimum = 1, maximum = 50)]
    pub line_number: Option<u32>,
}

/// A refund to be asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestRefund {
    /// The order.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub order_id: String,
    /// The line's number; 1 unless said.
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 50))]
    #[schema(nullable = false, minimum = 1, maximum = 50)]
    pub line_number: Option<u32>,
    /// What is asked back: the quote's amount, or less (REF-07).
    pub amount: Amount,
    /// Why.
    #[validate(length(min = 3, max = 2000))]
    #[schema(min_length = 3, max_length = 2000, example = "El cliente compró la edición equivocada")]
    pub reason: String,
    /// The request in a few words.
    #[validate(length(min = 3, max = 200))]
    #[schema(min_length = 3, max_length = 200, example = "Reembolso de Windows Server")]
    pub title: String,
    /// How much it hurts.
    pub impact: RefundImpact,
    /// Whom to ask about it.
    #[validate(nested)]
    pub contact: RefundContact,
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

/// A row of `refunds`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = refunds, treat_none_as_default_value = false)]
pub struct RefundRow {
    pub id: String,
    pub partner_id: String,
    pub partner_of_record_id: Option<String>,
    pub customer_id: String,
    pub order_id: String,
    pub order_line_id: String,
    pub entitlement_id: Option<String>,
    pub subscription_id: Option<String>,
    pub state: RefundState,
    pub amount_minor: i64,
    pub currency: String,
    /// A `RequestRefund`.
    pub request: Json,
    /// A `RefundQuote`.
    pub quote: Json,
    pub version: i64,
    pub created_at: NaiveDateTime,
}

impl Subject for RefundRow {
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
        Some(&self.customer_id)
    }
}

/// Money asked back for an order line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: RefundState,
    /// Whose purchase it was.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// The line's number.
    #[schema(minimum = 1, maximum = 50)]
    pub line_number: u32,
    /// The software that is given back; null for a subscription.
    #[schema(format = Uuid, max_length = 36)]
    pub entitlement_id: Option<String>,
    /// The subscription that is given back; null for software.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
    /// What the request is about.
    pub problem_type: RefundProblemType,
    /// The request in a few words.
    #[schema(max_length = 200)]
    pub title: String,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// How much it hurts.
    pub impact: RefundImpact,
    /// Whom to ask about it.
    pub contact: RefundContact,
    /// What is credited.
    pub amount: Amount,
    /// The arithmetic at the time of the request.
    pub quote: RefundQuote,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<RefundRow> for Refund {
    type Error = Error;

    fn try_from(row: RefundRow) -> Result<Self> {
        let request: RequestRefund = row.request.read()?;
        let amount = Money::from_columns(row.amount_minor, &row.currency)
            .map_err(|fault| Error::internal(format!("refund {} has {fault:?}", row.id)))?;
        Ok(Self {
            quote: row.quote.read()?,
            amount: amount.into(),
            id: row.id,
            state: row.state,
            customer_id: row.customer_id,
            order_id: row.order_id,
            line_number: request.line_number.unwrap_or(1),
            entitlement_id: row.entitlement_id,
            subscription_id: row.subscription_id,
            problem_type: RefundProblemType::CspRefundOnBehalfOfCustomer,
            title: request.title,
            reason: request.reason,
            impact: request.impact,
            contact: request.contact,
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for Refund {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/refunds/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What would become of a refund, without asking for it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundPreview {
    /// Whether it would be granted as asked.
    pub possible: bool,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
    /// The arithmetic; null where there is no refund at all.
    pub quote: Option<RefundQuote>,
}

crate::page_of! {
    /// A page of refunds.
    pub struct RefundPage of Refund;
}

crate::list_parameters! {
    /// Which refunds.
    pub struct ListRefunds {
        /// Only those of this order.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub order_id: Option<String>,
        /// Only those in this state.
        pub state: Option<RefundState>,
    }
}

//! The types of refunds.

use super::asked::{RefundContact, RefundImpact, RefundProblemType, RequestRefund};
use super::rules::RefundQuote;
use crate::attachments::Attachment;
use crate::db::schema::refunds;
use crate::db::words::Json;
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::http::problem::FieldError;
use crate::money::{Amount, Money};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// A row of `refunds`.
#[derive(Debug, Clone, AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = refunds, treat_none_as_null = true, treat_none_as_default_value = false)]
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
    /// A list of [`Credit`].
    pub credits: Option<Json>,
    pub rejected_because: Option<String>,
    pub decided_at: Option<NaiveDateTime>,
    pub key_revoked_at: Option<NaiveDateTime>,
    pub credited_at: Option<NaiveDateTime>,
}

/// What one line of an invoice gives back, as it was judged at the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credit {
    /// The invoice's line.
    pub invoice_line_id: String,
    /// How many.
    pub quantity: i64,
    /// What, in minor units.
    pub amount_minor: i64,
    /// The batch that the seats are taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Those of them that went with scheduled changes while the refund was not decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub went: Vec<Went>,
    /// How many went before it was kept when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone: Option<i64>,
}

/// Seats that went with a scheduled change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Went {
    /// How many.
    pub seats: i64,
    /// When.
    pub at: NaiveDateTime,
}

impl Credit {
    /// So many of an invoice's line, for so much in minor units, from this batch of seats.
    pub fn new(invoice_line_id: String, quantity: i64, amount_minor: i64, batch_id: Option<String>) -> Self {
        Self { invoice_line_id, quantity, amount_minor, batch_id, went: Vec::new(), gone: None }
    }

    /// How many are still to be taken.
    pub fn standing(&self) -> i64 {
        self.quantity - self.gone.unwrap_or_default() - self.went.iter().map(|went| went.seats).sum::<i64>()
    }
}

impl RefundRow {
    /// What each line gives back; nothing of those that were granted before this was kept.
    pub fn credits(&self) -> Result<Vec<Credit>> {
        self.credits.as_ref().map_or(Ok(Vec::new()), Json::read)
    }

    /// Whether nobody has decided it yet.
    pub fn is_open(&self) -> bool {
        matches!(self.state, RefundState::Requested | RefundState::InReview)
    }
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
    /// The partner that asked.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
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
    /// What is credited: what was asked; and where a review outlasted the period, all that was charged since for the seats.
    pub amount: Amount,
    /// The arithmetic at the time of the request.
    pub quote: RefundQuote,
    /// Files that were handed in with it.
    #[schema(max_items = 20)]
    pub attachments: Vec<Attachment>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was approved, rejected or withdrawn; null while nobody has decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected; else null.
    #[schema(max_length = 2000)]
    pub rejected_because: Option<String>,
    /// When the key was taken back; null where there was none, and before that.
    pub key_revoked_at: Option<DateTime<Utc>>,
    /// When the credit was written; null before that.
    pub credited_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl Refund {
    /// From the row, with the files that belong to it.
    pub(super) fn of(row: RefundRow, attachments: Vec<Attachment>) -> Result<Self> {
        let request: RequestRefund = row.request.read()?;
        let line_number = request.line_number.unwrap_or(1);
        let asked = request.complete()?;
        let amount = Money::from_columns(row.amount_minor, &row.currency)
            .map_err(|fault| Error::internal(format!("refund {} has {fault:?}", row.id)))?;
        let utc = |at: Option<NaiveDateTime>| at.map(|at| at.and_utc());
        Ok(Self {
            quote: row.quote.read()?,
            amount: amount.into(),
            id: row.id,
            state: row.state,
            partner_id: row.partner_id,
            customer_id: row.customer_id,
            order_id: row.order_id,
            line_number,
            entitlement_id: row.entitlement_id,
            subscription_id: row.subscription_id,
            problem_type: RefundProblemType::CspRefundOnBehalfOfCustomer,
            title: asked.title.to_owned(),
            reason: asked.reason.to_owned(),
            impact: asked.impact,
            contact: asked.contact.clone(),
            attachments,
            created_at: row.created_at.and_utc(),
            decided_at: utc(row.decided_at),
            rejected_because: row.rejected_because,
            key_revoked_at: utc(row.key_revoked_at),
            credited_at: utc(row.credited_at),
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
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only those of this subscription.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub subscription_id: Option<String>,
        /// Only those in this state.
        pub state: Option<RefundState>,
    }
}

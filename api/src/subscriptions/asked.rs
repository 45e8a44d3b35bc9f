//! What may be asked of a subscription, and what a preview answers.

use super::model::EndOfTerm;
use crate::http::problem::FieldError;
use crate::money::Amount;
use crate::refunds::{RefundContact, RefundImpact};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Changes of a subscription: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateSubscription {
    /// What the partner calls it; null takes the name away.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Puestos de la tienda")]
    pub friendly_name: Option<Option<String>>,
    /// Refused unless it is the tenant that it has: a licence never moves (TEN-06). The refusal carries the order to
    /// place instead.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub tenant_id: Option<String>,
}

crate::word_enum! {
    /// When seats change.
    pub enum SeatChangeTime {
        /// At once: more is charged by the day, less is given back from open batches.
        Now = "now",
        /// With the next term.
        EndOfTerm = "endOfTerm",
    }
}

/// Another number of seats.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeSeats {
    /// How many seats there shall be.
    #[validate(range(min = 1, max = 10000))]
    #[schema(minimum = 1, maximum = 10000, example = 12)]
    pub quantity: u32,
    /// When; `now` unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub effective: Option<SeatChangeTime>,
}

/// Another plan.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradeSubscription {
    /// The offer to move to; it must have the same term, cycle and currency.
    #[serde(rename = "targetOfferId")]
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "office-365-enterprise-e3")]
    pub target_offer: String,
    /// How many seats move; all of them unless said. Fewer only inside a family (CAT-05).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 10000))]
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    pub quantity: Option<u32>,
    /// Moves all of the tenant's subscriptions of that family together: across families it is all or none (CAT-05).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub all_users: Option<bool>,
}

/// What becomes of it after its term.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetEndOfTerm {
    /// Renew, cancel or extend (SUB-02).
    pub end_of_term: EndOfTerm,
}

/// Why a subscription is cancelled, for its refund.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelSubscription {
    /// Why.
    #[validate(length(min = 3, max = 2000))]
    #[schema(min_length = 3, max_length = 2000, example = "El cliente eligió otro plan")]
    pub reason: String,
    /// How much it hurts; `minimal` unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub impact: Option<RefundImpact>,
    /// Whom to ask about it; the customer's contact unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub contact: Option<RefundContact>,
}

crate::word_enum! {
    /// Which way money goes.
    pub enum MoneyDirection {
        /// An invoice charges it.
        Charge = "charge",
        /// A credit note gives it back.
        Credit = "credit",
    }
}

/// What would become of a change, with its money.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionPreview {
    /// Whether it can be done as asked.
    pub possible: bool,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
    /// What would be charged and given back.
    #[schema(max_items = 1000)]
    pub lines: Vec<PreviewedMoney>,
    /// Charges less credits; null where there are none.
    pub total: Option<Amount>,
}

/// An amount with its arithmetic (REF-04).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewedMoney {
    /// Which way it goes.
    pub direction: MoneyDirection,
    /// For what.
    #[schema(max_length = 255)]
    pub name: String,
    /// Seats.
    #[schema(minimum = 1)]
    pub quantity: u32,
    /// Price of one seat for the whole period.
    pub unit_price: Amount,
    /// Days that are left of the period, the day of the change counted.
    #[schema(minimum = 0)]
    pub unused_days: u32,
    /// Days of the period.
    #[schema(minimum = 1)]
    pub total_days: u32,
    /// The amount.
    pub amount: Amount,
}

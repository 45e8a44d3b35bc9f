//! What is recorded of a renewal's payments.

use crate::money::Amount;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// How was paid. Any way is good (REN-04).
    pub enum PaymentMethod {
        /// A card.
        Card = "card",
        /// A bank transfer, SPEI and SEPA included.
        BankTransfer = "bankTransfer",
        /// A direct debit.
        DirectDebit = "directDebit",
        /// Cash, at a shop or a bank.
        Cash = "cash",
        /// Out of a balance or credit line with the storefront.
        AccountCredit = "accountCredit",
        /// Another way.
        Other = "other",
    }
}

/// A payment that the storefront has got.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordPayment {
    /// What was paid: all that is owed for the renewal.
    pub amount: Amount,
    /// How.
    pub method: PaymentMethod,
    /// The storefront's own reference.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 200))]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "SPEI 8846730")]
    pub reference: Option<String>,
}

/// A payment that did not go through.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordPaymentFailure {
    /// How it was tried.
    pub method: PaymentMethod,
    /// What the bank said.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "La tarjeta ha caducado")]
    pub reason: String,
}

//! The terms of an offer: for how long, paid how often, at which price, and what may be given back.

use crate::error::{Error, Result};
use crate::money::{Amount, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::word_enum! {
    /// How often is paid (CAT-08).
    pub enum BillingCycle {
        /// Every month of the term.
        Monthly = "monthly",
        /// Every twelve months of the term.
        Annual = "annual",
        /// Once for all of it.
        OneTime = "oneTime",
    }
}

crate::word_enum! {
    /// By which kind of refund policy money is given back (REF-01).
    pub enum RefundKind {
        /// Software for a term.
        SoftwareSubscription = "softwareSubscription",
        /// Software for good.
        SoftwarePerpetual = "softwarePerpetual",
        /// Seats of a cloud plan.
        CloudSeats = "cloudSeats",
        /// Nothing is given back.
        NotRefundable = "notRefundable",
    }
}

/// A term as the row of an offer's version keeps it. The currency is the version's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Term {
    /// Months of the commitment; none for good.
    pub term_months: Option<u32>,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// The price of one seat for one billing cycle, in minor units; none: listed, and not to be ordered (CAT-01).
    pub price: Option<i64>,
    /// By which kind of policy money is given back.
    pub refund: RefundKind,
}

impl Term {
    /// The price of one seat for one billing cycle.
    pub fn price(&self, currency: &str) -> Result<Option<Money>> {
        let money = |minor| {
            Money::from_columns(minor, currency).map_err(|fault| Error::internal(format!("a price is in {fault:?}")))
        };
        self.price.map(money).transpose()
    }

    /// The months that one payment covers; none for good.
    pub fn months_of_cycle(&self) -> Option<u32> {
        match self.billing_cycle {
            BillingCycle::Monthly => Some(1),
            BillingCycle::Annual => Some(12),
            BillingCycle::OneTime => self.term_months,
        }
    }

    /// Whether an order line that names a term or a cycle, or neither, means this one.
    pub fn answers_to(&self, term_months: Option<u32>, billing_cycle: Option<BillingCycle>) -> bool {
        term_months.is_none_or(|months| self.term_months == Some(months))
            && billing_cycle.is_none_or(|cycle| self.billing_cycle == cycle)
    }
}

/// A term of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferTerm {
    /// Months of the commitment; null for good.
    #[schema(minimum = 1, maximum = 120, example = 12)]
    pub term_months: Option<u32>,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// The price of one seat (or licence) for one billing cycle, without tax; null where the source gives none: the
    /// offer is listed and cannot be ordered (`price_not_available`).
    pub price: Option<Amount>,
    /// By which kind of policy money is given back.
    pub refund: RefundKind,
}

impl OfferTerm {
    /// From the row.
    pub(super) fn of(term: &Term, currency: &str) -> Result<Self> {
        Ok(Self {
            term_months: term.term_months,
            billing_cycle: term.billing_cycle,
            price: term.price(currency)?.map(Into::into),
            refund: term.refund,
        })
    }
}

//! What the programme says: dated rows (`api/data/open-programme.json`), because vendors change it (OPN-01, OPN-02).

use crate::catalog::BillingCycle;
use crate::clock::Instant;
use crate::error::{Error, Result};
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use std::sync::LazyLock;

const FILE: &str = include_str!("../../data/open-programme.json");
static PROGRAMME: LazyLock<Option<Programme>> = LazyLock::new(|| serde_json::from_str(FILE).ok());

crate::word_enum! {
    /// A kind of Open agreement (OPN-01).
    pub enum OpenAgreementKind {
        /// Open License.
        License = "openLicense",
        /// Open Value.
        Value = "openValue",
        /// Open Value Subscription.
        ValueSubscription = "openValueSubscription",
    }
}

crate::word_enum! {
    /// How an agreement is paid. Items of Office 365 are paid up front in any.
    pub enum OpenPayment {
        /// Up front.
        Prepaid = "prepaid",
        /// Spread over the term.
        Spread = "spread",
    }
}

crate::word_enum! {
    /// What an agreement's term begins with.
    pub enum OpenBeginning {
        /// The first purchase order.
        FirstOrder = "firstOrder",
        /// The customer's signature.
        Signature = "signature",
    }
}

crate::word_enum! {
    /// What an agreement must be signed before.
    pub enum OpenSignature {
        /// Before anything is ordered.
        Orders = "orders",
        /// Before a key is retrieved.
        Keys = "keys",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Programme {
    #[serde(rename = "source")]
    _source: String,
    agreements: Vec<AgreementTerms>,
    items: Vec<ItemTerms>,
}

/// What holds for a kind of agreement that is made from a day on.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementTerms {
    kind: OpenAgreementKind,
    valid_from: NaiveDate,
    /// How long it lasts.
    pub years: u32,
    /// How it is paid.
    pub payment: OpenPayment,
    /// What it begins with.
    pub begins: OpenBeginning,
    /// What it must be signed before.
    pub signed_before: OpenSignature,
}

impl AgreementTerms {
    /// When a term that begins now is over.
    pub fn ends_at(&self, begins_at: Instant) -> Result<Instant> {
        let months = Months::new(self.years.saturating_mul(12));
        begins_at.checked_add_months(months).ok_or_else(|| Error::internal("an agreement's term has no end"))
    }
}

/// What holds for items that are ordered from a day on.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemTerms {
    valid_from: NaiveDate,
    /// Months that begin with the redemption.
    pub term_months: u32,
    /// Paid how often.
    pub billing_cycle: BillingCycle,
    /// So many days before the end the partner of record is told.
    pub notice_days_before: Vec<u64>,
    /// At this hour, where the storefront is.
    pub notice_hour: u32,
}

fn programme() -> Result<&'static Programme> {
    PROGRAMME.as_ref().ok_or_else(|| Error::internal("the Open programme cannot be read"))
}

/// What holds for an agreement of this kind that was made on this day.
pub fn agreement(kind: OpenAgreementKind, day: NaiveDate) -> Result<&'static AgreementTerms> {
    let rows = programme()?.agreements.iter().filter(|terms| terms.kind == kind && terms.valid_from <= day);
    let terms = rows.max_by_key(|terms| terms.valid_from);
    terms.ok_or_else(|| Error::internal(format!("no terms of {kind:?} hold on {day}")))
}

/// What holds for items that are ordered on this day.
pub fn items(day: NaiveDate) -> Result<&'static ItemTerms> {
    let rows = programme()?.items.iter().filter(|terms| terms.valid_from <= day);
    rows.max_by_key(|terms| terms.valid_from)
        .ok_or_else(|| Error::internal(format!("no terms of Open's items hold on {day}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(OpenAgreementKind::License, 2, OpenPayment::Prepaid, OpenBeginning::FirstOrder, OpenSignature::Keys; "open license")]
    #[test_case(OpenAgreementKind::Value, 3, OpenPayment::Spread, OpenBeginning::Signature, OpenSignature::Orders; "open value")]
    #[test_case(OpenAgreementKind::ValueSubscription, 3, OpenPayment::Spread, OpenBeginning::Signature, OpenSignature::Orders; "open value subscription")]
    fn rule_opn_01_three_kinds_of_agreement(
        kind: OpenAgreementKind,
        years: u32,
        payment: OpenPayment,
        begins: OpenBeginning,
        signed_before: OpenSignature,
    ) {
        let terms = agreement(kind, "2026-11-21".parse().unwrap()).unwrap();
        let told = (terms.years, terms.payment, terms.begins, terms.signed_before);
        assert_eq!(told, (years, payment, begins, signed_before));
        assert!(agreement(kind, "2012-12-31".parse().unwrap()).is_err(), "before there were any");
    }

    #[test]
    fn rule_opn_01_a_term_of_years_ends_on_its_day_also_in_a_leap_year() {
        let terms = agreement(OpenAgreementKind::License, "2024-02-29".parse().unwrap()).unwrap();
        let ends = terms.ends_at("2024-02-29T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(ends.to_rfc3339(), "2026-02-28T10:00:00+00:00");
    }

    #[test]
    fn rule_opn_02_items_are_of_one_year_paid_up_front() {
        let terms = items("2026-11-21".parse().unwrap()).unwrap();
        assert_eq!((terms.term_months, terms.billing_cycle), (12, BillingCycle::Annual));
    }
}

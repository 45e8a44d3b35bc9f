//! The types of comparisons.

use crate::catalog::{BillingCycle, Reason};
use crate::earnings::models::{ServiceBand, ServiceKind};
use crate::money::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// What is compared.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareEarnings {
    /// Over how many years.
    #[validate(range(min = 1, max = 10))]
    #[schema(minimum = 1, maximum = 10, example = 3)]
    pub years: u32,
    /// The plans, all in one currency.
    #[validate(length(min = 1, max = 50), nested)]
    #[schema(min_items = 1, max_items = 50)]
    pub plans: Vec<ComparedPlan>,
    /// The advisor's share of the first year's sales in per cent, where it is agreed; else the whole range is shown.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 6))]
    #[schema(min_length = 1, max_length = 6, nullable = false, example = "18.5")]
    pub first_year_percent: Option<String>,
    /// Services that are sold beside, in either model.
    #[serde(default)]
    #[validate(length(max = 20), nested)]
    #[schema(max_items = 20)]
    pub services: Vec<ComparedService>,
}

/// A plan with its seats.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComparedPlan {
    /// The offer's stable name.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "office-365-enterprise-e3")]
    pub offer_id: String,
    /// How many seats.
    #[validate(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000, example = 10)]
    pub seats: u32,
    /// Months of the term; the offer's first term unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 120))]
    #[schema(minimum = 1, maximum = 120, nullable = false)]
    pub term_months: Option<u32>,
    /// The billing cycle; that of the offer's first term unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub billing_cycle: Option<BillingCycle>,
    /// What the reseller asks of the customer for one seat and billing cycle; the list price unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub own_price: Option<Amount>,
    /// What the provider asks of the reseller for one seat and billing cycle; the list price unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub provider_price: Option<Amount>,
}

crate::word_enum! {
    /// How often a service is paid.
    pub enum ServicePeriod {
        /// Once, in the first year.
        Once = "once",
        /// In every year.
        Yearly = "yearly",
    }
}

/// A service with its price.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComparedService {
    /// The kind.
    pub kind: ServiceKind,
    /// The price for one seat, in the currency of the plans.
    pub price_per_seat: Amount,
    /// How often it is paid.
    pub period: ServicePeriod,
}

/// Both models side by side.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarningsComparison {
    /// Seats of all plans together: what services are counted by.
    #[schema(minimum = 1, example = 10)]
    pub seats: u32,
    /// The advisor's share of the first year's sales, in per cent: the least and the most, equal where it is agreed.
    pub first_year_percent: PercentRange,
    /// The advisor's share of each later year's sales, in per cent.
    #[schema(max_length = 6, example = "4")]
    pub later_years_percent: String,
    /// Year by year.
    #[schema(min_items = 1, max_items = 10)]
    pub years: Vec<ComparedYear>,
    /// All years together.
    pub total: ComparedEarnings,
    /// What services usually bring for one seat, as a guide; the source gives no period.
    #[schema(max_items = 10)]
    pub service_guide: Vec<ServiceBand>,
    /// How it was reckoned.
    #[schema(max_items = 20)]
    pub reasons: Vec<Reason>,
}

/// Shares from the least to the most.
#[derive(Debug, Serialize, ToSchema)]
pub struct PercentRange {
    /// The least.
    #[schema(max_length = 6, example = "16")]
    pub from: String,
    /// The most.
    #[schema(max_length = 6, example = "23")]
    pub to: String,
}

/// Money from the least to the most.
#[derive(Debug, Serialize, ToSchema)]
pub struct AmountRange {
    /// The least.
    pub from: Amount,
    /// The most.
    pub to: Amount,
}

/// A year of both models.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedYear {
    /// Counts from 1.
    #[schema(minimum = 1, maximum = 10)]
    pub year: u32,
    /// What it brings.
    #[serde(flatten)]
    pub earnings: ComparedEarnings,
}

/// What both models bring.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedEarnings {
    /// Sales at list prices, without tax.
    pub sales: Amount,
    /// The advisor's fee: its share of the sales.
    pub advisor: AmountRange,
    /// The reseller's margin: its own price less the provider's; below zero where it sells under cost.
    pub reseller: Amount,
    /// Services, in either model.
    pub services: Amount,
    /// The advisor's fee with services.
    pub advisor_with_services: AmountRange,
    /// The reseller's margin with services.
    pub reseller_with_services: Amount,
}

//! The types of markets.

use crate::http::problem::FieldError;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// A region as the data has it: within it partners sell and link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Its stable name.
    pub id: String,
    /// For people.
    pub name: String,
    /// The first day on which this row holds.
    pub valid_from: NaiveDate,
    currency: String,
    #[serde(default)]
    currencies: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2 and XK, as listed.
    #[serde(deserialize_with = "words")]
    pub countries: Vec<String>,
}

impl Region {
    /// The currency that the vendor lists prices of this country in, ISO 4217; none where it lists none.
    pub fn currency_of(&self, country: &str) -> Option<&str> {
        let currency = self.currencies.get(country).unwrap_or(&self.currency);
        Some(currency.as_str()).filter(|currency| !currency.is_empty())
    }
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(String::deserialize(deserializer)?.split_whitespace().map(str::to_owned).collect())
}

/// A region of the market.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Market {
    /// The region's stable name.
    #[schema(max_length = 64, example = "latinAmerica")]
    pub id: String,
    /// For people.
    #[schema(max_length = 100, example = "Latin America & Caribbean")]
    pub name: String,
    /// The first day on which it holds as it is here.
    pub valid_from: NaiveDate,
    /// The countries in it.
    #[schema(max_items = 300)]
    pub countries: Vec<MarketCountry>,
}

/// A country of a region.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketCountry {
    /// ISO 3166-1 alpha-2, and XK.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The currency that the vendor lists prices in, ISO 4217; null where it lists none. Offers may have another.
    #[schema(max_length = 3, example = "USD")]
    pub currency: Option<String>,
}

impl From<&Region> for Market {
    fn from(region: &Region) -> Self {
        let country = |code: &String| MarketCountry {
            country: code.clone(),
            currency: region.currency_of(code).map(str::to_owned),
        };
        Self {
            id: region.id.clone(),
            name: region.name.clone(),
            valid_from: region.valid_from,
            countries: region.countries.iter().map(country).collect(),
        }
    }
}

crate::page_of! {
    /// A page of regions.
    pub struct MarketPage of Market;
}

crate::list_parameters! {
    /// Which regions.
    pub struct ListMarkets {}
}

/// Who would sell to whom.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CheckMarket {
    /// The country of the seller's legal location, ISO 3166-1 alpha-2; `UK` is taken as `GB`.
    #[validate(length(min = 2, max = 2))]
    #[param(min_length = 2, max_length = 2, example = "MX")]
    pub seller: String,
    /// The country of the buyer's tenant, wherever the company sits (MKT-02).
    #[validate(length(min = 2, max = 2))]
    #[param(min_length = 2, max_length = 2, example = "PR")]
    pub buyer: String,
}

/// Whether one may sell to the other.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketCheck {
    /// Whether it may.
    pub possible: bool,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
    /// The seller's side.
    pub seller: MarketSide,
    /// The buyer's side.
    pub buyer: MarketSide,
}

/// Where one side stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketSide {
    /// The country as it is stored: `GB` for `UK`.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The region that it is in; null for none.
    #[schema(max_length = 64, example = "latinAmerica")]
    pub region: Option<String>,
    /// The currency that the vendor lists prices in; null for none.
    #[schema(max_length = 3, example = "USD")]
    pub currency: Option<String>,
}

impl MarketSide {
    /// The side of this country in that region.
    pub fn of(country: String, region: Option<&Region>) -> Self {
        Self {
            region: region.map(|region| region.id.clone()),
            currency: region.and_then(|region| region.currency_of(&country)).map(str::to_owned),
            country,
        }
    }
}

//! The types of markets, and the dated data (`api/data/markets.toml`).

use crate::http::problem::FieldError;
use crate::messages::Language;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use utoipa::ToSchema;
use validator::Validate;

const DATA: &str = include_str!("../../data/markets.toml");

/// The regions as they are from a day on.
#[derive(Debug, Deserialize)]
pub struct Edition {
    #[serde(rename = "valid_from")]
    from: toml::value::Datetime,
    /// Every region.
    pub regions: Vec<Region>,
}

/// A region: who is in it sells in it, and nowhere else.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// Its word.
    pub region: String,
    name: BTreeMap<String, String>,
    currencies: BTreeMap<String, String>,
    #[serde(default)]
    without_currency: String,
}

impl Edition {
    /// The first day on which these are in force.
    pub fn valid_from(&self) -> Option<NaiveDate> {
        let date = self.from.date?;
        NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()).filter(|day| day.year() > 2000)
    }
}

impl Region {
    /// Its countries, with the currency that the vendor's prices have there; sorted.
    pub fn countries(&self) -> BTreeMap<&str, Option<&str>> {
        let with = self.currencies.iter().flat_map(|(currency, countries)| {
            countries.split_ascii_whitespace().map(move |country| (country, Some(currency.as_str())))
        });
        with.chain(self.without_currency.split_ascii_whitespace().map(|country| (country, None))).collect()
    }

    /// Its name.
    pub fn name(&self, language: Language) -> String {
        self.name.get(language.tag()).cloned().unwrap_or_else(|| self.region.clone())
    }
}

#[derive(Deserialize)]
struct Data {
    editions: Vec<Edition>,
}

/// Every edition there is, in the order of the file: oldest first.
pub fn editions() -> &'static [Edition] {
    static EDITIONS: LazyLock<Vec<Edition>> =
        LazyLock::new(|| toml::from_str::<Data>(DATA).map(|data| data.editions).unwrap_or_default());
    &EDITIONS
}

/// A region of the programme.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Market {
    /// The stable word for it.
    #[schema(max_length = 64, example = "latinAmericaAndCaribbean")]
    pub region: String,
    /// Its name, in the language of `Accept-Language`.
    #[schema(max_length = 100, example = "Latin America and the Caribbean")]
    pub name: String,
    /// Who is in it.
    #[schema(max_items = 100)]
    pub countries: Vec<MarketCountry>,
}

/// A country of a region.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketCountry {
    /// ISO 3166-1 alpha-2, and `XK` for Kosovo.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The currency of the vendor's prices there, ISO 4217; a storefront's own prices may be in another (MKT-03). Null
    /// where the vendor names none.
    #[schema(max_length = 3, example = "USD")]
    pub currency: Option<String>,
}

crate::page_of! {
    /// The regions.
    pub struct MarketPage of Market;
}

/// Who wants to sell to whom.
#[derive(Debug, Deserialize, utoipa::IntoParams, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct CheckMarket {
    /// The country of the seller's legal location; `UK` is taken as `GB`.
    #[validate(length(min = 2, max = 2))]
    #[param(min_length = 2, max_length = 2, example = "MX")]
    pub seller: String,
    /// The country of the buyer's tenant (MKT-02), or of the other partner's legal location.
    #[validate(length(min = 2, max = 2))]
    #[param(min_length = 2, max_length = 2, example = "CO")]
    pub buyer: String,
}

/// Whether one may sell to the other.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketCheck {
    /// It may.
    pub allowed: bool,
    /// Where the seller is.
    pub seller: MarketSide,
    /// Where the buyer is.
    pub buyer: MarketSide,
    /// Everything that stands against it.
    #[schema(max_items = 10)]
    pub reasons: Vec<FieldError>,
}

/// Where somebody is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarketSide {
    /// ISO 3166-1 alpha-2.
    #[schema(max_length = 2, example = "MX")]
    pub country: String,
    /// The region; null where the programme is not offered.
    #[schema(max_length = 64, example = "latinAmericaAndCaribbean")]
    pub region: Option<String>,
    /// The currency of the vendor's prices there.
    #[schema(max_length = 3, example = "USD")]
    pub currency: Option<String>,
}

//! A catalogue file (`api/data/catalogues`): what an operator writes and `lonja catalog import` takes in.

use super::model::{Bitness, Channel, OfferKind};
use super::terms::{BillingCycle, RefundKind};
use crate::money::Amount;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A catalogue file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Catalogue {
    /// Its stable name.
    pub name: String,
    /// Where its facts come from, for people.
    pub source: String,
    /// What holds for all plans of the file.
    #[serde(default)]
    pub features: Vec<Feature>,
    /// What is sold: plans, and software with its media.
    pub products: Vec<CatalogueProduct>,
    /// At which prices and terms, from when until when.
    pub offers: Vec<CatalogueOffer>,
    /// From which plan to which one may upgrade.
    #[serde(default)]
    pub upgrade_tables: Vec<UpgradeTable>,
    /// Which plan suits whom.
    pub sales_guide: Option<SalesGuide>,
}

/// A text in each language of the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Spanish.
    pub es: String,
}

/// A plan, or software.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogueProduct {
    /// Its stable name, in offers, key files and upgrade tables.
    pub id: String,
    /// What it is.
    pub kind: OfferKind,
    /// Whether it is for qualified customers of the US Government Community Cloud only.
    #[serde(default)]
    pub gcc: bool,
    /// Plans of one family stand together on a tenant (CAT-03); one without a family stands beside any.
    pub family: Option<String>,
    /// The most seats of it on one tenant (CAT-02).
    pub seat_cap: Option<u32>,
    /// For how many users it is made.
    pub target_size: Option<TargetSize>,
    /// What kind of IT its customers have.
    pub it_profile: Option<ItProfile>,
    /// What it has.
    #[serde(default)]
    pub features: Vec<Feature>,
    /// By how many versions an owner of this software for good may go back: 0, 1 or 2 (SWK-08).
    #[serde(default)]
    pub downgrade_depth: u8,
    /// The media of software: every combination of these is there.
    #[serde(default)]
    pub media: Vec<CatalogueMedia>,
}

/// Media of a product: every version in every language and bitness.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogueMedia {
    /// Versions, oldest first.
    pub versions: Vec<String>,
    /// Languages.
    pub languages: Vec<String>,
    /// Bitnesses.
    pub bitnesses: Vec<Bitness>,
}

/// A size of organisations, in users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetSize {
    /// The fewest users.
    #[schema(minimum = 1, example = 1)]
    pub from: u32,
    /// The most users; null for any number above.
    #[schema(minimum = 1, example = 10)]
    pub to: Option<u32>,
}

crate::word_enum! {
    /// What kind of IT the customers of a plan have.
    pub enum ItProfile {
        /// Little of it.
        Limited = "limited",
        /// Of several kinds.
        Varied = "varied",
    }
}

crate::word_enum! {
    /// Where a feature holds.
    pub enum FeatureScope {
        /// Always.
        Always = "always",
        /// Wherever the plan has the service that it is about; the source does not say which plans do.
        WhereIncluded = "whereIncluded",
    }
}

/// A feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Feature {
    /// Its stable name.
    pub id: String,
    /// How much of it, as a decimal number.
    pub quantity: Option<String>,
    /// The unit of the quantity.
    pub unit: Option<String>,
    /// Where it holds.
    pub applies: FeatureScope,
    /// For people.
    pub text: Words,
}

/// A version of an offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogueOffer {
    /// Its stable name.
    pub id: String,
    /// The product that it sells.
    pub product_id: String,
    /// For people.
    pub name: String,
    /// The currency of its prices: each amount says it again, and it must be the same.
    pub currency: String,
    /// Through which channels it is sold; `csp` unless said.
    #[serde(default = "csp")]
    pub channels: Vec<Channel>,
    /// The terms; the first is the one that an order line takes unasked.
    pub terms: Vec<CatalogueTerm>,
    /// The price of one seat for one month of an extended term (SUB-02).
    pub extension_price: Option<Amount>,
    /// When this version begins to be sold.
    pub sold_from: DateTime<Utc>,
    /// When it stops, where nothing supersedes it before.
    pub sold_until: Option<DateTime<Utc>>,
}

fn csp() -> Vec<Channel> {
    vec![Channel::Csp]
}

/// A term of an offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogueTerm {
    /// Months of the commitment; none for good.
    pub term_months: Option<u32>,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// The price of one seat for one billing cycle; none: listed, and not to be ordered (CAT-01).
    pub price: Option<Amount>,
    /// By which kind of policy money is given back.
    pub refund: RefundKind,
}

/// From which plan to which one may upgrade (CAT-04).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradeTable {
    /// Its stable name.
    pub id: String,
    /// From when this version of it holds.
    pub valid_from: DateTime<Utc>,
    /// Until when, where nothing supersedes it before.
    pub valid_until: Option<DateTime<Utc>>,
    /// The purchase channels that it serves (CAT-06).
    pub channels: Vec<Channel>,
    /// Products, and where one may go from each.
    pub upgrades: Vec<Upgrades>,
}

/// Where one may go from a plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upgrades {
    /// The product.
    pub from: String,
    /// The products that it may become.
    pub to: Vec<String>,
}

/// What sellers go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SalesGuide {
    /// From when it holds.
    pub valid_from: DateTime<Utc>,
    /// Up to how many users an organisation is small (CAT-07).
    pub small_up_to: u32,
    /// The plan for each size and want.
    pub recommendations: Vec<GuideRow>,
    /// The sales profiles (CAT-09).
    pub profiles: Vec<SalesProfile>,
}

crate::word_enum! {
    /// The two columns of the recommendation (CAT-07).
    pub enum GuideSize {
        /// Few users and basic needs of IT.
        Small = "small",
        /// More users, or growing, or advanced needs of IT.
        Large = "large",
    }
}

crate::word_enum! {
    /// What a customer wants.
    pub enum Want {
        /// E-mail in the cloud.
        Mail = "mail",
        /// Office on the desktop.
        DesktopApps = "desktopApps",
        /// Both, or any other service.
        BothOrOther = "bothOrOther",
    }
}

/// A cell of the recommendation table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideRow {
    /// The column.
    pub size: GuideSize,
    /// The row.
    pub want: Want,
    /// The plan.
    pub product_id: String,
}

/// A kind of customer, and what to tell and to offer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SalesProfile {
    /// Its stable name.
    pub id: String,
    /// For people.
    pub name: Words,
    /// What it looks like.
    pub description: Vec<Words>,
    /// What it struggles with.
    pub challenges: Vec<Words>,
    /// What tells it, by a stable name each.
    pub signals: BTreeMap<String, Words>,
    /// What such a customer wants first: the row of the recommendation that is offered.
    pub want: Want,
}

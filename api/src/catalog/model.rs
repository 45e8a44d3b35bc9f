//! The types of the catalogue.

use crate::clock::Instant;
use crate::db::schema::{offers, product_media};
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::money::{Amount, Money};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::word_enum! {
    /// What is sold.
    pub enum OfferKind {
        /// On-premises software.
        Software = "software",
    }
}

crate::word_enum! {
    /// How software is licensed.
    pub enum License {
        /// For a term.
        Subscription = "subscription",
        /// For good.
        Perpetual = "perpetual",
    }
}

crate::word_enum! {
    /// The processor that software is built for.
    pub enum Bitness {
        /// 32 bits.
        X86 = "x86",
        /// 64 bits.
        X64 = "x64",
        /// 64 bits, ARM.
        Arm64 = "arm64",
    }
}

/// A catalogue file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Catalogue {
    /// The products and the media they come on.
    pub products: Vec<CatalogueProduct>,
    /// What is sold.
    pub offers: Vec<CatalogueOffer>,
}

/// A product of a catalogue file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueProduct {
    /// Its name in offers and key files.
    pub id: String,
    /// By how many versions an owner for good may go back: 0, 1 or 2 (SWK-08).
    #[serde(default)]
    pub downgrade_depth: u8,
    /// Every combination of these is there.
    pub media: Vec<CatalogueMedia>,
}

/// Media of a product: every version in every language and bitness.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueMedia {
    /// Versions, oldest first.
    pub versions: Vec<String>,
    /// Languages.
    pub languages: Vec<String>,
    /// Bitnesses.
    pub bitnesses: Vec<Bitness>,
}

/// An offer of a catalogue file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueOffer {
    /// Its stable name.
    pub id: String,
    /// The product that it sells.
    pub product_id: String,
    /// For people.
    pub name: String,
    /// How it is licensed.
    pub license: License,
    /// Months of its term; none for perpetual.
    pub term_months: Option<u32>,
    /// The price of one.
    pub price: Amount,
    /// When it begins to be sold.
    pub sold_from: DateTime<Utc>,
    /// When it stops.
    pub sold_until: Option<DateTime<Utc>>,
}

/// A row of `offers`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = offers, treat_none_as_default_value = false)]
pub struct OfferRow {
    /// Stable name.
    pub id: String,
    /// What is sold.
    pub kind: OfferKind,
    /// The product.
    pub product_id: String,
    /// For people.
    pub name: String,
    /// How it is licensed.
    pub license: License,
    /// Months of its term.
    pub term_months: Option<i64>,
    /// Price of one.
    pub price_minor: i64,
    /// Its currency.
    pub currency: String,
    /// When it begins to be sold.
    pub sold_from: NaiveDateTime,
    /// When it stops.
    pub sold_until: Option<NaiveDateTime>,
}

impl OfferRow {
    /// The price of one.
    pub fn price(&self) -> Result<Money> {
        Money::from_columns(self.price_minor, &self.currency)
            .map_err(|fault| Error::internal(format!("the price of offer {} is {fault:?}", self.id)))
    }

    /// Whether it is sold at this instant.
    pub fn is_sold_at(&self, now: Instant) -> bool {
        self.sold_from <= now.naive_utc() && self.sold_until.is_none_or(|until| now.naive_utc() < until)
    }
}

/// A row of `product_media`.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = product_media, treat_none_as_default_value = false)]
pub struct MediaRow {
    /// Id.
    pub id: String,
    /// The product.
    pub product_id: String,
    /// Version.
    pub version: String,
    /// Language.
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
}

/// Something that is sold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Its stable name, for order lines.
    #[schema(max_length = 100, example = "windows-server-standard-1y-mxn")]
    pub id: String,
    /// What is sold.
    pub kind: OfferKind,
    /// The product.
    #[schema(max_length = 100, example = "windows-server-standard")]
    pub product_id: String,
    /// For people.
    #[schema(max_length = 255)]
    pub name: String,
    /// How it is licensed.
    pub license: License,
    /// Months of its term; null for perpetual.
    #[schema(minimum = 1, maximum = 120)]
    pub term_months: Option<i64>,
    /// The price of one.
    pub price: Amount,
    /// When it begins to be sold.
    pub sold_from: DateTime<Utc>,
    /// When it stops; null while no end is known.
    pub sold_until: Option<DateTime<Utc>>,
}

impl TryFrom<OfferRow> for Offer {
    type Error = Error;

    fn try_from(row: OfferRow) -> Result<Self> {
        Ok(Self {
            price: row.price()?.into(),
            id: row.id,
            kind: row.kind,
            product_id: row.product_id,
            name: row.name,
            license: row.license,
            term_months: row.term_months,
            sold_from: row.sold_from.and_utc(),
            sold_until: row.sold_until.map(|until| until.and_utc()),
        })
    }
}

impl Resource for Offer {
    // An import leaves what is there as it is: an offer's first version is its last.
    fn version(&self) -> Option<i64> {
        Some(1)
    }
}

crate::page_of! {
    /// A page of offers, by their names.
    pub struct OfferPage of Offer;
}

crate::list_parameters! {
    /// Which offers.
    pub struct ListOffers {
        /// Only those of this product.
        #[validate(length(min = 1, max = 100))]
        #[param(min_length = 1, max_length = 100)]
        pub product_id: Option<String>,
    }
}

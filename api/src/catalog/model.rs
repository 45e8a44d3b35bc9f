//! The types of the catalogue.

use super::file::{Feature, FeatureScope, ItProfile, TargetSize};
use super::terms::{OfferTerm, Term};
use crate::clock::Instant;
use crate::db::schema::{offer_versions, product_media};
use crate::db::words::Json;
use crate::error::{Error, Result};
use crate::messages::Language;
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
        /// Seats of a cloud plan.
        Cloud = "cloud",
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

crate::word_enum! {
    /// Through which channel is bought (ORD-06, CAT-06).
    pub enum Channel {
        /// The Cloud Solution Provider programme.
        Csp = "csp",
        /// The vendor's own web shop: a direct purchase.
        OfficeWeb = "officeWeb",
        /// A direct purchase with an advisor, who earns a fee (EAR-01).
        Advisor = "advisor",
        /// A partner of syndication.
        Syndication = "syndication",
        /// The Open volume licensing programme.
        Open = "open",
    }
}

/// A version of an offer. An order keeps the price that it was sold at, whatever later versions say.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = offer_versions, treat_none_as_default_value = false)]
pub struct OfferRow {
    /// The offer's stable name.
    #[diesel(column_name = offer_id)]
    pub id: String,
    /// When this version begins to be sold.
    pub sold_from: NaiveDateTime,
    /// When it stops.
    pub sold_until: Option<NaiveDateTime>,
    /// When the next version takes its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// Counts the versions of an offer, and what is changed in them.
    pub version: i64,
    /// The catalogue that it came with.
    pub catalogue: String,
    /// What is sold.
    pub kind: OfferKind,
    /// The product: the plan, or the software.
    pub product_id: String,
    /// For people.
    pub name: String,
    /// How software is licensed; none for cloud plans.
    pub license: Option<License>,
    /// Whether it is for qualified customers of the US Government Community Cloud only.
    pub gcc: bool,
    /// Plans of one family stand together on a tenant (CAT-03); one without a family stands beside any.
    pub family: Option<String>,
    /// The most seats of the plan on one tenant (CAT-02).
    pub seat_cap: Option<i64>,
    /// Currency of all prices.
    pub currency: String,
    /// The terms, for [`OfferRow::terms`].
    pub terms: Json,
    /// The channels, for [`OfferRow::channels`].
    pub channels: Json,
    /// What only people read.
    pub details: Json,
}

/// What a row keeps for people, and for rare questions.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    #[serde(default)]
    pub target_size: Option<TargetSize>,
    #[serde(default)]
    pub it_profile: Option<ItProfile>,
    #[serde(default)]
    pub features: Vec<Feature>,
    #[serde(default)]
    pub extension_price: Option<i64>,
}

impl OfferRow {
    /// The terms that it can be bought for, the one that is taken unasked first.
    pub fn terms(&self) -> Result<Vec<Term>> {
        self.terms.read()
    }

    /// The term that is taken unasked.
    pub fn first_term(&self) -> Result<Term> {
        let first = self.terms()?.into_iter().next();
        first.ok_or_else(|| Error::internal(format!("offer {} has no terms", self.id)))
    }

    /// The first term that has these months and this cycle, each where it is given (CAT-08).
    pub fn term(
        &self,
        term_months: Option<u32>,
        billing_cycle: Option<super::terms::BillingCycle>,
    ) -> Result<Option<Term>> {
        Ok(self.terms()?.into_iter().find(|term| term.answers_to(term_months, billing_cycle)))
    }

    /// The channels that it is sold through.
    pub fn channels(&self) -> Result<Vec<Channel>> {
        self.channels.read()
    }

    /// The price of one seat for one month of an extended term (SUB-02), where there is such a term.
    pub fn extension_price(&self) -> Result<Option<Money>> {
        let details: Details = self.details.read()?;
        details.extension_price.map(|minor| self.money(minor)).transpose()
    }

    fn money(&self, minor: i64) -> Result<Money> {
        Money::from_columns(minor, &self.currency)
            .map_err(|fault| Error::internal(format!("the price of offer {} is {fault:?}", self.id)))
    }

    /// Whether it is sold at this instant.
    pub fn is_sold_at(&self, now: Instant) -> bool {
        let now = now.naive_utc();
        let before = |end: Option<NaiveDateTime>| end.is_none_or(|end| now < end);
        self.sold_from <= now && before(self.sold_until) && before(self.superseded_at)
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
    /// The product: the plan, or the software. Offers in several currencies sell one product.
    #[schema(max_length = 100, example = "windows-server-standard")]
    pub product_id: String,
    /// For people.
    #[schema(max_length = 255)]
    pub name: String,
    /// The catalogue file that it came with.
    #[schema(max_length = 100, example = "office-365-2013")]
    pub catalogue: String,
    /// How software is licensed; null for cloud plans.
    pub license: Option<License>,
    /// Whether only qualified customers of the US Government Community Cloud may buy it.
    pub gcc: bool,
    /// Plans of one family stand together on a tenant (`plan_family_conflict`); null stands beside any.
    #[schema(max_length = 50, example = "smallBusiness")]
    pub family: Option<String>,
    /// The most seats of the plan on one tenant (`seat_cap_exceeded`); null for no such limit.
    #[schema(minimum = 1, example = 25)]
    pub seat_cap: Option<i64>,
    /// For how many users it is made, as advice; null for any number.
    pub target_size: Option<TargetSize>,
    /// What kind of IT its customers have, as advice.
    pub it_profile: Option<ItProfile>,
    /// What it has, in the language of the request.
    #[schema(max_items = 100)]
    pub features: Vec<OfferFeature>,
    /// Through which channels it is sold.
    #[schema(max_items = 5)]
    pub channels: Vec<Channel>,
    /// The currency of all its prices; nothing is converted.
    #[schema(min_length = 3, max_length = 3, example = "MXN")]
    pub currency: String,
    /// The terms to choose from; an order line that names none gets the first.
    #[schema(min_items = 1, max_items = 20)]
    pub terms: Vec<OfferTerm>,
    /// Months of the first term; null for good.
    #[schema(minimum = 1, maximum = 120)]
    pub term_months: Option<u32>,
    /// The price of one seat (or licence) for one billing cycle of the first term; null where the source gives none.
    pub price: Option<Amount>,
    /// The price of one seat for one month of an extended term; null where the term cannot be extended.
    pub extension_price: Option<Amount>,
    /// When this version begins to be sold.
    pub sold_from: DateTime<Utc>,
    /// When it stops, or the next version takes its place; null while no end is known.
    pub sold_until: Option<DateTime<Utc>>,
}

/// A feature of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferFeature {
    /// Its stable name.
    #[schema(max_length = 100, example = "mailboxStorage")]
    pub id: String,
    /// How much of it, as a decimal number; null where it is not a number.
    #[schema(max_length = 20, example = "50")]
    pub quantity: Option<String>,
    /// The unit of the quantity.
    #[schema(max_length = 50, example = "GB")]
    pub unit: Option<String>,
    /// Where it holds.
    pub applies: FeatureScope,
    /// For people.
    #[schema(max_length = 255)]
    pub description: String,
}

impl Offer {
    /// From the row, with its texts in this language.
    pub(super) fn of(row: OfferRow, language: Language) -> Result<Self> {
        let details: Details = row.details.read()?;
        let first = row.first_term()?;
        let terms = row.terms()?.iter().map(|term| OfferTerm::of(term, &row.currency)).collect::<Result<_>>()?;
        let ends = [row.sold_until, row.superseded_at].into_iter().flatten().min();
        Ok(Self {
            terms,
            term_months: first.term_months,
            price: first.price(&row.currency)?.map(Into::into),
            extension_price: row.extension_price()?.map(Into::into),
            channels: row.channels()?,
            features: details.features.into_iter().map(|feature| OfferFeature::of(feature, language)).collect(),
            target_size: details.target_size,
            it_profile: details.it_profile,
            id: row.id,
            kind: row.kind,
            product_id: row.product_id,
            name: row.name,
            catalogue: row.catalogue,
            license: row.license,
            gcc: row.gcc,
            family: row.family,
            seat_cap: row.seat_cap,
            currency: row.currency,
            sold_from: row.sold_from.and_utc(),
            sold_until: ends.map(|end| end.and_utc()),
        })
    }
}

impl OfferFeature {
    fn of(feature: Feature, language: Language) -> Self {
        Self {
            description: feature.text.into_text(language),
            id: feature.id,
            quantity: feature.quantity,
            unit: feature.unit,
            applies: feature.applies,
        }
    }
}

impl super::file::Words {
    /// The text in this language.
    pub(super) fn into_text(self, language: Language) -> String {
        match language {
            Language::English => self.en,
            Language::Spanish => self.es,
        }
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
        /// Only those of this kind.
        pub kind: Option<OfferKind>,
        /// Only those of this family.
        #[validate(length(min = 1, max = 50))]
        #[param(min_length = 1, max_length = 50)]
        pub family: Option<String>,
        /// Only those of this catalogue file.
        #[validate(length(min = 1, max = 100))]
        #[param(min_length = 1, max_length = 100)]
        pub catalogue: Option<String>,
        /// Only those for the US Government Community Cloud, or only the others.
        pub gcc: Option<bool>,
        /// Only those sold through this channel.
        pub channel: Option<Channel>,
        /// Only those priced in this currency (ISO 4217).
        #[validate(length(min = 3, max = 3))]
        #[param(min_length = 3, max_length = 3)]
        pub currency: Option<String>,
        /// Only those priced in the currency of this country's region (ISO 3166-1 alpha-2); prices in another currency,
        /// such as pesos, are asked for by `currency`.
        #[validate(length(min = 2, max = 2))]
        #[param(min_length = 2, max_length = 2)]
        pub market: Option<String>,
        /// What is, was or will be sold at this instant; now unless said.
        pub sold_at: Option<DateTime<Utc>>,
    }
}

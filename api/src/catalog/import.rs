//! A catalogue comes in: all of it in one transaction, or nothing. What is there already stays as it is; a version with
//! a later date supersedes the one before.

use super::check::{Checked, Wrong};
use super::file::{Catalogue, CatalogueOffer, CatalogueProduct};
use super::model::{Details, License, MediaRow, OfferKind, OfferRow};
use super::products;
use super::terms::Term;
use crate::db::schema::{
    offer_versions as versions, offers, product_media, sales_guides, upgrade_pairs, upgrade_tables,
};
use crate::db::words::Json;
use crate::db::write::{Actor, Subject, Tx};
use crate::error::{Error, Result};
use crate::money::{Amount, Money};
use crate::on;
use crate::state::State;
use crate::topic::Topic;
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::collections::HashMap;

/// What an import changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The catalogue's name.
    pub catalogue: String,
    /// Versions of offers that are new.
    pub offers: u64,
    /// Versions of offers and tables that were there already, as the file says.
    pub unchanged: u64,
    /// Versions whose end was set anew.
    pub ended: u64,
    /// Media of products that are new.
    pub media: u64,
    /// Software whose versions, or how far back an owner may go, are new.
    pub products: u64,
    /// Versions of upgrade tables and sales guides that are new.
    pub tables: u64,
}

impl Imported {
    /// Whether anything is as it was not before.
    pub fn is_news(&self) -> bool {
        self.offers + self.ended + self.media + self.products + self.tables > 0
    }
}

impl Subject for Imported {
    fn object_id(&self) -> &str {
        &self.catalogue
    }
    fn partner_id(&self) -> Option<&str> {
        None
    }
}

#[derive(Insertable)]
#[diesel(table_name = upgrade_tables, treat_none_as_default_value = false)]
struct TableRow {
    id: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    superseded_at: Option<NaiveDateTime>,
    catalogue: String,
    channels: Json,
}

#[derive(Insertable)]
#[diesel(table_name = upgrade_pairs, treat_none_as_default_value = false)]
struct PairRow {
    table_id: String,
    valid_from: NaiveDateTime,
    from_product_id: String,
    to_product_id: String,
}

#[derive(Insertable)]
#[diesel(table_name = sales_guides, treat_none_as_default_value = false)]
struct GuideRow {
    catalogue: String,
    valid_from: NaiveDateTime,
    superseded_at: Option<NaiveDateTime>,
    guide: Json,
}

/// Takes in a file that makes sense, unless something in the database stands against it; `progress` is told how many
/// offers are done.
pub async fn take_in(
    state: &State,
    checked: &Checked,
    progress: impl Fn(u64),
) -> Result<std::result::Result<Imported, Vec<Wrong>>> {
    let mut reader = state.read().await?;
    let wrong = checked.against(&mut reader.db()?).await?;
    drop(reader);
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    let work = async |tx: &mut Tx<'_>| {
        let imported = import(tx, checked.catalogue(), &progress).await?;
        if imported.is_news() {
            tx.emit(Topic::CatalogImported, &imported);
        }
        tx.because(&format!("the catalogue {} was imported", imported.catalogue));
        Ok(imported)
    };
    Ok(Ok(state.write(&Actor::house("import_catalog"), work).await?))
}

/// Takes in a catalogue that was checked; `progress` is told how many offers are done.
pub async fn import(tx: &mut Tx<'_>, catalogue: &Catalogue, progress: impl Fn(u64)) -> Result<Imported> {
    let mut imported = Imported { catalogue: catalogue.name.clone(), ..Imported::default() };
    for product in &catalogue.products {
        imported.media += take_media(tx, product).await?;
        if product.kind == OfferKind::Software && products::keep(tx, product).await? {
            imported.products += 1;
        }
    }
    let products = catalogue.products.iter().map(|product| (product.id.as_str(), product)).collect();
    let mut done = 0;
    for offer in &catalogue.offers {
        let row = row(catalogue, &products, offer)?;
        take_offer(tx, row, &mut imported).await?;
        done += 1;
        progress(done);
    }
    take_tables(tx, catalogue, &mut imported).await?;
    take_guide(tx, catalogue, &mut imported).await?;
    Ok(imported)
}

async fn take_media(tx: &mut Tx<'_>, product: &CatalogueProduct) -> Result<u64> {
    let mut new = 0;
    for media in &product.media {
        for version in &media.versions {
            for language in &media.languages {
                for bitness in &media.bitnesses {
                    let row = MediaRow {
                        id: tx.id(),
                        product_id: product.id.clone(),
                        version: version.clone(),
                        language: language.clone(),
                        bitness: *bitness,
                    };
                    new += on!(tx.db(), c => diesel::insert_into(product_media::table).values(&row).on_conflict_do_nothing().execute(c))?;
                }
            }
        }
    }
    u64::try_from(new).map_err(Error::internal)
}

/// The row of a version of an offer.
pub(super) fn row(
    catalogue: &Catalogue,
    products: &HashMap<&str, &CatalogueProduct>,
    offer: &CatalogueOffer,
) -> Result<OfferRow> {
    let product = products.get(offer.product_id.as_str());
    let product = product.ok_or_else(|| Error::internal(format!("offer {} sells an unknown product", offer.id)))?;
    let minor = |amount: &Amount| {
        let money = Money::try_from(amount);
        money.map(Money::minor).map_err(|fault| Error::internal(format!("a price of offer {} is {fault:?}", offer.id)))
    };
    let mut terms = Vec::new();
    for term in &offer.terms {
        terms.push(Term {
            term_months: term.term_months,
            billing_cycle: term.billing_cycle,
            price: term.price.as_ref().map(minor).transpose()?,
            refund: term.refund,
        });
    }
    let for_good = offer.terms.iter().any(|term| term.term_months.is_none());
    let license = if for_good { License::Perpetual } else { License::Subscription };
    let details = Details {
        target_size: product.target_size,
        it_profile: product.it_profile,
        features: catalogue.features.iter().chain(&product.features).cloned().collect(),
        extension_price: offer.extension_price.as_ref().map(minor).transpose()?,
    };
    Ok(OfferRow {
        id: offer.id.clone(),
        sold_from: offer.sold_from.naive_utc(),
        sold_until: offer.sold_until.map(|until| until.naive_utc()),
        superseded_at: None,
        version: 1,
        catalogue: catalogue.name.clone(),
        kind: product.kind,
        product_id: product.id.clone(),
        name: offer.name.clone(),
        license: (product.kind == OfferKind::Software).then_some(license),
        gcc: product.gcc,
        family: product.family.clone(),
        seat_cap: product.seat_cap.map(i64::from),
        currency: offer.currency.clone(),
        terms: Json::of(&terms)?,
        channels: Json::of(&offer.channels)?,
        details: Json::of(&details)?,
    })
}

impl OfferRow {
    /// Whether two rows say the same, whatever their ends and wherever they came from.
    pub(super) fn says_the_same(&self, other: &Self) -> Result<bool> {
        let details = |row: &Self| row.details.read::<Details>();
        let plain = |row: &Self| Self {
            sold_until: None,
            superseded_at: None,
            version: 0,
            catalogue: String::new(),
            terms: Json(String::new()),
            channels: Json(String::new()),
            details: Json(String::new()),
            ..row.clone()
        };
        Ok(plain(self) == plain(other)
            && self.terms()? == other.terms()?
            && self.channels()? == other.channels()?
            && details(self)? == details(other)?)
    }
}

async fn take_offer(tx: &mut Tx<'_>, mut row: OfferRow, imported: &mut Imported) -> Result<()> {
    let id = &row.id;
    let there: Vec<OfferRow> = on!(tx.db(), c => versions::table
        .filter(versions::offer_id.eq(id))
        .order(versions::sold_from.asc())
        .select(OfferRow::as_select())
        .limit(1000)
        .load(c))?;
    let next_version = there.iter().map(|old| old.version).max().unwrap_or_default() + 1;
    if let Some(old) = there.iter().find(|old| old.sold_from == row.sold_from) {
        if !old.says_the_same(&row)? {
            return Err(Error::internal(format!("offer {id} was changed without a new date")));
        }
        if old.sold_until == row.sold_until {
            imported.unchanged += 1;
            return Ok(());
        }
        imported.ended += 1;
        on!(tx.db(), c => diesel::update(versions::table.find((id, row.sold_from)))
            .set((versions::sold_until.eq(row.sold_until), versions::version.eq(next_version)))
            .execute(c))?;
        return Ok(());
    }
    imported.offers += 1;
    row.version = next_version;
    row.superseded_at = there.iter().map(|old| old.sold_from).filter(|from| *from > row.sold_from).min();
    let before = there.iter().rfind(|old| old.sold_from < row.sold_from);
    on!(tx.db(), c => diesel::insert_into(offers::table).values(offers::id.eq(id)).on_conflict_do_nothing().execute(c))?;
    on!(tx.db(), c => diesel::insert_into(versions::table).values(&row).execute(c))?;
    if let Some(before) = before {
        on!(tx.db(), c => diesel::update(versions::table.find((&before.id, before.sold_from)))
            .set((versions::superseded_at.eq(row.sold_from), versions::version.eq(next_version + 1)))
            .execute(c))?;
    }
    Ok(())
}

async fn take_tables(tx: &mut Tx<'_>, catalogue: &Catalogue, imported: &mut Imported) -> Result<()> {
    for table in &catalogue.upgrade_tables {
        let (id, from) = (&table.id, table.valid_from.naive_utc());
        let there: Vec<NaiveDateTime> = on!(tx.db(), c => upgrade_tables::table
            .filter(upgrade_tables::id.eq(id))
            .order(upgrade_tables::valid_from.asc())
            .select(upgrade_tables::valid_from)
            .limit(1000)
            .load(c))?;
        let until = table.valid_until.map(|until| until.naive_utc());
        if there.contains(&from) {
            imported.unchanged += 1;
            on!(tx.db(), c => diesel::update(upgrade_tables::table.find((id, from)))
                .set(upgrade_tables::valid_until.eq(until))
                .execute(c))?;
            continue;
        }
        imported.tables += 1;
        let row = TableRow {
            id: id.clone(),
            valid_from: from,
            valid_until: until,
            superseded_at: there.iter().copied().find(|other| *other > from),
            catalogue: catalogue.name.clone(),
            channels: Json::of(&table.channels)?,
        };
        on!(tx.db(), c => diesel::insert_into(upgrade_tables::table).values(&row).execute(c))?;
        for (pair_from, to) in table.upgrades.iter().flat_map(|row| row.to.iter().map(|to| (&row.from, to))) {
            let pair = PairRow {
                table_id: id.clone(),
                valid_from: from,
                from_product_id: pair_from.clone(),
                to_product_id: to.clone(),
            };
            on!(tx.db(), c => diesel::insert_into(upgrade_pairs::table).values(&pair).execute(c))?;
        }
        if let Some(before) = there.iter().copied().rfind(|other| *other < from) {
            on!(tx.db(), c => diesel::update(upgrade_tables::table.find((id, before)))
                .set(upgrade_tables::superseded_at.eq(from))
                .execute(c))?;
        }
    }
    Ok(())
}

async fn take_guide(tx: &mut Tx<'_>, catalogue: &Catalogue, imported: &mut Imported) -> Result<()> {
    let Some(guide) = &catalogue.sales_guide else { return Ok(()) };
    let (name, from) = (&catalogue.name, guide.valid_from.naive_utc());
    let there: Vec<NaiveDateTime> = on!(tx.db(), c => sales_guides::table
        .filter(sales_guides::catalogue.eq(name))
        .order(sales_guides::valid_from.asc())
        .select(sales_guides::valid_from)
        .limit(1000)
        .load(c))?;
    if there.contains(&from) {
        imported.unchanged += 1;
        return Ok(());
    }
    imported.tables += 1;
    let superseded_at = there.iter().copied().find(|other| *other > from);
    let row = GuideRow { catalogue: name.clone(), valid_from: from, superseded_at, guide: Json::of(guide)? };
    on!(tx.db(), c => diesel::insert_into(sales_guides::table).values(&row).execute(c))?;
    if let Some(before) = there.iter().copied().rfind(|other| *other < from) {
        on!(tx.db(), c => diesel::update(sales_guides::table.find((name, before)))
            .set(sales_guides::superseded_at.eq(from))
            .execute(c))?;
    }
    Ok(())
}

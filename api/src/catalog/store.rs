//! Queries over the catalogue. It is the same for all eyes.

use super::model::{Catalogue, MediaRow, OfferKind, OfferRow};
use super::products;
use crate::db::Db;
use crate::db::schema::{offers, product_media};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::money::Money;
use crate::on;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// The offer with this name.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<OfferRow> {
    on!(db, c => offers::table.find(id).select(OfferRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("offer"))
}

/// The offers with these names, those there are.
pub async fn offers(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<OfferRow>> {
    Ok(on!(db, c => offers::table.filter(offers::id.eq_any(ids)).select(OfferRow::as_select()).limit(200).load(c))?)
}

/// A page of what is sold.
pub async fn list(db: &mut Db<'_>, product_id: Option<&str>, page: &Page) -> Result<Vec<OfferRow>> {
    Ok(on!(db, c => {
        let mut rows = offers::table.select(OfferRow::as_select()).into_boxed().filter(offers::id.gt(page.after()));
        if let Some(product_id) = product_id {
            rows = rows.filter(offers::product_id.eq(product_id));
        }
        rows.order(offers::id.asc()).limit(page.rows()).load(c)
    })?)
}

/// The media that a product comes on.
pub async fn media_of(db: &mut Db<'_>, product_id: &str) -> Result<Vec<MediaRow>> {
    Ok(on!(db, c => product_media::table
        .filter(product_media::product_id.eq(product_id))
        .order((product_media::version.asc(), product_media::language.asc(), product_media::bitness.asc()))
        .limit(1000)
        .select(MediaRow::as_select())
        .load(c))?)
}

/// The media that several products come on.
pub async fn media_of_all(db: &mut Db<'_>, products: &[&str]) -> Result<Vec<MediaRow>> {
    Ok(on!(db, c => product_media::table
        .filter(product_media::product_id.eq_any(products))
        .order((product_media::version.asc(), product_media::language.asc(), product_media::bitness.asc()))
        .limit(50_000)
        .select(MediaRow::as_select())
        .load(c))?)
}

/// Takes a catalogue in; what is there already stays as it is.
pub async fn import(tx: &mut Tx<'_>, catalogue: &Catalogue) -> Result<()> {
    for product in &catalogue.products {
        products::keep(tx, product).await?;
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
                        on!(tx.db(), c => diesel::insert_into(product_media::table).values(&row).on_conflict_do_nothing().execute(c))?;
                    }
                }
            }
        }
    }
    for offer in &catalogue.offers {
        let price = Money::try_from(&offer.price)
            .map_err(|fault| Error::internal(format!("the price of offer {} is {fault:?}", offer.id)))?;
        let row = OfferRow {
            id: offer.id.clone(),
            kind: OfferKind::Software,
            product_id: offer.product_id.clone(),
            name: offer.name.clone(),
            license: offer.license,
            term_months: offer.term_months.map(i64::from),
            price_minor: price.minor(),
            currency: price.currency().code().to_owned(),
            sold_from: offer.sold_from.naive_utc(),
            sold_until: offer.sold_until.map(|until| until.naive_utc()),
        };
        on!(tx.db(), c => diesel::insert_into(offers::table).values(&row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

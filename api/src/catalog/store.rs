//! Queries over the catalogue. It is the same for all eyes.

use super::file::SalesGuide;
use super::model::{Channel, ListOffers, MediaRow, OfferKind, OfferRow};
use super::upgrades::{self, UpgradePair, UpgradeTarget};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{offer_versions as versions, product_media, sales_guides, upgrade_pairs, upgrade_tables};
use crate::db::words::Json;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;

/// The offer with this name, as it is at this instant: the version in force, or the last one before it, or the first
/// one to come.
pub async fn find(db: &mut Db<'_>, id: &str, at: Instant) -> Result<OfferRow> {
    let at = at.naive_utc();
    let rows: Vec<OfferRow> = on!(db, c => versions::table
        .filter(versions::offer_id.eq(id))
        .order(versions::sold_from.asc())
        .limit(1000)
        .select(OfferRow::as_select())
        .load(c))?;
    let begun = rows.iter().rposition(|row| row.sold_from <= at).unwrap_or_default();
    rows.into_iter().nth(begun).ok_or_else(|| Error::not_found("offer"))
}

/// The offers with these names that are sold at this instant.
pub async fn offers_at(db: &mut Db<'_>, ids: &[String], at: Instant) -> Result<Vec<OfferRow>> {
    let at = at.naive_utc();
    Ok(on!(db, c => versions::table
        .filter(versions::offer_id.eq_any(ids))
        .filter(versions::sold_from.le(at))
        .filter(versions::superseded_at.is_null().or(versions::superseded_at.assume_not_null().gt(at)))
        .filter(versions::sold_until.is_null().or(versions::sold_until.assume_not_null().gt(at)))
        .select(OfferRow::as_select())
        .limit(200)
        .load(c))?)
}

/// The offers of the government cloud that are sold at this instant.
pub async fn gcc_offers_at(db: &mut Db<'_>, at: Instant) -> Result<Vec<OfferRow>> {
    let at = at.naive_utc();
    Ok(on!(db, c => versions::table
        .filter(versions::gcc.eq(true))
        .filter(versions::sold_from.le(at))
        .filter(versions::superseded_at.is_null().or(versions::superseded_at.assume_not_null().gt(at)))
        .filter(versions::sold_until.is_null().or(versions::sold_until.assume_not_null().gt(at)))
        .order(versions::offer_id.asc())
        .select(OfferRow::as_select())
        .limit(200)
        .load(c))?)
}

/// The offers of these products that are sold at this instant.
pub async fn offers_of_products(db: &mut Db<'_>, product_ids: &[String], at: Instant) -> Result<Vec<OfferRow>> {
    let at = at.naive_utc();
    Ok(on!(db, c => versions::table
        .filter(versions::product_id.eq_any(product_ids))
        .filter(versions::sold_from.le(at))
        .filter(versions::superseded_at.is_null().or(versions::superseded_at.assume_not_null().gt(at)))
        .filter(versions::sold_until.is_null().or(versions::sold_until.assume_not_null().gt(at)))
        .order(versions::offer_id.asc())
        .select(OfferRow::as_select())
        .limit(1000)
        .load(c))?)
}

/// A page of what is sold at this instant, in the currency of a market where one is asked for.
pub async fn list(
    db: &mut Db<'_>,
    asked: &ListOffers,
    market: Option<&str>,
    at: Instant,
    page: &Page,
) -> Result<Vec<OfferRow>> {
    let at = at.naive_utc();
    Ok(on!(db, c => {
        let mut rows = versions::table
            .select(OfferRow::as_select())
            .into_boxed()
            .filter(versions::offer_id.gt(page.after()))
            .filter(versions::sold_from.le(at))
            .filter(versions::superseded_at.is_null().or(versions::superseded_at.assume_not_null().gt(at)))
            .filter(versions::sold_until.is_null().or(versions::sold_until.assume_not_null().gt(at)));
        if let Some(product_id) = &asked.product_id {
            rows = rows.filter(versions::product_id.eq(product_id));
        }
        if let Some(kind) = asked.kind {
            rows = rows.filter(versions::kind.eq(kind));
        }
        if let Some(family) = &asked.family {
            rows = rows.filter(versions::family.assume_not_null().eq(family));
        }
        if let Some(catalogue) = &asked.catalogue {
            rows = rows.filter(versions::catalogue.eq(catalogue));
        }
        if let Some(gcc) = asked.gcc {
            rows = rows.filter(versions::gcc.eq(gcc));
        }
        if let Some(channel) = asked.channel {
            rows = rows.filter(versions::channels.like(format!("%\"{}\"%", channel.as_str())));
        }
        for currency in asked.currency.as_deref().into_iter().chain(market) {
            rows = rows.filter(versions::currency.eq(currency));
        }
        rows.order(versions::offer_id.asc()).limit(page.rows()).load(c)
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

/// The cloud plans that were ever sold through a channel.
pub async fn products_through(db: &mut Db<'_>, channel: Channel) -> Result<Vec<String>> {
    let sold: Vec<(String, Json)> = on!(db, c => versions::table
        .filter(versions::kind.eq(OfferKind::Cloud))
        .select((versions::product_id, versions::channels))
        .distinct()
        .order(versions::product_id.asc())
        .limit(10_000)
        .load(c))?;
    let mut products = Vec::new();
    for (product, channels) in sold {
        if channels.read::<Vec<Channel>>()?.contains(&channel) {
            products.push(product);
        }
    }
    products.dedup();
    Ok(products)
}

/// What the tables that hold at this instant say about going on from a product, whatever the channel.
async fn pairs_from(db: &mut Db<'_>, product_id: &str, at: Instant) -> Result<Vec<UpgradePair>> {
    let at = at.naive_utc();
    let rows: Vec<(String, Json, String)> = on!(db, c => upgrade_pairs::table
        .inner_join(upgrade_tables::table.on(
            upgrade_tables::id.eq(upgrade_pairs::table_id).and(upgrade_tables::valid_from.eq(upgrade_pairs::valid_from))))
        .filter(upgrade_pairs::from_product_id.eq(product_id))
        .filter(upgrade_tables::valid_from.le(at))
        .filter(upgrade_tables::superseded_at.is_null().or(upgrade_tables::superseded_at.assume_not_null().gt(at)))
        .filter(upgrade_tables::valid_until.is_null().or(upgrade_tables::valid_until.assume_not_null().gt(at)))
        .order((upgrade_tables::id.asc(), upgrade_pairs::to_product_id.asc()))
        .select((upgrade_tables::id, upgrade_tables::channels, upgrade_pairs::to_product_id))
        .limit(1000)
        .load(c))?;
    let pair = |(table_id, channels, to_product_id): (String, Json, String)| {
        Ok(UpgradePair { table_id, channels: channels.read()?, to_product_id })
    };
    rows.into_iter().map(pair).collect()
}

/// The offers that one may upgrade to at this instant, in the same currency, each with the channels that it serves.
pub async fn upgrade_targets(db: &mut Db<'_>, from: &OfferRow, at: Instant) -> Result<Vec<UpgradeTarget>> {
    let pairs = pairs_from(db, &from.product_id, at).await?;
    let mut products: Vec<String> = pairs.iter().map(|pair| pair.to_product_id.clone()).collect();
    products.sort_unstable();
    products.dedup();
    let sold = offers_of_products(db, &products, at).await?;
    Ok(upgrades::targets(from, &pairs, sold))
}

/// The offers that what was bought through this channel may be upgraded to at this instant (CAT-04, CAT-06).
pub async fn allowed_upgrades(
    db: &mut Db<'_>,
    from: &OfferRow,
    channel: Channel,
    at: Instant,
) -> Result<Vec<UpgradeTarget>> {
    let mut targets = upgrade_targets(db, from, at).await?;
    targets.retain(|target| target.serves(channel));
    Ok(targets)
}

/// The sales guide that holds at this instant, the latest where several catalogues have one.
pub async fn sales_guide(db: &mut Db<'_>, at: Instant) -> Result<Option<(String, SalesGuide)>> {
    let at = at.naive_utc();
    let rows: Vec<(String, Json)> = on!(db, c => sales_guides::table
        .filter(sales_guides::valid_from.le(at))
        .filter(sales_guides::superseded_at.is_null().or(sales_guides::superseded_at.assume_not_null().gt(at)))
        .order((sales_guides::valid_from.desc(), sales_guides::catalogue.asc()))
        .select((sales_guides::catalogue, sales_guides::guide))
        .limit(1)
        .load(c))?;
    let read = |(catalogue, guide): (String, Json)| Ok((catalogue, guide.read()?));
    rows.into_iter().next().map(read).transpose()
}

//! Whether a file fits what is in the database already: a version that was sold never changes, and a new one is later.

use super::{Found, rules};
use crate::catalog::file::{Catalogue, CatalogueProduct, SalesGuide, UpgradeTable};
use crate::catalog::import;
use crate::catalog::model::{Channel, OfferRow};
use crate::db::Db;
use crate::db::schema::{offer_versions as versions, sales_guides, upgrade_pairs, upgrade_tables};
use crate::db::words::Json;
use crate::error::Result;
use crate::on;
use chrono::NaiveDateTime;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use std::collections::{BTreeSet, HashMap};

/// Names asked for in one query.
const MANY: usize = 500;

/// Everything in the file that does not fit.
pub(super) async fn check(db: &mut Db<'_>, catalogue: &Catalogue, outside: &[(String, String)]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    check_offers(db, catalogue, &mut found).await?;
    for (place, table) in catalogue.upgrade_tables.iter().enumerate() {
        check_table(db, table, &format!("/upgradeTables/{place}"), &mut found).await?;
    }
    if let Some(guide) = &catalogue.sales_guide {
        check_guide(db, &catalogue.name, guide, &mut found).await?;
    }
    let known = known_products(db, outside).await?;
    found.extend(outside.iter().filter(|(_, product)| !known.contains(product)).map(|(at, id)| rules::missing(at, id)));
    Ok(found)
}

async fn check_offers(db: &mut Db<'_>, catalogue: &Catalogue, found: &mut Vec<Found>) -> Result<()> {
    let products: HashMap<&str, &CatalogueProduct> =
        catalogue.products.iter().map(|product| (product.id.as_str(), product)).collect();
    let numbered: Vec<_> = catalogue.offers.iter().enumerate().collect();
    for some in numbered.chunks(MANY) {
        let ids: Vec<&str> = some.iter().map(|(_, offer)| offer.id.as_str()).collect();
        let rows: Vec<OfferRow> = on!(db, c => versions::table
            .filter(versions::offer_id.eq_any(&ids))
            .select(OfferRow::as_select())
            .limit(1_000_000)
            .load(c))?;
        for (place, offer) in some {
            let at = format!("/offers/{place}");
            let row = import::row(catalogue, &products, offer)?;
            let there = rows.iter().filter(|old| old.id == offer.id);
            let latest = there.clone().map(|old| old.sold_from).max();
            match there.clone().find(|old| old.sold_from == row.sold_from) {
                Some(old) if !old.says_the_same(&row)? => {
                    let detail = format!(
                        "`{}` of that date was imported before and says otherwise: give the change a later `soldFrom`",
                        offer.id
                    );
                    found.push(Found::at(at, "offer_changed", detail));
                }
                Some(_) => {}
                None => not_later(&format!("{at}/soldFrom"), &offer.id, row.sold_from, latest, found),
            }
        }
    }
    Ok(())
}

fn not_later(at: &str, id: &str, from: NaiveDateTime, latest: Option<NaiveDateTime>, found: &mut Vec<Found>) {
    if let Some(latest) = latest.filter(|latest| from < *latest) {
        let detail = format!("a new version of `{id}` begins after the one before, {}", latest.and_utc().to_rfc3339());
        found.push(Found::at(at, "version_not_later", detail));
    }
}

async fn check_table(db: &mut Db<'_>, table: &UpgradeTable, at: &str, found: &mut Vec<Found>) -> Result<()> {
    let (id, from) = (&table.id, table.valid_from.naive_utc());
    let there: Vec<(NaiveDateTime, Json)> = on!(db, c => upgrade_tables::table
        .filter(upgrade_tables::id.eq(id))
        .select((upgrade_tables::valid_from, upgrade_tables::channels))
        .limit(1000)
        .load(c))?;
    let Some((_, channels)) = there.iter().find(|(valid_from, _)| *valid_from == from) else {
        let latest = there.iter().map(|(valid_from, _)| *valid_from).max();
        not_later(&format!("{at}/validFrom"), id, from, latest, found);
        return Ok(());
    };
    let pairs: Vec<(String, String)> = on!(db, c => upgrade_pairs::table
        .filter(upgrade_pairs::table_id.eq(id))
        .filter(upgrade_pairs::valid_from.eq(from))
        .select((upgrade_pairs::from_product_id, upgrade_pairs::to_product_id))
        .limit(100_000)
        .load(c))?;
    let said = table.upgrades.iter().flat_map(|row| row.to.iter().map(|to| (row.from.clone(), to.clone())));
    let same = said.collect::<BTreeSet<_>>() == pairs.into_iter().collect()
        && channels.read::<Vec<Channel>>()? == table.channels;
    if !same {
        let detail =
            format!("`{id}` of that date was imported before and says otherwise: give the change a later `validFrom`");
        found.push(Found::at(at, "upgrade_table_changed", detail));
    }
    Ok(())
}

async fn check_guide(db: &mut Db<'_>, catalogue: &str, guide: &SalesGuide, found: &mut Vec<Found>) -> Result<()> {
    let from = guide.valid_from.naive_utc();
    let there: Vec<(NaiveDateTime, Json)> = on!(db, c => sales_guides::table
        .filter(sales_guides::catalogue.eq(catalogue))
        .select((sales_guides::valid_from, sales_guides::guide))
        .limit(1000)
        .load(c))?;
    match there.iter().find(|(valid_from, _)| *valid_from == from) {
        Some((_, old)) if old.read::<SalesGuide>()? != *guide => {
            let detail =
                "the guide of that date was imported before and says otherwise: give the change a later `validFrom`";
            found.push(Found::at("/salesGuide", "sales_guide_changed", detail));
        }
        Some(_) => {}
        None => {
            let latest = there.iter().map(|(valid_from, _)| *valid_from).max();
            not_later("/salesGuide/validFrom", "salesGuide", from, latest, found);
        }
    }
    Ok(())
}

async fn known_products(db: &mut Db<'_>, outside: &[(String, String)]) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for some in outside.chunks(MANY) {
        let ids: Vec<&str> = some.iter().map(|(_, product)| product.as_str()).collect();
        let rows: Vec<String> = on!(db, c => versions::table
            .filter(versions::product_id.eq_any(&ids))
            .select(versions::product_id)
            .distinct()
            .limit(1_000_000)
            .load(c))?;
        known.extend(rows);
    }
    Ok(known)
}

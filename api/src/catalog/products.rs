//! What is known of a product as a whole: the order of its versions, and how far back an owner may go (SWK-08).

use super::file::CatalogueProduct;
use crate::db::Db;
use crate::db::schema::software_products;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use diesel::prelude::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// A row of `software_products`.
#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = software_products, treat_none_as_default_value = false)]
pub struct ProductRow {
    /// The product.
    pub id: String,
    /// All versions that a catalogue ever named, oldest first.
    pub versions: Json,
    /// By how many versions an owner for good may go back.
    pub downgrade_depth: i64,
    /// Those that no catalogue names any more.
    pub retired: Json,
}

impl ProductRow {
    /// All its versions, oldest first: downgrades are counted by it, so one that was retired keeps its place (SWK-08).
    pub fn versions(&self) -> Result<Vec<String>> {
        self.versions.read()
    }

    /// The newest version that is still named: what is bought now.
    pub fn newest(&self) -> Result<Option<String>> {
        let retired: Vec<String> = self.retired.read()?;
        Ok(self.versions()?.into_iter().rfind(|version| !retired.contains(version)))
    }
}

/// What is known of a product; none of one that was imported before this was kept.
pub async fn product(db: &mut Db<'_>, id: &str) -> Result<Option<ProductRow>> {
    Ok(on!(db, c => software_products::table.find(id).select(ProductRow::as_select()).first(c)).optional()?)
}

/// What is known of several products.
pub async fn products(db: &mut Db<'_>, ids: &[&str]) -> Result<Vec<ProductRow>> {
    Ok(on!(db, c => software_products::table
        .filter(software_products::id.eq_any(ids))
        .limit(200)
        .select(ProductRow::as_select())
        .load(c))?)
}

/// All versions, oldest first: in the order in which they are named now, and those that were known before right after
/// what stood before them.
fn merged(known: &[String], named: &[String]) -> Vec<String> {
    let mut all = named.to_vec();
    for (at, version) in known.iter().enumerate() {
        if !all.contains(version) {
            let before = known.iter().take(at).rev().find_map(|other| all.iter().position(|there| there == other));
            all.insert(before.map_or(0, |before| before + 1), version.clone());
        }
    }
    all
}

/// Keeps what a catalogue says of software, and tells whether that is new; the newest catalogue counts. A version that it
/// does not name any more is retired: it widens nobody's rights, and takes nobody's (SWK-08).
pub(super) async fn keep(tx: &mut Tx<'_>, product: &CatalogueProduct) -> Result<bool> {
    let mut named: Vec<String> = Vec::new();
    for version in product.media.iter().flat_map(|media| &media.versions) {
        if !named.contains(version) {
            named.push(version.clone());
        }
    }
    let there = self::product(tx.db(), &product.id).await?;
    let known = there.as_ref().map(ProductRow::versions).transpose()?.unwrap_or_default();
    let versions = merged(&known, &named);
    let retired: Vec<&String> = versions.iter().filter(|version| !named.contains(version)).collect();
    let row = ProductRow {
        id: product.id.clone(),
        versions: Json::of(&versions)?,
        downgrade_depth: product.downgrade_depth.into(),
        retired: Json::of(&retired)?,
    };
    if there.as_ref() == Some(&row) {
        return Ok(false);
    }
    on!(tx.db(), c => diesel::insert_into(software_products::table)
        .values(&row)
        .on_conflict(software_products::id)
        .do_update()
        .set((
            software_products::versions.eq(&row.versions),
            software_products::downgrade_depth.eq(row.downgrade_depth),
            software_products::retired.eq(&row.retired),
        ))
        .execute(c))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(&[], &["9", "10"], &["9", "10"]; "the first catalogue")]
    #[test_case(&["9", "10"], &["9", "10", "11"], &["9", "10", "11"]; "one more")]
    #[test_case(&["9", "10", "11"], &["9", "11"], &["9", "10", "11"]; "one in the middle is retired")]
    #[test_case(&["9", "10", "11"], &["10"], &["9", "10", "11"]; "the oldest and the newest are")]
    #[test_case(&["9", "10"], &["9", "11"], &["9", "10", "11"]; "one is replaced")]
    #[test_case(&["9", "10", "11"], &["12"], &["9", "10", "11", "12"]; "all are")]
    #[test_case(&["10", "9"], &["9", "10"], &["9", "10"]; "what is named now orders them")]
    fn rule_swk_08_a_version_that_was_retired_keeps_its_place(known: &[&str], named: &[&str], all: &[&str]) {
        let owned = |versions: &[&str]| versions.iter().map(|version| (*version).to_owned()).collect::<Vec<_>>();
        assert_eq!(merged(&owned(known), &owned(named)), all);
    }
}

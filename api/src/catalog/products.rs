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
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = software_products, treat_none_as_default_value = false)]
pub struct ProductRow {
    /// The product.
    pub id: String,
    /// Its versions, oldest first.
    pub versions: Json,
    /// By how many versions an owner for good may go back.
    pub downgrade_depth: i64,
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

/// Keeps what a catalogue says of software, and tells whether that is new; the newest catalogue counts.
pub(super) async fn keep(tx: &mut Tx<'_>, product: &CatalogueProduct) -> Result<bool> {
    let mut versions: Vec<String> = Vec::new();
    for version in product.media.iter().flat_map(|media| &media.versions) {
        if !versions.contains(version) {
            versions.push(version.clone());
        }
    }
    let downgrade_depth = i64::from(product.downgrade_depth);
    if let Some(there) = self::product(tx.db(), &product.id).await?
        && there.downgrade_depth == downgrade_depth
        && there.versions.read::<Vec<String>>()? == versions
    {
        return Ok(false);
    }
    let row = ProductRow { id: product.id.clone(), versions: Json::of(&versions)?, downgrade_depth };
    on!(tx.db(), c => diesel::insert_into(software_products::table)
        .values(&row)
        .on_conflict(software_products::id)
        .do_update()
        .set((
            software_products::versions.eq(&row.versions),
            software_products::downgrade_depth.eq(row.downgrade_depth),
        ))
        .execute(c))?;
    Ok(true)
}

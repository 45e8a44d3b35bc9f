//! The stock, for whoever has to fill it.

use super::model::KeyState;
use super::open_stock::VERSION as OPEN_VERSION;
use crate::catalog::{self, Channel};
use crate::db::Db;
use crate::db::schema::{product_keys, product_media};
use crate::error::Result;
use crate::on;
use crate::telemetry::Gauges;
use diesel::dsl::count_star;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;

/// Keys in stock by product and version; 0 where a version has none left (SWK-09).
pub async fn gauges(db: &mut Db<'_>, gauges: &mut Gauges) -> Result<()> {
    let sold: Vec<(String, String)> = on!(db, c => product_media::table
        .select((product_media::product_id, product_media::version))
        .distinct()
        .load(c))?;
    let open = catalog::products_through(db, Channel::Open).await?;
    let open = open.into_iter().map(|product| (product, OPEN_VERSION.to_owned()));
    let mut stock: BTreeMap<(String, String), i64> = sold.into_iter().chain(open).map(|version| (version, 0)).collect();
    let products: Vec<String> = stock.keys().map(|(product, _)| product.clone()).collect();
    // By product: the index of the stock begins with it, and what was handed out long ago is not looked at.
    let in_stock: Vec<(String, String, i64)> = on!(db, c => product_keys::table
        .filter(product_keys::product_id.eq_any(&products))
        .filter(product_keys::state.eq(KeyState::InStock))
        .group_by((product_keys::product_id, product_keys::version))
        .select((product_keys::product_id, product_keys::version, count_star()))
        .load(c))?;
    stock.extend(in_stock.into_iter().map(|(product, version, count)| ((product, version), count)));
    for ((product, version), count) in &stock {
        let labels = [("product", product.as_str()), ("version", version.as_str())];
        gauges.put("lonja_keys_in_stock", "Product keys that no purchase has yet.", &labels, *count)?;
    }
    Ok(())
}

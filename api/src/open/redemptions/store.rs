//! Queries over redemptions.

use super::model::RedemptionRow;
use crate::db::schema::open_redemptions;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use diesel_async::RunQueryDsl;

/// Adds a redemption.
pub async fn insert(tx: &mut Tx<'_>, row: &RedemptionRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(open_redemptions::table).values(row).execute(c))?;
    Ok(())
}

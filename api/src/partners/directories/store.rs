//! Queries over the directories.

use super::model::{CompanyRow, LocationRow};
use super::rules;
use crate::db::Db;
use crate::db::schema::{companies, partner_locations};
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use crate::partners::PartnerRow;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// What the directory knows of a PartnerID.
pub async fn location(db: &mut Db<'_>, id: &str) -> Result<Option<LocationRow>> {
    Ok(on!(db, c => partner_locations::table.find(id).select(LocationRow::as_select()).first(c)).optional()?)
}

/// Fills in what the directory knows of a partner whose PartnerID stands in it (ENR-17).
pub async fn fill_in(db: &mut Db<'_>, partner: &mut PartnerRow) -> Result<()> {
    if let Some(id) = &partner.partner_location_id
        && let Some(known) = location(db, id).await?
    {
        rules::fill_in(partner, known);
    }
    Ok(())
}

/// What the directory knows of a DUNS number.
pub async fn company(db: &mut Db<'_>, duns: &str) -> Result<Option<CompanyRow>> {
    Ok(on!(db, c => companies::table.find(duns).select(CompanyRow::as_select()).first(c)).optional()?)
}

/// Keeps a PartnerID; a newer import knows better.
pub async fn put_location(tx: &mut Tx<'_>, row: &LocationRow) -> Result<()> {
    on!(tx.db(), c => diesel::delete(partner_locations::table.filter(partner_locations::id.eq(&row.id))).execute(c))?;
    on!(tx.db(), c => diesel::insert_into(partner_locations::table).values(row).execute(c))?;
    Ok(())
}

/// Keeps a company; a newer import knows better.
pub async fn put_company(tx: &mut Tx<'_>, row: &CompanyRow) -> Result<()> {
    on!(tx.db(), c => diesel::delete(companies::table.filter(companies::duns.eq(&row.duns))).execute(c))?;
    on!(tx.db(), c => diesel::insert_into(companies::table).values(row).execute(c))?;
    Ok(())
}

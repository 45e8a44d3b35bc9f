//! Queries over partners.

use super::model::{NewPartner, PartnerRow};
use crate::db::Db;
use crate::db::schema::partners;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use crate::topic::Topic;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// The partner with this id. For the house itself: what a caller may see of it is the caller's business.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<PartnerRow> {
    on!(db, c => partners::table.find(id).select(PartnerRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("partner"))
}

/// The first partner with this registered name, for a sandbox that looks for its own.
pub async fn find_by_name(db: &mut Db<'_>, legal_name: &str) -> Result<Option<PartnerRow>> {
    Ok(on!(db, c => partners::table
        .filter(partners::legal_name.eq(legal_name))
        .order(partners::id.asc())
        .select(PartnerRow::as_select())
        .first(c))
    .optional()?)
}

/// Registers a partner on the operator's word (ENR-01).
pub async fn register(tx: &mut Tx<'_>, new: &NewPartner) -> Result<PartnerRow> {
    let row = PartnerRow {
        id: tx.id(),
        kind: new.kind,
        legal_name: new.legal_name.clone(),
        country: new.country.clone(),
        partner_location_id: new.partner_location_id.clone(),
        state: new.state,
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    on!(tx.db(), c => diesel::insert_into(partners::table).values(&row).execute(c))?;
    tx.emit(Topic::PartnerRegistered, &row);
    Ok(row)
}

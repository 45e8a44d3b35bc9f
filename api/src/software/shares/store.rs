//! Queries over key shares. Those of a purchase are for whoever sees the purchase.

use super::model::ShareRow;
use crate::db::Db;
use crate::db::schema::key_shares;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::software::model::EntitlementRow;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// A page of the shares of a purchase that was found.
pub async fn list(db: &mut Db<'_>, entitlement: &EntitlementRow, page: &Page) -> Result<Vec<ShareRow>> {
    Ok(on!(db, c => key_shares::table
        .filter(key_shares::entitlement_id.eq(&entitlement.id))
        .filter(key_shares::id.gt(page.after()))
        .order(key_shares::id.asc())
        .limit(page.rows())
        .select(ShareRow::as_select())
        .load(c))?)
}

/// A share of a purchase that was found.
pub async fn find(db: &mut Db<'_>, entitlement: &EntitlementRow, id: &str) -> Result<ShareRow> {
    on!(db, c => key_shares::table
        .filter(key_shares::id.eq(id))
        .filter(key_shares::entitlement_id.eq(&entitlement.id))
        .select(ShareRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("key_share"))
}

/// The share of a token.
pub async fn by_digest(db: &mut Db<'_>, digest: &str) -> Result<ShareRow> {
    on!(db, c => key_shares::table.filter(key_shares::digest.eq(digest)).select(ShareRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("key_share"))
}

/// Adds a share.
pub async fn insert(tx: &mut Tx<'_>, row: &ShareRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(key_shares::table).values(row).execute(c))?;
    Ok(())
}

/// Writes what became of a share; its version counts.
pub async fn update(tx: &mut Tx<'_>, row: &mut ShareRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(key_shares::table.find(&row.id))
        .set((
            key_shares::openings.eq(row.openings),
            key_shares::last_opened_at.eq(row.last_opened_at),
            key_shares::withdrawn_at.eq(row.withdrawn_at),
            key_shares::version.eq(row.version),
        ))
        .execute(c))?;
    Ok(())
}

/// Forgets the answers that show links of a purchase which is over (PLT-02).
pub async fn forget_answers_of(tx: &mut Tx<'_>, entitlement_id: &str) -> Result<()> {
    let ids: Vec<String> = on!(tx.db(), c => key_shares::table
        .filter(key_shares::entitlement_id.eq(entitlement_id))
        .select(key_shares::id)
        .load(c))?;
    for id in ids {
        tx.forget_answers(&format!("key_share:{id}")).await?;
    }
    Ok(())
}

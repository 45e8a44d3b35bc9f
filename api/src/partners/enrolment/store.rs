//! Queries over the links that prove a mail address.

use super::model::{VerificationRow, VerificationState};
use crate::db::Db;
use crate::db::schema::email_verifications;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// The verification with this digest: whoever has the token may look it up.
pub async fn find_by_digest(db: &mut Db<'_>, digest: &str) -> Result<Option<VerificationRow>> {
    Ok(on!(db, c => email_verifications::table
        .filter(email_verifications::digest.eq(digest))
        .select(VerificationRow::as_select())
        .first(c))
    .optional()?)
}

/// Ends the links of this partner that were not used: a newer one takes their place, or nothing.
pub async fn replace_open(tx: &mut Tx<'_>, partner_id: &str) -> Result<()> {
    let open = email_verifications::table
        .filter(email_verifications::partner_id.eq(partner_id))
        .filter(email_verifications::state.eq(VerificationState::Open));
    on!(tx.db(), c => diesel::update(open)
        .set(email_verifications::state.eq(VerificationState::Replaced))
        .execute(c))?;
    Ok(())
}

/// Adds a link.
pub async fn insert(tx: &mut Tx<'_>, row: &VerificationRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(email_verifications::table).values(row).execute(c))?;
    Ok(())
}

/// Marks a link as used.
pub async fn mark_used(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    on!(tx.db(), c => diesel::update(email_verifications::table.find(id))
        .set(email_verifications::state.eq(VerificationState::Used))
        .execute(c))?;
    Ok(())
}

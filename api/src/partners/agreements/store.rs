//! Queries over accepted agreements.

use super::model::{AcceptedRow, PartnerAgreementKind};
use crate::db::Db;
use crate::db::schema::partner_agreements;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::Page;
use crate::on;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// A page of what this partner accepted; the caller has shown that it may see the partner.
pub async fn list(db: &mut Db<'_>, partner_id: &str, page: &Page) -> Result<Vec<AcceptedRow>> {
    Ok(on!(db, c => partner_agreements::table
        .filter(partner_agreements::partner_id.eq(partner_id))
        .filter(partner_agreements::id.gt(page.after()))
        .order(partner_agreements::id.asc())
        .limit(page.rows())
        .select(AcceptedRow::as_select())
        .load(c))?)
}

/// Whether this partner accepted the agreement, whichever version.
pub async fn has_accepted(db: &mut Db<'_>, partner_id: &str) -> Result<bool> {
    let accepted: i64 = on!(db, c => partner_agreements::table
        .filter(partner_agreements::partner_id.eq(partner_id))
        .filter(partner_agreements::kind.eq(PartnerAgreementKind::Mpa))
        .count()
        .get_result(c))?;
    Ok(accepted > 0)
}

/// Keeps an acceptance; a version is accepted once.
pub async fn insert(tx: &mut Tx<'_>, row: &AcceptedRow) -> Result<()> {
    let inserted = on!(tx.db(), c => diesel::insert_into(partner_agreements::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 { Err(Error::new(Code::MpaAlreadyAccepted).with("version", &row.version)) } else { Ok(()) }
}

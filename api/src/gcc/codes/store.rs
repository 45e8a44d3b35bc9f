//! Queries over validation codes.

use super::model::{CodeRow, GccCodeState};
use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::gcc_validation_codes as codes;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::gcc::model::ValidationRow;
use crate::gcc::rules::organization_key;
use crate::http::Page;
use crate::partners::PartnerRow;
use crate::topic::Topic;
use crate::{on, seen_by};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// The code with this id, for these eyes.
pub async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<CodeRow> {
    on!(db, c => seen_by!(codes, viewer).filter(codes::id.eq(id)).select(CodeRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("gcc_validation_code"))
}

/// A page of the codes that these eyes see.
pub async fn list(viewer: &Viewer, db: &mut Db<'_>, state: Option<GccCodeState>, page: &Page) -> Result<Vec<CodeRow>> {
    Ok(on!(db, c => {
        let mut rows = seen_by!(codes, viewer).filter(codes::id.gt(page.after()));
        if let Some(state) = state {
            rows = rows.filter(codes::state.eq(state));
        }
        rows.order(codes::id.asc()).limit(page.rows()).select(CodeRow::as_select()).load(c)
    })?)
}

/// A code with uses left for an organisation of this name, for these eyes, in the name of one of these sellers: one whose
/// link has ended serves no more.
pub async fn usable(viewer: &Viewer, db: &mut Db<'_>, name: &str, sellers: &[PartnerRow]) -> Result<Option<CodeRow>> {
    let sellers: Vec<&str> = sellers.iter().map(|seller| seller.id.as_str()).collect();
    Ok(on!(db, c => seen_by!(codes, viewer)
        .filter(codes::partner_id.eq_any(&sellers))
        .filter(codes::organization_key.eq(organization_key(name)))
        .filter(codes::state.eq(GccCodeState::Active))
        .filter(codes::remaining_creates.gt(0))
        .order(codes::id.asc())
        .select(CodeRow::as_select())
        .first(c))
    .optional()?)
}

/// Issues the code of an approved organisation; answers it (GCC-10).
pub async fn issue(tx: &mut Tx<'_>, validation: &ValidationRow, uses: u32) -> Result<String> {
    let row = CodeRow {
        id: tx.id(),
        partner_id: validation.partner_id.clone(),
        partner_of_record_id: validation.partner_of_record_id.clone(),
        customer_id: None,
        validation_id: validation.id.clone(),
        organization: validation.organization.clone(),
        organization_key: organization_key(&validation.organization),
        state: GccCodeState::Active,
        max_creates: i64::from(uses),
        remaining_creates: i64::from(uses),
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    on!(tx.db(), c => diesel::insert_into(codes::table).values(&row).execute(c))?;
    tx.emit(Topic::GccValidationCodeIssued, &row);
    Ok(row.id)
}

/// Uses a code up by one; tells whether a use was left. One statement judges and takes, so that of several at once no more
/// get one than there are (GCC-11).
pub async fn use_up(tx: &mut Tx<'_>, id: &str) -> Result<bool> {
    let used = on!(tx.db(), c => diesel::update(
            codes::table
                .filter(codes::id.eq(id))
                .filter(codes::state.eq(GccCodeState::Active))
                .filter(codes::remaining_creates.gt(0)),
        )
        .set((codes::remaining_creates.eq(codes::remaining_creates - 1), codes::version.eq(codes::version + 1)))
        .execute(c))?;
    Ok(used == 1)
}

/// Writes a changed code, in its next version.
pub async fn update(tx: &mut Tx<'_>, row: &mut CodeRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(codes::table.find(&row.id)).set(&*row).execute(c))?;
    Ok(())
}

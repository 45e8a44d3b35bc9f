//! Queries over the directory.

use super::model::{EntryRow, ProviderOffering};
use crate::db::Db;
use crate::db::schema::{partners, provider_directory_entries as entries};
use crate::db::write::Tx;
use crate::error::Result;
use crate::http::Page;
use crate::on;
use crate::partners::{PartnerKind, PartnerState};
use diesel::prelude::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;

/// Id, registered name, country.
pub type Company = (String, String, String);

/// A page of the active providers of these countries, those without an entry too. Every partner may see them.
pub async fn list(
    db: &mut Db<'_>,
    countries: &[String],
    offering: Option<ProviderOffering>,
    page: &Page,
) -> Result<Vec<(Company, Option<EntryRow>)>> {
    Ok(on!(db, c => {
        let rows = partners::table
            .left_join(entries::table.on(entries::provider_id.eq(partners::id)))
            .filter(partners::kind.eq(PartnerKind::IndirectProvider))
            .filter(partners::state.eq(PartnerState::Active))
            .filter(partners::country.eq_any(countries))
            .filter(partners::id.gt(page.after()))
            .into_boxed();
        let rows = match offering {
            None => rows,
            Some(ProviderOffering::Training) => rows.filter(entries::offers_training.assume_not_null().eq(true)),
            Some(ProviderOffering::Marketing) => rows.filter(entries::offers_marketing.assume_not_null().eq(true)),
            Some(ProviderOffering::Financing) => rows.filter(entries::offers_financing.assume_not_null().eq(true)),
        };
        rows.order(partners::id.asc())
            .limit(page.rows())
            .select(((partners::id, partners::legal_name, partners::country), Option::<EntryRow>::as_select()))
            .load(c)
    })?)
}

/// A provider's own entry.
pub async fn find_own(db: &mut Db<'_>, provider_id: &str) -> Result<Option<EntryRow>> {
    Ok(on!(db, c => entries::table.find(provider_id).select(EntryRow::as_select()).first(c)).optional()?)
}

/// Adds an entry.
pub async fn insert(tx: &mut Tx<'_>, row: &EntryRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(entries::table).values(row).execute(c))?;
    Ok(())
}

/// Writes a changed entry.
pub async fn update(tx: &mut Tx<'_>, row: &EntryRow) -> Result<()> {
    on!(tx.db(), c => diesel::update(entries::table.find(&row.provider_id)).set(row).execute(c))?;
    Ok(())
}

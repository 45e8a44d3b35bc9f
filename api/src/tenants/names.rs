//! The names below `onmicrosoft.com`: one space for customers' tenants and partners' work accounts (TEN-02, ENR-17).

use super::rules;
use crate::config::TenantConfig;
use crate::db::Db;
use crate::db::schema::taken_domains;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// Whether somebody has this domain already; never who.
pub async fn is_taken(db: &mut Db<'_>, domain: &str) -> Result<bool> {
    let found: i64 = on!(db, c => taken_domains::table.filter(taken_domains::domain.eq(domain)).count().get_result(c))?;
    Ok(found > 0)
}

/// Takes a domain for ever. Of two who ask at once one gets it, and a write that is refused later gives it back (TEN-03).
pub async fn take(tx: &mut Tx<'_>, domain: &str) -> Result<()> {
    let row = (taken_domains::domain.eq(domain), taken_domains::taken_at.eq(tx.now().naive_utc()));
    let taken =
        on!(tx.db(), c => diesel::insert_into(taken_domains::table).values(row).on_conflict_do_nothing().execute(c))?;
    if taken == 0 { Err(Error::refused(vec![rules::taken(domain)])) } else { Ok(()) }
}

/// The domain of a new directory with this name, taken for it.
pub async fn take_by_name(tx: &mut Tx<'_>, name: &str, bounds: TenantConfig) -> Result<String> {
    let domain = rules::domain(name, bounds).map_err(|fault| Error::refused(vec![fault]))?;
    take(tx, &domain).await?;
    Ok(domain)
}

/// The GUID of a new directory.
pub fn new_directory_id() -> String {
    uuid::Uuid::new_v4().hyphenated().to_string()
}

//! The names below `onmicrosoft.com`: one space for customers' tenants and partners' work accounts (TEN-02, ENR-17).

use super::rules;
use crate::config::TenantConfig;
use crate::db::Db;
use crate::db::schema::taken_domains;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use crate::vault::random_bytes;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use std::collections::HashSet;

/// How many alternatives are suggested for a name that is taken.
const SUGGESTIONS: usize = 5;
/// How often new ones are thought of, where nearly all are taken.
const ROUNDS: usize = 4;

/// Whether somebody has this domain already; never who.
pub async fn is_taken(db: &mut Db<'_>, domain: &str) -> Result<bool> {
    let found: i64 = on!(db, c => taken_domains::table.filter(taken_domains::domain.eq(domain)).count().get_result(c))?;
    Ok(found > 0)
}

/// Takes a domain for ever. Of two who ask at once one gets it, and a write that is refused later gives it back (TEN-03).
pub async fn take(tx: &mut Tx<'_>, domain: &str) -> Result<()> {
    if keep(tx, domain).await? { Ok(()) } else { Err(Error::refused(vec![rules::taken(domain)])) }
}

/// Writes down that somebody has this domain; answers whether nobody had.
pub async fn keep(tx: &mut Tx<'_>, domain: &str) -> Result<bool> {
    let row = (taken_domains::domain.eq(domain), taken_domains::taken_at.eq(tx.now().naive_utc()));
    let taken =
        on!(tx.db(), c => diesel::insert_into(taken_domains::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(taken > 0)
}

/// The domain of a new directory with this name, taken for it.
pub async fn take_by_name(tx: &mut Tx<'_>, name: &str, bounds: TenantConfig) -> Result<String> {
    let domain = rules::domain(name, bounds, rules::NAME).map_err(|fault| Error::refused(vec![fault]))?;
    take(tx, &domain).await?;
    Ok(domain)
}

/// The GUID of a new directory.
pub fn new_directory_id() -> String {
    uuid::Uuid::new_v4().hyphenated().to_string()
}

/// Domains like that of this name which nobody has, as far as there are any (TEN-02).
pub async fn alternatives(db: &mut Db<'_>, name: &str, bounds: TenantConfig) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let endings = ["mx", "365", "online", "empresa", "grupo"].into_iter().map(str::to_owned);
    let mut endings: Vec<String> = endings.chain((2..=20).map(|number: u32| number.to_string())).collect();
    for _ in 0..ROUNDS {
        let mut candidates = rules::variations(name, &endings, bounds);
        let taken: Vec<String> = on!(db, c => taken_domains::table
            .filter(taken_domains::domain.eq_any(&candidates))
            .select(taken_domains::domain)
            .load(c))?;
        let taken: HashSet<String> = taken.into_iter().collect();
        candidates.retain(|candidate| !taken.contains(candidate) && !found.contains(candidate));
        found.extend(candidates);
        if found.len() >= SUGGESTIONS {
            break;
        }
        endings = random_bytes()?.chunks_exact(4).map(digits).collect();
    }
    found.truncate(SUGGESTIONS);
    Ok(found)
}

fn digits(bytes: &[u8]) -> String {
    let number = bytes.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

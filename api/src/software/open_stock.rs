//! The stock of keys for the Open programme: a stock of its own (SWK-06), in the same table and the same vault, shown
//! under the same daily limits as every other key (SWK-03).

use super::model::{KeyRow, KeyState};
use super::product_key::ProductKey;
use super::reveal::place;
use super::{reveal_limits, stock, store};
use crate::config::LimitConfig;
use crate::db::Db;
use crate::db::schema::product_keys;
use crate::db::write::Tx;
use crate::error::Result;
use crate::on;
use crate::vault::{STOCK, Vault};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// The version under which a plan's keys for Open stand in stock.
pub const VERSION: &str = "open";

/// How many keys for Open there are of a plan that nobody has.
pub async fn free_open_keys(db: &mut Db<'_>, product_id: &str) -> Result<i64> {
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::product_id.eq(product_id))
        .filter(product_keys::state.eq(KeyState::InStock))
        .filter(product_keys::version.eq(VERSION))
        .count()
        .get_result(c))?)
}

/// Takes a key for Open out of the stock and seals it anew for its partner.
pub async fn take_open_key(tx: &mut Tx<'_>, product_id: &str, partner_id: &str) -> Result<Option<KeyRow>> {
    let Some(mut key) = stock::next_in_stock(tx.db(), product_id, VERSION).await? else { return Ok(None) };
    let clear = tx.vault().open(&key.sealed, place(&key.id, STOCK))?;
    key.sealed = tx.vault().seal(&clear, place(&key.id, partner_id))?;
    key.owner = partner_id.to_owned();
    key.state = KeyState::Assigned;
    store::issue(tx, &key).await?;
    Ok(Some(key))
}

/// Shows a key that was taken for Open, with the reason, inside the daily limits.
pub async fn show_open_key(tx: &mut Tx<'_>, limits: &LimitConfig, key_id: &str, reason: &str) -> Result<String> {
    reveal_limits::admit(tx, limits).await?;
    let mut key: KeyRow = on!(tx.db(), c => product_keys::table.find(key_id).select(KeyRow::as_select()).first(c))?;
    let clear = tx.vault().open_text(&key.sealed, place(&key.id, &key.owner))?;
    if key.revealed_at.is_none() {
        key.state = KeyState::Revealed;
        key.revealed_at = Some(tx.now().naive_utc());
        store::issue(tx, &key).await?;
    }
    tx.because(reason);
    reveal_limits::count(tx, limits, &key).await?;
    Ok(clear)
}

/// The id of the key that somebody has typed, whoever has it.
pub async fn known_key(db: &mut Db<'_>, vault: &Vault, key: &ProductKey) -> Result<Option<String>> {
    let fingerprint = vault.fingerprint(key.expose().as_bytes())?;
    Ok(on!(db, c => product_keys::table
        .filter(product_keys::fingerprint.eq(&fingerprint))
        .select(product_keys::id)
        .first(c))
    .optional()?)
}

/// Takes a key for Open back for good.
pub async fn revoke_open_key(tx: &mut Tx<'_>, key_id: &str) -> Result<()> {
    let now = tx.now().naive_utc();
    on!(tx.db(), c => diesel::update(product_keys::table.find(key_id))
        .set((product_keys::state.eq(KeyState::Revoked), product_keys::revoked_at.eq(now)))
        .execute(c))?;
    Ok(())
}

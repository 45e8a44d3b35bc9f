//! The reveal: the way in which a product key leaves the house (SWK-03).

use super::choice::{Chosen, Rights};
use super::model::{EntitlementRow, KeyRow, KeyState, RevealKey, RevealedKey};
use super::{reveal_limits, rules, stock, store};
use crate::access::Viewer;
use crate::config::Config;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result, all_or};
use crate::http::IfMatch;
use crate::refunds;
use crate::topic::Topic;
use crate::vault::{Place, STOCK};

/// Shows the key of a purchase.
pub async fn reveal(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: &str,
    config: &Config,
    if_match: &IfMatch,
    asked: &RevealKey,
) -> Result<RevealedKey> {
    let entitlement = store::find(viewer, tx.db(), id).await?;
    if_match.honour(entitlement.version)?;
    let mut key = key_for(tx, &entitlement, config, &asked.chosen()).await?;
    may_see(tx.db(), &entitlement, &key).await?;
    let product_key = tx.vault().open_text(&key.sealed, place(&key.id, &key.owner))?;
    see(tx, &mut key).await?;
    tx.because(&asked.reason);
    reveal_limits::count(tx, &config.limits, &key).await?;
    tx.emit(Topic::ProductKeyRevealed, &entitlement);
    Ok(RevealedKey {
        entitlement_id: entitlement.id,
        product_key,
        kind: key.kind,
        version: key.version,
        language: asked.language.clone(),
        bitness: asked.bitness,
        first_revealed_at: key.revealed_at.map_or_else(|| tx.now(), |at| at.and_utc()),
    })
}

/// The key of a purchase, for a choice that its owner has. The first time, the version that is asked for decides which
/// key of the stock it gets (SWK-09); from then on it is always that key.
pub async fn key_for(
    tx: &mut Tx<'_>,
    entitlement: &EntitlementRow,
    config: &Config,
    chosen: &Chosen<'_>,
) -> Result<KeyRow> {
    rules::may_reveal(entitlement)?;
    all_or((), Rights::of(tx.db(), entitlement).await?.faults(chosen))?;
    reveal_limits::admit(tx, &config.limits).await?;
    match store::key_of(tx.db(), &entitlement.id).await? {
        Some(key) if key.version == chosen.version => Ok(key),
        Some(key) => Err(Error::new(Code::KeyAlreadyAssigned).with("version", key.version)),
        None => {
            must_be_kept(tx.db(), entitlement).await?;
            assign(tx, entitlement, config, chosen).await
        }
    }
}

/// Refuses what is being given back (REF-06).
pub async fn must_be_kept(db: &mut Db<'_>, entitlement: &EntitlementRow) -> Result<()> {
    rules::is_not_given_back(refunds::live_of_line(db, &entitlement.order_line_id).await?)
}

/// Whether a key may be seen: of what is being given back only one that was seen before.
pub async fn may_see(db: &mut Db<'_>, entitlement: &EntitlementRow, key: &KeyRow) -> Result<()> {
    match key.state {
        KeyState::Assigned => must_be_kept(db, entitlement).await,
        _ => Ok(()),
    }
}

/// Takes a key out of the stock and seals it anew for its partner.
async fn assign(tx: &mut Tx<'_>, entitlement: &EntitlementRow, config: &Config, chosen: &Chosen<'_>) -> Result<KeyRow> {
    let Some(mut key) = stock::next_in_stock(tx.db(), &entitlement.product_id, chosen.version).await? else {
        let in_stock = stock::versions_in_stock(tx.db(), &entitlement.product_id).await?;
        return Err(Error::new(Code::AwaitingStock).with("inStock", in_stock));
    };
    let clear = tx.vault().open(&key.sealed, place(&key.id, STOCK))?;
    key.sealed = tx.vault().seal(&clear, place(&key.id, &entitlement.partner_id))?;
    key.owner.clone_from(&entitlement.partner_id);
    key.entitlement_id = Some(entitlement.id.clone());
    key.state = KeyState::Assigned;
    key.language = Some(chosen.language.to_owned());
    key.bitness = Some(chosen.bitness);
    store::issue(tx, &key).await?;
    store::touch(tx, &entitlement.id).await?;
    stock::tell_when_version_is_low(tx, config.software.low_stock, &key.product_id, &key.version).await?;
    Ok(key)
}

/// Writes down that a key was seen for the first time.
pub async fn see(tx: &mut Tx<'_>, key: &mut KeyRow) -> Result<()> {
    if key.state != KeyState::Assigned {
        return Ok(());
    }
    key.state = KeyState::Revealed;
    key.revealed_at = Some(tx.now().naive_utc());
    store::issue(tx, key).await?;
    match &key.entitlement_id {
        Some(id) => store::touch(tx, id).await,
        None => Ok(()),
    }
}

/// Where a key stands in the vault.
pub fn place<'a>(key_id: &'a str, owner: &'a str) -> Place<'a> {
    Place { column: "product_keys.sealed", row: key_id, owner }
}

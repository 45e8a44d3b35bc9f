//! The reveal: the one way in which a product key leaves the house (SWK-03).

use super::model::{EntitlementRow, KeyRow, KeyState, RevealKey, RevealedKey};
use super::{reveal_limits, rules, store};
use crate::access::Viewer;
use crate::catalog;
use crate::config::LimitConfig;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::IfMatch;
use crate::topic::Topic;
use crate::vault::{Place, STOCK};

/// Shows the key of a purchase. The first time, the version that is asked for decides which key of the stock it gets
/// (SWK-09); from then on it is always that key.
pub async fn reveal(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: &str,
    limits: &LimitConfig,
    if_match: &IfMatch,
    asked: &RevealKey,
) -> Result<RevealedKey> {
    let entitlement = store::find(viewer, tx.db(), id).await?;
    if_match.honour(entitlement.version)?;
    rules::may_reveal(&entitlement)?;
    let media = catalog::media_of(tx.db(), &entitlement.product_id).await?;
    rules::combination(asked, &media)?;
    reveal_limits::admit(tx, limits).await?;
    let key = match store::key_of(tx.db(), &entitlement.id).await? {
        Some(key) if key.version == asked.version => key,
        Some(key) => return Err(Error::new(Code::KeyAlreadyAssigned).with("version", key.version)),
        None => assign(tx, &entitlement, asked).await?,
    };
    let product_key = tx.vault().open_text(&key.sealed, place(&key.id, &key.owner))?;
    tx.because(&asked.reason);
    reveal_limits::count(tx, limits, &key).await?;
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

/// Takes a key out of the stock and seals it anew for its partner.
async fn assign(tx: &mut Tx<'_>, entitlement: &EntitlementRow, asked: &RevealKey) -> Result<KeyRow> {
    let Some(mut key) = store::next_in_stock(tx.db(), &entitlement.product_id, &asked.version).await? else {
        let in_stock = store::versions_in_stock(tx.db(), &entitlement.product_id).await?;
        return Err(Error::new(Code::AwaitingStock).with("inStock", in_stock));
    };
    let clear = tx.vault().open(&key.sealed, place(&key.id, STOCK))?;
    key.sealed = tx.vault().seal(&clear, place(&key.id, &entitlement.partner_id))?;
    key.owner.clone_from(&entitlement.partner_id);
    key.entitlement_id = Some(entitlement.id.clone());
    key.state = KeyState::Revealed;
    key.revealed_at = Some(tx.now().naive_utc());
    store::issue(tx, &key).await?;
    store::touch(tx, &entitlement.id).await?;
    Ok(key)
}

/// Where a key stands in the vault.
pub fn place<'a>(key_id: &'a str, owner: &'a str) -> Place<'a> {
    Place { column: "product_keys.sealed", row: key_id, owner }
}

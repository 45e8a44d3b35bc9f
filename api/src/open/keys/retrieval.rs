//! Keys come to be had with the agreement's signature, and are shown like every other key: with a reason, audited, inside
//! the daily limits (OPN-03, SWK-03).

use super::model::{OpenKeyRow, OpenKeyState, RetrieveOpenKey, RetrievedOpenKey};
use super::{rules, store};
use crate::access::Viewer;
use crate::config::LimitConfig;
use crate::db::write::Tx;
use crate::error::Result;
use crate::http::IfMatch;
use crate::open::agreements;
use crate::software;
use crate::topic::Topic;

/// The agreement is signed: its keys may be retrieved.
pub async fn release(tx: &mut Tx<'_>, agreement_id: &str) -> Result<()> {
    for mut key in store::awaiting_signature(tx.db(), agreement_id).await? {
        key.state = OpenKeyState::Available;
        store::update(tx, &mut key).await?;
        tx.emit(Topic::OpenKeyAvailable, &key);
    }
    Ok(())
}

/// Shows a key to whoever may have it.
pub async fn retrieve(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: &str,
    limits: &LimitConfig,
    if_match: &IfMatch,
    asked: &RetrieveOpenKey,
) -> Result<RetrievedOpenKey> {
    let mut key: OpenKeyRow = store::find(viewer, tx.db(), id).await?;
    rules::may_retrieve(&key, viewer)?;
    if_match.honour(key.version)?;
    let agreement = agreements::get(tx.db(), &key.agreement_id).await?;
    let product_key_id = rules::retrievable(&key, &agreement)?.to_owned();
    let product_key = software::show_open_key(tx, limits, &product_key_id, &asked.reason).await?;
    let now = tx.now();
    let first_retrieved_at = key.retrieved_at.map_or(now, |at| at.and_utc());
    if key.retrieved_at.is_none() {
        key.state = OpenKeyState::Retrieved;
        key.retrieved_at = Some(now.naive_utc());
        store::update(tx, &mut key).await?;
    }
    tx.emit(Topic::OpenKeyRetrieved, &key);
    Ok(RetrievedOpenKey {
        open_key_id: key.id,
        product_key,
        offer_id: key.offer_id,
        quantity: key.quantity,
        first_retrieved_at,
    })
}

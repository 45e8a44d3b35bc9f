//! What becomes of a share: it is made, opened so many times, and taken back.

use super::model::{CreateKeyShare, KeyShare, KeyShareLink, ShareRow};
use super::store;
use crate::access::Viewer;
use crate::config::Config;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result};
use crate::http::IfMatch;
use crate::messages::{Language, Text};
use crate::personal_link::{PersonalLink, digest_of};
use crate::software::lifetime::{HandOutState, must_know_the_risk};
use crate::software::model::{EntitlementRow, KeyState};
use crate::software::reveal::{key_for, may_see, must_be_kept, place, see};
use crate::software::{reveal_limits, store as purchases};
use crate::topic::Topic;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

const HOURS: i64 = 72;

/// Makes a share. The key is taken out of the stock now, so that a customer's click finds one; and it counts as seen by
/// who makes the share, so that shares are no way around the limits.
pub async fn create(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    entitlement_id: &str,
    config: &Config,
    if_match: &IfMatch,
    asked: &CreateKeyShare,
    language: Language,
) -> Result<KeyShareLink> {
    let entitlement = purchases::find(viewer, tx.db(), entitlement_id).await?;
    if_match.honour(entitlement.version)?;
    must_know_the_risk(asked.acknowledge_risk)?;
    let key = key_for(tx, &entitlement, config, &asked.chosen()).await?;
    must_be_kept(tx.db(), &entitlement).await?;
    reveal_limits::count(tx, &config.limits, &key).await?;
    let link = PersonalLink::new()?;
    let row = ShareRow {
        id: tx.id(),
        partner_id: entitlement.partner_id.clone(),
        partner_of_record_id: entitlement.partner_of_record_id.clone(),
        customer_id: entitlement.customer_id.clone(),
        entitlement_id: entitlement.id.clone(),
        digest: link.digest,
        reason: asked.reason.clone(),
        language: asked.language.clone(),
        bitness: asked.bitness,
        openings: 0,
        most_openings: asked.most_openings.unwrap_or(1),
        version: 1,
        created_at: tx.now().naive_utc(),
        expires_at: (tx.now() + TimeDelta::hours(asked.hours.unwrap_or(HOURS))).naive_utc(),
        last_opened_at: None,
        withdrawn_at: None,
    };
    store::insert(tx, &row).await?;
    tx.because(&asked.reason);
    tx.emit(Topic::KeyShareCreated, &row);
    Ok(KeyShareLink {
        id: row.id.clone(),
        link: format!("{}/s/{}", config.public_url, link.token.expose_secret()),
        warning: Text::of("key_share_warning").title(language),
        share: KeyShare::of(row, HandOutState::Active),
    })
}

/// Takes a share back: it opens no more, and the answer that showed its link is forgotten. Twice is as once.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    entitlement_id: &str,
    id: &str,
    if_match: &IfMatch,
) -> Result<()> {
    let entitlement = purchases::find(viewer, tx.db(), entitlement_id).await?;
    let mut share = store::find(tx.db(), &entitlement, id).await?;
    if_match.honour(share.version)?;
    if share.withdrawn_at.is_none() {
        share.withdrawn_at = Some(tx.now().naive_utc());
        store::update(tx, &mut share).await?;
        tx.forget_answers(&format!("key_share:{}", share.id)).await?;
        tx.emit(Topic::KeyShareWithdrawn, &share);
    }
    Ok(())
}

/// A share with its purchase.
pub struct Shared {
    /// The share.
    pub share: ShareRow,
    /// The purchase.
    pub entitlement: EntitlementRow,
}

impl Shared {
    /// The share of a token.
    pub async fn find(db: &mut Db<'_>, token: &str) -> Result<Self> {
        let share = store::by_digest(db, &digest_of(token)).await?;
        let entitlement = purchases::find(&Viewer::Operator, db, &share.entitlement_id).await?;
        Ok(Self { share, entitlement })
    }
}

/// An opening: the key, and what is left.
pub struct Opened {
    /// What was opened.
    pub shared: Shared,
    /// The key in clear.
    pub product_key: SecretString,
    /// For which version.
    pub version: String,
}

/// Opens a share: one of its openings is used up with the key being shown.
pub async fn open(tx: &mut Tx<'_>, token: &str) -> Result<Opened> {
    let Shared { mut share, entitlement } = Shared::find(tx.db(), token).await?;
    share.lifetime().must_be_active(&entitlement, tx.now())?;
    let Some(mut key) = purchases::key_of(tx.db(), &entitlement.id).await? else {
        return Err(Error::internal(format!("the share {} has no key", share.id)));
    };
    if key.state == KeyState::Revoked {
        return Err(Error::new(Code::KeyRevoked).with("revokedAt", key.revoked_at.map(|at| at.and_utc())));
    }
    may_see(tx.db(), &entitlement, &key).await?;
    let product_key = tx.vault().open_text(&key.sealed, place(&key.id, &key.owner))?.into();
    see(tx, &mut key).await?;
    share.openings += 1;
    share.last_opened_at = Some(tx.now().naive_utc());
    store::update(tx, &mut share).await?;
    tx.because(&share.reason);
    tx.emit(Topic::KeyShareOpened, &share);
    tx.emit(Topic::ProductKeyRevealed, &entitlement);
    Ok(Opened { shared: Shared { share, entitlement }, product_key, version: key.version })
}

//! What becomes of a download link: it is made, used so many times, and taken back.

use super::model::{CreateDownloadLink, DownloadLink, DownloadLinkMade, LinkRow, MediaFileRow};
use super::{store, token};
use crate::access::Viewer;
use crate::config::Config;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Result, all_or};
use crate::http::IfMatch;
use crate::messages::{Language, Text};
use crate::software::choice::Rights;
use crate::software::lifetime::{HandOutState, must_know_the_risk};
use crate::software::model::EntitlementRow;
use crate::software::reveal::must_be_kept;
use crate::software::{rules, store as purchases};
use crate::topic::Topic;
use chrono::{SubsecRound, TimeDelta};

const HOURS: i64 = 24;
const DOWNLOADS: i64 = 3;
/// How many times the size of its file one download may be gone on with, before that counts as another: a bad line breaks
/// often, and programs that load parts side by side ask once for each, often for all the rest: sixteen of them ask for
/// seven and a half times the file. Bytes are counted as they are asked for: many small parts are one download, and all
/// but the first byte is nearly a whole one.
const CONTINUED: i64 = 10;

/// Makes a link.
pub async fn create(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    entitlement_id: &str,
    config: &Config,
    if_match: &IfMatch,
    asked: &CreateDownloadLink,
    language: Language,
) -> Result<DownloadLinkMade> {
    let entitlement = purchases::find(viewer, tx.db(), entitlement_id).await?;
    if_match.honour(entitlement.version)?;
    must_know_the_risk(asked.acknowledge_risk)?;
    rules::may_reveal(&entitlement)?;
    must_be_kept(tx.db(), &entitlement).await?;
    all_or((), Rights::of(tx.db(), &entitlement).await?.faults(&asked.chosen()))?;
    let product = &entitlement.product_id;
    let file = store::file(tx.db(), product, &asked.version, &asked.language, asked.bitness).await?;
    let file = file.ok_or_else(|| Error::new(Code::MediaNotAvailable))?;
    // To the second, like the signature.
    let expires_at = (tx.now() + TimeDelta::hours(asked.hours.unwrap_or(HOURS))).trunc_subsecs(0);
    let row = LinkRow {
        id: tx.id(),
        partner_id: entitlement.partner_id.clone(),
        partner_of_record_id: entitlement.partner_of_record_id.clone(),
        customer_id: entitlement.customer_id.clone(),
        entitlement_id: entitlement.id.clone(),
        product_id: entitlement.product_id.clone(),
        product_version: asked.version.clone(),
        language: asked.language.clone(),
        bitness: asked.bitness,
        downloads: 0,
        most_downloads: asked.most_downloads.unwrap_or(DOWNLOADS),
        continued_bytes: 0,
        version: 1,
        created_at: tx.now().naive_utc(),
        expires_at: expires_at.naive_utc(),
        last_used_at: None,
        withdrawn_at: None,
    };
    store::insert(tx, &row).await?;
    tx.emit(Topic::DownloadLinkCreated, &row);
    Ok(DownloadLinkMade {
        id: row.id.clone(),
        link: format!("{}/d/{}", config.public_url, token::sign(tx.vault(), &row.id, expires_at)?),
        warning: Text::of("download_link_warning").title(language),
        download: DownloadLink::of(row, Some(&file), HandOutState::Active),
    })
}

/// Takes a link back. Twice is as once.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    entitlement_id: &str,
    id: &str,
    if_match: &IfMatch,
) -> Result<()> {
    let entitlement = purchases::find(viewer, tx.db(), entitlement_id).await?;
    let mut link = store::find(tx.db(), &entitlement, id).await?;
    if_match.honour(link.version)?;
    if link.withdrawn_at.is_none() {
        link.withdrawn_at = Some(tx.now().naive_utc());
        store::update(tx, &mut link).await?;
        tx.forget_answers(&format!("download_link:{}", link.id)).await?;
        tx.emit(Topic::DownloadLinkWithdrawn, &link);
    }
    Ok(())
}

/// A link with its purchase and its file.
pub struct Found {
    /// The link.
    pub link: LinkRow,
    /// The purchase.
    pub entitlement: EntitlementRow,
    /// The file, where it is still listed.
    pub file: Option<MediaFileRow>,
}

impl Found {
    /// What a link leads to.
    pub async fn of(db: &mut Db<'_>, id: &str) -> Result<Self> {
        let link = store::signed(db, id).await?;
        let entitlement = purchases::find(&Viewer::Operator, db, &link.entitlement_id).await?;
        let file = store::file(db, &link.product_id, &link.product_version, &link.language, link.bitness).await?;
        Ok(Self { link, entitlement, file })
    }
}

/// Which part of the file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From its first byte: a download begins.
    Beginning,
    /// From a later one, so many bytes: a download goes on.
    Rest(i64),
}

/// Counts a use: a download that begins, or one that goes on. What goes on needs one that began, and can do so even when
/// no more may begin; but only for so many bytes, so that nobody loads all but the first byte for nothing.
pub async fn count(tx: &mut Tx<'_>, id: &str, part: Part) -> Result<()> {
    let Found { mut link, entitlement, file } = Found::of(tx.db(), id).await?;
    let state = link.lifetime().state(&entitlement, tx.now());
    let allowed = file.map_or(0, |file| file.size_bytes).saturating_mul(CONTINUED).saturating_mul(link.downloads);
    let continued = match part {
        Part::Beginning => None,
        Part::Rest(bytes) => Some(link.continued_bytes.saturating_add(bytes)).filter(|continued| *continued <= allowed),
    };
    if let Some(continued) = continued.filter(|_| matches!(state, HandOutState::Active | HandOutState::UsedUp)) {
        link.continued_bytes = continued;
    } else {
        link.lifetime().must_be_active(&entitlement, tx.now())?;
        // What may be given back is not loaded meanwhile (REF-06); what was begun may come to its end.
        must_be_kept(tx.db(), &entitlement).await?;
        link.downloads += 1;
        tx.emit(Topic::DownloadLinkUsed, &link);
    }
    link.last_used_at = Some(tx.now().naive_utc());
    tx.about("download_link", &link.id);
    store::update(tx, &mut link).await
}

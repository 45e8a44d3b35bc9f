//! Queries over download links and the files behind them. Links of a purchase are for whoever sees the purchase.

use super::model::{LinkRow, MediaFileRow};
use crate::catalog::Bitness;
use crate::db::Db;
use crate::db::schema::{download_links, media_files};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::on;
use crate::software::model::EntitlementRow;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// A page of the links of a purchase that was found.
pub async fn list(db: &mut Db<'_>, entitlement: &EntitlementRow, page: &Page) -> Result<Vec<LinkRow>> {
    Ok(on!(db, c => download_links::table
        .filter(download_links::entitlement_id.eq(&entitlement.id))
        .filter(download_links::id.gt(page.after()))
        .order(download_links::id.asc())
        .limit(page.rows())
        .select(LinkRow::as_select())
        .load(c))?)
}

/// A link of a purchase that was found.
pub async fn find(db: &mut Db<'_>, entitlement: &EntitlementRow, id: &str) -> Result<LinkRow> {
    on!(db, c => download_links::table
        .filter(download_links::id.eq(id))
        .filter(download_links::entitlement_id.eq(&entitlement.id))
        .select(LinkRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("download_link"))
}

/// The link that a token names.
pub async fn signed(db: &mut Db<'_>, id: &str) -> Result<LinkRow> {
    on!(db, c => download_links::table.find(id).select(LinkRow::as_select()).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("download_link"))
}

/// Adds a link.
pub async fn insert(tx: &mut Tx<'_>, row: &LinkRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(download_links::table).values(row).execute(c))?;
    Ok(())
}

/// Writes what became of a link; its version counts.
pub async fn update(tx: &mut Tx<'_>, row: &mut LinkRow) -> Result<()> {
    row.version += 1;
    on!(tx.db(), c => diesel::update(download_links::table.find(&row.id))
        .set((
            download_links::downloads.eq(row.downloads),
            download_links::continued_bytes.eq(row.continued_bytes),
            download_links::last_used_at.eq(row.last_used_at),
            download_links::withdrawn_at.eq(row.withdrawn_at),
            download_links::version.eq(row.version),
        ))
        .execute(c))?;
    Ok(())
}

/// Forgets the answers that show links of a purchase which is over (PLT-02).
pub async fn forget_answers_of(tx: &mut Tx<'_>, entitlement_id: &str) -> Result<()> {
    let ids: Vec<String> = on!(tx.db(), c => download_links::table
        .filter(download_links::entitlement_id.eq(entitlement_id))
        .select(download_links::id)
        .load(c))?;
    for id in ids {
        tx.forget_answers(&format!("download_link:{id}")).await?;
    }
    Ok(())
}

/// The files of a product that these links may lead to.
pub async fn files_of(db: &mut Db<'_>, product_id: &str, links: &[LinkRow]) -> Result<Vec<MediaFileRow>> {
    let versions = links.iter().map(|link| &link.product_version);
    let languages = links.iter().map(|link| &link.language);
    Ok(on!(db, c => media_files::table
        .filter(media_files::product_id.eq(product_id))
        .filter(media_files::version.eq_any(versions.clone()))
        .filter(media_files::language.eq_any(languages.clone()))
        .select(MediaFileRow::as_select())
        .load(c))?)
}

/// The file of a combination, where there is one.
pub async fn file(
    db: &mut Db<'_>,
    product_id: &str,
    version: &str,
    language: &str,
    bitness: Bitness,
) -> Result<Option<MediaFileRow>> {
    Ok(on!(db, c => media_files::table
        .filter(media_files::product_id.eq(product_id))
        .filter(media_files::version.eq(version))
        .filter(media_files::language.eq(language))
        .filter(media_files::bitness.eq(bitness))
        .select(MediaFileRow::as_select())
        .first(c))
    .optional()?)
}

/// Lists a file; of the same combination the newest counts.
pub async fn keep_file(tx: &mut Tx<'_>, row: &MediaFileRow) -> Result<()> {
    on!(tx.db(), c => diesel::insert_into(media_files::table)
        .values(row)
        .on_conflict((media_files::product_id, media_files::version, media_files::language, media_files::bitness))
        .do_update()
        .set((
            media_files::path.eq(&row.path),
            media_files::size_bytes.eq(row.size_bytes),
            media_files::sha256.eq(&row.sha256),
            media_files::listed_at.eq(row.listed_at),
        ))
        .execute(c))?;
    Ok(())
}

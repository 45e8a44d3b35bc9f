//! Queries over files.

use super::model::{AboutKind, Attachment, AttachmentHead, AttachmentRow};
use super::rules::Checked;
use crate::db::Db;
use crate::db::schema::attachments;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use crate::vault::Place;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

/// Where a file's bytes stand in the vault.
pub(super) fn place<'a>(id: &'a str, partner_id: &'a str) -> Place<'a> {
    Place { column: "attachments.sealed", row: id, owner: partner_id }
}

/// Keeps files, sealed.
pub async fn keep(tx: &mut Tx<'_>, kind: AboutKind, about: &str, partner_id: &str, files: &[Checked]) -> Result<()> {
    for file in files {
        let id = tx.id();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &file.bytes);
        let row = AttachmentRow {
            sealed: tx.vault().seal(&file.bytes, place(&id, partner_id))?,
            id,
            about_kind: kind,
            about_id: about.to_owned(),
            partner_id: partner_id.to_owned(),
            file_name: file.file_name.clone(),
            content_type: file.content_type,
            bytes: i64::try_from(file.bytes.len()).map_err(Error::internal)?,
            sha256: digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
            created_at: tx.now().naive_utc(),
        };
        on!(tx.db(), c => diesel::insert_into(attachments::table).values(&row).execute(c))?;
    }
    Ok(())
}

/// The files of several things, oldest first, each with what it belongs to. Whoever asks has found those things.
pub async fn of_all(db: &mut Db<'_>, about: &[&str]) -> Result<Vec<(String, Attachment)>> {
    let heads: Vec<AttachmentHead> = on!(db, c => attachments::table
        .filter(attachments::about_id.eq_any(about))
        .order(attachments::id.asc())
        .select(AttachmentHead::as_select())
        .load(c))?;
    Ok(heads.into_iter().map(|head| (head.about_id.clone(), Attachment::from(head))).collect())
}

/// The file with this id of a thing of this kind. Whether the caller may see that thing is for the thing to say.
pub async fn find(db: &mut Db<'_>, kind: AboutKind, id: &str) -> Result<AttachmentRow> {
    on!(db, c => attachments::table
        .filter(attachments::id.eq(id))
        .filter(attachments::about_kind.eq(kind))
        .select(AttachmentRow::as_select())
        .first(c))
    .optional()?
    .ok_or_else(|| Error::not_found("attachment"))
}

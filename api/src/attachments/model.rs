//! The types of files.

use super::store::place;
use crate::db::schema::attachments;
use crate::error::Result;
use crate::http::Resource;
use crate::vault::Vault;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// What a file may be.
    pub enum AttachmentType {
        /// A PDF document.
        Pdf = "application/pdf",
        /// A PNG image.
        Png = "image/png",
        /// A JPEG image.
        Jpeg = "image/jpeg",
    }
}

impl AttachmentType {
    /// Every type that is taken.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Png, Self::Jpeg];
}

crate::word_enum! {
    /// What a file belongs to.
    pub enum AboutKind {
        /// A validation for the government cloud.
        GccValidation = "gccValidation",
        /// A refund.
        Refund = "refund",
    }
}

/// A file that is handed in. It is stored encrypted.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAttachment {
    /// What it is called.
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120, example = "carta-de-la-agencia.pdf")]
    pub file_name: String,
    /// What it is; its bytes must say the same.
    pub content_type: AttachmentType,
    /// Its bytes in base64 (RFC 4648 §4): up to 360 000 bytes. All files of a request share its limit of 1 MiB.
    #[validate(length(min = 1, max = 480_000))]
    #[schema(min_length = 1, max_length = 480_000, example = "JVBERi0xLjcK")]
    pub content: String,
}

/// A row of `attachments`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct AttachmentRow {
    /// Id.
    pub id: String,
    /// The kind of what it belongs to.
    pub about_kind: AboutKind,
    /// What it belongs to.
    pub about_id: String,
    /// Who handed it in.
    pub partner_id: String,
    /// What it is called.
    pub file_name: String,
    /// What its bytes say that it is.
    pub content_type: AttachmentType,
    /// How many they are.
    pub bytes: i64,
    /// Their digest, in hexadecimal.
    pub sha256: String,
    /// The bytes, sealed.
    pub sealed: String,
    /// When it was handed in.
    pub created_at: NaiveDateTime,
}

/// What is told of a file without its bytes: the columns but the sealed one.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = attachments)]
pub struct AttachmentHead {
    /// Id.
    pub id: String,
    /// What it belongs to.
    pub about_id: String,
    /// What it is called.
    pub file_name: String,
    /// What it is.
    pub content_type: AttachmentType,
    /// How many bytes.
    pub bytes: i64,
    /// Their digest.
    pub sha256: String,
    /// When it was handed in.
    pub created_at: NaiveDateTime,
}

/// A file that was handed in, without its bytes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// What it is called.
    #[schema(max_length = 120, example = "carta-de-la-agencia.pdf")]
    pub file_name: String,
    /// What it is.
    pub content_type: AttachmentType,
    /// How many bytes.
    #[schema(minimum = 1, example = 48_213)]
    pub size: i64,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schema(max_length = 64)]
    pub sha256: String,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
}

impl From<AttachmentHead> for Attachment {
    fn from(head: AttachmentHead) -> Self {
        Self {
            id: head.id,
            file_name: head.file_name,
            content_type: head.content_type,
            size: head.bytes,
            sha256: head.sha256,
            created_at: head.created_at.and_utc(),
        }
    }
}

/// A file that was handed in, with its bytes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentFile {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// What it is called.
    #[schema(max_length = 120, example = "carta-de-la-agencia.pdf")]
    pub file_name: String,
    /// What it is.
    pub content_type: AttachmentType,
    /// How many bytes.
    #[schema(minimum = 1)]
    pub size: i64,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schema(max_length = 64)]
    pub sha256: String,
    /// Its bytes in base64.
    #[schema(max_length = 480_000)]
    pub content: String,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
}

impl AttachmentFile {
    /// Opens what is stored.
    pub fn open(vault: &Vault, row: AttachmentRow) -> Result<Self> {
        let bytes = vault.open(&row.sealed, place(&row.id, &row.partner_id))?;
        Ok(Self {
            content: STANDARD.encode(bytes),
            id: row.id,
            file_name: row.file_name,
            content_type: row.content_type,
            size: row.bytes,
            sha256: row.sha256,
            created_at: row.created_at.and_utc(),
        })
    }
}

impl Resource for AttachmentFile {
    /// A file never changes.
    fn version(&self) -> Option<i64> {
        Some(1)
    }
}

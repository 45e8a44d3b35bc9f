//! The types of downloads.

use crate::catalog::Bitness;
use crate::db::schema::{download_links, media_files};
use crate::db::write::Subject;
use crate::http::Resource;
use crate::software::choice::Chosen;
use crate::software::lifetime::{HandOutState, Lifetime};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A row of `media_files`: the file that one combination is downloaded as.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = media_files, treat_none_as_default_value = false)]
pub struct MediaFileRow {
    /// The product.
    pub product_id: String,
    /// Version.
    pub version: String,
    /// Language.
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// Where it lies, below the media directory or in the bucket.
    pub path: String,
    /// How large it is.
    pub size_bytes: i64,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// When it was listed.
    pub listed_at: NaiveDateTime,
}

impl MediaFileRow {
    /// The name under which it is saved.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A row of `download_links`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = download_links, treat_none_as_default_value = false)]
pub struct LinkRow {
    /// Id; with its end and a signature it is the token.
    pub id: String,
    /// The transacting partner of the purchase.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// Whose software it is.
    pub customer_id: String,
    /// The purchase.
    pub entitlement_id: String,
    /// The product.
    pub product_id: String,
    /// Its version.
    pub product_version: String,
    /// Language.
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// How many downloads were begun.
    pub downloads: i64,
    /// How many may be begun.
    pub most_downloads: i64,
    /// How many bytes were asked for to go on with one.
    pub continued_bytes: i64,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// Until when it can be used.
    pub expires_at: NaiveDateTime,
    /// When it was used last.
    pub last_used_at: Option<NaiveDateTime>,
    /// When it was taken back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl LinkRow {
    /// What ends it.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime {
            used: self.downloads,
            most: self.most_downloads,
            expires_at: self.expires_at,
            withdrawn_at: self.withdrawn_at,
        }
    }

    /// Whether this is its file.
    pub fn is_of(&self, file: &MediaFileRow) -> bool {
        (&file.product_id, &file.version, &file.language, file.bitness)
            == (&self.product_id, &self.product_version, &self.language, self.bitness)
    }
}

impl Subject for LinkRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.partner_of_record_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer_id)
    }
}

/// What to download, and for how long.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateDownloadLink {
    /// Version; see `GET /v1/entitlements/{id}/media`.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "2022")]
    pub version: String,
    /// Language.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20, example = "es")]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// For how many hours it can be used; 24 unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 168))]
    #[schema(minimum = 1, maximum = 168, nullable = false, example = 24)]
    pub hours: Option<i64>,
    /// How many downloads may be begun; 3 unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, nullable = false, example = 3)]
    pub most_downloads: Option<i64>,
    /// That you know: whoever holds the link can download the software (SWK-11).
    pub acknowledge_risk: bool,
}

impl CreateDownloadLink {
    /// What is chosen.
    pub fn chosen(&self) -> Chosen<'_> {
        Chosen { version: &self.version, language: &self.language, bitness: self.bitness, kind: None }
    }
}

/// A link under which software is downloaded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadLink {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The purchase.
    #[schema(format = Uuid, max_length = 36)]
    pub entitlement_id: String,
    /// Where it stands.
    pub state: HandOutState,
    /// Version.
    #[schema(max_length = 50, example = "2022")]
    pub version: String,
    /// Language.
    #[schema(max_length = 20, example = "es")]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// The name of the file; null where it is not there any more, like the next two.
    #[schema(max_length = 500, example = "windows-server-2022-es.iso")]
    pub file_name: Option<String>,
    /// The size of the file, in bytes.
    #[schema(minimum = 1)]
    pub size_bytes: Option<i64>,
    /// The SHA-256 of the file, in hex.
    #[schema(max_length = 64)]
    pub sha256: Option<String>,
    /// How many downloads were begun. What goes on with one (`Range`) is not another, up to ten times the file's size.
    #[schema(minimum = 0, maximum = 100)]
    pub downloads: i64,
    /// How many may be begun.
    #[schema(minimum = 1, maximum = 100)]
    pub most_downloads: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it was used last.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    row_version: i64,
}

impl DownloadLink {
    /// From the rows.
    pub fn of(row: LinkRow, file: Option<&MediaFileRow>, state: HandOutState) -> Self {
        Self {
            id: row.id,
            entitlement_id: row.entitlement_id,
            state,
            version: row.product_version,
            language: row.language,
            bitness: row.bitness,
            file_name: file.map(|file| file.name().to_owned()),
            size_bytes: file.map(|file| file.size_bytes),
            sha256: file.map(|file| file.sha256.clone()),
            downloads: row.downloads,
            most_downloads: row.most_downloads,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            last_used_at: row.last_used_at.map(|at| at.and_utc()),
            withdrawn_at: row.withdrawn_at.map(|at| at.and_utc()),
            row_version: row.version,
        }
    }
}

/// A new download link with its address, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadLinkMade {
    /// The link's id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The address. Whoever has it can download.
    #[schema(format = Password, max_length = 500)]
    pub link: String,
    /// What handing it on risks, in the caller's language.
    #[schema(max_length = 1000)]
    pub warning: String,
    /// The link.
    pub download: DownloadLink,
}

impl Resource for DownloadLinkMade {
    fn version(&self) -> Option<i64> {
        Some(self.download.row_version)
    }
    fn secret_of(&self) -> Option<String> {
        Some(format!("download_link:{}", self.id))
    }
}

crate::page_of! {
    /// A page of download links, oldest first.
    pub struct DownloadLinkPage of DownloadLink;
}

crate::list_parameters! {
    /// Which download links.
    pub struct ListDownloadLinks {
    }
}

//! The types of key shares.

use crate::catalog::Bitness;
use crate::db::schema::key_shares;
use crate::db::write::Subject;
use crate::http::Resource;
use crate::software::choice::Chosen;
use crate::software::lifetime::{HandOutState, Lifetime};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A row of `key_shares`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = key_shares, treat_none_as_default_value = false)]
pub struct ShareRow {
    /// Id.
    pub id: String,
    /// The transacting partner of the purchase.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// Whose software it is.
    pub customer_id: String,
    /// The purchase.
    pub entitlement_id: String,
    /// What the token is found by; the token itself is not kept.
    pub digest: String,
    /// Why it was made.
    pub reason: String,
    /// The language that was chosen.
    pub language: String,
    /// The bitness that was chosen.
    pub bitness: Bitness,
    /// How often it was opened.
    pub openings: i64,
    /// How often it may be opened.
    pub most_openings: i64,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// Until when it opens.
    pub expires_at: NaiveDateTime,
    /// When it was opened last.
    pub last_opened_at: Option<NaiveDateTime>,
    /// When it was taken back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl ShareRow {
    /// What ends it.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime {
            used: self.openings,
            most: self.most_openings,
            expires_at: self.expires_at,
            withdrawn_at: self.withdrawn_at,
        }
    }
}

impl Subject for ShareRow {
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

/// Which key to share, and for how long.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateKeyShare {
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
    /// For how many hours it opens; 72 unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 720))]
    #[schema(minimum = 1, maximum = 720, nullable = false, example = 48)]
    pub hours: Option<i64>,
    /// How often the key may be shown; once unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, nullable = false, example = 2)]
    pub most_openings: Option<i64>,
    /// That you know: whoever holds the link can see the key, and use or sell it (SWK-11).
    pub acknowledge_risk: bool,
    /// Why the key is shared; kept in the audit record (SWK-03).
    #[validate(length(min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500, example = "El cliente instala él mismo")]
    pub reason: String,
}

impl CreateKeyShare {
    /// What is chosen.
    pub fn chosen(&self) -> Chosen<'_> {
        Chosen { version: &self.version, language: &self.language, bitness: self.bitness, kind: None }
    }
}

/// A link that shows a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyShare {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The purchase whose key it shows.
    #[schema(format = Uuid, max_length = 36)]
    pub entitlement_id: String,
    /// Where it stands.
    pub state: HandOutState,
    /// Language.
    #[schema(max_length = 20, example = "es")]
    pub language: String,
    /// Bitness.
    pub bitness: Bitness,
    /// Why it was made.
    #[schema(max_length = 500)]
    pub reason: String,
    /// How often the key was shown.
    #[schema(minimum = 0, maximum = 100)]
    pub openings: i64,
    /// How often it may be shown.
    #[schema(minimum = 1, maximum = 100)]
    pub most_openings: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it opens.
    pub expires_at: DateTime<Utc>,
    /// When the key was shown last.
    pub last_opened_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

impl KeyShare {
    /// From the row.
    pub fn of(row: ShareRow, state: HandOutState) -> Self {
        Self {
            id: row.id,
            entitlement_id: row.entitlement_id,
            state,
            language: row.language,
            bitness: row.bitness,
            reason: row.reason,
            openings: row.openings,
            most_openings: row.most_openings,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            last_opened_at: row.last_opened_at.map(|at| at.and_utc()),
            withdrawn_at: row.withdrawn_at.map(|at| at.and_utc()),
            version: row.version,
        }
    }
}

/// A new share with its link, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyShareLink {
    /// The share's id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// The address to send to the customer. Whoever has it can see the key.
    #[schema(format = Password, max_length = 500)]
    pub link: String,
    /// What handing it on risks, in the caller's language.
    #[schema(max_length = 1000)]
    pub warning: String,
    /// The share.
    pub share: KeyShare,
}

impl Resource for KeyShareLink {
    fn version(&self) -> Option<i64> {
        Some(self.share.version)
    }
    fn secret_of(&self) -> Option<String> {
        Some(format!("key_share:{}", self.id))
    }
}

crate::page_of! {
    /// A page of shares, oldest first.
    pub struct KeySharePage of KeyShare;
}

crate::list_parameters! {
    /// Which shares.
    pub struct ListKeyShares {
    }
}

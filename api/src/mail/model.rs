//! The types of mail.

use super::letter::Letter;
use crate::db::schema::emails;
use crate::error::{Error, Result};
use crate::profiles::PreferredLanguage;
use crate::vault::{Place, Vault};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// Where a mail stands.
    pub enum EmailState {
        /// To be sent.
        Waiting = "waiting",
        /// Taken by the mail server.
        Sent = "sent",
        /// Given up.
        Failed = "failed",
    }
}

/// A row of `emails`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = emails, treat_none_as_default_value = false)]
pub struct EmailRow {
    /// Id; also its `Message-ID`.
    pub id: String,
    /// The entry of the catalogue.
    pub kind: String,
    /// The address.
    pub recipient: String,
    /// The language of the words.
    pub language: PreferredLanguage,
    /// The words; empty once sent, save in a sandbox.
    pub sealed: String,
    /// Where it stands.
    pub state: EmailState,
    /// When it was asked for, by the business clock.
    pub created_at: NaiveDateTime,
    /// When a mail server took it.
    pub sent_at: Option<NaiveDateTime>,
}

impl EmailRow {
    /// The words.
    pub fn letter(&self, vault: &Vault) -> Result<Letter> {
        let words = vault.open(&self.sealed, place(&self.id))?;
        serde_json::from_slice(&words).map_err(Error::internal)
    }
}

/// Where a mail's words stand in the vault.
pub fn place(id: &str) -> Place<'_> {
    Place { column: "emails.sealed", row: id, owner: "" }
}

/// A mail of the sandbox, as its reader gets it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxEmail {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// What it is about.
    #[schema(max_length = 64, example = "mail_email_verification")]
    pub kind: String,
    /// To whom.
    #[schema(max_length = 254, example = "lucia@panaderiasol.example")]
    pub to: String,
    /// The language it is in.
    pub language: PreferredLanguage,
    /// One line.
    #[schema(max_length = 500)]
    pub subject: String,
    /// The words as plain text.
    #[schema(max_length = 20_000)]
    pub text: String,
    /// The same as HTML.
    #[schema(max_length = 40_000)]
    pub html: String,
    /// Where it stands.
    pub state: EmailState,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

crate::page_of! {
    /// A page of mails.
    pub struct SandboxEmailPage of SandboxEmail;
}

crate::list_parameters! {
    /// Which mails.
    pub struct ListSandboxEmails {
        /// To this address.
        #[validate(length(min = 1, max = 254))]
        #[param(min_length = 1, max_length = 254)]
        pub to: Option<String>,
        /// Of this kind, such as `mail_email_verification`.
        #[validate(length(min = 1, max = 64))]
        #[param(min_length = 1, max_length = 64)]
        pub kind: Option<String>,
    }
}

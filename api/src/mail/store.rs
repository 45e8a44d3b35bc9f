//! Queries over mail.

use super::deliver::SEND;
use super::letter::Mail;
use super::model::{EmailRow, EmailState, place};
use crate::db::Db;
use crate::db::schema::emails;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::jobs::MAIL;
use crate::on;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use serde_json::json;

/// Leaves a mail to be sent after the commit.
pub async fn send(tx: &mut Tx<'_>, mail: &Mail) -> Result<()> {
    let id = tx.id();
    let letter = serde_json::to_vec(&mail.letter()?).map_err(Error::internal)?;
    let row = EmailRow {
        sealed: tx.vault().seal(&letter, place(&id))?,
        id,
        kind: mail.kind.to_owned(),
        recipient: mail.to.clone(),
        language: mail.language,
        state: EmailState::Waiting,
        created_at: tx.now().naive_utc(),
        sent_at: None,
    };
    on!(tx.db(), c => diesel::insert_into(emails::table).values(&row).execute(c))?;
    let lane = mail.to.rsplit_once('@').map_or("", |(_, host)| host).to_lowercase();
    let due_at = tx.machine_now();
    tx.enqueue(SEND, MAIL, &format!("mail:{lane}"), json!(row.id), due_at);
    Ok(())
}

/// The mail with this id. For the house itself.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<Option<EmailRow>> {
    Ok(on!(db, c => emails::table.find(id).select(EmailRow::as_select()).first(c)).optional()?)
}

/// A page of the sandbox's mails. For everybody who can reach the sandbox.
pub async fn list(db: &mut Db<'_>, to: Option<&str>, kind: Option<&str>, page: &Page) -> Result<Vec<EmailRow>> {
    Ok(on!(db, c => {
        let mut rows = emails::table.filter(emails::id.gt(page.after())).into_boxed();
        if let Some(to) = to {
            rows = rows.filter(emails::recipient.eq(to));
        }
        if let Some(kind) = kind {
            rows = rows.filter(emails::kind.eq(kind));
        }
        rows.order(emails::id.asc()).limit(page.rows()).select(EmailRow::as_select()).load(c)
    })?)
}

/// Writes how a mail fared; without its words, where they are not kept.
pub async fn end(tx: &mut Tx<'_>, id: &str, state: EmailState, forget_words: bool) -> Result<()> {
    let sent_at = (state == EmailState::Sent).then(|| tx.machine_now().naive_utc());
    on!(tx.db(), c => diesel::update(emails::table.find(id))
        .set((emails::state.eq(state), emails::sent_at.eq(sent_at)))
        .execute(c))?;
    if forget_words {
        on!(tx.db(), c => diesel::update(emails::table.find(id)).set(emails::sealed.eq("")).execute(c))?;
    }
    Ok(())
}

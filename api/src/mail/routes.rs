//! The mails of a sandbox, for those who try it out.

use super::model::{ListSandboxEmails, SandboxEmail, SandboxEmailPage};
use super::store;
use crate::error::Result;
use crate::http::context::Public;
use crate::http::{Page, Problems, Query};
use crate::state::App;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_sandbox_emails);
}

/// List the mails of the sandbox, sent or about to be.
///
/// With their personal links: what a person would find in the mailbox. Production does not have this operation.
#[utoipa::path(tag = "sandbox", security(()), params(ListSandboxEmails),
    responses((status = 200, description = "A page of mails.", body = SandboxEmailPage), Problems))]
#[get("/v1/sandbox/emails")]
async fn list_sandbox_emails(
    app: App,
    _public: Public,
    query: Query<ListSandboxEmails>,
) -> Result<Json<SandboxEmailPage>> {
    app.only_in_a_sandbox()?;
    let page = Page::for_everybody("list_sandbox_emails", &app.vault, &query)?;
    let mut reader = app.read().await?;
    let rows = store::list(&mut reader.db()?, query.to.as_deref(), query.kind.as_deref(), &page).await?;
    let (rows, next_cursor) = page.cut(&app.vault, rows, |row| &row.id)?;
    let mut items = Vec::new();
    for row in rows {
        let letter = row.letter(&app.vault)?;
        items.push(SandboxEmail {
            id: row.id,
            kind: row.kind,
            to: row.recipient,
            language: row.language,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            state: row.state,
            created_at: row.created_at.and_utc(),
        });
    }
    Ok(Json(SandboxEmailPage { items, next_cursor }))
}

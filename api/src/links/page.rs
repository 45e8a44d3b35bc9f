//! What a person sees who opens the link of an invitation's mail: who asks for what, and how a globalAdmin of the
//! reseller answers by the API (LNK-02), or what has become of it (LNK-12). Nothing can be answered here: whoever holds
//! the link is nobody yet.

use super::model::{InvitationPurpose, InvitationRow, InvitationState};
use super::{rules, store};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::context::Public;
use crate::pages::{Closing, Layout, Piece, closed_page, failed_page, pieces, private_page};
use crate::partners::{self, PartnerRow};
use crate::personal_link;
use crate::state::App;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Mounts the page, outside the document.
pub fn pages(service: &mut web::ServiceConfig) {
    service.service(web::resource("/link-invitations/{token}").route(web::get().to(show)));
}

/// What is asked, and how to answer it.
#[derive(Template)]
#[template(path = "link_invitation.html")]
struct LinkInvitationPage {
    layout: Layout,
    provider: PartnerRow,
    message: Option<String>,
    until: String,
    is_new: bool,
}

impl LinkInvitationPage {
    fn tell(&self, name: &str) -> String {
        let facts = [("company", self.provider.legal_name.as_str()), ("until", self.until.as_str())];
        self.layout.tell(name, &facts)
    }

    /// Words with code in them.
    fn prose(&self, name: &str) -> Vec<Piece> {
        pieces(&self.tell(name))
    }

    /// Words that differ by what is asked for.
    fn of_purpose(&self, name: &str) -> String {
        self.tell(&format!("{name}_{}", if self.is_new { "new" } else { "restore" }))
    }
}

async fn show(app: App, _public: Public, request: HttpRequest) -> Result<HttpResponse> {
    let token = request.match_info().get("token").unwrap_or_default();
    let layout = Layout::asked(&app.config, &request, &format!("/link-invitations/{token}"))?;
    let found = async {
        let mut reader = app.read().await?;
        let mut db = reader.db()?;
        let now = app.now(&mut db).await?;
        let (invitation, provider) = find(&mut db, token).await?;
        Ok::<_, Error>((invitation, provider, now))
    };
    match found.await {
        Ok((invitation, provider, now)) => Ok(shown(layout, invitation, provider, now)),
        Err(error) => failed_page(&request, layout, "link_unknown", error),
    }
}

async fn find(db: &mut Db<'_>, token: &str) -> Result<(InvitationRow, PartnerRow)> {
    if token.len() != personal_link::LENGTH {
        return Err(store::unknown());
    }
    let (link, invitation) = store::by_token(db, token).await?.ok_or_else(store::unknown)?;
    let provider = partners::find(db, &link.provider_id).await?;
    Ok((invitation, provider))
}

fn shown(layout: Layout, invitation: InvitationRow, provider: PartnerRow, now: Instant) -> HttpResponse {
    if rules::answerable(&invitation, now).is_none() {
        let page = LinkInvitationPage {
            until: layout.instant(invitation.expires_at.and_utc()),
            provider,
            message: invitation.message,
            is_new: invitation.purpose == InvitationPurpose::NewLink,
            layout,
        };
        return private_page(StatusCode::OK, page.layout.language, &page);
    }
    let words = match invitation.state {
        InvitationState::Pending | InvitationState::Expired => "link_expired",
        InvitationState::Accepted => "link_used",
        InvitationState::Declined => "link_declined",
        InvitationState::Cancelled => "link_cancelled",
    };
    let ended = match invitation.state {
        InvitationState::Pending | InvitationState::Expired => Some(invitation.expires_at),
        _ => invitation.answered_at,
    };
    let at = ended.map(|at| layout.instant(at.and_utc())).unwrap_or_default();
    let facts = [("company", provider.legal_name.as_str()), ("at", at.as_str())];
    let closing = Closing { words, status: StatusCode::GONE, facts: &facts, parties: Vec::new(), code: "" };
    closed_page(layout, closing)
}

//! What a provider does: it invites, and takes an invitation back (LNK-01, LNK-05).

use super::model::{InvitationPurpose, InvitationRow, InvitationState, InviteIndirectReseller, LinkRow, LinkState};
use super::{rules, store};
use crate::db::write::Tx;
use crate::error::{Error, Result, all_or};
use crate::mail::{self, Mail};
use crate::partners::{self, PartnerKind, PartnerRow, PartnerState};
use crate::personal_link::PersonalLink;
use crate::profiles::PreferredLanguage;
use crate::state::State;
use crate::topic::Topic;
use chrono::TimeDelta;
use secrecy::ExposeSecret;

/// Invites: everything is checked before any mail goes out (LNK-06).
pub async fn invite(
    app: &State,
    tx: &mut Tx<'_>,
    provider_id: &str,
    asked: &InviteIndirectReseller,
) -> Result<LinkRow> {
    let provider = partners::find(tx.db(), provider_id).await?;
    // Who is no provider learns nothing of resellers.
    all_or((), rules::is_kind(&provider, PartnerKind::IndirectProvider).into_iter().collect())?;
    let reseller = match &asked.reseller_id {
        Some(id) => Some(known_reseller(tx, id).await?),
        None => None,
    };
    let live = match &reseller {
        Some(reseller) => store::live_between(tx.db(), &provider.id, &reseller.id).await?,
        None => None,
    };
    let purpose = asked.purpose.unwrap_or(InvitationPurpose::NewLink);
    let now = tx.now();
    let facts = rules::Invite { provider: &provider, reseller: reseller.as_ref(), live: live.as_ref(), purpose, now };
    all_or((), facts.faults())?;
    let link = match live {
        Some(mut link) => {
            // A newer request takes the place of an older one that nobody answered.
            withdraw_pending(tx, &link).await?;
            store::update(tx, &mut link).await?;
            link
        }
        None => {
            let link = LinkRow {
                id: tx.id(),
                provider_id: provider.id.clone(),
                reseller_id: reseller.map(|reseller| reseller.id),
                state: LinkState::Invited,
                admin_access: None,
                version: 1,
                created_at: now.naive_utc(),
                authorized_at: None,
                ended_at: None,
                ended_by: None,
            };
            store::insert(tx, &link).await?;
            link
        }
    };
    send(app, tx, &provider, &link, purpose, asked).await?;
    tx.emit(Topic::IndirectProviderLinkInvited, &link);
    Ok(link)
}

/// The reseller that an invitation names. One that is not active is none: it cannot link (ENR-11), and a stranger
/// learns nothing of its enrolment.
async fn known_reseller(tx: &mut Tx<'_>, id: &str) -> Result<PartnerRow> {
    let unknown = || Error::not_found("reseller");
    let partner = partners::find(tx.db(), id)
        .await
        .map_err(|error| if error.code() == crate::error::Code::NotFound { unknown() } else { error })?;
    let fits = partner.kind == PartnerKind::IndirectReseller && partner.state == PartnerState::Active;
    if fits { Ok(partner) } else { Err(unknown()) }
}

/// Leaves the mail with the personal link, whose secret is kept as a digest only.
async fn send(
    app: &State,
    tx: &mut Tx<'_>,
    provider: &PartnerRow,
    link: &LinkRow,
    purpose: InvitationPurpose,
    asked: &InviteIndirectReseller,
) -> Result<()> {
    let personal = PersonalLink::new()?;
    let until = tx.now() + TimeDelta::days(app.config.links.invitation_days.into());
    let row = InvitationRow {
        id: tx.id(),
        link_id: link.id.clone(),
        purpose,
        state: InvitationState::Pending,
        digest: personal.digest,
        email: asked.email.clone(),
        message: asked.message.clone(),
        created_at: tx.now().naive_utc(),
        expires_at: until.naive_utc(),
        answered_at: None,
        answered_by: None,
        consent_version: None,
        consent_language: None,
        consent_text: None,
    };
    store::insert_invitation(tx, &row).await?;
    let kind = match purpose {
        InvitationPurpose::NewLink => "mail_link_invitation",
        InvitationPurpose::RestoreAdminAccess => "mail_link_restore",
    };
    let url = format!("{}/link-invitations/{}", app.config.public_url, personal.token.expose_secret());
    let message = asked.message.as_ref().map(|message| format!("«{message}»")).unwrap_or_default();
    let mail = Mail::new(kind, &asked.email, asked.language.unwrap_or(PreferredLanguage::Spanish))
        .with("company", provider.legal_name.as_str())
        .with("message", message)
        .with("until", until.format("%Y-%m-%d %H:%M UTC").to_string())
        .link(url.into());
    mail::send(tx, &mail).await
}

/// Takes the newest invitation back; a link that was never authorised goes with it.
pub async fn cancel(tx: &mut Tx<'_>, provider_id: &str, mut link: LinkRow) -> Result<LinkRow> {
    let provider = partners::find(tx.db(), provider_id).await?;
    all_or((), rules::is_kind(&provider, PartnerKind::IndirectProvider).into_iter().collect())?;
    let mut invitation = store::newest_invitation(tx.db(), &link).await?;
    all_or((), rules::answerable(&invitation, tx.now()).into_iter().collect())?;
    close(tx, &mut invitation, InvitationState::Cancelled).await?;
    if link.state == LinkState::Invited {
        link.state = LinkState::Cancelled;
    }
    store::update(tx, &mut link).await?;
    tx.emit(Topic::IndirectProviderLinkCancelled, &link);
    Ok(link)
}

/// Takes back what is still open of a link.
pub async fn withdraw_pending(tx: &mut Tx<'_>, link: &LinkRow) -> Result<()> {
    let mut newest = store::newest_invitation(tx.db(), link).await?;
    if newest.state == InvitationState::Pending {
        close(tx, &mut newest, InvitationState::Cancelled).await?;
    }
    Ok(())
}

/// Writes how an invitation came to its end.
pub async fn close(tx: &mut Tx<'_>, invitation: &mut InvitationRow, state: InvitationState) -> Result<()> {
    invitation.state = state;
    invitation.answered_at = Some(tx.now().naive_utc());
    if !tx.actor().client_id.is_empty() && state != InvitationState::Cancelled {
        invitation.answered_by = Some(tx.actor().client_id.clone());
    }
    store::update_invitation(tx, invitation).await
}

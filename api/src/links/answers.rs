//! What a reseller answers to an invitation, and what it may do afterwards (LNK-02, LNK-05, LNK-10, LNK-12).

use super::consent::{self, ConsentText};
use super::invitations::{close, withdraw_pending};
use super::model::{
    AdminAccess, AuthorizeIndirectProviderLink, InvitationPurpose, InvitationRow, InvitationState, LinkParty, LinkRow,
    LinkState,
};
use super::{rules, store};
use crate::access::Viewer;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::messages::Language;
use crate::partners::{self, PartnerKind, PartnerRow};
use crate::topic::Topic;

/// An invitation that can still be answered, as its holder finds it.
pub struct Asked {
    /// The link.
    pub link: LinkRow,
    /// The invitation.
    pub invitation: InvitationRow,
    /// Who asks.
    pub provider: PartnerRow,
    /// Who holds the token.
    pub reseller: PartnerRow,
    /// What is to be consented to.
    pub text: ConsentText,
    live: Option<LinkRow>,
    now: Instant,
}

impl Asked {
    /// Finds it by its token. `at` is the link that a path names: with another one there is nothing to be found.
    pub async fn find(
        db: &mut Db<'_>,
        token: &str,
        at: Option<&str>,
        reseller_id: &str,
        now: Instant,
        language: Language,
    ) -> Result<Self> {
        let found = store::by_token(db, token).await?;
        let (link, invitation) = found.ok_or_else(|| Error::new(Code::InvitationUnknown))?;
        if at.is_some_and(|id| id != link.id) {
            return Err(store::unknown());
        }
        let reseller = partners::find(db, reseller_id).await?;
        must(rules::is_kind(&reseller, PartnerKind::IndirectReseller))?;
        must(rules::is_for(&link, reseller_id))?;
        must(rules::answerable(&invitation, now))?;
        let provider = partners::find(db, &link.provider_id).await?;
        let live = store::live_between(db, &provider.id, reseller_id).await?;
        let asks = LinkParty {
            id: provider.id.clone(),
            legal_name: provider.legal_name.clone(),
            country: provider.country.clone(),
            partner_location_id: provider.partner_location_id.clone(),
        };
        let text = consent::text(invitation.purpose, now, language, &asks, &reseller.legal_name)?;
        Ok(Self { link, invitation, provider, reseller, text, live, now })
    }

    /// Everything that stands against a yes.
    pub fn faults(&self) -> Vec<Fault> {
        let facts = rules::Authorize {
            reseller: &self.reseller,
            provider: &self.provider,
            link: &self.link,
            purpose: self.invitation.purpose,
            live: self.live.as_ref(),
            now: self.now,
        };
        facts.faults()
    }
}

/// A yes: the link is live, or has its admin access again. Who, when and what was read are kept (LNK-02).
pub async fn authorize(tx: &mut Tx<'_>, asked: Asked, answer: &AuthorizeIndirectProviderLink) -> Result<LinkRow> {
    let consent = rules::consents(answer.consent, answer.consent_version.as_deref(), &asked.text.version);
    all_or((), consent.into_iter().chain(asked.faults()).collect())?;
    let Asked { mut link, mut invitation, reseller, text, .. } = asked;
    invitation.consent_version = Some(text.version);
    invitation.consent_language = Some(text.language);
    invitation.consent_text = Some(text.text);
    close(tx, &mut invitation, InvitationState::Accepted).await?;
    link.admin_access = Some(AdminAccess::Granted);
    let topic = match invitation.purpose {
        InvitationPurpose::NewLink => {
            link.reseller_id = Some(reseller.id);
            link.state = LinkState::Active;
            link.authorized_at = Some(tx.now().naive_utc());
            Topic::IndirectProviderLinkAuthorized
        }
        InvitationPurpose::RestoreAdminAccess => Topic::IndirectProviderLinkAdminAccessRestored,
    };
    store::update(tx, &mut link).await?;
    tx.emit(topic, &link);
    Ok(link)
}

/// The invitation that a no is meant for: by its token, or without one the one that names the reseller.
pub async fn to_decline(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: &str,
    token: Option<&str>,
) -> Result<(LinkRow, InvitationRow)> {
    match token {
        Some(token) => {
            let found = store::by_token(tx.db(), token).await?;
            let (link, invitation) = found.ok_or_else(|| Error::new(Code::InvitationUnknown))?;
            if link.id == id { Ok((link, invitation)) } else { Err(store::unknown()) }
        }
        None => {
            let link = store::find_for(viewer, tx.db(), id).await?;
            let invitation = store::newest_invitation(tx.db(), &link).await?;
            Ok((link, invitation))
        }
    }
}

/// A no. A link that is live stays so: only what was asked of it is declined.
pub async fn decline(
    tx: &mut Tx<'_>,
    reseller_id: &str,
    mut link: LinkRow,
    mut invitation: InvitationRow,
) -> Result<LinkRow> {
    let reseller = partners::find(tx.db(), reseller_id).await?;
    must(rules::is_kind(&reseller, PartnerKind::IndirectReseller))?;
    must(rules::is_for(&link, reseller_id))?;
    must(rules::answerable(&invitation, tx.now()))?;
    close(tx, &mut invitation, InvitationState::Declined).await?;
    if link.state == LinkState::Invited {
        link.reseller_id = Some(reseller.id);
        link.state = LinkState::Declined;
    }
    store::update(tx, &mut link).await?;
    tx.emit(Topic::IndirectProviderLinkDeclined, &link);
    Ok(link)
}

/// Takes the provider's admin access away; the link stays (LNK-05).
pub async fn remove_admin_access(tx: &mut Tx<'_>, reseller_id: &str, mut link: LinkRow) -> Result<LinkRow> {
    let reseller = partners::find(tx.db(), reseller_id).await?;
    must(rules::is_kind(&reseller, PartnerKind::IndirectReseller))?;
    must(rules::access_removed(&link))?;
    link.admin_access = Some(AdminAccess::Removed);
    store::update(tx, &mut link).await?;
    tx.emit(Topic::IndirectProviderLinkAdminAccessRemoved, &link);
    Ok(link)
}

/// Ends a live link, for either side: its customers and their relationships stay (LNK-10).
pub async fn end(tx: &mut Tx<'_>, partner_id: &str, mut link: LinkRow) -> Result<LinkRow> {
    must(rules::ended(&link))?;
    withdraw_pending(tx, &link).await?;
    link.state = LinkState::Ended;
    link.admin_access = Some(AdminAccess::Removed);
    link.ended_at = Some(tx.now().naive_utc());
    link.ended_by = Some(partner_id.to_owned());
    store::update(tx, &mut link).await?;
    tx.emit(Topic::IndirectProviderLinkEnded, &link);
    Ok(link)
}

fn must(fault: Option<Fault>) -> Result<()> {
    all_or((), fault.into_iter().collect())
}

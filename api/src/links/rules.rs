//! What may become of a link. Facts in; faults out, all of them.

use super::model::{AdminAccess, InvitationPurpose, InvitationRow, InvitationState, LinkRow, LinkState};
use super::region;
use crate::clock::Instant;
use crate::error::{Code, Fault};
use crate::partners::{PartnerKind, PartnerRow, PartnerState, is_active};

/// What somebody wants to do through a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// A new order for the reseller's customer.
    NewOrder,
    /// More seats.
    SeatIncrease,
    /// A better plan.
    Upgrade,
    /// The renewal of what was sold.
    Renewal,
    /// Fewer seats.
    SeatDecrease,
    /// The keys of what was sold.
    Keys,
    /// Money back.
    Refund,
}

impl Dealing {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NewOrder,
        Self::SeatIncrease,
        Self::Upgrade,
        Self::Renewal,
        Self::SeatDecrease,
        Self::Keys,
        Self::Refund,
    ];
}

/// What stands against a dealing through a link in this state, none where there never was one: only a live link sells
/// more, but what was sold goes on after its end (LNK-10).
pub fn allows(state: Option<LinkState>, dealing: Dealing) -> Option<Fault> {
    let sells = matches!(dealing, Dealing::NewOrder | Dealing::SeatIncrease | Dealing::Upgrade);
    let allowed = match state {
        Some(LinkState::Active) => true,
        Some(LinkState::Ended) => !sells,
        _ => false,
    };
    (!allowed).then(|| not_active(state))
}

fn not_active(state: Option<LinkState>) -> Fault {
    Fault::at("", Code::LinkNotActive).with("state", state.map_or("none", LinkState::as_str))
}

/// The provider through which a reseller deals, of those it has live links with: the one it names, or the only one
/// (LNK-11).
pub fn choose_provider<'a>(live: &'a [String], named: Option<&str>, pointer: &str) -> Result<&'a str, Fault> {
    let chosen = match (named, live) {
        (Some(named), _) => live.iter().find(|provider| *provider == named),
        (None, [only]) => Some(only),
        (None, []) => None,
        (None, several) => {
            return Err(Fault::at(pointer, Code::ProviderRequired).with("providers", several));
        }
    };
    chosen.map(String::as_str).ok_or_else(|| Fault { pointer: pointer.to_owned(), ..not_active(None) })
}

/// Why an invitation can no longer be answered (LNK-12).
pub fn answerable(invitation: &InvitationRow, now: Instant) -> Option<Fault> {
    let answered = |code| Fault::at("", code).with("answeredAt", invitation.answered_at.map(|at| at.and_utc()));
    match invitation.state {
        InvitationState::Pending if now.naive_utc() < invitation.expires_at => None,
        InvitationState::Pending | InvitationState::Expired => {
            Some(Fault::at("", Code::InvitationExpired).with("expiredAt", invitation.expires_at.and_utc()))
        }
        InvitationState::Accepted => Some(answered(Code::InvitationAlreadyUsed)),
        InvitationState::Declined => Some(answered(Code::InvitationDeclined)),
        InvitationState::Cancelled => Some(answered(Code::InvitationCancelled)),
    }
}

/// That the caller is on this side of links.
pub fn is_kind(partner: &PartnerRow, kind: PartnerKind) -> Option<Fault> {
    (partner.kind != kind).then(|| Fault::at("", Code::PartnerKindNotAllowed).with("kinds", [kind]))
}

/// What stands against asking a customer to accept both sides: the reseller asks, and only while the link is live
/// (LNK-08).
pub fn may_invite_customers(reseller: &PartnerRow, link: &LinkRow) -> Vec<Fault> {
    is_kind(reseller, PartnerKind::IndirectReseller).into_iter().chain(ended(link)).collect()
}

/// What stands against an invitation.
pub struct Invite<'a> {
    /// Who invites.
    pub provider: &'a PartnerRow,
    /// The reseller that it names.
    pub reseller: Option<&'a PartnerRow>,
    /// Their live link.
    pub live: Option<&'a LinkRow>,
    /// What is asked for.
    pub purpose: InvitationPurpose,
    /// When.
    pub now: Instant,
}

impl Invite<'_> {
    /// Everything that stands against it (LNK-01, LNK-05, LNK-06, LNK-11, ENR-11).
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = is_kind(self.provider, PartnerKind::IndirectProvider).into_iter().collect();
        faults.extend(is_active(self.provider));
        if let Some(reseller) = self.reseller {
            faults.extend(region::mismatch(&self.provider.country, &reseller.country, self.now, "/resellerId"));
        }
        match (self.purpose, self.live) {
            (InvitationPurpose::NewLink, None) => {}
            (InvitationPurpose::NewLink, Some(live)) => faults.push(at(exists(live), "/resellerId")),
            (InvitationPurpose::RestoreAdminAccess, _) if self.reseller.is_none() => {
                faults.push(Fault::at("/resellerId", Code::FieldRequired));
            }
            (InvitationPurpose::RestoreAdminAccess, None) => faults.push(at(not_active(None), "/resellerId")),
            (InvitationPurpose::RestoreAdminAccess, Some(live)) => {
                let granted = live.admin_access == Some(AdminAccess::Granted);
                faults.extend(granted.then(|| Fault::at("/purpose", Code::AdminAccessNotRemoved)));
            }
        }
        faults
    }
}

/// What stands against a reseller's yes.
pub struct Authorize<'a> {
    /// Who says yes.
    pub reseller: &'a PartnerRow,
    /// Who asked.
    pub provider: &'a PartnerRow,
    /// The link of the invitation.
    pub link: &'a LinkRow,
    /// What is asked for.
    pub purpose: InvitationPurpose,
    /// The pair's live link.
    pub live: Option<&'a LinkRow>,
    /// When.
    pub now: Instant,
}

impl Authorize<'_> {
    /// Everything that stands against it (LNK-02, LNK-06, LNK-11, ENR-11).
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = is_kind(self.reseller, PartnerKind::IndirectReseller).into_iter().collect();
        faults.extend(is_active(self.reseller));
        if self.provider.state != PartnerState::Active {
            faults.push(Fault::at("", Code::ProviderNotActive));
        }
        faults.extend(region::mismatch(&self.provider.country, &self.reseller.country, self.now, ""));
        match self.purpose {
            InvitationPurpose::NewLink => faults.extend(self.live.map(exists)),
            // Its end cancels what was asked through a link, so this is never seen; it must not be granted either.
            InvitationPurpose::RestoreAdminAccess => faults.extend(ended(self.link)),
        }
        faults
    }
}

/// That it is meant for another reseller than this one.
pub fn is_for(link: &LinkRow, reseller_id: &str) -> Option<Fault> {
    let other = link.reseller_id.as_deref().is_some_and(|named| named != reseller_id);
    other.then(|| Fault::at("", Code::InvitationForAnotherReseller))
}

/// Whether the text was consented to, in the version in force (LNK-02).
pub fn consents(consent: bool, read: Option<&str>, in_force: &str) -> Option<Fault> {
    let consents = consent && read.is_none_or(|read| read == in_force);
    let pointer = if consent { "/consentVersion" } else { "/consent" };
    (!consents).then(|| Fault::at(pointer, Code::ConsentRequired).with("consentVersion", in_force))
}

/// That the link is not live.
pub fn ended(link: &LinkRow) -> Option<Fault> {
    (link.state != LinkState::Active).then(|| not_active(Some(link.state)))
}

/// That there is no admin access to be removed (LNK-05).
pub fn access_removed(link: &LinkRow) -> Option<Fault> {
    let granted = link.admin_access == Some(AdminAccess::Granted);
    ended(link).or_else(|| (!granted).then(|| Fault::at("", Code::AdminAccessAlreadyRemoved)))
}

fn exists(live: &LinkRow) -> Fault {
    Fault::at("", Code::LinkExists).with("linkId", &live.id)
}

fn at(fault: Fault, pointer: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), ..fault }
}

#[cfg(test)]
mod tests;

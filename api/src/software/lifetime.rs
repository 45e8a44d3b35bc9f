//! The life of a link that hands software out: until it was used so often, until an instant, until it is withdrawn, and
//! never longer than the purchase (SWK-04, SWK-05, SWK-11).

use super::model::{EntitlementRow, EntitlementState};
use crate::clock::Instant;
use crate::error::{Code, Error, Result};
use chrono::NaiveDateTime;

crate::word_enum! {
    /// Where a link stands.
    pub enum HandOutState {
        /// It can be used.
        Active = "active",
        /// It was used as often as it may be.
        UsedUp = "usedUp",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back.
        Withdrawn = "withdrawn",
        /// The purchase was cancelled, its key revoked.
        Revoked = "revoked",
    }
}

/// What ends a link.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// How often it was used.
    pub used: i64,
    /// How often it may be used.
    pub most: i64,
    /// Until when; at that instant it is over.
    pub expires_at: NaiveDateTime,
    /// When it was taken back.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl Lifetime {
    /// Where it stands. What is final for the whole purchase comes first.
    pub fn state(&self, entitlement: &EntitlementRow, now: Instant) -> HandOutState {
        if entitlement.state == EntitlementState::Cancelled {
            HandOutState::Revoked
        } else if self.withdrawn_at.is_some() {
            HandOutState::Withdrawn
        } else if self.expires_at <= now.naive_utc() {
            HandOutState::Expired
        } else if self.used >= self.most {
            HandOutState::UsedUp
        } else {
            HandOutState::Active
        }
    }

    /// 410 with the reason where it cannot be used any more.
    pub fn must_be_active(&self, entitlement: &EntitlementRow, now: Instant) -> Result<()> {
        let instant = |at: Option<NaiveDateTime>| at.map(|at| at.and_utc());
        match self.state(entitlement, now) {
            HandOutState::Active => Ok(()),
            HandOutState::UsedUp => Err(Error::new(Code::LinkUsedUp).with("limit", self.most)),
            HandOutState::Expired => Err(Error::new(Code::LinkExpired).with("expiredAt", self.expires_at.and_utc())),
            HandOutState::Withdrawn => {
                Err(Error::new(Code::LinkWithdrawn).with("withdrawnAt", instant(self.withdrawn_at)))
            }
            HandOutState::Revoked => {
                Err(Error::new(Code::KeyRevoked).with("revokedAt", instant(entitlement.cancelled_at)))
            }
        }
    }
}

/// Whoever hands a link on must have said that the risk is known (SWK-11).
pub fn must_know_the_risk(is_acknowledged: bool) -> Result<()> {
    use crate::error::Fault;
    let refused = || Error::refused(vec![Fault::at("/acknowledgeRisk", Code::RiskNotAcknowledged)]);
    is_acknowledged.then_some(()).ok_or_else(refused)
}

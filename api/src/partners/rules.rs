//! What a partner may do at all.

use super::model::{LocationSource, PartnerRow, PartnerState};
use crate::error::{Code, Error, Fault, Result};

/// A partner that is not active cannot link, sell or order (ENR-11).
pub fn is_active(partner: &PartnerRow) -> Option<Fault> {
    (partner.state != PartnerState::Active).then(|| Fault::at("", Code::PartnerNotActive).with("state", partner.state))
}

/// The same, where nothing else is to be said.
pub fn must_be_active(partner: &PartnerRow) -> Result<()> {
    is_active(partner).map_or(Ok(()), |fault| Err(Error::refused(vec![fault])))
}

/// The state must be one of these.
pub fn must_be_in(row: &PartnerRow, allowed: &[PartnerState]) -> Result<()> {
    if allowed.contains(&row.state) {
        return Ok(());
    }
    Err(Error::new(Code::PartnerStateNotAllowed).with("state", row.state).with("allowed", allowed))
}

/// Takes the operator's no: to an enrolment (ENR-09), or of an approved partner to the PartnerID that only it vouches for
/// (ENR-03). What was never proven to be the partner's own is free again for whoever's it is.
pub fn reject(partner: &mut PartnerRow) -> Result<()> {
    let is_stated = partner.location_source == Some(LocationSource::Stated);
    if !(partner.state == PartnerState::Approved && is_stated) {
        must_be_in(partner, &[PartnerState::InReview, PartnerState::AwaitingEmailProof, PartnerState::Draft])?;
    }
    if partner.state != PartnerState::InReview {
        (partner.partner_location_id, partner.location_source) = (None, None);
    }
    if partner.state != PartnerState::Approved {
        if partner.state != PartnerState::InReview {
            partner.tenant_id = None;
        }
        partner.state = PartnerState::Rejected;
    }
    Ok(())
}

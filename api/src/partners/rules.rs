//! What a partner may do at all.

use super::model::{PartnerRow, PartnerState};
use crate::error::{Code, Error, Fault, Result};

/// A partner that is not active cannot link, sell or order (ENR-11).
pub fn is_active(partner: &PartnerRow) -> Option<Fault> {
    (partner.state != PartnerState::Active).then(|| Fault::at("", Code::PartnerNotActive).with("state", partner.state))
}

/// The same, where nothing else is to be said.
pub fn must_be_active(partner: &PartnerRow) -> Result<()> {
    is_active(partner).map_or(Ok(()), |fault| Err(Error::refused(vec![fault])))
}

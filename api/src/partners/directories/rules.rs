//! Which PartnerID a partner may link (ENR-03).

use super::model::{LocationRow, PartnerLocationKind, SetPartnerLocation};
use crate::error::{Code, Fault};
use crate::partners::{LocationSource, PartnerRow};
use crate::profiles;

/// How many digits a PartnerID has at most.
const MOST_DIGITS: usize = 10;

/// Whether this is written as PartnerIDs are: digits, no leading zero.
pub fn is_partner_id(text: &str) -> bool {
    (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

/// Who vouches for the PartnerID, else everything that stands against it. The directory's word goes before the
/// partner's own.
pub fn linkable(
    partner: &PartnerRow,
    given: &SetPartnerLocation,
    known: Option<&LocationRow>,
    is_taken: bool,
) -> Result<LocationSource, Vec<Fault>> {
    let at = |code| Fault::at("/partnerLocationId", code);
    if !is_partner_id(&given.partner_location_id) {
        return Err(vec![at(Code::PartnerIdInvalid).with("digits", MOST_DIGITS)]);
    }
    let stated = given.country.as_ref().map(|country| profiles::country(country, "/country")).transpose();
    let (kind, country, source) = match (known, stated) {
        (Some(known), _) => (known.kind, known.country.clone(), LocationSource::Directory),
        (None, Ok(stated)) => {
            let country = stated.unwrap_or_else(|| partner.country.clone());
            (given.kind.unwrap_or(PartnerLocationKind::Location), country, LocationSource::Stated)
        }
        (None, Err(fault)) => return Err(vec![fault]),
    };
    let mut faults = Vec::new();
    if kind != PartnerLocationKind::Location {
        faults.push(at(Code::PartnerIdNotLocation));
    }
    if country != partner.country {
        let fault = at(Code::PartnerIdCountryMismatch);
        faults.push(fault.with("country", &partner.country).with("locationCountry", country));
    }
    if is_taken {
        faults.push(at(Code::PartnerIdInUse));
    }
    if faults.is_empty() { Ok(source) } else { Err(faults) }
}

/// A company that is in CSP already need not say again what the directory knows of it: what it has left open is taken
/// from there (ENR-17). What it has said stands, and is reviewed. Tells whether anything was taken.
pub fn fill_in(partner: &mut PartnerRow, known: &LocationRow) -> bool {
    let open = [partner.tenant_id.is_none(), partner.address.is_none(), partner.primary_contact.is_none()];
    partner.tenant_id = partner.tenant_id.take().or_else(|| known.tenant_id.clone());
    partner.address = partner.address.take().or_else(|| known.address.clone());
    partner.primary_contact = partner.primary_contact.take().or_else(|| known.contact.clone());
    open != [partner.tenant_id.is_none(), partner.address.is_none(), partner.primary_contact.is_none()]
}

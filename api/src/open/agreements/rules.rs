//! When an agreement begins, who may order on it, and when it may be signed (OPN-01).

use super::model::{AgreementRow, OpenAgreementState};
use crate::clock::Instant;
use crate::error::{Code, Error, Fault, Result};
use crate::open::programme::{OpenBeginning, OpenSignature};

/// Where an order names its agreement.
const AGREEMENT: &str = "/agreementId";

/// Whether the agreement's term is over at this instant.
pub fn is_over(agreement: &AgreementRow, now: Instant) -> bool {
    agreement.state == OpenAgreementState::Expired || agreement.ends_at.is_some_and(|end| end <= now.naive_utc())
}

fn expired(agreement: &AgreementRow, pointer: &str) -> Fault {
    let ended_at = agreement.ends_at.map(|at| at.and_utc());
    Fault::at(pointer, Code::OpenAgreementExpired).with("agreementId", &agreement.id).with("endedAt", ended_at)
}

/// Everything that stands against an order on it.
pub fn may_order(agreement: &AgreementRow, now: Instant) -> Result<Vec<Fault>> {
    let must_be_signed = agreement.terms()?.signed_before == OpenSignature::Orders;
    let mut faults = Vec::new();
    if is_over(agreement, now) {
        faults.push(expired(agreement, AGREEMENT));
    } else if must_be_signed && !agreement.is_signed() {
        faults.push(Fault::at(AGREEMENT, Code::OpenAgreementNotSigned).with("agreementId", &agreement.id));
    }
    Ok(faults)
}

/// What this is to begin, begins: `true` where the term has begun now.
pub fn begin(agreement: &mut AgreementRow, with: OpenBeginning, now: Instant) -> Result<bool> {
    let terms = agreement.terms()?;
    if terms.begins != with || agreement.begins_at.is_some() {
        return Ok(false);
    }
    agreement.begins_at = Some(now.naive_utc());
    agreement.ends_at = Some(terms.ends_at(now)?.naive_utc());
    Ok(true)
}

/// It is signed once, and before it is over.
pub fn may_sign(agreement: &AgreementRow, now: Instant) -> Result<()> {
    if is_over(agreement, now) {
        return Err(Error::refused(vec![expired(agreement, "")]));
    }
    if let Some(signed_at) = agreement.signed_at {
        return Err(Error::new(Code::OpenAgreementAlreadySigned).with("signedAt", signed_at.and_utc()));
    }
    Ok(())
}

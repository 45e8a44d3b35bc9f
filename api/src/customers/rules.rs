//! Who may do what to a customer.

use crate::error::{Code, Fault};
use crate::partners::{PartnerKind, PartnerRow, is_active};

/// Direct-bill partners and providers create customers (CUS-01).
pub fn may_create(partner: &PartnerRow) -> Vec<Fault> {
    let reseller =
        (partner.kind == PartnerKind::IndirectReseller).then(|| Fault::at("", Code::CustomerCreationNotAllowed));
    is_active(partner).into_iter().chain(reseller).collect()
}

/// Direct-bill partners and providers attest the agreement; an indirect reseller cannot (CUS-06).
pub fn may_attest(partner: &PartnerRow) -> Vec<Fault> {
    let reseller =
        (partner.kind == PartnerKind::IndirectReseller).then(|| Fault::at("", Code::McaAttestationNotAllowed));
    is_active(partner).into_iter().chain(reseller).collect()
}

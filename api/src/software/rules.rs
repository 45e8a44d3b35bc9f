//! Which key may be had (SWK-02, SWK-06), and what may not be changed (TEN-06).

use super::model::{EntitlementRow, EntitlementState, KeyKind, Medium, RevealKey};
use crate::catalog::MediaRow;
use crate::error::{Code, Error, Fault, Result, all_or};
use serde_json::json;

/// Whether keys of this purchase may be had at all; 410 once it was cancelled.
pub fn may_reveal(entitlement: &EntitlementRow) -> Result<()> {
    match entitlement.state {
        EntitlementState::Active => Ok(()),
        EntitlementState::AwaitingStock => Err(Error::new(Code::AwaitingStock).with("inStock", json!([]))),
        EntitlementState::Cancelled => {
            let revoked_at = entitlement.cancelled_at.map(|at| at.and_utc());
            Err(Error::new(Code::KeyRevoked).with("revokedAt", revoked_at))
        }
    }
}

/// Whether the product comes in this version, language and bitness, with this kind of key.
pub fn combination(asked: &RevealKey, media: &[MediaRow]) -> Result<()> {
    let mut faults = Vec::new();
    if asked.kind.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case(KeyKind::Mak.as_str())) {
        faults.push(Fault::at("/kind", Code::KeyTypeNotAvailable).with("available", [KeyKind::Mak]));
    }
    let fits = |row: &&MediaRow| {
        row.version == asked.version && row.language == asked.language && row.bitness == asked.bitness
    };
    if media.iter().find(fits).is_none() {
        let available: Vec<Medium> = media.iter().cloned().map(Medium::from).collect();
        faults.push(Fault::at("/version", Code::CombinationNotAvailable).with("available", available));
    }
    all_or((), faults)
}

/// A licence stays with its tenant: the refusal advises to buy again, and carries the order (TEN-06).
pub fn stays_with_its_tenant(entitlement: &EntitlementRow, asked: Option<&String>) -> Result<()> {
    match asked {
        Some(tenant_id) if *tenant_id != entitlement.tenant_id => {
            let order = json!({
                "customerId": entitlement.customer_id,
                "tenantId": tenant_id,
                "lines": [{ "offerId": entitlement.offer_id, "quantity": entitlement.quantity }],
            });
            let fault = Fault::at("/tenantId", Code::LicenseBoundToTenant)
                .with("tenantId", &entitlement.tenant_id)
                .with("order", order);
            Err(Error::refused(vec![fault]))
        }
        _ => Ok(()),
    }
}

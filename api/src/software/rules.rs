//! Whether keys may be had at all (SWK-09, SWK-11), and what may not be changed (TEN-06).

use super::model::{EntitlementRow, EntitlementState};
use crate::error::{Code, Error, Fault, Result};
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

/// While a refund of it is not decided nothing more of it is handed out: whoever gives a purchase back does not take its
/// key meanwhile (REF-05, REF-06).
pub fn is_not_given_back(refund_id: Option<String>) -> Result<()> {
    match refund_id {
        None => Ok(()),
        Some(id) => Err(Error::new(Code::RefundAlreadyOpen).with("refundId", id)),
    }
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

//! Who retrieves a key, when it can be redeemed, and when its money is gone (OPN-03, OPN-04, OPN-06).

use super::model::{OpenKeyRow, OpenKeyState};
use super::store;
use crate::access::Viewer;
use crate::db::Db;
use crate::error::{Code, Error, Fault, Result};
use crate::open::agreements::AgreementRow;
use crate::orders::{OrderLineRow, OrderRow};
use serde_json::json;

/// The customer, or the reseller that the order names; nobody else who sees it.
pub fn may_retrieve(key: &OpenKeyRow, viewer: &Viewer) -> Result<()> {
    let may = match viewer {
        Viewer::Customer(id) => *id == key.customer_id,
        Viewer::Partner(id) => id == key.reseller_id(),
        Viewer::Operator | Viewer::Enrolment => false,
    };
    if may { Ok(()) } else { Err(Error::new(Code::KeyRetrievalForbidden).with("resellerId", key.reseller_id())) }
}

fn revoked(key: &OpenKeyRow, pointer: &str) -> Fault {
    Fault::at(pointer, Code::KeyRevoked).with("revokedAt", key.cancelled_at.map(|at| at.and_utc()))
}

fn redeemed(key: &OpenKeyRow, pointer: &str) -> Fault {
    Fault::at(pointer, Code::KeyAlreadyRedeemed).with("redeemedAt", key.redeemed_at.map(|at| at.and_utc()))
}

/// Whether there is something to retrieve: the key of the stock.
pub fn retrievable<'a>(key: &'a OpenKeyRow, agreement: &AgreementRow) -> Result<&'a str> {
    match key.state {
        OpenKeyState::Cancelled => Err(Error::refused(vec![revoked(key, "")])),
        OpenKeyState::Redeemed => Err(Error::refused(vec![redeemed(key, "")])),
        OpenKeyState::Ordered | OpenKeyState::Available | OpenKeyState::Retrieved => {
            if !agreement.is_signed() {
                return Err(Error::new(Code::OpenAgreementNotSigned).with("agreementId", &agreement.id));
            }
            let key = key.product_key_id.as_deref();
            key.ok_or_else(|| Error::new(Code::AwaitingStock).with("inStock", json!([])))
        }
    }
}

/// Whether a key that somebody has typed can be redeemed. One that was never shown cannot be known.
pub fn redeemable(key: &OpenKeyRow, pointer: &str) -> Option<Fault> {
    match key.state {
        OpenKeyState::Retrieved => None,
        OpenKeyState::Ordered | OpenKeyState::Available => Some(Fault::at(pointer, Code::KeyUnknown)),
        OpenKeyState::Redeemed => Some(redeemed(key, pointer)),
        OpenKeyState::Cancelled => Some(revoked(key, pointer)),
    }
}

/// What was bought through Open is no refund's: before the redemption its order is cancelled, afterwards nothing is given
/// back (OPN-06). None for what was bought otherwise.
pub async fn not_refundable(db: &mut Db<'_>, order: &OrderRow, line: &OrderLineRow) -> Result<Option<Fault>> {
    let Some(key) = store::of_line(db, &line.id).await? else { return Ok(None) };
    Ok(Some(match key.state {
        OpenKeyState::Redeemed => activated(&key, "/orderId"),
        _ => Fault::at("/orderId", Code::RefundNotPossible)
            .with("state", line.state)
            .with("cancel", format!("/v1/open/orders/{}:cancel", order.id)),
    }))
}

/// A redeemed key gives nothing back.
pub fn activated(key: &OpenKeyRow, pointer: &str) -> Fault {
    Fault::at(pointer, Code::RefundNotAllowedKeyActivated)
        .with("subscriptionId", &key.subscription_id)
        .with("redeemedAt", key.redeemed_at.map(|at| at.and_utc()))
}

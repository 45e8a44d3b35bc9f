//! Cancelling what is not redeemed: the key is revoked, then all of its money is given back (OPN-06).

use super::model::CancelOpenOrder;
use crate::billing::{self, CreditCause, CreditReason, CreditedLine};
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Money;
use crate::open::keys::{self, OpenKeyRow, OpenKeyState};
use crate::orders::{self, CancelledBecause, LineState, OrderLineRow, OrderRow, OrderState};
use crate::software;
use crate::topic::Topic;

fn not_cancellable(pointer: &str, order: &OrderRow) -> Fault {
    Fault::at(pointer, Code::OrderNotCancellable).with("state", order.state)
}

/// The lines that are to be cancelled, with their keys; refused where a key of them was redeemed.
fn chosen(
    order: &OrderRow,
    lines: Vec<OrderLineRow>,
    keys: &[OpenKeyRow],
    number: Option<u32>,
) -> Result<Vec<(OrderLineRow, OpenKeyRow)>> {
    let number = number.map(i64::from);
    if number.is_some_and(|number| lines.iter().all(|line| line.number != number)) {
        return Err(Error::not_found("order_line"));
    }
    if number.is_some() && order.state == OrderState::AwaitingStock {
        // All of it waits, and none of it is charged.
        return Err(Error::refused(vec![not_cancellable("/lineNumber", order)]));
    }
    let live = lines.into_iter().filter(|line| line.state != LineState::Cancelled);
    let mut chosen = Vec::new();
    for line in live.filter(|line| number.is_none_or(|number| line.number == number)) {
        let key = keys.iter().find(|key| key.order_line_id == line.id);
        let key = key.ok_or_else(|| Error::internal(format!("order line {} has no key", line.id)))?;
        chosen.push((line, key.clone()));
    }
    let redeemed = chosen.iter().filter(|(_, key)| key.state == OpenKeyState::Redeemed);
    let faults: Vec<Fault> =
        redeemed.map(|(line, key)| keys::activated(key, "").with("lineNumber", line.number)).collect();
    if !faults.is_empty() {
        return Err(Error::refused(faults));
    }
    if chosen.is_empty() {
        return Err(Error::refused(vec![not_cancellable(number.map_or("", |_| "/lineNumber"), order)]));
    }
    Ok(chosen)
}

/// Cancels an order, or one line of it.
pub async fn cancel(tx: &mut Tx<'_>, order: &OrderRow, asked: &CancelOpenOrder) -> Result<()> {
    let lines = orders::lines_of(tx.db(), order).await?;
    let own = keys::of_order(tx.db(), &order.id).await?;
    let chosen = chosen(order, lines, &own, asked.line_number)?;
    tx.because(&asked.reason);
    let mut charged = Vec::new();
    for (line, mut key) in chosen {
        revoke(tx, &mut key).await?;
        orders::cancel_line(tx, order, &line).await?;
        if let Some(invoiced) = billing::invoice_line_of(tx.db(), &line.id).await? {
            let left = invoiced.total_minor - billing::credited_minor(tx.db(), &invoiced.id).await?;
            charged.push((invoiced, left, line.total()?.currency()));
        }
    }
    let given: Vec<CreditedLine<'_>> = charged
        .iter()
        .filter(|(_, left, _)| *left > 0)
        .map(|(line, left, currency)| CreditedLine {
            line,
            quantity: line.quantity,
            amount: Money::from_minor(*left, *currency),
        })
        .collect();
    let cause = CreditCause { reason: CreditReason::Cancellation, refund_id: None, subscription_id: None };
    billing::issue_credit_notes(tx, &cause, &given).await?;
    let mut order = orders::find(&crate::access::Viewer::Operator, tx.db(), &order.id).await?;
    if order.state == OrderState::Cancelled {
        order.cancelled_because = Some(CancelledBecause::Requested);
        order.cancelled_at = Some(tx.now().naive_utc());
        orders::update(tx, &mut order).await?;
        tx.emit(Topic::OrderCancelled, &order);
    }
    Ok(())
}

/// Takes a key back: answers that show it are forgotten (PLT-02).
async fn revoke(tx: &mut Tx<'_>, key: &mut OpenKeyRow) -> Result<()> {
    if let Some(id) = &key.product_key_id {
        software::revoke_open_key(tx, id).await?;
        tx.forget_answers(&key.secret_name()).await?;
    }
    key.state = OpenKeyState::Cancelled;
    key.cancelled_at = Some(tx.now().naive_utc());
    keys::update(tx, key).await?;
    tx.emit(Topic::OpenKeyCancelled, key);
    Ok(())
}

/// An order that waited was given up; where it was none of Open's, nothing is to be done.
pub async fn given_up(tx: &mut Tx<'_>, order_id: &str) -> Result<()> {
    for mut key in keys::of_order(tx.db(), order_id).await? {
        revoke(tx, &mut key).await?;
    }
    Ok(())
}

//! The course of a refund: the sale is looked up and judged, then the key is taken back, then the credit is written.

use super::model::{QuoteRefund, RefundRow, RefundState, RequestRefund};
use super::policies;
use super::rules::{self, RefundQuote, Sale};
use super::store;
use crate::access::Viewer;
use crate::billing::{self, CreditCause, CreditedLine, InvoiceLineRow};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Money;
use crate::open;
use crate::orders::{self, LineState, OrderLineRow, OrderRow};
use crate::software::{self, EntitlementRow};
use crate::topic::Topic;

/// The purchase that a refund is about.
pub struct Purchase {
    order: OrderRow,
    line: OrderLineRow,
    entitlement: EntitlementRow,
    /// None while the purchase waits.
    charge: Option<(InvoiceLineRow, i64)>,
    live_refund: Option<String>,
}

impl Purchase {
    /// Looks the purchase up; what the caller does not see is not found.
    pub async fn find(viewer: &Viewer, db: &mut Db<'_>, order_id: &str, line_number: Option<u32>) -> Result<Self> {
        let order = orders::find(viewer, db, order_id).await?;
        let number = i64::from(line_number.unwrap_or(1));
        let lines = orders::lines_of(db, &order).await?;
        let line =
            lines.into_iter().find(|line| line.number == number).ok_or_else(|| Error::not_found("order_line"))?;
        if let Some(fault) = open::not_refundable(db, &order, &line).await? {
            return Err(Error::refused(vec![fault]));
        }
        if let Some(subscription_id) = &line.subscription_id {
            let fault = Fault::at("/orderId", Code::SubscriptionCancelRequired).with("subscriptionId", subscription_id);
            return Err(Error::refused(vec![fault]));
        }
        let not_possible =
            || Error::refused(vec![Fault::at("/orderId", Code::RefundNotPossible).with("state", line.state)]);
        let entitlement_id = line.entitlement_id.clone().ok_or_else(not_possible)?;
        let entitlement = software::find(viewer, db, &entitlement_id).await?;
        let charge = match billing::invoice_line_of(db, &line.id).await? {
            Some(charged) => {
                let credited = billing::credited_minor(db, &charged.id).await?;
                Some((charged, credited))
            }
            None => None,
        };
        let live_refund = store::live_of_line(db, &line.id).await?;
        Ok(Self { order, line, entitlement, charge, live_refund })
    }

    /// What a refund would come to now; every reason when there is none (REF-03).
    pub fn quote(&self, now: Instant) -> Result<(RefundQuote, Money), Vec<Fault>> {
        if let Some(refund_id) = &self.live_refund {
            return Err(vec![Fault::at("", Code::RefundAlreadyOpen).with("refundId", refund_id)]);
        }
        let not_possible = || vec![Fault::at("/orderId", Code::RefundNotPossible).with("state", self.line.state)];
        let (Some((charged, credited)), Some(purchased_at), LineState::Completed) =
            (&self.charge, self.entitlement.purchased_at, self.line.state)
        else {
            return Err(not_possible());
        };
        let purchased_at = purchased_at.and_utc();
        let sale = || -> Result<Sale<'_>> {
            let money = |minor| {
                Money::from_columns(minor, &charged.currency)
                    .map_err(|fault| Error::internal(format!("an invoice line has {fault:?}")))
            };
            Ok(Sale {
                policy: policies::at(Some(self.entitlement.license), purchased_at)?,
                purchased_at,
                unit_price: self.line.unit_price()?,
                quantity: u32::try_from(self.line.quantity).map_err(Error::internal)?,
                invoiced: money(charged.total_minor)?,
                credited: money(*credited)?,
                period: self.line.period(),
            })
        };
        let sale = sale().map_err(|_fault| not_possible())?;
        rules::quote(&sale, now).map_err(|fault| vec![fault])
    }
}

/// What would come of a request: the quote, and the amount that would be credited.
pub fn judge(purchase: &Purchase, asked: &RequestRefund, now: Instant) -> Result<(RefundQuote, Money), Vec<Fault>> {
    let (quote, most) = purchase.quote(now)?;
    let amount = rules::amount_asked(&asked.amount, most).map_err(|fault| vec![fault])?;
    Ok((quote, amount))
}

/// Grants a refund inside its policy: automatic approval, the key revoked, and only then the credit (REF-05, REF-08).
pub async fn grant(
    tx: &mut Tx<'_>,
    purchase: &Purchase,
    asked: &RequestRefund,
    quote: &RefundQuote,
    amount: Money,
) -> Result<RefundRow> {
    let Purchase { order, line, entitlement, charge, .. } = purchase;
    let (charged, _) = charge.as_ref().ok_or_else(|| Error::internal("a refund of what was not charged"))?;
    let refund = RefundRow {
        id: tx.id(),
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        order_id: order.id.clone(),
        order_line_id: line.id.clone(),
        entitlement_id: Some(entitlement.id.clone()),
        subscription_id: None,
        state: RefundState::Credited,
        amount_minor: amount.minor(),
        currency: amount.currency().code().to_owned(),
        request: Json::of(asked)?,
        quote: Json::of(quote)?,
        version: 1,
        created_at: tx.now().naive_utc(),
    };
    tx.because(&asked.reason);
    tx.emit(Topic::RefundRequested, &refund);
    tx.emit(Topic::RefundApproved, &refund);

    let had_key = software::revoke_key(tx, entitlement).await?;
    software::cancel(tx, entitlement).await?;
    orders::cancel_line(tx, order, line).await?;
    if had_key {
        tx.emit(Topic::ProductKeyRevoked, entitlement);
        tx.emit(Topic::RefundKeyRevoked, &refund);
    }

    store::insert(tx, &refund).await?;
    let credited = CreditedLine { line: charged, quantity: charged.quantity, amount };
    billing::issue_credit_notes(tx, &CreditCause::refund(&refund.id, None), &[credited]).await?;
    tx.emit(Topic::RefundCredited, &refund);
    Ok(refund)
}

/// A quote on demand.
pub async fn quote(viewer: &Viewer, db: &mut Db<'_>, asked: &QuoteRefund, now: Instant) -> Result<RefundQuote> {
    let purchase = Purchase::find(viewer, db, &asked.order_id, asked.line_number).await?;
    purchase.quote(now).map(|(quote, _)| quote).map_err(Error::refused)
}

//! The purchase that a refund is about: software by its order line, seats by their subscription; and what would be given
//! back for it at an instant (REF-02, REF-03).

use super::model::Credit;
use super::policies;
use super::rules::{self, RefundQuote, Sale};
use super::{seats, store};
use crate::access::Viewer;
use crate::billing::{self, InvoiceLineRow};
use crate::catalog::RefundKind;
use crate::clock::Instant;
use crate::customers;
use crate::db::Db;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Money;
use crate::open;
use crate::orders::{self, LineState, OrderLineRow, OrderRow};
use crate::software::{self, EntitlementRow};
use crate::subscriptions::{self, SubscriptionRow};
use crate::tenants;
use serde_json::json;

/// How a purchase is named: by its order and line, by a subscription, or by the entitlement of software.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The order.
    pub order_id: Option<&'a str>,
    /// The subscription, or the entitlement.
    pub subscription_id: Option<&'a str>,
    /// The line's number, where the order has several.
    pub line_number: Option<u32>,
}

/// The purchase that a refund is about.
pub struct Purchase {
    /// The order.
    pub order: OrderRow,
    /// Its line.
    pub line: OrderLineRow,
    /// What it brought.
    pub brought: Brought,
}

/// What an order's line brought.
pub enum Brought {
    /// Software.
    Software(Box<Software>),
    /// Seats.
    Seats(Box<SubscriptionRow>),
    /// Nothing yet, or never anything.
    Nothing,
}

/// Software, with what was charged for it.
pub struct Software {
    /// What was bought.
    pub entitlement: EntitlementRow,
    /// The invoice's line and what was credited of it; none while the purchase waits.
    charge: Option<(InvoiceLineRow, i64)>,
    live_refund: Option<String>,
}

/// What would be given back.
pub struct Judged {
    /// The arithmetic.
    pub quote: RefundQuote,
    /// The most that may be asked.
    pub most: Money,
    /// The lines that are credited.
    pub credits: Vec<Credit>,
}

impl Purchase {
    /// Looks the purchase up; what the caller does not see is not found.
    pub async fn find(viewer: &Viewer, db: &mut Db<'_>, named: Named<'_>) -> Result<Self> {
        let bought = match named.subscription_id {
            Some(id) => Some(Bought::find(viewer, db, id).await?),
            None => None,
        };
        let order_id = match (&bought, named.order_id) {
            (Some(bought), asked) if asked.is_none_or(|id| id == bought.order_id) => bought.order_id.clone(),
            (Some(_), Some(asked)) => {
                orders::find(viewer, db, asked).await?;
                return Err(Error::not_found("subscription"));
            }
            (_, Some(asked)) => asked.to_owned(),
            (_, None) => return Err(Error::not_found("order")),
        };
        let order = orders::find(viewer, db, &order_id).await?;
        let mut lines = orders::lines_of(db, &order).await?;
        lines.retain(|line| {
            bought.as_ref().is_none_or(|bought| line.id == bought.line_id)
                && named.line_number.is_none_or(|number| line.number == i64::from(number))
        });
        if lines.len() > 1 {
            // Money is not given back for a guess.
            let lines: Vec<_> = lines.iter().map(|line| json!({ "number": line.number, "name": line.name })).collect();
            return Err(Error::invalid(vec![Fault::at("/lineNumber", Code::FieldRequired).with("lines", lines)]));
        }
        let line = lines.pop().ok_or_else(|| Error::not_found("order_line"))?;
        let subscription = match bought {
            Some(Bought { subscription: Some(row), .. }) => Some(row),
            _ => match &line.subscription_id {
                Some(id) => Some(subscriptions::find(viewer, db, id).await?),
                None => None,
            },
        };
        let brought = match (subscription, &line.entitlement_id) {
            (Some(row), _) => Brought::Seats(Box::new(row)),
            (None, Some(id)) => Brought::Software(Box::new(Software::find(viewer, db, &line, id).await?)),
            (None, None) => Brought::Nothing,
        };
        Ok(Self { order, line, brought })
    }

    /// Whether the customer is the one that is named: by its name, by the GUID or a domain of one of its tenants, or by
    /// its id (REF-02).
    pub async fn is_of(&self, db: &mut Db<'_>, named: &str) -> Result<bool> {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let named = plain(named);
        let customer = customers::get(db, &self.order.customer_id).await?;
        if customer.id == named || plain(&customer.company_name) == named {
            return Ok(true);
        }
        let known = tenants::names_of(db, &customer.id).await?;
        Ok(known.iter().any(|name| name.to_lowercase() == named))
    }

    /// What a refund of so many, all unless said, would come to at this instant; every reason when there is none.
    pub async fn judge(
        &self,
        db: &mut Db<'_>,
        quantity: Option<u32>,
        at: Instant,
    ) -> Result<Result<Judged, Vec<Fault>>> {
        if let Some(fault) = open::not_refundable(db, &self.order, &self.line).await? {
            return Ok(Err(vec![fault]));
        }
        match &self.brought {
            Brought::Seats(row) => judge_seats(db, row, quantity, at).await,
            Brought::Software(software) => Ok(software.judge(&self.line, quantity, at)),
            Brought::Nothing => Ok(Err(vec![self.not_possible()])),
        }
    }

    fn not_possible(&self) -> Fault {
        Fault::at("/orderId", Code::RefundNotPossible).with("state", self.line.state)
    }
}

/// What an id names: a subscription, or the entitlement of software.
struct Bought {
    order_id: String,
    line_id: String,
    subscription: Option<SubscriptionRow>,
}

impl Bought {
    async fn find(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<Self> {
        match subscriptions::find(viewer, db, id).await {
            Ok(row) => {
                Ok(Self { order_id: row.order_id.clone(), line_id: row.order_line_id.clone(), subscription: Some(row) })
            }
            Err(error) if error.code() == Code::NotFound => {
                let software = software::find(viewer, db, id).await;
                let software = software.map_err(|other| match other.code() {
                    Code::NotFound => Error::not_found("subscription"),
                    _ => other,
                })?;
                Ok(Self { order_id: software.order_id, line_id: software.order_line_id, subscription: None })
            }
            Err(error) => Err(error),
        }
    }
}

impl Software {
    async fn find(viewer: &Viewer, db: &mut Db<'_>, line: &OrderLineRow, id: &str) -> Result<Self> {
        let entitlement = software::find(viewer, db, id).await?;
        let charge = match billing::invoice_line_of(db, &line.id).await? {
            Some(charged) => {
                let credited = billing::credited_minor(db, &charged.id).await?;
                Some((charged, credited))
            }
            None => None,
        };
        Ok(Self { entitlement, charge, live_refund: store::live_of_line(db, &line.id).await? })
    }

    fn judge(&self, line: &OrderLineRow, quantity: Option<u32>, at: Instant) -> Result<Judged, Vec<Fault>> {
        if let Some(refund_id) = &self.live_refund {
            return Err(vec![Fault::at("", Code::RefundAlreadyOpen).with("refundId", refund_id)]);
        }
        let not_possible = || vec![Fault::at("/orderId", Code::RefundNotPossible).with("state", line.state)];
        let (Some((charged, credited)), Some(purchased_at), LineState::Completed) =
            (&self.charge, self.entitlement.purchased_at, line.state)
        else {
            return Err(not_possible());
        };
        if line.refund == Some(RefundKind::NotRefundable) {
            return Err(vec![Fault::at("", Code::ProductNotRefundable)]);
        }
        let purchased_at = purchased_at.and_utc();
        let sale = || -> Result<Sale<'_>> {
            let money = |minor| {
                Money::from_columns(minor, &charged.currency)
                    .map_err(|fault| Error::internal(format!("an invoice line has {fault:?}")))
            };
            Ok(Sale {
                policy: policies::at(Some(self.entitlement.license), purchased_at)?,
                purchased_at,
                unit_price: line.unit_price()?,
                quantity: u32::try_from(line.quantity).map_err(Error::internal)?,
                invoice_line_id: &charged.id,
                invoiced: money(charged.total_minor)?,
                credited: money(*credited)?,
                period: line.period(),
            })
        };
        let sale = sale().map_err(|_fault| not_possible())?;
        let mut faults = Vec::new();
        // One key stands for all of them: a part of it cannot be taken back (REF-05).
        if quantity.is_some_and(|quantity| quantity != sale.quantity) {
            let fault = Fault::at("/quantity", Code::PartialQuantityNotAllowed);
            faults.push(fault.with("policy", &sale.policy.id).with("quantity", sale.quantity));
        }
        let quoted = rules::quote(&sale, at).map_err(|fault| faults.push(fault));
        match quoted {
            Ok((quote, most)) if faults.is_empty() => {
                let credit = Credit::new(charged.id.clone(), charged.quantity, most.minor(), None);
                Ok(Judged { quote, most, credits: vec![credit] })
            }
            _ => Err(faults),
        }
    }
}

async fn judge_seats(
    db: &mut Db<'_>,
    row: &SubscriptionRow,
    quantity: Option<u32>,
    at: Instant,
) -> Result<Result<Judged, Vec<Fault>>> {
    if row.refund == RefundKind::NotRefundable {
        return Ok(Err(vec![Fault::at("", Code::ProductNotRefundable)]));
    }
    let plan = subscriptions::plan_giving_back(db, row, quantity, at).await?;
    if !plan.faults.is_empty() {
        return Ok(Err(plan.faults));
    }
    let Some((quote, most)) = seats::quote(&plan.parts, at) else {
        return Ok(Err(vec![Fault::at("", Code::RefundNotPossible).with("state", row.state)]));
    };
    let credits = plan
        .credits
        .into_iter()
        .map(|credit| Credit::new(credit.line.id, credit.seats.into(), credit.amount.minor(), Some(credit.batch_id)));
    Ok(Ok(Judged { quote, most, credits: credits.collect() }))
}

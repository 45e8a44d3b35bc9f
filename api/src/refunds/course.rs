//! The course of a refund: judged and asked for, approved, its key taken back, and only then credited (REF-05, REF-08).
//! Each step is one function of the row, so that whoever was stopped between two goes on where it stood.

use super::asked::{QuoteRefund, RequestRefund};
use super::model::{Credit, RefundRow, RefundState, Went};
use super::purchase::{Brought, Judged, Named, Purchase};
use super::rules::{self, RefundQuote};
use super::store;
use crate::access::Viewer;
use crate::attachments::{self, AboutKind};
use crate::billing::{self, CreditCause, CreditedLine, InvoiceLineRow};
use crate::clock::Instant;
use crate::config::Approval;
use crate::db::Db;
use crate::db::words::Json;
use crate::db::write::{Actor, Tx};
use crate::error::{Code, Error, Fault, Result};
use crate::jobs::Job;
use crate::money::Money;
use crate::state::State;
use crate::topic::Topic;
use crate::{orders, renewals, software, subscriptions};
use chrono::NaiveDateTime;

/// The job that goes on with a refund that was approved.
pub const GO_ON: &str = "refunds.go_on";

/// What would come of a request.
pub struct Checked {
    /// What would be given back; none where nothing can be.
    pub judged: Option<Judged>,
    /// The amount that is asked, where it can be given.
    pub amount: Option<Money>,
    /// The files, where they can be kept.
    pub files: Vec<attachments::Checked>,
    /// Everything that stands against it.
    pub faults: Vec<Fault>,
}

impl<'a> From<&'a QuoteRefund> for Named<'a> {
    fn from(asked: &'a QuoteRefund) -> Self {
        let (order_id, subscription_id) = (asked.order_id.as_deref(), asked.subscription_id.as_deref());
        Self { order_id, subscription_id, line_number: asked.line_number }
    }
}

impl<'a> From<&'a RequestRefund> for Named<'a> {
    fn from(asked: &'a RequestRefund) -> Self {
        let (order_id, subscription_id) = (asked.order_id.as_deref(), asked.subscription_id.as_deref());
        Self { order_id, subscription_id, line_number: asked.line_number }
    }
}

/// A quote on demand.
pub async fn quote(viewer: &Viewer, db: &mut Db<'_>, asked: &QuoteRefund, now: Instant) -> Result<RefundQuote> {
    let purchase = Purchase::find(viewer, db, asked.into()).await?;
    let judged = purchase.judge(db, asked.quantity, now).await?.map_err(Error::refused)?;
    Ok(judged.quote)
}

/// Runs every check, the request's and the preview's alike.
pub async fn check(db: &mut Db<'_>, purchase: &Purchase, request: &RequestRefund, now: Instant) -> Result<Checked> {
    let asked = request.complete()?;
    let mut faults = Vec::new();
    if !purchase.is_of(db, asked.customer).await? {
        faults.push(Fault::at("/customer", Code::RefundCustomerMismatch));
    }
    let files = attachments::check(&request.attachments, 0, "/attachments");
    let files = files.map_err(|wrong| faults.extend(wrong)).unwrap_or_default();
    let judged = purchase.judge(db, request.quantity, now).await?;
    let judged = judged.map_err(|against| faults.extend(against)).ok();
    let amount = judged.as_ref().map(|judged| rules::amount_asked(asked.amount, judged.most));
    let amount = amount.and_then(|amount| amount.map_err(|fault| faults.push(fault)).ok());
    Ok(Checked { judged, amount, files, faults })
}

/// Asks for a refund: what nothing stands against is opened.
pub async fn request(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    approval: Approval,
    request: &RequestRefund,
) -> Result<RefundRow> {
    let purchase = Purchase::find(viewer, tx.db(), request.into()).await?;
    let now = tx.now();
    let checked = check(tx.db(), &purchase, request, now).await?;
    open(tx, approval, &purchase, request, checked).await
}

/// Writes the request. Inside its policy it is approved and goes to its end at once; where reviews are configured it
/// waits for the operator (REF-08).
async fn open(
    tx: &mut Tx<'_>,
    approval: Approval,
    purchase: &Purchase,
    request: &RequestRefund,
    checked: Checked,
) -> Result<RefundRow> {
    let (Some(judged), Some(amount), []) = (checked.judged, checked.amount, checked.faults.as_slice()) else {
        return Err(Error::refused(checked.faults));
    };
    let Purchase { order, line, brought } = purchase;
    let (entitlement_id, subscription_id) = match brought {
        Brought::Software(software) => (Some(software.entitlement.id.clone()), None),
        Brought::Seats(row) => (None, Some(row.id.clone())),
        Brought::Nothing => return Err(Error::internal("a refund of what brought nothing")),
    };
    // Which line was meant is said, where the purchase was named by what it brought.
    let mut asked = serde_json::to_value(request).map_err(Error::internal)?;
    if let Some(fields) = asked.as_object_mut() {
        fields.insert("lineNumber".to_owned(), line.number.into());
    }
    let mut row = RefundRow {
        id: tx.id(),
        partner_id: order.partner_id.clone(),
        partner_of_record_id: order.partner_of_record_id.clone(),
        customer_id: order.customer_id.clone(),
        order_id: order.id.clone(),
        order_line_id: line.id.clone(),
        entitlement_id,
        subscription_id,
        state: RefundState::Requested,
        amount_minor: amount.minor(),
        currency: amount.currency().code().to_owned(),
        request: Json::of(&asked)?,
        quote: Json::of(&judged.quote)?,
        version: 1,
        created_at: tx.now().naive_utc(),
        credits: Some(Json::of(&rules::share_out(judged.credits, amount.minor()))?),
        rejected_because: None,
        decided_at: None,
        key_revoked_at: None,
        credited_at: None,
    };
    tx.because(request.complete()?.reason);
    store::insert(tx, &row).await?;
    attachments::keep(tx, AboutKind::Refund, &row.id, &row.partner_id, &checked.files).await?;
    tx.emit(Topic::RefundRequested, &row);
    match approval {
        Approval::Automatic => {
            set_approved(tx, &mut row);
            while advance(tx, &mut row).await? {}
        }
        Approval::Reviewed => {
            row.state = RefundState::InReview;
            store::update(tx, &mut row).await?;
        }
    }
    Ok(row)
}

/// Only what nobody has decided yet can be decided.
fn must_be_open(row: &RefundRow) -> Result<()> {
    let decided = || Error::refused(vec![Fault::at("", Code::RefundNotOpen).with("state", row.state)]);
    row.is_open().then_some(()).ok_or_else(decided)
}

fn set_approved(tx: &mut Tx<'_>, row: &mut RefundRow) {
    row.state = RefundState::Approved;
    row.decided_at = Some(tx.now().naive_utc());
    tx.emit(Topic::RefundApproved, &*row);
}

/// The operator's yes stands once it is written; what follows from it is a job's, one committed step at a time.
pub async fn approve(tx: &mut Tx<'_>, row: &mut RefundRow) -> Result<()> {
    must_be_open(row)?;
    set_approved(tx, row);
    store::update(tx, row).await?;
    tx.enqueue(GO_ON, "", "", serde_json::json!(row.id), tx.machine_now());
    Ok(())
}

/// The operator's no.
pub async fn reject(tx: &mut Tx<'_>, row: &mut RefundRow, reason: &str) -> Result<()> {
    must_be_open(row)?;
    row.state = RefundState::Rejected;
    row.rejected_because = Some(reason.to_owned());
    row.decided_at = Some(tx.now().naive_utc());
    store::update(tx, row).await?;
    tx.because(reason);
    tx.emit(Topic::RefundRejected, &*row);
    Ok(())
}

/// The partner takes it back.
pub async fn withdraw(tx: &mut Tx<'_>, row: &mut RefundRow) -> Result<()> {
    must_be_open(row)?;
    row.state = RefundState::Withdrawn;
    row.decided_at = Some(tx.now().naive_utc());
    store::update(tx, row).await?;
    tx.emit(Topic::RefundWithdrawn, &*row);
    Ok(())
}

/// Takes the next step of a refund that was approved, and tells whether there is another. Whatever is no longer before
/// its step is left as it is: nothing is done twice.
async fn advance(tx: &mut Tx<'_>, row: &mut RefundRow) -> Result<bool> {
    match row.state {
        RefundState::Approved if row.entitlement_id.is_some() => {
            if take_software_back(tx, row).await? {
                return Ok(true);
            }
            credit(tx, row, 0).await?;
        }
        RefundState::Approved => {
            let seats = take_seats_back(tx, row).await?;
            credit(tx, row, seats).await?;
            // What was credited is owed no more (REN-03).
            if let Some(id) = &row.subscription_id {
                renewals::settle(tx, id).await?;
            }
        }
        RefundState::KeyRevoked => credit(tx, row, 0).await?,
        _ => {}
    }
    Ok(false)
}

/// Ends the purchase; where a key was issued for it, it is revoked by this step, and the credit waits for the next.
async fn take_software_back(tx: &mut Tx<'_>, row: &mut RefundRow) -> Result<bool> {
    let id = row.entitlement_id.as_deref().unwrap_or_default();
    let entitlement = software::find(&Viewer::Operator, tx.db(), id).await?;
    let order = orders::find(&Viewer::Operator, tx.db(), &row.order_id).await?;
    let mut lines = orders::lines_of(tx.db(), &order).await?;
    lines.retain(|line| line.id == row.order_line_id);
    let line = lines.pop().ok_or_else(|| Error::internal("a refund without its order line"))?;
    let had_key = software::revoke_key(tx, &entitlement).await?;
    software::cancel(tx, &entitlement).await?;
    orders::cancel_line(tx, &order, &line).await?;
    if had_key {
        row.state = RefundState::KeyRevoked;
        row.key_revoked_at = Some(tx.now().naive_utc());
        store::update(tx, row).await?;
        tx.emit(Topic::ProductKeyRevoked, &entitlement);
        tx.emit(Topic::RefundKeyRevoked, &*row);
    }
    Ok(had_key)
}

async fn take_seats_back(tx: &mut Tx<'_>, row: &RefundRow) -> Result<i64> {
    let id = row.subscription_id.as_ref().ok_or_else(|| Error::internal("a refund of nothing"))?;
    let credits = row.credits()?;
    let seats: Vec<(&str, i64)> =
        credits.iter().filter_map(|credit| Some((credit.batch_id.as_deref()?, credit.standing()))).collect();
    subscriptions::take_back(tx, id, &seats).await
}

/// Lets seats that are asked back go first with a scheduled change of so many; they are not taken once more when the refund
/// is approved. Answers how many went from which batch.
pub async fn go_first(tx: &mut Tx<'_>, subscription_id: &str, seats: i64) -> Result<Vec<(String, i64)>> {
    let Some(id) = store::open_of_subscription(tx.db(), subscription_id).await? else { return Ok(Vec::new()) };
    let mut row = store::find(&Viewer::Operator, tx.db(), &id).await?;
    let mut credits = row.credits()?;
    let gone = rules::go_first(&mut credits, seats, tx.now());
    if gone.is_empty() {
        return Ok(gone);
    }
    row.credits = Some(Json::of(&credits)?);
    store::update(tx, &mut row).await?;
    Ok(gone)
}

/// What was charged since for seats that were asked back by then, those that are taken now and those that went before: the
/// next periods of a review that outlasted its own are given back in full (REF-04: days and amount are judged at the
/// request).
async fn charged_since(tx: &mut Tx<'_>, row: &RefundRow, taken: i64) -> Result<Vec<Credit>> {
    let Some(id) = &row.subscription_id else { return Ok(Vec::new()) };
    let went: Vec<Went> = row.credits()?.into_iter().flat_map(|credit| credit.went).collect();
    let credit = |(line, charged_at): (InvoiceLineRow, NaiveDateTime)| {
        let later = went.iter().filter(|went| went.at > charged_at).map(|went| went.seats).sum::<i64>();
        let quantity = (taken + later).min(line.quantity);
        Credit::new(line.id, quantity, line.unit_price_minor * quantity, None)
    };
    let charged = billing::renewed_since(tx.db(), id, row.created_at).await?;
    Ok(charged.into_iter().map(credit).filter(|credit| credit.quantity > 0).collect())
}

/// Writes the credit notes: what was judged at the request, and what was charged since for the seats that go with it;
/// never more than is left of what was invoiced (REF-04).
async fn credit(tx: &mut Tx<'_>, row: &mut RefundRow, seats: i64) -> Result<()> {
    let mut credits = row.credits()?;
    credits.extend(charged_since(tx, row, seats).await?);
    let ids: Vec<&str> = credits.iter().map(|credit| credit.invoice_line_id.as_str()).collect();
    let charged = billing::lines(tx.db(), &ids).await?;
    let mut lines = Vec::new();
    for charged in &charged {
        let mut left = charged.total_minor - billing::credited_minor(tx.db(), &charged.id).await?;
        for credit in credits.iter().filter(|credit| credit.invoice_line_id == charged.id) {
            let minor = credit.amount_minor.min(left);
            left -= minor;
            let amount = Money::from_columns(minor, &charged.currency)
                .map_err(|fault| Error::internal(format!("an invoice line has {fault:?}")))?;
            if minor > 0 {
                lines.push(CreditedLine { line: charged, quantity: credit.quantity, amount });
            }
        }
    }
    let credited: i64 = lines.iter().map(|line| line.amount.minor()).sum();
    if credited == 0 {
        return Err(Error::internal(format!("nothing is left to credit for refund {}", row.id)));
    }
    let cause = CreditCause::refund(&row.id, row.subscription_id.as_deref());
    billing::issue_credit_notes(tx, &cause, &lines).await?;
    row.amount_minor = credited;
    row.state = RefundState::Credited;
    row.credited_at = Some(tx.now().naive_utc());
    store::update(tx, row).await?;
    tx.emit(Topic::RefundCredited, &*row);
    Ok(())
}

/// Goes on with a refund that was approved, one committed step at a time: a process that ends between two leaves the rest
/// to the next (REF-05).
pub async fn go_on(state: &State, job: &Job) -> Result<()> {
    let id: String = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let actor = Actor::house(&job.kind);
    let step = async |tx: &mut Tx<'_>| {
        let mut row = store::find(&Viewer::Operator, tx.db(), &id).await?;
        let has_more = advance(tx, &mut row).await?;
        if !has_more {
            job.finish(tx).await?;
        }
        Ok(has_more)
    };
    while state.write(&actor, step).await? {}
    Ok(())
}

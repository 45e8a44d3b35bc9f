//! Placing an order through Open: the same checks as every order's, and those of its agreement (OPN-01, OPN-07, OPN-08).

use super::model::{OpenOrderRow, PlaceOpenOrder};
use super::{letters, stock, store};
use crate::access::Viewer;
use crate::catalog::{Channel, OfferKind, RefundKind};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result};
use crate::open::agreements::{self, AgreementRow};
use crate::open::keys::{self, OpenKeyRow, OpenKeyState};
use crate::open::programme::{self, OpenBeginning};
use crate::orders::{self, LineState, OrderLineRow, OrderRow, OrderState, Parties, PlaceOrder, PlaceOrderLine, Plan};
use crate::partners::PartnerRow;
use crate::tenants::TenantState;
use crate::topic::Topic;
use crate::{links, profiles};

/// An order that could be placed, and all that stands against it.
pub struct OpenPlan {
    /// On which agreement.
    pub agreement: AgreementRow,
    /// Everybody that it is about.
    pub parties: Parties,
    /// The lines with their prices, and all faults.
    pub plan: Plan,
}

/// Who is of record: the reseller, or who sells by itself.
fn of_record(parties: &Parties) -> &PartnerRow {
    parties.of_record.as_ref().unwrap_or(&parties.seller)
}

/// Runs every check, the order's and the preview's alike.
pub async fn plan(
    viewer: &Viewer,
    db: &mut Db<'_>,
    partner_id: &str,
    now: Instant,
    asked: &PlaceOpenOrder,
) -> Result<OpenPlan> {
    let agreement = agreements::find(viewer, db, &asked.agreement_id).await?;
    let terms = programme::items(now.date_naive())?;
    let line = |line: &super::model::PlaceOpenOrderLine| PlaceOrderLine {
        offer_id: line.offer_id.clone(),
        quantity: line.quantity,
        term_months: Some(terms.term_months),
        billing_cycle: Some(terms.billing_cycle),
    };
    let order = PlaceOrder {
        customer_id: agreement.customer_id.clone(),
        tenant_id: asked.tenant_id.clone(),
        channel: Some(Channel::Open),
        provider_id: Some(asked.provider_id.clone()),
        partner_id_on_record: asked.partner_id_on_record.clone(),
        lines: asked.lines.iter().map(line).collect(),
    };
    let (parties, mut plan) = orders::plan(viewer, db, partner_id, now, &order).await?;
    let mut faults = agreements::may_order(&agreement, now)?;
    for mut fault in std::mem::take(&mut plan.faults) {
        // The customer is the agreement's.
        if fault.pointer == "/customerId" {
            fault.pointer = "/agreementId".to_owned();
        }
        faults.push(fault);
    }
    if !of_record(&parties).advisor_enabled {
        faults.push(Fault::at("", Code::PartnerNotMospa).with("partnerId", &of_record(&parties).id));
    }
    if parties.tenant.state == TenantState::AwaitingAcceptance {
        faults.push(Fault::at("/tenantId", Code::TenantNotActive).with("state", parties.tenant.state));
    }
    faults.extend(profiles::contact(&asked.customer_contact, "/customerContact"));
    faults.extend(profiles::contact(&asked.reseller_contact, "/resellerContact"));
    for planned in &mut plan.lines {
        if planned.offer.kind != OfferKind::Cloud {
            let at = format!("/lines/{}/offerId", planned.number - 1);
            let fault = Fault::at(at, Code::OfferNotAvailable).with("offer", &planned.offer.id);
            faults.push(fault.with("channel", Channel::Open));
        }
        planned.in_stock = stock::has(db, &planned.offer.product_id, 1).await?;
        // The year begins at the redemption (OPN-05).
        planned.period = None;
    }
    plan.faults = faults;
    Ok(OpenPlan { agreement, parties, plan })
}

/// Writes an order that nothing stands against: complete, or waiting for keys. The agreement begins, where it begins with
/// an order; customer and reseller are welcomed (OPN-03).
pub async fn place(tx: &mut Tx<'_>, planned: OpenPlan, asked: &PlaceOpenOrder) -> Result<OrderRow> {
    let OpenPlan { mut agreement, parties, plan } = planned;
    let total = plan.total.ok_or_else(|| Error::new(Code::AmountTooLarge))?;
    if let Some(reseller) = &parties.of_record {
        links::hold(tx, &parties.seller.id, &reseller.id).await?;
    }
    let mut order = OrderRow {
        id: tx.id(),
        partner_id: parties.seller.id.clone(),
        partner_of_record_id: parties.of_record.as_ref().map(|reseller| reseller.id.clone()),
        customer_id: parties.customer.id.clone(),
        tenant_id: parties.tenant.id.clone(),
        state: OrderState::AwaitingStock,
        channel: Channel::Open,
        total_minor: total.minor(),
        currency: total.currency().code().to_owned(),
        version: 1,
        created_at: tx.now().naive_utc(),
        cancelled_because: None,
        cancelled_at: None,
    };
    let own = OpenOrderRow {
        order_id: order.id.clone(),
        agreement_id: agreement.id.clone(),
        purchase_order_number: asked.purchase_order_number.clone(),
        customer_contact: Json::of(&asked.customer_contact)?,
        reseller_contact: Json::of(&asked.reseller_contact)?,
    };
    orders::insert(tx, &order).await?;
    store::insert(tx, &own).await?;
    tx.emit(Topic::OrderPlaced, &order);
    write_lines(tx, &order, &agreement, &plan).await?;
    let now = tx.now();
    if agreements::begin(&mut agreement, OpenBeginning::FirstOrder, now)? {
        agreements::update(tx, &mut agreement).await?;
        tx.emit(Topic::OpenAgreementBegun, &agreement);
    }
    if !stock::complete(tx, &mut order, &agreement).await? {
        tx.emit(Topic::OrderAwaitingStock, &order);
    }
    letters::welcome(tx, &parties.customer, of_record(&parties), &agreement, asked).await?;
    Ok(order)
}

/// Each line brings one key, for all of its seats.
async fn write_lines(tx: &mut Tx<'_>, order: &OrderRow, agreement: &AgreementRow, plan: &Plan) -> Result<()> {
    for planned in &plan.lines {
        let line = OrderLineRow {
            id: tx.id(),
            partner_id: order.partner_id.clone(),
            order_id: order.id.clone(),
            number: planned.number,
            offer_id: planned.offer.id.clone(),
            name: planned.offer.name.clone(),
            quantity: i64::from(planned.quantity),
            unit_price_minor: planned.unit_price.minor(),
            total_minor: planned.total.minor(),
            currency: planned.total.currency().code().to_owned(),
            period_start: None,
            period_end: None,
            state: LineState::AwaitingStock,
            entitlement_id: None,
            subscription_id: None,
            product_id: Some(planned.offer.product_id.clone()),
            family: planned.offer.family.clone(),
            term_months: planned.term.term_months.map(i64::from),
            billing_cycle: Some(planned.term.billing_cycle),
            // Once it is redeemed (OPN-06).
            refund: Some(RefundKind::NotRefundable),
        };
        orders::insert_line(tx, &line).await?;
        let key = OpenKeyRow {
            id: tx.id(),
            partner_id: order.partner_id.clone(),
            partner_of_record_id: order.partner_of_record_id.clone(),
            customer_id: order.customer_id.clone(),
            tenant_id: order.tenant_id.clone(),
            agreement_id: agreement.id.clone(),
            order_id: order.id.clone(),
            order_line_id: line.id,
            offer_id: line.offer_id,
            product_id: planned.offer.product_id.clone(),
            name: line.name,
            quantity: line.quantity,
            state: OpenKeyState::Ordered,
            product_key_id: None,
            masked: None,
            redemption_id: None,
            subscription_id: None,
            next_notice_at: None,
            version: 1,
            created_at: tx.now().naive_utc(),
            retrieved_at: None,
            redeemed_at: None,
            cancelled_at: None,
        };
        keys::insert(tx, &key).await?;
        tx.emit(Topic::OpenKeyOrdered, &key);
    }
    Ok(())
}

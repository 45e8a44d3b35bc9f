//! Orders that waited for keys complete when keys come, oldest first (SWK-09). One completes as a whole, with its invoice.

use super::model::{LineState, OrderLineRow, OrderRow, OrderState};
use super::{place, store};
use crate::db::write::{Actor, Tx};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::period::Period;
use crate::software::{self, Waiting};
use crate::state::State;
use crate::topic::Topic;
use crate::{access::Viewer, catalog};
use std::collections::{HashMap, HashSet};

/// How many orders one transaction completes.
const BATCH: usize = 20;

/// Completes what waits for the product that a job names, as far as its keys go.
pub async fn complete_waiting(state: &State, job: &Job) -> Result<()> {
    let product: String = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let actor = Actor::house(&job.kind);
    let some = async |tx: &mut Tx<'_>| {
        let completed = complete_some(tx, &product).await?;
        if completed < BATCH {
            job.finish(tx).await?;
        }
        Ok(completed == BATCH)
    };
    while state.write(&actor, some).await? {}
    Ok(())
}

async fn complete_some(tx: &mut Tx<'_>, product: &str) -> Result<usize> {
    let mut free = HashMap::from([(product.to_owned(), software::keys_for_those_who_wait(tx.db(), product).await?)]);
    let (mut looked_at, mut completed) = (HashSet::new(), 0);
    for waiting in software::waiting_for(tx.db(), product).await? {
        if completed == BATCH || free.get(product).is_none_or(|left| *left <= 0) {
            break;
        }
        if !looked_at.insert(waiting.order_id.clone()) {
            continue;
        }
        let order = store::find(&Viewer::Operator, tx.db(), &waiting.order_id).await?;
        let lines = store::lines_of(tx.db(), &order).await?;
        let offers = offers_of(tx, &lines).await?;
        let mut fits = true;
        for line in &lines {
            let offer = offer_of(&offers, line)?;
            // What it needs stays its own, whether it can be completed now or not: who came later does not overtake.
            let left = match free.get_mut(&offer.product_id) {
                Some(left) => left,
                None => {
                    let left = left_for(tx, &offer.product_id, &waiting).await?;
                    free.entry(offer.product_id.clone()).or_insert(left)
                }
            };
            *left -= 1;
            fits = fits && *left >= 0;
        }
        if fits {
            complete(tx, order, lines, &offers).await?;
            completed += 1;
        }
    }
    Ok(completed)
}

/// What those who wait longer leave of another product.
async fn left_for(tx: &mut Tx<'_>, product: &str, waiting: &Waiting) -> Result<i64> {
    let keys = software::keys_for_those_who_wait(tx.db(), product).await?;
    Ok(keys - software::waiting_longer(tx.db(), product, waiting).await?)
}

async fn offers_of(tx: &mut Tx<'_>, lines: &[OrderLineRow]) -> Result<Vec<catalog::OfferRow>> {
    let ids: Vec<String> = lines.iter().map(|line| line.offer_id.clone()).collect();
    catalog::offers(tx.db(), &ids).await
}

fn offer_of<'a>(offers: &'a [catalog::OfferRow], line: &OrderLineRow) -> Result<&'a catalog::OfferRow> {
    let found = offers.iter().find(|offer| offer.id == line.offer_id);
    found.ok_or_else(|| Error::internal(format!("the order line {} has no offer", line.id)))
}

/// The purchase is now: what is paid for begins today (REF-01).
async fn complete(
    tx: &mut Tx<'_>,
    mut order: OrderRow,
    mut lines: Vec<OrderLineRow>,
    offers: &[catalog::OfferRow],
) -> Result<()> {
    let today = tx.now().date_naive();
    for line in &mut lines {
        let months = offer_of(offers, line)?.term_months.and_then(|months| u32::try_from(months).ok());
        let period = months.and_then(|months| Period::of_months(today, months));
        line.period_start = period.map(|period| period.start.to_string());
        line.period_end = period.map(|period| period.end.to_string());
        line.state = LineState::Completed;
        store::complete_line(tx, line).await?;
        software::activate(tx, &line.entitlement_id).await?;
    }
    order.state = OrderState::Completed;
    order.version += 1;
    store::set_state(tx, &order).await?;
    place::invoice(tx, &order, &lines).await?;
    tx.emit(Topic::OrderCompleted, &order);
    Ok(())
}

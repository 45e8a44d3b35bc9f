//! Orders that waited for keys complete when keys come, oldest first (SWK-09). One completes as a whole, with its invoice.

use super::model::OrderRow;
use super::{fulfil, store, waiting};
use crate::access::Viewer;
use crate::db::write::{Actor, Tx};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::renewals::Settings;
use crate::software::{self, Waiting};
use crate::state::State;
use std::collections::{HashMap, HashSet};

/// How many orders one transaction completes.
const BATCH: usize = 20;

/// Completes what waits for the product that a job names, as far as its keys go.
pub async fn complete_waiting(state: &State, job: &Job) -> Result<()> {
    let product: String = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let (actor, settings) = (Actor::house(&job.kind), Settings::of(&state.config));
    let some = async |tx: &mut Tx<'_>| {
        let completed = complete_some(tx, settings, &product).await?;
        if completed < BATCH {
            job.finish(tx).await?;
        }
        Ok(completed == BATCH)
    };
    while state.write(&actor, some).await? {}
    Ok(())
}

async fn complete_some(tx: &mut Tx<'_>, settings: Settings, product: &str) -> Result<usize> {
    let mut free = HashMap::from([(product.to_owned(), software::keys_for_those_who_wait(tx.db(), product).await?)]);
    let (mut looked_at, mut completed) = (HashSet::new(), 0);
    for waiting in software::waiting_for(tx.db(), product).await? {
        if completed == BATCH || free.get(product).is_none_or(|left| *left <= 0) {
            break;
        }
        if !looked_at.insert(waiting.order_id.clone()) {
            continue;
        }
        let mut order = store::find(&Viewer::Operator, tx.db(), &waiting.order_id).await?;
        if take(tx, &mut free, &order, &waiting).await? {
            fulfil::go_on(tx, settings, &mut order, true).await?;
            completed += 1;
        }
    }
    Ok(completed)
}

/// Takes what an order needs, and tells whether that was there. It stays the order's own either way: who came later does
/// not overtake.
async fn take(tx: &mut Tx<'_>, free: &mut HashMap<String, i64>, order: &OrderRow, since: &Waiting) -> Result<bool> {
    let mut fits = true;
    for product in waiting::products(tx, order).await? {
        let left = match free.get_mut(&product) {
            Some(left) => left,
            None => {
                let left = left_for(tx, &product, since).await?;
                free.entry(product).or_insert(left)
            }
        };
        *left -= 1;
        fits = fits && *left >= 0;
    }
    Ok(fits)
}

/// What those who wait longer leave of another product.
async fn left_for(tx: &mut Tx<'_>, product: &str, waiting: &Waiting) -> Result<i64> {
    let keys = software::keys_for_those_who_wait(tx.db(), product).await?;
    Ok(keys - software::waiting_longer(tx.db(), product, waiting).await?)
}

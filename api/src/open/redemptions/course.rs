//! The course of a redemption: every key is judged, then all are redeemed. Of two at once that share a key one finds it
//! redeemed, because redeeming changes its row (OPN-04).

use super::model::{OpenRedemption, RedeemOpenKeys, RedemptionRow};
use super::store;
use crate::access::Viewer;
use crate::db::words::Json;
use crate::db::write::Tx;
use crate::error::{Code, Error, Fault, Result, all_or};
use crate::open::keys::{self, OpenKey, OpenKeyRow, OpenKeyState};
use crate::period::Period;
use crate::renewals::Settings;
use crate::software::{self, ProductKey};
use crate::subscriptions::{self, Held};
use crate::tenants::{self, TenantState};
use crate::topic::Topic;
use crate::{billing, catalog, customers, orders, profiles};
use std::collections::HashMap;

fn at(index: usize) -> String {
    format!("/keys/{index}")
}

/// The keys that were typed, for these eyes: another's is as unknown as one that is nowhere (CUS-05).
async fn typed(tx: &mut Tx<'_>, viewer: &Viewer, texts: &[String]) -> Result<Vec<OpenKeyRow>> {
    let (mut found, mut faults): (Vec<OpenKeyRow>, Vec<Fault>) = (Vec::new(), Vec::new());
    for (index, text) in texts.iter().enumerate() {
        let Some(key) = ProductKey::parse(text) else {
            faults.push(Fault::at(at(index), Code::KeyFormatInvalid));
            continue;
        };
        let vault = tx.vault();
        let id = software::known_key(tx.db(), vault, &key).await?;
        let row = match id {
            Some(id) => keys::find_by_product_key(viewer, tx.db(), &id).await?,
            None => None,
        };
        match row {
            None => faults.push(Fault::at(at(index), Code::KeyUnknown)),
            Some(row) if found.iter().any(|other| other.id == row.id) => {
                faults.push(Fault::at(at(index), Code::KeyRepeated));
            }
            Some(row) => {
                faults.extend(keys::redeemable(&row, &at(index)));
                if found.first().is_some_and(|first| first.customer_id != row.customer_id) {
                    faults.push(Fault::at(at(index), Code::RedemptionCustomersDiffer));
                }
                found.push(row);
            }
        }
    }
    all_or(found, faults)
}

/// Whether the tenants take what the keys bring, all of it together (CAT-02, CAT-03, TEN-10).
async fn fit(tx: &mut Tx<'_>, keys: &[OpenKeyRow]) -> Result<()> {
    let mut faults = Vec::new();
    let mut on_tenant: HashMap<String, Vec<Held>> = HashMap::new();
    for (index, key) in keys.iter().enumerate() {
        let tenant = tenants::get(tx.db(), &key.tenant_id).await?;
        if tenant.state != TenantState::Active {
            faults.push(Fault::at(at(index), Code::TenantNotActive).with("state", tenant.state));
            continue;
        }
        if !on_tenant.contains_key(&tenant.id) {
            let held = subscriptions::held_by(tx.db(), &tenant.id, None).await?;
            on_tenant.insert(tenant.id.clone(), held);
        }
        let held = on_tenant.entry(tenant.id).or_default();
        let offer = catalog::find(tx.db(), &key.offer_id, key.created_at.and_utc()).await?;
        faults.extend(subscriptions::other_family(held, offer.family.as_deref(), &at(index)));
        faults.extend(subscriptions::over_cap(held, &key.product_id, offer.seat_cap, key.quantity, &at(index)));
        if held.len() >= subscriptions::MOST_ON_TENANT {
            let most = subscriptions::MOST_ON_TENANT;
            faults.push(Fault::at(at(index), Code::SubscriptionLimitReached).with("limit", most));
        }
        held.push(Held {
            subscription_id: None,
            product_id: key.product_id.clone(),
            family: offer.family,
            seats: key.quantity,
        });
    }
    all_or((), faults)
}

/// Redeems all of them, or none.
pub async fn redeem(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    settings: Settings,
    asked: &RedeemOpenKeys,
) -> Result<OpenRedemption> {
    let mut faults: Vec<Fault> = profiles::company_name(&asked.company_name, "/companyName").into_iter().collect();
    faults.extend(profiles::contact(&asked.contact, "/contact"));
    all_or((), faults)?;
    let typed = typed(tx, viewer, &asked.keys).await?;
    let first = typed.as_slice().first().ok_or_else(|| Error::internal("a redemption of nothing"))?;
    let customer = customers::get(tx.db(), &first.customer_id).await?;
    all_or((), profiles::address(&asked.address, &customer.country, "/address"))?;
    fit(tx, &typed).await?;
    let row = RedemptionRow {
        id: tx.id(),
        customer_id: customer.id,
        company_name: asked.company_name.clone(),
        address: Json::of(&asked.address)?,
        contact: Json::of(&asked.contact)?,
        created_at: tx.now().naive_utc(),
    };
    store::insert(tx, &row).await?;
    let mut redeemed = Vec::new();
    for key in typed {
        redeemed.push(OpenKey::from(begin(tx, settings, &row.id, key).await?));
    }
    Ok(OpenRedemption {
        id: row.id,
        customer_id: row.customer_id,
        keys: redeemed,
        redeemed_at: row.created_at.and_utc(),
    })
}

/// The year of a key begins today, whatever its agreement's term (OPN-05).
async fn begin(tx: &mut Tx<'_>, settings: Settings, redemption_id: &str, mut key: OpenKeyRow) -> Result<OpenKeyRow> {
    let now = tx.now();
    let missing = || Error::internal(format!("key {} lacks what it was sold by", key.id));
    let mut order = orders::find(&Viewer::Operator, tx.db(), &key.order_id).await?;
    let lines = orders::lines_of(tx.db(), &order).await?;
    let mut line = lines.into_iter().find(|line| line.id == key.order_line_id).ok_or_else(missing)?;
    let charged = billing::invoice_line_of(tx.db(), &line.id).await?.ok_or_else(missing)?;
    let months = line.term_months.and_then(|months| u32::try_from(months).ok());
    let term = months.and_then(|months| Period::of_months(now.date_naive(), months)).ok_or_else(missing)?;
    let subscription_id = tx.id();
    line.subscription_id = Some(subscription_id.clone());
    line.period_start = Some(term.start.to_string());
    line.period_end = Some(term.end.to_string());
    orders::update_line(tx, &line).await?;
    orders::update(tx, &mut order).await?;
    subscriptions::begin(tx, settings, &order, &line, &charged.id).await?;
    key.state = OpenKeyState::Redeemed;
    key.redeemed_at = Some(now.naive_utc());
    key.redemption_id = Some(redemption_id.to_owned());
    key.subscription_id = Some(subscription_id);
    key.next_notice_at = keys::first_notice(term, now, settings.zone)?.map(|at| at.naive_utc());
    keys::update(tx, &mut key).await?;
    tx.emit(Topic::OpenKeyRedeemed, &key);
    Ok(key)
}

//! The operation that explains.

use super::facts::{self, Facts};
use super::model::{CheckGccEligibility, GccCustomer, GccEligibility, GccOffer, GccOperation, GccSeller, GccStep};
use super::rules::{self, Missing};
use crate::access::permits::GccEligibility as MayAsk;
use crate::access::{Caller, Permit, Viewer};
use crate::catalog::{self, OfferRow};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::gcc::qualifications;
use crate::gcc::rules::may_see_qualifications;
use crate::http::{Body, Problems};
use crate::messages::Language;
use crate::orders::{self, PlaceOrder};
use crate::state::App;
use actix_web::{post, web::Json};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operation.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(check_gcc_eligibility);
}

/// What stands between the caller and an order of the government cloud?
///
/// Who could sell what to whom now, and every missing step in its order, with the operation that does it, what is known of
/// its body, and what only a person can fill in. Writes nothing. Do the first step, ask again, and come to `order`.
#[utoipa::path(tag = "gcc", request_body = CheckGccEligibility, security(("oauth2" = [MayAsk::NAME])),
    responses((status = 200, description = "What is missing.", body = GccEligibility), Problems))]
#[post("/v1/gcc/eligibility")]
async fn check_gcc_eligibility(
    app: App,
    caller: Caller<MayAsk>,
    body: Body<CheckGccEligibility>,
) -> Result<Json<GccEligibility>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let facts = facts::gather(caller.viewer(), &mut db, caller.partner()?, &body, now).await?;
    let sold = offers(&mut db, body.offers.as_deref(), &facts).await?;
    let mut missing = rules::missing(&facts)?;
    let is_ready = missing.is_empty() && facts.customer.is_some();
    let mut can_be_ordered = BTreeSet::new();
    for offer in sold.iter().filter(|_| is_ready) {
        let alone = rules::order(&facts, std::slice::from_ref(&offer.id));
        if reasons(caller.viewer(), &mut db, &facts, alone.as_ref()).await?.is_empty() {
            can_be_ordered.insert(offer.id.clone());
        }
    }
    let qualified = match may_see_qualifications(&facts.caller, &facts.sellers) {
        Ok(()) => qualifications::qualified_of(caller.viewer(), &mut db, 200).await?,
        Err(_not_yet) => Vec::new(),
    };
    let mut order = match is_ready {
        true => rules::order(&facts, &chosen(body.offers.is_some(), &sold, &can_be_ordered)),
        false => None,
    };
    // The order's own checks have the last word (ORD-01).
    if let Some(wanted) = &order {
        let reasons = reasons(caller.viewer(), &mut db, &facts, Some(wanted)).await?;
        if !reasons.is_empty() {
            missing.push(rules::refused(wanted, &reasons));
            order = None;
        }
    }
    Ok(Json(GccEligibility {
        possible: order.is_some(),
        sellers: sellers(&facts),
        qualified_customers: qualified
            .into_iter()
            .map(|(customer_id, company_name)| GccCustomer { customer_id, company_name })
            .collect(),
        offers: sold
            .iter()
            .map(|offer| GccOffer {
                offer_id: offer.id.clone(),
                name: offer.name.clone(),
                possible: can_be_ordered.contains(&offer.id),
            })
            .collect(),
        steps: steps(missing, &facts, caller.context().language),
        order,
    }))
}

/// The offers of the government cloud that are sold now: those that are named, or all.
async fn offers(db: &mut Db<'_>, named: Option<&[String]>, facts: &Facts) -> Result<Vec<OfferRow>> {
    let Some(named) = named else {
        return catalog::gcc_offers_at(db, facts.now).await;
    };
    let found = catalog::offers_at(db, named, facts.now).await?;
    if let Some(unknown) = named.iter().find(|id| !found.iter().any(|offer| offer.id == **id && offer.gcc)) {
        return Err(Error::not_found("offer").with("offer", unknown));
    }
    Ok(found)
}

/// What the order is of: all that was named, else the first that can be ordered.
fn chosen(is_named: bool, sold: &[OfferRow], can_be_ordered: &BTreeSet<String>) -> Vec<String> {
    if is_named {
        return sold.iter().map(|offer| offer.id.clone()).collect();
    }
    let best = sold.iter().find(|offer| can_be_ordered.contains(&offer.id)).or(sold.first());
    best.into_iter().map(|offer| offer.id.clone()).collect()
}

/// The codes of everything that stands against an order.
async fn reasons(
    viewer: &Viewer,
    db: &mut Db<'_>,
    facts: &Facts,
    order: Option<&GccOperation>,
) -> Result<Vec<&'static str>> {
    let Some(body) = order.and_then(|order| order.body.clone()) else { return Ok(Vec::new()) };
    let order: PlaceOrder = serde_json::from_value(body).map_err(Error::internal)?;
    let (_, plan) = orders::plan(viewer, db, &facts.caller.id, facts.now, &order).await?;
    Ok(plan.faults.iter().map(|fault| fault.code.as_str()).collect())
}

fn sellers(facts: &Facts) -> Vec<GccSeller> {
    let seller = |one: &crate::partners::PartnerRow| GccSeller {
        partner_id: one.id.clone(),
        legal_name: one.legal_name.clone(),
        tenant_id: one.tenant_id.clone(),
        qualified: one.is_gcc_qualified(),
        chosen: facts.seller.as_ref().is_some_and(|chosen| chosen.id == one.id),
    };
    facts.sellers.iter().map(seller).collect()
}

fn steps(missing: Vec<Missing>, facts: &Facts, language: Language) -> Vec<GccStep> {
    let seller = facts.seller.as_ref().map(|seller| seller.legal_name.as_str()).unwrap_or_default();
    let customer = facts.customer.as_ref().map(|customer| customer.row.company_name.as_str());
    let organization = customer.or(facts.organization.as_deref()).unwrap_or_default();
    let told = |(index, one): (usize, Missing)| {
        let mut words = one.facts;
        words.entry("company").or_insert_with(|| json!(seller));
        words.entry("organization").or_insert_with(|| json!(organization));
        let operation: Option<GccOperation> = one.operation;
        GccStep { number: index + 1, code: one.code, by: one.by, detail: one.code.detail(language, &words), operation }
    };
    missing.into_iter().enumerate().map(told).collect()
}

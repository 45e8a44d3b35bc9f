//! The operation that explains.

use super::facts::{self, Facts};
use super::model::{CheckGccEligibility, GccCustomer, GccEligibility, GccOffer, GccOperation, GccSeller, GccStep};
use super::rules::{self, Missing};
use crate::access::permits::GccEligibility as MayAsk;
use crate::access::{Caller, Permit};
use crate::catalog::{self, OfferRow};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::gcc::qualifications;
use crate::gcc::rules::may_see_qualifications;
use crate::http::{Body, Problems};
use crate::messages::Language;
use crate::state::App;
use actix_web::{post, web::Json};
use serde_json::json;
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
    let missing = rules::missing(&facts)?;
    let possible = missing.is_empty() && facts.customer.is_some() && !sold.is_empty();
    let qualified = match may_see_qualifications(&facts.caller, &facts.sellers) {
        Ok(()) => qualifications::qualified_of(caller.viewer(), &mut db, 200).await?,
        Err(_not_yet) => Vec::new(),
    };
    let order = match possible {
        true => rules::order(&facts, &chosen(body.offers.is_some(), &sold)),
        false => None,
    };
    Ok(Json(GccEligibility {
        possible: order.is_some(),
        sellers: sellers(&facts),
        qualified_customers: qualified
            .into_iter()
            .map(|(customer_id, company_name)| GccCustomer { customer_id, company_name })
            .collect(),
        offers: sold
            .iter()
            .map(|offer| GccOffer { offer_id: offer.id.clone(), name: offer.name.clone(), possible: order.is_some() })
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

/// What the order is of: all that was named, else the first.
fn chosen(is_named: bool, sold: &[OfferRow]) -> Vec<String> {
    let most = if is_named { sold.len() } else { 1 };
    sold.iter().take(most).map(|offer| offer.id.clone()).collect()
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

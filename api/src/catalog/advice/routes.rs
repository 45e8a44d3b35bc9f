//! The operations that advise.

use super::model::{
    AskUpgrades, MatchedProfile, OfferInBrief, OfferUpgrade, OfferUpgrades, PlanRecommendation, RecommendPlan,
    RecommendedPlan,
};
use super::rules;
use crate::access::permits::CatalogRead;
use crate::access::{Caller, Permit};
use crate::catalog::file::{GuideSize, SalesGuide, SalesProfile, Want};
use crate::catalog::model::OfferRow;
use crate::catalog::reasons::{Because, Reason};
use crate::catalog::store;
use crate::error::{Code, Error, Result};
use crate::http::{Body, Problems, Query, Tagged};
use crate::messages::Language;
use crate::state::App;
use crate::subscriptions;
use actix_web::web::Json;
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the operations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_offer_upgrades).service(recommend_plan);
}

/// List where an offer may be upgraded to.
///
/// Along the pairs of the upgrade tables that hold, each with who has to move (inside a family some of the users, across
/// families all of them) and whether its table serves the channel. Source of the tables: the catalogue files.
#[utoipa::path(tag = "catalogue", security(("oauth2" = [CatalogRead::NAME])),
    params(("id" = String, Path, description = "The offer's stable name.", max_length = 100), AskUpgrades),
    responses((status = 200, description = "Where it may lead.", body = OfferUpgrades), Problems))]
#[get("/v1/offers/{id:[^/:]+}/upgrades")]
async fn list_offer_upgrades(
    app: App,
    caller: Caller<CatalogRead>,
    id: crate::http::id::Name,
    query: Query<AskUpgrades>,
) -> Result<Tagged<OfferUpgrades>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let at = match query.at {
        Some(at) => at,
        None => app.now(&mut db).await?,
    };
    let from = store::find(&mut db, &id, at).await?;
    let channel = match &query.subscription {
        Some(id) => Some(subscriptions::find(caller.viewer(), &mut db, id).await?.channel),
        None => query.channel,
    };
    let targets = store::upgrade_targets(&mut db, &from, at).await?;
    let language = caller.context().language;
    let upgrade = |target| OfferUpgrade::of(&from, target, channel, language);
    let upgrades = targets.into_iter().map(upgrade).collect::<Result<_>>()?;
    Ok(Tagged(OfferUpgrades { offer_id: from.id.clone(), upgrades }))
}

/// Recommend a plan, with the reasons.
///
/// By the table of the sales guide in force (the one of 2013-14 unless an operator imported a later one): up to ten
/// users with basic needs of IT, or more users, growth or advanced needs; and what is wanted. Exactly ten counts as few.
/// Signals that a seller has noticed tell the sales profiles, each with its challenges and what to offer. Writes nothing.
#[utoipa::path(tag = "catalogue", request_body = RecommendPlan, security(("oauth2" = [CatalogRead::NAME])),
    responses((status = 200, description = "The plan that suits.", body = PlanRecommendation), Problems))]
#[post("/v1/plan-recommendations")]
async fn recommend_plan(
    app: App,
    caller: Caller<CatalogRead>,
    body: Body<RecommendPlan>,
) -> Result<Json<PlanRecommendation>> {
    let mut reader = app.read().await?;
    let mut db = reader.db()?;
    let now = app.now(&mut db).await?;
    let (catalogue, guide) =
        store::sales_guide(&mut db, now).await?.ok_or_else(|| Error::new(Code::SalesGuideMissing))?;
    let profiles = rules::profiles(&guide, &body.signals).map_err(Error::refused)?;
    let products: Vec<String> = guide.recommendations.iter().map(|row| row.product_id.clone()).collect();
    let mut sold = store::offers_of_products(&mut db, &products, now).await?;
    sold.retain(|row| body.currency.as_ref().is_none_or(|currency| row.currency == *currency));
    let desk = Desk { guide: &guide, sold: &sold, asked: &body, language: caller.context().language };
    let (size, mut reasons) = rules::size(&guide, &body);
    reasons.push(rules::wants(body.want));
    let matched = |(profile, signals)| desk.profile(profile, signals, size);
    Ok(Json(PlanRecommendation {
        plan: desk.plan(size, body.want)?,
        profiles: profiles.into_iter().map(matched).collect::<Result<_>>()?,
        reasons: Because::all(&reasons, desk.language),
        catalogue,
        size,
    }))
}

/// What an answer is made from.
struct Desk<'a> {
    guide: &'a SalesGuide,
    sold: &'a [OfferRow],
    asked: &'a RecommendPlan,
    language: Language,
}

impl Desk<'_> {
    fn plan(&self, size: GuideSize, want: Want) -> Result<RecommendedPlan> {
        let product_id = rules::plan(self.guide, size, want)
            .ok_or_else(|| Error::internal(format!("the sales guide has no plan for {size:?} and {want:?}")))?;
        let rows: Vec<&OfferRow> = self.sold.iter().filter(|row| row.product_id == product_id).collect();
        let offers: Vec<OfferInBrief> = rows.iter().map(|row| OfferInBrief::of(row)).collect::<Result<_>>()?;
        let mut remarks = Vec::new();
        if let Some(cap) =
            rows.iter().filter_map(|row| row.seat_cap).min().filter(|cap| i64::from(self.asked.users) > *cap)
        {
            remarks.push(Because::of("over_the_cap").with("cap", cap).with("users", self.asked.users));
        }
        if offers.iter().any(|offer| offer.price.is_none()) {
            remarks.push(Because::of("no_price_listed"));
        }
        if let Some(currency) = self.asked.currency.as_ref().filter(|_| offers.is_empty()) {
            remarks.push(Because::of("not_sold_in_currency").with("currency", currency.as_str()));
        }
        let remarks = Because::all(&remarks, self.language);
        Ok(RecommendedPlan { product_id: product_id.to_owned(), offers, remarks })
    }

    fn profile(&self, profile: &SalesProfile, signals: Vec<&str>, size: GuideSize) -> Result<MatchedProfile> {
        let said = |words: &[crate::catalog::file::Words]| {
            words.iter().map(|words| words.clone().into_text(self.language)).collect()
        };
        let signal = |name: &str| {
            let words = profile.signals.get(name)?.clone();
            Some(Reason { code: name.to_owned(), detail: words.into_text(self.language) })
        };
        Ok(MatchedProfile {
            id: profile.id.clone(),
            name: profile.name.clone().into_text(self.language),
            signals: signals.into_iter().filter_map(signal).collect(),
            description: said(&profile.description),
            challenges: said(&profile.challenges),
            want: profile.want,
            plan: self.plan(size, profile.want)?,
        })
    }
}

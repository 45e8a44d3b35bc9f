//! The types of advice.

use crate::catalog::file::{GuideSize, Want};
use crate::catalog::model::{Channel, OfferRow};
use crate::catalog::reasons::{Because, Reason};
use crate::catalog::upgrades::{UpgradeScope, UpgradeTarget};
use crate::error::Result;
use crate::messages::Language;
use crate::money::Amount;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

crate::word_enum! {
    /// What an organisation needs of IT.
    pub enum ItNeeds {
        /// Looks after itself.
        Basic = "basic",
        /// Directories, archiving, policies and the like.
        Advanced = "advanced",
    }
}

/// The longest word of a signal.
const LONGEST_SIGNAL: usize = 50;

/// Each signal has a bound of its own, which the derive cannot say of a list's items.
fn signals() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_SIGNAL));
    ArrayBuilder::new()
        .items(item)
        .max_items(Some(50))
        .description(Some(
            "What a seller has noticed: the signals of the sales guide, such as `windowsXp` or `exchange2007OrOlder`.",
        ))
        .build()
}

fn each_is_short(signals: &[String]) -> Result<(), ValidationError> {
    let fits = |signal: &String| (1..=LONGEST_SIGNAL).contains(&signal.chars().count());
    if signals.iter().all(fits) { Ok(()) } else { Err(ValidationError::new("length")) }
}

/// For whom a plan is looked for.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecommendPlan {
    /// How many users there are.
    #[validate(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000, example = 10)]
    pub users: u32,
    /// Whether the organisation plans to grow; false unless said.
    #[serde(default)]
    pub growing: bool,
    /// What it needs of IT.
    pub it_needs: ItNeeds,
    /// What it wants.
    pub want: Want,
    /// What a seller has noticed: the `signal` words of the sales guide, such as `windowsXp` or `exchange2007OrOlder`.
    #[serde(default)]
    #[validate(length(max = 50), custom(function = "each_is_short"))]
    #[schema(schema_with = signals)]
    pub signals: Vec<String>,
    /// The currency that offers are looked for in (ISO 4217); any unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 3, max = 3))]
    #[schema(min_length = 3, max_length = 3, nullable = false, example = "EUR")]
    pub currency: Option<String>,
}

/// The plan that suits, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanRecommendation {
    /// The catalogue whose sales guide says so.
    #[schema(max_length = 100, example = "office-365-2013")]
    pub catalogue: String,
    /// The column of the guide's table.
    pub size: GuideSize,
    /// The plan.
    pub plan: RecommendedPlan,
    /// Why this plan: every input with its effect.
    #[schema(max_items = 20)]
    pub reasons: Vec<Reason>,
    /// The sales profiles that the signals tell, those with most signals first.
    #[schema(max_items = 50)]
    pub profiles: Vec<MatchedProfile>,
}

/// A plan with the offers that sell it now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecommendedPlan {
    /// The product.
    #[schema(max_length = 100, example = "office-365-small-business")]
    pub product_id: String,
    /// What sells it now.
    #[schema(max_items = 100)]
    pub offers: Vec<OfferInBrief>,
    /// What to mind: a cap that is too low, a price that is missing.
    #[schema(max_items = 20)]
    pub remarks: Vec<Reason>,
}

/// An offer in brief.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferInBrief {
    /// The offer: see `GET /v1/offers/{id}`.
    #[schema(max_length = 100, example = "office-365-small-business")]
    pub offer_id: String,
    /// Its name.
    #[schema(max_length = 255)]
    pub name: String,
    /// The most seats on one tenant; null for no such limit.
    #[schema(minimum = 1, example = 25)]
    pub seat_cap: Option<i64>,
    /// The price of one seat for one billing cycle of the first term, without tax; null where the source gives none.
    pub price: Option<Amount>,
}

/// A sales profile, and what tells it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatchedProfile {
    /// Its stable name.
    #[schema(max_length = 50, example = "oldMailServer")]
    pub id: String,
    /// Its name.
    #[schema(max_length = 255)]
    pub name: String,
    /// The signals that were given and tell it.
    #[schema(max_items = 20)]
    pub signals: Vec<Reason>,
    /// What such a customer looks like.
    #[schema(max_items = 20)]
    pub description: Vec<String>,
    /// What it struggles with.
    #[schema(max_items = 20)]
    pub challenges: Vec<String>,
    /// What it wants first.
    pub want: Want,
    /// What to offer it: the plan of the same table for what it wants first.
    pub plan: RecommendedPlan,
}

/// Which upgrades.
#[derive(Debug, Deserialize, IntoParams, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AskUpgrades {
    /// The channel that the subscription was bought through; without it no target is ruled out by its channel.
    #[param(nullable = false)]
    pub channel: Option<Channel>,
    /// The subscription of this offer that is to be upgraded: its channel counts.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[param(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub subscription: Option<String>,
    /// When; now unless said.
    #[param(nullable = false)]
    pub at: Option<DateTime<Utc>>,
}

/// Where an offer may lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferUpgrades {
    /// The offer that is left behind.
    #[schema(max_length = 100, example = "office-365-enterprise-e1")]
    pub offer_id: String,
    /// Where it may lead, in the same currency; empty where no table has it.
    #[schema(max_items = 1000)]
    pub upgrades: Vec<OfferUpgrade>,
}

/// An upgrade.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferUpgrade {
    /// The offer.
    #[schema(max_length = 100, example = "office-365-enterprise-e3")]
    pub offer_id: String,
    /// Its product.
    #[schema(max_length = 100, example = "office-365-enterprise-e3")]
    pub product_id: String,
    /// Its name.
    #[schema(max_length = 255)]
    pub name: String,
    /// Its family.
    #[schema(max_length = 50, example = "enterprise")]
    pub family: Option<String>,
    /// The most seats on one tenant; null for no such limit.
    #[schema(minimum = 1, example = 300)]
    pub seat_cap: Option<i64>,
    /// The price of one seat for one billing cycle of the first term, without tax; null where the source gives none.
    pub price: Option<Amount>,
    /// Who has to move: `subset` for some or all, `allUsers` for all or none.
    pub scope: UpgradeScope,
    /// Whether the table serves the channel that was asked for.
    pub allowed: bool,
    /// The upgrade table that says so.
    #[schema(max_length = 100, example = "office-365-2013")]
    pub table: String,
    /// The channels that the table serves.
    #[schema(max_items = 5)]
    pub channels: Vec<Channel>,
    /// Why: the scope, the channel, a price that is missing.
    #[schema(max_items = 10)]
    pub reasons: Vec<Reason>,
}

impl OfferInBrief {
    pub(super) fn of(row: &OfferRow) -> Result<Self> {
        Ok(Self {
            offer_id: row.id.clone(),
            name: row.name.clone(),
            seat_cap: row.seat_cap,
            price: row.first_term()?.price(&row.currency)?.map(Into::into),
        })
    }
}

impl OfferUpgrade {
    /// The target as it is answered.
    pub(super) fn of(
        from: &OfferRow,
        target: UpgradeTarget,
        channel: Option<Channel>,
        language: Language,
    ) -> Result<Self> {
        let allowed = channel.is_none_or(|channel| target.serves(channel));
        let UpgradeTarget { offer, scope, table_id, channels } = target;
        let price = offer.first_term()?.price(&offer.currency)?;
        let family = |row: &OfferRow| row.family.clone().unwrap_or_else(|| row.product_id.clone());
        let mut reasons = vec![match scope {
            UpgradeScope::Subset => Because::of("same_family").with("family", family(&offer)),
            UpgradeScope::AllUsers => Because::of("other_family").with("from", family(from)).with("to", family(&offer)),
        }];
        if let Some(channel) = channel {
            let code = if allowed { "channel_served" } else { "channel_not_served" };
            let names: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
            let reason = Because::of(code).with("table", table_id.as_str()).with("channel", channel.as_str());
            reasons.push(if allowed { reason } else { reason.with("channels", names) });
        }
        reasons.extend(price.is_none().then(|| Because::of("no_price_listed")));
        Ok(Self {
            offer_id: offer.id,
            product_id: offer.product_id,
            name: offer.name,
            family: offer.family,
            seat_cap: offer.seat_cap,
            price: price.map(Into::into),
            scope,
            allowed,
            table: table_id,
            channels,
            reasons: Because::all(&reasons, language),
        })
    }
}

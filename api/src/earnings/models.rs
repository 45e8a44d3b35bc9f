//! The models of earning: dated rows (`api/data/earnings-models.json`), because vendors change them (EAR-01).

use super::rate::Rate;
use crate::catalog::Channel;
use crate::error::{Code, Error, Fault, Result};
use crate::money::Amount;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

const FILE: &str = include_str!("../../data/earnings-models.json");
static MODELS: LazyLock<Option<Models>> = LazyLock::new(|| serde_json::from_str(FILE).ok());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    #[serde(rename = "source")]
    _source: String,
    models: Vec<EarningsModel>,
}

/// What holds from a day on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EarningsModel {
    valid_from: NaiveDate,
    /// The lowest share of the first year's sales.
    pub first_year_from: Rate,
    /// The highest.
    pub first_year_to: Rate,
    /// The share of each later year's sales.
    pub later_years: Rate,
    /// The channels whose sales count.
    pub channels: Vec<Channel>,
    /// What services usually bring.
    pub services: Vec<ServiceBand>,
}

crate::word_enum! {
    /// A kind of service around the plans.
    pub enum ServiceKind {
        /// Setting up, and moving data over.
        ImplementationAndMigration = "implementationAndMigration",
        /// Looking after it.
        ManagedServicesAndSupport = "managedServicesAndSupport",
        /// Training, applications, and other projects.
        ComplementaryProjects = "complementaryProjects",
    }
}

/// What a kind of service usually brings for one seat. The source gives no period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceBand {
    /// The kind.
    pub kind: ServiceKind,
    /// From this for one seat.
    pub from: Amount,
    /// To this for one seat; null for no upper end.
    pub to: Option<Amount>,
}

impl EarningsModel {
    /// A share of the first year's sales that is inside the bounds, from per cent.
    pub fn first_year(&self, percent: &str) -> Result<Rate, Fault> {
        let inside = |rate: &Rate| (self.first_year_from..=self.first_year_to).contains(rate);
        Rate::parse(percent).filter(inside).ok_or_else(|| {
            Fault::at("/firstYearPercent", Code::AdvisorRateOutOfBounds)
                .with("from", self.first_year_from.percent())
                .with("to", self.first_year_to.percent())
        })
    }
}

/// The model that holds on this day.
pub fn on(day: NaiveDate) -> Result<&'static EarningsModel> {
    let models = MODELS.as_ref().map(|file| file.models.as_slice()).unwrap_or_default();
    let model = models.iter().filter(|model| model.valid_from <= day).max_by_key(|model| model.valid_from);
    model.or_else(|| models.first()).ok_or_else(|| Error::internal("no model of earnings can be read"))
}

//! The types of subscriptions.

use crate::catalog::{BillingCycle, Channel, RefundKind};
use crate::db::schema::{seat_batches, subscriptions};
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::money::{Amount, Money};
use crate::period::Period;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::Serialize;
use utoipa::ToSchema;

crate::word_enum! {
    /// Where a subscription stands.
    pub enum SubscriptionState {
        /// In use.
        Active = "active",
        /// Stopped, by the partner or because a renewal was not paid.
        Suspended = "suspended",
        /// Its term is over; it goes on by the month, dearer (SUB-02).
        Extended = "extended",
        /// Its term is over, and it was not to go on.
        Expired = "expired",
        /// Given back inside its window, or never paid.
        Cancelled = "cancelled",
    }
}

crate::word_enum! {
    /// Why a subscription is suspended.
    pub enum SuspendedBecause {
        /// The partner asked for it.
        Requested = "requested",
        /// A renewal's payment is late (REN-03).
        RenewalPaymentOverdue = "renewalPaymentOverdue",
    }
}

crate::word_enum! {
    /// What becomes of a subscription at the end of its term. There is no boolean to misread (SUB-02).
    pub enum EndOfTerm {
        /// Another term, at the price then in force.
        Renew = "renew",
        /// It ends.
        Cancel = "cancel",
        /// It goes on by the month, dearer, until it is renewed or cancelled.
        Extend = "extend",
    }
}

/// The states in which seats count: for caps, families, and the limit of a tenant.
pub const LIVE: [SubscriptionState; 3] =
    [SubscriptionState::Active, SubscriptionState::Suspended, SubscriptionState::Extended];

/// A row of `subscriptions`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SubscriptionRow {
    /// Id.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// Whose it is.
    pub customer_id: String,
    /// The tenant it is bound to (TEN-06).
    pub tenant_id: String,
    /// The order that brought it.
    pub order_id: String,
    /// That order's line.
    pub order_line_id: String,
    /// The subscription that it was split from by an upgrade.
    pub split_from: Option<String>,
    /// The one that was split from this one last.
    pub split_into: Option<String>,
    /// The offer.
    pub offer_id: String,
    /// The plan.
    pub product_id: String,
    /// The plan's family.
    pub family: Option<String>,
    /// The offer's name when it was sold.
    pub name: String,
    /// What the partner calls it.
    pub friendly_name: Option<String>,
    /// Through which channel it was bought.
    pub channel: Channel,
    /// Seats.
    pub quantity: i64,
    /// Price of one seat for one billing cycle.
    pub unit_price_minor: i64,
    /// Its currency.
    pub currency: String,
    /// Months of a term.
    pub term_months: i64,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// By which kind of policy seats are given back.
    pub refund: RefundKind,
    /// The day on which the first term began.
    pub anchor: String,
    /// Months from the anchor to the present term.
    pub term_passed: i64,
    /// Months from the anchor to the present period.
    pub period_passed: i64,
    /// Whether the present period is a month of an extended term.
    pub is_extended: bool,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Why it is suspended.
    pub suspended_because: Option<SuspendedBecause>,
    /// What becomes of it at the end of the term.
    pub end_of_term: EndOfTerm,
    /// Seats from the end of the term on.
    pub scheduled_quantity: Option<i64>,
    /// Counts changes.
    pub version: i64,
    /// When its line completed; a split one has its parent's (REF-01).
    pub purchased_at: NaiveDateTime,
    /// When it expired or was cancelled.
    pub ended_at: Option<NaiveDateTime>,
}

impl Subject for SubscriptionRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(&self.partner_id)
    }
    fn partner_of_record_id(&self) -> Option<&str> {
        self.partner_of_record_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.customer_id)
    }
}

fn months(count: i64) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

impl SubscriptionRow {
    /// Whether its seats count.
    pub fn is_live(&self) -> bool {
        LIVE.contains(&self.state)
    }

    /// How many seats.
    pub fn seats(&self) -> u32 {
        u32::try_from(self.quantity).unwrap_or_default()
    }

    /// Price of one seat for one billing cycle.
    pub fn unit_price(&self) -> Result<Money> {
        Money::from_columns(self.unit_price_minor, &self.currency)
            .map_err(|fault| Error::internal(format!("subscription {} has {fault:?}", self.id)))
    }

    /// Months of the present term.
    fn present_term(&self) -> i64 {
        if self.is_extended { 1 } else { self.term_months }
    }

    /// Months that the present payment covers.
    pub fn present_cycle(&self) -> i64 {
        let left = self.term_passed + self.present_term() - self.period_passed;
        match self.billing_cycle {
            _ if self.is_extended => 1,
            BillingCycle::Monthly => 1,
            BillingCycle::Annual => left.min(12),
            BillingCycle::OneTime => left,
        }
    }

    /// Whether the present term ends with the present period.
    pub fn is_last_period(&self) -> bool {
        self.period_passed + self.present_cycle() >= self.term_passed + self.present_term()
    }

    /// The present term.
    pub fn term(&self) -> Result<Period> {
        self.after(self.term_passed, self.present_term())
    }

    /// The days that are paid for, or are to be.
    pub fn period(&self) -> Result<Period> {
        self.after(self.period_passed, self.present_cycle())
    }

    fn after(&self, passed: i64, length: i64) -> Result<Period> {
        let beyond = || Error::internal(format!("subscription {} has no such days", self.id));
        let anchor: NaiveDate = self.anchor.parse().map_err(Error::internal)?;
        Period::after(anchor, months(passed), months(length)).ok_or_else(beyond)
    }
}

/// A row of `seat_batches`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = seat_batches, treat_none_as_default_value = false)]
pub struct BatchRow {
    /// Id.
    pub id: String,
    /// The subscription.
    pub subscription_id: String,
    /// How many of its seats are left.
    pub seats: i64,
    /// When they were added.
    pub added_at: NaiveDateTime,
    /// Exactly then its window is closed.
    pub window_closes_at: NaiveDateTime,
    /// The invoice's line that covers its seats now.
    pub invoice_line_id: String,
}

/// Seats of a cloud plan on a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Why it is suspended; null while it is not.
    pub suspended_because: Option<SuspendedBecause>,
    /// The transacting partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner of record.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// Whose it is.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The tenant it is bound to, for good.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// The order that brought it.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// The subscription that an upgrade of some of its seats has split this one from.
    #[schema(format = Uuid, max_length = 36)]
    pub split_from: Option<String>,
    /// The subscription that was split from this one last, with the seats that moved.
    #[schema(format = Uuid, max_length = 36)]
    pub split_into: Option<String>,
    /// The offer.
    #[schema(max_length = 100)]
    pub offer_id: String,
    /// The plan.
    #[schema(max_length = 100)]
    pub product_id: String,
    /// The plan's family; null stands beside any.
    #[schema(max_length = 50)]
    pub family: Option<String>,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// What the partner calls it.
    #[schema(max_length = 100)]
    pub friendly_name: Option<String>,
    /// Through which channel it was bought.
    pub channel: Channel,
    /// Seats.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// Price of one seat for one billing cycle.
    pub unit_price: Amount,
    /// Months of a term.
    #[schema(minimum = 1, maximum = 120)]
    pub term_months: i64,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// The present term; a month of it while it is extended.
    pub term: Period,
    /// The days that were charged last.
    pub period: Period,
    /// What becomes of it after the last day of the term.
    pub end_of_term: EndOfTerm,
    /// What was asked to change at the end of the term.
    #[schema(max_items = 1)]
    pub scheduled_changes: Vec<ScheduledChange>,
    /// The seats by when they were added, newest first.
    #[schema(max_items = 100)]
    pub seat_batches: Vec<SeatBatch>,
    /// When it was bought: the windows of its first seats count from then.
    pub purchased_at: DateTime<Utc>,
    /// When it expired or was cancelled.
    pub ended_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

/// A change that waits for the end of the term.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledChange {
    /// Seats from then on.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// The first day with so many seats.
    pub effective_on: NaiveDate,
}

/// Seats that were added together.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatBatch {
    /// How many of them are left.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// When they were added.
    pub added_at: DateTime<Utc>,
    /// Until when they can be given back; exactly then no more (SUB-01).
    pub decrease_until: DateTime<Utc>,
}

impl From<&BatchRow> for SeatBatch {
    fn from(row: &BatchRow) -> Self {
        Self { quantity: row.seats, added_at: row.added_at.and_utc(), decrease_until: row.window_closes_at.and_utc() }
    }
}

impl Subscription {
    /// From the rows.
    pub fn of(row: SubscriptionRow, batches: &[BatchRow]) -> Result<Self> {
        let term = row.term()?;
        let change = |quantity| ScheduledChange { quantity, effective_on: term.renews_on() };
        let own = batches.iter().rev().filter(|batch| batch.subscription_id == row.id && batch.seats > 0);
        Ok(Self {
            seat_batches: own.take(100).map(SeatBatch::from).collect(),
            scheduled_changes: row.scheduled_quantity.map(change).into_iter().collect(),
            unit_price: row.unit_price()?.into(),
            period: row.period()?,
            term,
            id: row.id,
            state: row.state,
            suspended_because: row.suspended_because,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            customer_id: row.customer_id,
            tenant_id: row.tenant_id,
            order_id: row.order_id,
            split_from: row.split_from,
            split_into: row.split_into,
            offer_id: row.offer_id,
            product_id: row.product_id,
            family: row.family,
            name: row.name,
            friendly_name: row.friendly_name,
            channel: row.channel,
            quantity: row.quantity,
            term_months: row.term_months,
            billing_cycle: row.billing_cycle,
            end_of_term: row.end_of_term,
            purchased_at: row.purchased_at.and_utc(),
            ended_at: row.ended_at.map(|at| at.and_utc()),
            version: row.version,
        })
    }
}

impl Resource for Subscription {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/subscriptions/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of subscriptions.
    pub struct SubscriptionPage of Subscription;
}

crate::list_parameters! {
    /// Which subscriptions.
    pub struct ListSubscriptions {
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only those on this tenant.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub tenant_id: Option<String>,
        /// Only those of this order.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub order_id: Option<String>,
        /// Only those in this state.
        pub state: Option<SubscriptionState>,
    }
}

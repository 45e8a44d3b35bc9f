//! The types of renewals.

use crate::db::schema::{renewal_payment_failures, renewal_payments, renewals};
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
    /// Where a renewal stands.
    pub enum RenewalState {
        /// Lies ahead.
        Scheduled = "scheduled",
        /// To be paid.
        PaymentPending = "paymentPending",
        /// Paid.
        Paid = "paid",
        /// Not paid in time; the subscription is suspended (REN-03).
        Overdue = "overdue",
        /// Nothing is to be paid any more: the subscription has ended.
        Cancelled = "cancelled",
    }
}

/// A row of `renewals`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = renewals, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RenewalRow {
    /// Id.
    pub id: String,
    /// The transacting partner, who pays.
    pub partner_id: String,
    /// The partner of record.
    pub partner_of_record_id: Option<String>,
    /// The customer.
    pub customer_id: String,
    /// What is renewed.
    pub subscription_id: String,
    /// Where it stands.
    pub state: RenewalState,
    /// Whether a term ends with it, or only a billing cycle.
    pub ends_term: bool,
    /// The day of it.
    pub renews_on: String,
    /// When that day begins where the storefront is.
    pub opens_at: NaiveDateTime,
    /// The cut-off.
    pub due_at: NaiveDateTime,
    /// When the subscription is given up.
    pub grace_ends_at: NaiveDateTime,
    /// The first day that it pays for.
    pub period_start: Option<String>,
    /// The last day.
    pub period_end: Option<String>,
    /// Seats.
    pub quantity: Option<i64>,
    /// What is owed for it: the invoice less what was given back.
    pub amount_minor: Option<i64>,
    /// Its currency.
    pub currency: Option<String>,
    /// The invoice.
    pub invoice_id: Option<String>,
    /// How many notices of its payment have had their time.
    pub notices_sent: i64,
    /// When something happens to it next by itself.
    pub next_at: Option<NaiveDateTime>,
    /// When it was paid.
    pub paid_at: Option<NaiveDateTime>,
    /// When a payment failed last.
    pub failed_at: Option<NaiveDateTime>,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
}

macro_rules! of_a_sale {
    ($($row:ident),*) => { $(
        impl Subject for $row {
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
    )* };
}

of_a_sale!(RenewalRow);

impl RenewalRow {
    /// What is owed; none before it opens.
    pub fn owed(&self) -> Result<Option<Money>> {
        let (Some(minor), Some(currency)) = (self.amount_minor, &self.currency) else { return Ok(None) };
        Money::from_columns(minor, currency)
            .map(Some)
            .map_err(|fault| Error::internal(format!("renewal {} has {fault:?}", self.id)))
    }

    /// Whether it waits for a payment.
    pub fn is_open(&self) -> bool {
        matches!(self.state, RenewalState::PaymentPending | RenewalState::Overdue)
    }
}

/// A row of `renewal_payments`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = renewal_payments, treat_none_as_default_value = false)]
pub struct PaymentRow {
    pub id: String,
    pub partner_id: String,
    pub partner_of_record_id: Option<String>,
    pub customer_id: String,
    pub renewal_id: String,
    pub amount_minor: i64,
    pub currency: String,
    pub method: String,
    pub reference: Option<String>,
    pub recorded_at: NaiveDateTime,
}

/// A row of `renewal_payment_failures`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = renewal_payment_failures, treat_none_as_default_value = false)]
pub struct FailureRow {
    pub id: String,
    pub partner_id: String,
    pub partner_of_record_id: Option<String>,
    pub customer_id: String,
    pub renewal_id: String,
    pub method: String,
    pub reason: String,
    pub recorded_at: NaiveDateTime,
}

/// What is paid for a subscription's next period.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Renewal {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: RenewalState,
    /// What is renewed.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: String,
    /// The transacting partner, who pays.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner of record.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// Whose subscription it is.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// Whether a term ends with it, or only a billing cycle inside one.
    pub ends_term: bool,
    /// The day of it.
    pub renews_on: NaiveDate,
    /// When the payment opens: that day begins where the storefront is.
    pub opens_at: DateTime<Utc>,
    /// The cut-off: exactly then it is late.
    pub due_at: DateTime<Utc>,
    /// When the subscription is given up if it is not paid until then.
    pub grace_ends_at: DateTime<Utc>,
    /// The days that it pays for; null until it opens.
    pub period: Option<Period>,
    /// Seats; null until it opens.
    #[schema(minimum = 1)]
    pub quantity: Option<i64>,
    /// What is owed for it, less what was given back; null until it opens.
    pub amount: Option<Amount>,
    /// The invoice; null until it opens.
    #[schema(format = Uuid, max_length = 36)]
    pub invoice_id: Option<String>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When a payment of it failed last.
    pub failed_at: Option<DateTime<Utc>>,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl TryFrom<RenewalRow> for Renewal {
    type Error = Error;

    fn try_from(row: RenewalRow) -> Result<Self> {
        Ok(Self {
            amount: row.owed()?.map(Into::into),
            renews_on: row.renews_on.parse().map_err(Error::internal)?,
            period: Period::of_columns(row.period_start.as_deref(), row.period_end.as_deref()),
            id: row.id,
            state: row.state,
            subscription_id: row.subscription_id,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            customer_id: row.customer_id,
            ends_term: row.ends_term,
            opens_at: row.opens_at.and_utc(),
            due_at: row.due_at.and_utc(),
            grace_ends_at: row.grace_ends_at.and_utc(),
            quantity: row.quantity,
            invoice_id: row.invoice_id,
            paid_at: row.paid_at.map(|at| at.and_utc()),
            failed_at: row.failed_at.map(|at| at.and_utc()),
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    }
}

impl Resource for Renewal {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/renewals/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of renewals.
    pub struct RenewalPage of Renewal;
}

crate::list_parameters! {
    /// Which renewals.
    pub struct ListRenewals {
        /// Only those of this subscription.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub subscription_id: Option<String>,
        /// Only those in this state.
        pub state: Option<RenewalState>,
        /// Only those whose payment is open or late: their subscriptions are at risk (REN-02). `false`: only the others.
        pub at_risk: Option<bool>,
    }
}

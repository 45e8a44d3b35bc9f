//! The types of orders.

use crate::catalog::{BillingCycle, Channel, RefundKind};
use crate::db::schema::{order_lines, orders};
use crate::db::write::Subject;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::http::problem::FieldError;
use crate::money::{Amount, Money};
use crate::period::Period;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// Where an order stands.
    pub enum OrderState {
        /// Waits for the customer to accept; completes by itself.
        AwaitingAcceptance = "awaitingAcceptance",
        /// Waits for product keys.
        AwaitingStock = "awaitingStock",
        /// Bought and invoiced.
        Completed = "completed",
        /// Nothing of it is left.
        Cancelled = "cancelled",
        /// Some of its lines were cancelled.
        PartlyCancelled = "partlyCancelled",
    }
}

crate::word_enum! {
    /// Where a line of an order stands.
    pub enum LineState {
        /// Waits for the customer to accept.
        AwaitingAcceptance = "awaitingAcceptance",
        /// Waits for product keys.
        AwaitingStock = "awaitingStock",
        /// Bought and invoiced.
        Completed = "completed",
        /// Cancelled and credited.
        Cancelled = "cancelled",
    }
}

crate::word_enum! {
    /// Why a waiting order was cancelled.
    pub enum CancelledBecause {
        /// The partner asked for it (ORD-05).
        Requested = "requested",
        /// The customer declined what its tenant waits for (ORD-03).
        AcceptanceDeclined = "acceptanceDeclined",
        /// Nobody accepted in time (ORD-03).
        AcceptanceExpired = "acceptanceExpired",
        /// The tenant could not be made.
        TenantFailed = "tenantFailed",
    }
}

/// An order to be placed.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOrder {
    /// For whom.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub customer_id: String,
    /// For which of its tenants: a licence stays with it for good (TEN-06).
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub tenant_id: String,
    /// The channel; `csp` unless said (ORD-06).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[schema(nullable = false)]
    pub channel: Option<Channel>,
    /// The provider through which an indirect reseller buys; needed where it is linked with several (LNK-11). Others
    /// may name themselves.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, nullable = false, min_length = 1, max_length = 36)]
    pub provider_id: Option<String>,
    /// The PartnerID of the reseller for whose customer a provider buys; needed where the customer has several
    /// (ORD-02). Others may name their own.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 10))]
    #[schema(nullable = false, min_length = 1, max_length = 10, example = "6208815")]
    pub partner_id_on_record: Option<String>,
    /// What is bought.
    #[validate(length(min = 1, max = 50), nested)]
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<PlaceOrderLine>,
}

/// A line of an order to be placed.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOrderLine {
    /// The offer's stable name.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "windows-server-standard-1y-mxn")]
    pub offer_id: String,
    /// How many.
    #[validate(range(min = 1, max = 10000))]
    #[schema(minimum = 1, maximum = 10000, example = 3)]
    pub quantity: u32,
    /// Months of the term, where the offer has several; its first unless said (CAT-08).
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[validate(range(min = 1, max = 120))]
    #[schema(nullable = false, minimum = 1, maximum = 120, example = 12)]
    pub term_months: Option<u32>,
    /// How often is paid, where the offer has several (CAT-08).
    #[serde(default, deserialize_with = "crate::http::body::present", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub billing_cycle: Option<BillingCycle>,
}

/// A row of `orders`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = orders, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrderRow {
    /// Id.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The partner of record (ORD-02).
    pub partner_of_record_id: Option<String>,
    /// For whom.
    pub customer_id: String,
    /// For which tenant.
    pub tenant_id: String,
    /// Where it stands.
    pub state: OrderState,
    /// Through which channel.
    pub channel: Channel,
    /// Sum of the lines.
    pub total_minor: i64,
    /// Its currency.
    pub currency: String,
    /// Counts changes.
    pub version: i64,
    /// When it was placed.
    pub created_at: NaiveDateTime,
    /// Why it was cancelled while it waited.
    pub cancelled_because: Option<CancelledBecause>,
    /// When.
    pub cancelled_at: Option<NaiveDateTime>,
}

impl Subject for OrderRow {
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

/// A row of `order_lines`. The price is the one it was sold at, whatever the catalogue says later.
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct OrderLineRow {
    /// Id.
    pub id: String,
    /// The transacting partner.
    pub partner_id: String,
    /// The order.
    pub order_id: String,
    /// Counts from 1 in its order.
    pub number: i64,
    /// The offer.
    pub offer_id: String,
    /// The offer's name when it was sold.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub unit_price_minor: i64,
    /// Price of the line.
    pub total_minor: i64,
    /// Currency of both.
    pub currency: String,
    /// First day that is paid for.
    pub period_start: Option<String>,
    /// Last day that is paid for.
    pub period_end: Option<String>,
    /// Where it stands.
    pub state: LineState,
    /// The software that the customer got, or waits for.
    pub entitlement_id: Option<String>,
    /// The subscription that the customer got.
    pub subscription_id: Option<String>,
    /// The plan of a cloud line.
    pub product_id: Option<String>,
    /// The plan's family.
    pub family: Option<String>,
    /// Months of the term; none for good.
    pub term_months: Option<i64>,
    /// How often is paid.
    pub billing_cycle: Option<BillingCycle>,
    /// By which kind of policy money is given back.
    pub refund: Option<RefundKind>,
}

impl OrderLineRow {
    /// Price of one.
    pub fn unit_price(&self) -> Result<Money> {
        self.money(self.unit_price_minor)
    }

    /// Price of the line.
    pub fn total(&self) -> Result<Money> {
        self.money(self.total_minor)
    }

    fn money(&self, minor: i64) -> Result<Money> {
        Money::from_columns(minor, &self.currency)
            .map_err(|fault| Error::internal(format!("order line {} has {fault:?}", self.id)))
    }

    /// Whether it buys seats of a cloud plan.
    pub fn is_cloud(&self) -> bool {
        self.product_id.is_some()
    }

    /// The days that are paid for; none for perpetual licences.
    pub fn period(&self) -> Option<Period> {
        Period::of_columns(self.period_start.as_deref(), self.period_end.as_deref())
    }
}

/// What was bought.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands.
    pub state: OrderState,
    /// The transacting partner.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner of record, when the provider ordered for a reseller.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// For whom.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// For which tenant.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// Through which channel.
    pub channel: Channel,
    /// What was bought.
    #[schema(max_items = 50)]
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub total: Amount,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// Why it was cancelled while it waited.
    pub cancelled_because: Option<CancelledBecause>,
    /// When.
    pub cancelled_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// Counts from 1 in its order.
    #[schema(minimum = 1, maximum = 50)]
    pub number: i64,
    /// The offer.
    #[schema(max_length = 100)]
    pub offer_id: String,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    pub quantity: i64,
    /// Price of one, as sold.
    pub unit_price: Amount,
    /// Price of the line.
    pub total: Amount,
    /// The days that are paid for; null for perpetual licences and while the line waits.
    pub period: Option<Period>,
    /// Where it stands.
    pub state: LineState,
    /// Months of the term; null for perpetual licences.
    #[schema(minimum = 1, maximum = 120)]
    pub term_months: Option<i64>,
    /// How often is paid; null for what was ordered before there was a choice.
    pub billing_cycle: Option<BillingCycle>,
    /// The software that the customer got: see `GET /v1/entitlements/{id}`; null for seats of a cloud plan, and while
    /// the order waits for acceptance.
    #[schema(format = Uuid, max_length = 36)]
    pub entitlement_id: Option<String>,
    /// The subscription that the customer got: see `GET /v1/subscriptions/{id}`; null for software, and while the order
    /// waits.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
}

impl Order {
    /// From the rows.
    pub fn of(row: OrderRow, lines: &[OrderLineRow]) -> Result<Self> {
        let total = Money::from_columns(row.total_minor, &row.currency)
            .map_err(|fault| Error::internal(format!("order {} has {fault:?}", row.id)))?;
        Ok(Self {
            lines: lines.iter().map(OrderLine::of).collect::<Result<_>>()?,
            total: total.into(),
            id: row.id,
            state: row.state,
            partner_id: row.partner_id,
            partner_of_record_id: row.partner_of_record_id,
            customer_id: row.customer_id,
            tenant_id: row.tenant_id,
            channel: row.channel,
            created_at: row.created_at.and_utc(),
            cancelled_because: row.cancelled_because,
            cancelled_at: row.cancelled_at.map(|at| at.and_utc()),
            version: row.version,
        })
    }
}

impl OrderLine {
    fn of(row: &OrderLineRow) -> Result<Self> {
        Ok(Self {
            number: row.number,
            offer_id: row.offer_id.clone(),
            name: row.name.clone(),
            quantity: row.quantity,
            unit_price: row.unit_price()?.into(),
            total: row.total()?.into(),
            period: row.period(),
            state: row.state,
            term_months: row.term_months,
            billing_cycle: row.billing_cycle,
            entitlement_id: row.entitlement_id.clone(),
            subscription_id: row.subscription_id.clone(),
        })
    }
}

impl Resource for Order {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/orders/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What would become of an order, without placing it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderPreview {
    /// Whether it can be placed as asked.
    pub possible: bool,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
    /// The lines with their prices; those of offers that are not sold are missing.
    #[schema(max_items = 50)]
    pub lines: Vec<OrderPreviewLine>,
    /// Sum of the lines; null where none has a price or their currencies differ.
    pub total: Option<Amount>,
}

/// A line of a preview.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderPreviewLine {
    /// Counts from 1 in its order.
    #[schema(minimum = 1, maximum = 50)]
    pub number: i64,
    /// The offer.
    #[schema(max_length = 100)]
    pub offer_id: String,
    /// Its name.
    #[schema(max_length = 255)]
    pub name: String,
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Amount,
    /// Price of the line.
    pub total: Amount,
    /// The days that would be paid for if it completed now; null for perpetual licences.
    pub period: Option<Period>,
    /// Months of the term; null for perpetual licences.
    #[schema(minimum = 1, maximum = 120)]
    pub term_months: Option<u32>,
    /// How often is paid.
    pub billing_cycle: BillingCycle,
    /// Whether a key is in stock now; without one the order waits. Cloud plans need none.
    pub in_stock: bool,
}

crate::page_of! {
    /// A page of orders.
    pub struct OrderPage of Order;
}

crate::list_parameters! {
    /// Which orders.
    pub struct ListOrders {
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
        /// Only those in this state.
        pub state: Option<OrderState>,
    }
}

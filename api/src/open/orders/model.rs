//! The types of orders through Open.

use crate::db::schema::open_orders;
use crate::db::words::Json;
use crate::error::{Error, Result};
use crate::http::Resource;
use crate::money::{Amount, Money};
use crate::open::keys::OpenKeyRow;
use crate::orders::{LineState, OrderLineRow, OrderRow, OrderState};
use crate::period::Period;
use crate::profiles::Contact;
use chrono::{DateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// An order through Open to be placed.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOpenOrder {
    /// On which agreement; the order is for its customer.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub agreement_id: String,
    /// For which of the customer's tenants: the subscriptions will be on it for good (TEN-06).
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub tenant_id: String,
    /// The provider that it goes through, and that is invoiced; who buys by itself names itself.
    #[serde(deserialize_with = "crate::ids::lower_case")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36)]
    pub provider_id: String,
    /// The PartnerID of the reseller for whose customer a provider buys; needed where the customer has several (ORD-02).
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 10))]
    #[schema(nullable = false, min_length = 1, max_length = 10, example = "6208815")]
    pub partner_id_on_record: Option<String>,
    /// The number of the customer's purchase order.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "OC-2026-0117")]
    pub purchase_order_number: String,
    /// Who is written to at the customer.
    #[validate(nested)]
    pub customer_contact: Contact,
    /// Who is written to at the reseller.
    #[validate(nested)]
    pub reseller_contact: Contact,
    /// What is bought: years that are paid up front.
    #[validate(length(min = 1, max = 50), nested)]
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<PlaceOpenOrderLine>,
}

/// A line of an order through Open.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOpenOrderLine {
    /// The offer's stable name; it must be sold through `open`.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "office-365-enterprise-e3")]
    pub offer_id: String,
    /// Seats; there is no minimum beyond one.
    #[validate(range(min = 1, max = 10000))]
    #[schema(minimum = 1, maximum = 10000, example = 1)]
    pub quantity: u32,
}

/// What is to be cancelled, and why.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelOpenOrder {
    /// Why; kept in the audit record.
    #[validate(length(min = 3, max = 500))]
    #[schema(min_length = 3, max_length = 500, example = "El cliente eligió otro plan")]
    pub reason: String,
    /// Only this line of a complete order; all of it unless said.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 1, max = 50))]
    #[schema(nullable = false, minimum = 1, maximum = 50, example = 1)]
    pub line_number: Option<u32>,
}

/// A row of `open_orders`: what an order through Open says beside what every order says.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = open_orders, treat_none_as_default_value = false)]
pub struct OpenOrderRow {
    /// The order.
    pub order_id: String,
    /// The agreement.
    pub agreement_id: String,
    /// The customer's purchase order.
    pub purchase_order_number: String,
    /// A `Contact`.
    pub customer_contact: Json,
    /// A `Contact`.
    pub reseller_contact: Json,
}

/// What was bought through Open.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenOrder {
    /// Id; the same order stands in `GET /v1/orders/{id}`.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Where it stands: complete once a key is there for each line, and then invoiced.
    pub state: OrderState,
    /// On which agreement.
    #[schema(format = Uuid, max_length = 36)]
    pub agreement_id: String,
    /// The provider that it goes through, and that is invoiced.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_id: String,
    /// The partner of record, where it is another one: the reseller.
    #[schema(format = Uuid, max_length = 36)]
    pub partner_of_record_id: Option<String>,
    /// For whom.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// For which tenant.
    #[schema(format = Uuid, max_length = 36)]
    pub tenant_id: String,
    /// The number of the customer's purchase order.
    #[schema(max_length = 50)]
    pub purchase_order_number: String,
    /// Who is written to at the customer.
    pub customer_contact: Contact,
    /// Who is written to at the reseller.
    pub reseller_contact: Contact,
    /// What was bought.
    #[schema(max_items = 50)]
    pub lines: Vec<OpenOrderLine>,
    /// Sum of the lines.
    pub total: Amount,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// When all of it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    version: i64,
}

/// A line of an order through Open.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenOrderLine {
    /// Counts from 1 in its order.
    #[schema(minimum = 1, maximum = 50)]
    pub number: i64,
    /// The offer.
    #[schema(max_length = 100)]
    pub offer_id: String,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// Seats.
    #[schema(minimum = 1, maximum = 10000)]
    pub quantity: i64,
    /// Price of one seat for the year, as sold.
    pub unit_price: Amount,
    /// Price of the line.
    pub total: Amount,
    /// Where it stands.
    pub state: LineState,
    /// The key that it brings: see `GET /v1/open/keys/{id}`.
    #[schema(format = Uuid, max_length = 36)]
    pub key_id: String,
    /// The year; null until the key is redeemed.
    pub period: Option<Period>,
    /// The subscription; null until the key is redeemed.
    #[schema(format = Uuid, max_length = 36)]
    pub subscription_id: Option<String>,
}

impl OpenOrder {
    /// From the rows.
    pub fn of(order: OrderRow, own: &OpenOrderRow, lines: &[OrderLineRow], keys: &[OpenKeyRow]) -> Result<Self> {
        let total = Money::from_columns(order.total_minor, &order.currency)
            .map_err(|fault| Error::internal(format!("order {} has {fault:?}", order.id)))?;
        let lines = lines.iter().filter(|line| line.order_id == order.id);
        Ok(Self {
            lines: lines.map(|line| OpenOrderLine::of(line, keys)).collect::<Result<_>>()?,
            total: total.into(),
            id: order.id,
            state: order.state,
            agreement_id: own.agreement_id.clone(),
            partner_id: order.partner_id,
            partner_of_record_id: order.partner_of_record_id,
            customer_id: order.customer_id,
            tenant_id: order.tenant_id,
            purchase_order_number: own.purchase_order_number.clone(),
            customer_contact: own.customer_contact.read()?,
            reseller_contact: own.reseller_contact.read()?,
            created_at: order.created_at.and_utc(),
            cancelled_at: order.cancelled_at.map(|at| at.and_utc()),
            version: order.version,
        })
    }
}

impl OpenOrderLine {
    fn of(line: &OrderLineRow, keys: &[OpenKeyRow]) -> Result<Self> {
        let key = keys.iter().find(|key| key.order_line_id == line.id);
        let key = key.ok_or_else(|| Error::internal(format!("order line {} has no key", line.id)))?;
        Ok(Self {
            number: line.number,
            offer_id: line.offer_id.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price()?.into(),
            total: line.total()?.into(),
            state: line.state,
            key_id: key.id.clone(),
            period: line.period(),
            subscription_id: line.subscription_id.clone(),
        })
    }
}

impl Resource for OpenOrder {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/open/orders/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

crate::page_of! {
    /// A page of orders through Open.
    pub struct OpenOrderPage of OpenOrder;
}

crate::list_parameters! {
    /// Which orders.
    pub struct ListOpenOrders {
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
        /// Only those on this agreement.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub agreement_id: Option<String>,
        /// Only those in this state.
        pub state: Option<OrderState>,
    }
}

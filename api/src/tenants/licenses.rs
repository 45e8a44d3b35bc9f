//! What is on a tenant, for good (TEN-06): software and seats, each kind one source of the same list.

use crate::access::Viewer;
use crate::db::Db;
use crate::db::schema::{entitlements, order_lines, orders, subscriptions};
use crate::error::Result;
use crate::http::Page;
use crate::orders::LineState;
use crate::software::{EntitlementRow, EntitlementState};
use crate::subscriptions::{LIVE, SubscriptionRow, SubscriptionState};
use crate::{on, open, seen_by};
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

crate::word_enum! {
    /// What kind of licence.
    pub enum LicenseKind {
        /// On-premises software: an entitlement.
        Software = "software",
        /// Seats of a plan: a subscription.
        Subscription = "subscription",
    }
}

crate::word_enum! {
    /// Where a licence stands, whatever its kind.
    pub enum LicenseState {
        /// Ordered; waits for something.
        Waiting = "waiting",
        /// In use.
        Active = "active",
        /// Cannot be used for now.
        Suspended = "suspended",
        /// Over.
        Ended = "ended",
    }
}

impl From<EntitlementState> for LicenseState {
    fn from(state: EntitlementState) -> Self {
        match state {
            EntitlementState::AwaitingStock => Self::Waiting,
            EntitlementState::Active => Self::Active,
            EntitlementState::Cancelled => Self::Ended,
        }
    }
}

impl From<SubscriptionState> for LicenseState {
    fn from(state: SubscriptionState) -> Self {
        match state {
            SubscriptionState::Active | SubscriptionState::Extended => Self::Active,
            SubscriptionState::Suspended => Self::Suspended,
            SubscriptionState::Expired | SubscriptionState::Cancelled => Self::Ended,
        }
    }
}

/// How many licences are on a tenant, by their states.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicenseCounts {
    /// Ordered; wait for something.
    #[schema(minimum = 0)]
    pub waiting: i64,
    /// In use.
    #[schema(minimum = 0)]
    pub active: i64,
    /// Cannot be used for now.
    #[schema(minimum = 0)]
    pub suspended: i64,
    /// Over.
    #[schema(minimum = 0)]
    pub ended: i64,
}

impl LicenseCounts {
    fn add(&mut self, state: LicenseState, count: i64) {
        match state {
            LicenseState::Waiting => self.waiting += count,
            LicenseState::Active => self.active += count,
            LicenseState::Suspended => self.suspended += count,
            LicenseState::Ended => self.ended += count,
        }
    }
}

/// A licence on a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantLicense {
    /// Id of the entitlement or subscription.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// What kind.
    pub kind: LicenseKind,
    /// Where it stands.
    pub state: LicenseState,
    /// The offer's name when it was sold.
    #[schema(max_length = 255)]
    pub name: String,
    /// What the partner calls it.
    #[schema(max_length = 100)]
    pub friendly_name: Option<String>,
    /// How many.
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// The order.
    #[schema(format = Uuid, max_length = 36)]
    pub order_id: String,
    /// When it was bought; null while it waits.
    pub purchased_at: Option<DateTime<Utc>>,
}

impl From<EntitlementRow> for TenantLicense {
    fn from(row: EntitlementRow) -> Self {
        Self {
            id: row.id,
            kind: LicenseKind::Software,
            state: row.state.into(),
            name: row.name,
            friendly_name: row.friendly_name,
            quantity: row.quantity,
            order_id: row.order_id,
            purchased_at: row.purchased_at.map(|at| at.and_utc()),
        }
    }
}

impl From<SubscriptionRow> for TenantLicense {
    fn from(row: SubscriptionRow) -> Self {
        Self {
            id: row.id,
            kind: LicenseKind::Subscription,
            state: row.state.into(),
            name: row.name,
            friendly_name: row.friendly_name,
            quantity: row.quantity,
            order_id: row.order_id,
            purchased_at: Some(row.purchased_at.and_utc()),
        }
    }
}

crate::page_of! {
    /// A page of licences.
    pub struct TenantLicensePage of TenantLicense;
}

crate::list_parameters! {
    /// Which licences.
    pub struct ListTenantLicenses {}
}

/// A page of a tenant's licences that these eyes see, oldest first whatever their kind: ids ascend with time.
pub async fn on_tenant(viewer: &Viewer, db: &mut Db<'_>, tenant_id: &str, page: &Page) -> Result<Vec<TenantLicense>> {
    let software: Vec<EntitlementRow> = on!(db, c => seen_by!(entitlements, viewer)
        .filter(entitlements::tenant_id.eq(tenant_id))
        .filter(entitlements::id.gt(page.after()))
        .order(entitlements::id.asc())
        .limit(page.rows())
        .select(EntitlementRow::as_select())
        .load(c))?;
    let seats: Vec<SubscriptionRow> = on!(db, c => seen_by!(subscriptions, viewer)
        .filter(subscriptions::tenant_id.eq(tenant_id))
        .filter(subscriptions::id.gt(page.after()))
        .order(subscriptions::id.asc())
        .limit(page.rows())
        .select(SubscriptionRow::as_select())
        .load(c))?;
    let mut all: Vec<TenantLicense> = software.into_iter().map(TenantLicense::from).collect();
    all.extend(seats.into_iter().map(TenantLicense::from));
    // Each kind brings a whole page; together they are cut to one.
    all.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    all.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
    Ok(all)
}

/// How many of a table's licences stand in which state on each of these tenants, for these eyes.
macro_rules! counted {
    ($table:ident, $viewer:expr, $db:expr, $tenant_ids:expr) => {
        on!($db, c => {
            let rows = $table::table
                .filter($table::tenant_id.eq_any($tenant_ids))
                .group_by(($table::tenant_id, $table::state))
                .select(($table::tenant_id, $table::state, count_star()))
                .into_boxed();
            match $viewer {
                Viewer::Operator => rows,
                Viewer::Partner(id) => rows.filter(
                    $table::partner_id.eq(id).or($table::partner_of_record_id.assume_not_null().eq(id))),
                Viewer::Customer(_) | Viewer::Enrolment => rows.filter($table::id.eq("")),
            }
            .load(c)
        })?
    };
}

/// How many licences that these eyes see are on each of these tenants (TEN-07).
pub async fn counts(viewer: &Viewer, db: &mut Db<'_>, tenant_ids: &[&str]) -> Result<HashMap<String, LicenseCounts>> {
    let software: Vec<(String, EntitlementState, i64)> = counted!(entitlements, viewer, db, tenant_ids);
    let seats: Vec<(String, SubscriptionState, i64)> = counted!(subscriptions, viewer, db, tenant_ids);
    let ordered: Vec<(String, i64)> = on!(db, c => {
        let rows = order_lines::table
            .inner_join(orders::table.on(orders::id.eq(order_lines::order_id)))
            .filter(orders::tenant_id.eq_any(tenant_ids))
            .filter(order_lines::state.eq_any([LineState::AwaitingAcceptance, LineState::AwaitingStock]))
            .filter(order_lines::entitlement_id.is_null())
            .group_by(orders::tenant_id)
            .select((orders::tenant_id, count_star()))
            .into_boxed();
        match viewer {
            Viewer::Operator => rows,
            Viewer::Partner(id) => rows.filter(
                orders::partner_id.eq(id).or(orders::partner_of_record_id.assume_not_null().eq(id))),
            Viewer::Customer(_) | Viewer::Enrolment => rows.filter(orders::id.eq("")),
        }
        .load(c)
    })?;
    let mut all: HashMap<String, LicenseCounts> = HashMap::new();
    for (tenant_id, count) in ordered {
        all.entry(tenant_id).or_default().add(LicenseState::Waiting, count);
    }
    for (tenant_id, state, count) in software {
        all.entry(tenant_id).or_default().add(state.into(), count);
    }
    for (tenant_id, state, count) in seats {
        all.entry(tenant_id).or_default().add(state.into(), count);
    }
    Ok(all)
}

/// How many live licences are on a tenant, or will be with a key of Open, whoever sold them (TEN-09). For the house
/// itself.
pub async fn live(db: &mut Db<'_>, tenant_id: &str) -> Result<i64> {
    let software: i64 = on!(db, c => entitlements::table
        .filter(entitlements::tenant_id.eq(tenant_id))
        .filter(entitlements::state.ne(EntitlementState::Cancelled))
        .count()
        .get_result(c))?;
    let seats: i64 = on!(db, c => subscriptions::table
        .filter(subscriptions::tenant_id.eq(tenant_id))
        .filter(subscriptions::state.eq_any(LIVE))
        .count()
        .get_result(c))?;
    Ok(software + seats + open::live_on_tenant(db, tenant_id).await?)
}

//! The types of tenants.

use crate::db::schema::tenants;
use crate::db::write::Subject;
use crate::http::Resource;
use crate::http::problem::FieldError;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// How a tenant comes to be here.
    pub enum TenantMode {
        /// A new directory.
        Create = "create",
    }
}

crate::word_enum! {
    /// Where a tenant stands.
    pub enum TenantState {
        /// Being checked.
        Validating = "validating",
        /// Being made.
        Provisioning = "provisioning",
        /// Licences can be bought for it.
        Active = "active",
        /// Waits for the customer to accept everybody named.
        AwaitingAcceptance = "awaitingAcceptance",
        /// Could not be made.
        Failed = "failed",
        /// The customer said no.
        Declined = "declined",
        /// Nobody answered.
        Expired = "expired",
        /// Removed.
        Unlinked = "unlinked",
    }
}

/// A tenant for a customer.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTenant {
    /// How it comes to be.
    pub mode: TenantMode,
    /// The name: lower-case letters and digits (TEN-01); the domain is `name.onmicrosoft.com`, for ever.
    #[validate(length(min = 1, max = 63))]
    #[schema(min_length = 1, max_length = 63, example = "panaderiasol")]
    pub name: String,
}

/// A tenant to be made, checked.
pub struct NewTenant<'a> {
    /// Whose it is.
    pub customer_id: &'a str,
    /// The partner that makes it.
    pub partner_id: &'a str,
    /// `name.onmicrosoft.com`.
    pub domain: String,
}

/// A row of `tenants`.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = tenants, treat_none_as_default_value = false)]
pub struct TenantRow {
    /// Id.
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// The initial domain.
    pub domain: String,
    /// The directory's GUID.
    pub directory_id: String,
    /// Where it stands.
    pub state: TenantState,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
}

/// What an event about a tenant says.
pub(super) struct TenantOf<'a> {
    pub(super) tenant: &'a TenantRow,
    pub(super) partner_id: &'a str,
}

impl Subject for TenantOf<'_> {
    fn object_id(&self) -> &str {
        &self.tenant.id
    }
    fn partner_id(&self) -> Option<&str> {
        Some(self.partner_id)
    }
    fn customer_id(&self) -> Option<&str> {
        Some(&self.tenant.customer_id)
    }
}

/// A customer's directory.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// Whose it is.
    #[schema(format = Uuid, max_length = 36)]
    pub customer_id: String,
    /// The initial domain.
    #[schema(max_length = 80, example = "panaderiasol.onmicrosoft.com")]
    pub domain: String,
    /// The directory's GUID (the vendor's tenant id).
    #[schema(format = Uuid, max_length = 36)]
    pub directory_id: String,
    /// Where it stands.
    pub state: TenantState,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.id,
            customer_id: row.customer_id,
            domain: row.domain,
            directory_id: row.directory_id,
            state: row.state,
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl Resource for Tenant {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/tenants/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What would become of a tenant, without making it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantPreview {
    /// Whether it can be made as asked.
    pub possible: bool,
    /// The initial domain it would have.
    #[schema(max_length = 80)]
    pub domain: String,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
}

crate::page_of! {
    /// A page of tenants.
    pub struct TenantPage of Tenant;
}

crate::list_parameters! {
    /// Which tenants.
    pub struct ListTenants {
        /// Only those of this customer.
        #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
        #[validate(length(min = 1, max = 36))]
        #[param(format = Uuid, min_length = 1, max_length = 36)]
        pub customer_id: Option<String>,
    }
}

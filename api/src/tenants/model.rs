//! The types of tenants.

use super::licenses::LicenseCounts;
use crate::clock::Instant;
use crate::db::schema::tenants;
use crate::db::write::Subject;
use crate::http::Resource;
use crate::http::problem::FieldError;
use crate::relationships::{ForwardableText, RelationshipParty, RelationshipRequest, RelationshipRequestState};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

crate::word_enum! {
    /// How a tenant comes to be here.
    pub enum TenantMode {
        /// A new directory.
        Create = "create",
        /// One that the customer has already.
        Link = "link",
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
        /// Nobody answered; the customer can be asked again.
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
    /// The name: lower-case letters and digits (TEN-01); the domain is `name.onmicrosoft.com`, for ever. `create` needs
    /// it; `link` takes it beside, or instead of, the domain and the id.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 63))]
    #[schema(min_length = 1, max_length = 63, nullable = false, example = "panaderiasol")]
    pub name: Option<String>,
    /// Of a tenant to link: its `…onmicrosoft.com`, or a domain of the customer's own.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 253))]
    #[schema(min_length = 1, max_length = 253, nullable = false, example = "panaderiasol.example")]
    pub domain: Option<String>,
    /// Of a tenant to link: its id, a GUID, not the one of zeros only.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub tenant_id: Option<String>,
    /// Whether another provider serves, or has served, the tenant to link: then the customer is asked to accept the new
    /// ones first (TEN-05).
    #[serde(default)]
    #[schema(default = false)]
    pub previous_provider: bool,
    /// The provider that a reseller deals through, where it has several.
    #[serde(default, deserialize_with = "crate::ids::lower_case_if_any")]
    #[validate(length(min = 1, max = 36))]
    #[schema(format = Uuid, min_length = 1, max_length = 36, nullable = false)]
    pub provider_id: Option<String>,
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
#[derive(Debug, Clone, Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = tenants, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct TenantRow {
    /// Id.
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// Who created or linked it.
    pub partner_id: String,
    /// How it came to be here.
    pub mode: TenantMode,
    /// The initial domain, where it is known.
    pub domain: Option<String>,
    /// A domain of the customer's own, by which it was linked.
    pub custom_domain: Option<String>,
    /// The directory's GUID, where it is known.
    pub directory_id: Option<String>,
    /// Whether another provider was declared.
    pub previous_provider: bool,
    /// Where it stands in the database, which does not know what time it is.
    pub state: TenantState,
    /// The request by which the customer is asked.
    pub request_id: Option<String>,
    /// Until when the customer can answer.
    pub expires_at: Option<NaiveDateTime>,
    /// Counts changes.
    pub version: i64,
    /// When it came to be.
    pub created_at: NaiveDateTime,
    /// The tenant that this one leads to: they are one and the same.
    pub merged_into: Option<String>,
}

impl TenantRow {
    /// What people know it by.
    pub fn name(&self) -> &str {
        let names = [&self.domain, &self.custom_domain, &self.directory_id];
        names.into_iter().flatten().next().map(String::as_str).unwrap_or_default()
    }

    /// Where it stands at this instant.
    pub fn state_at(&self, now: Instant) -> TenantState {
        let is_over = self.expires_at.is_some_and(|until| until.and_utc() <= now);
        match self.state {
            TenantState::AwaitingAcceptance if is_over => TenantState::Expired,
            state => state,
        }
    }

    /// The version of what is shown: expiring changes it, though nothing is written.
    pub fn version_at(&self, now: Instant) -> i64 {
        self.version * 2 + i64::from(self.state_at(now) != self.state)
    }

    /// What replayable answers that show its credentials are filed under.
    pub fn secret_name(&self) -> String {
        format!("tenant:{}", self.id)
    }
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

/// Whom the customer was asked to accept for its tenant, and what it has answered (TEN-05).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantAcceptance {
    /// Where the request stands.
    pub state: RelationshipRequestState,
    /// The request.
    #[schema(format = Uuid, max_length = 36)]
    pub request_id: String,
    /// The storefront and the distributor, each with its acceptance.
    #[schema(max_items = 10)]
    pub parties: Vec<RelationshipParty>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When the customer answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// The link for the customer. Shown only in the answer that made it; asking again makes another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password, max_length = 500, nullable = false, example = "https://lonja.example/accept/…")]
    pub link: Option<String>,
    /// Texts with the link, ready to forward, in Spanish and English. Shown only together with the link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 2)]
    pub texts: Vec<ForwardableText>,
}

impl From<RelationshipRequest> for TenantAcceptance {
    fn from(request: RelationshipRequest) -> Self {
        Self {
            state: request.state,
            request_id: request.id,
            parties: request.parties,
            expires_at: request.expires_at,
            answered_at: request.answered_at,
            link: request.link,
            texts: request.texts,
        }
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
    /// How it came to be here.
    pub mode: TenantMode,
    /// The initial domain; null where it was linked without it.
    #[schema(max_length = 80, example = "panaderiasol.onmicrosoft.com")]
    pub domain: Option<String>,
    /// The domain of the customer's own by which it was linked.
    #[schema(max_length = 253, example = "panaderiasol.example")]
    pub custom_domain: Option<String>,
    /// The directory's GUID (the vendor's tenant id); null where it was linked without it.
    #[schema(format = Uuid, max_length = 36)]
    pub directory_id: Option<String>,
    /// Where it stands.
    pub state: TenantState,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// Whom the customer was asked to accept. Absent where it was not asked, and in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acceptance: Option<TenantAcceptance>,
    /// How many licences of the caller's are on it, by their states. In lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub licenses: Option<LicenseCounts>,
    #[serde(skip)]
    version: i64,
    #[serde(skip)]
    secret_of: Option<String>,
}

impl Tenant {
    /// Of a row, at this instant.
    pub fn of(row: TenantRow, now: Instant) -> Self {
        Self {
            state: row.state_at(now),
            version: row.version_at(now),
            id: row.id,
            customer_id: row.customer_id,
            mode: row.mode,
            domain: row.domain,
            custom_domain: row.custom_domain,
            directory_id: row.directory_id,
            created_at: row.created_at.and_utc(),
            acceptance: None,
            licenses: None,
            secret_of: None,
        }
    }

    /// The same with what the customer was asked, where it was.
    pub fn asking(mut self, request: Option<RelationshipRequest>) -> Self {
        // An answer with the link is kept as the secret that it is.
        self.secret_of = request.as_ref().and_then(Resource::secret_of);
        self.acceptance = request.map(TenantAcceptance::from);
        self
    }

    /// The same with what is on it.
    pub fn with(mut self, licenses: LicenseCounts) -> Self {
        self.licenses = Some(licenses);
        self
    }
}

impl Resource for Tenant {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/tenants/{}", self.id))
    }
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
    fn secret_of(&self) -> Option<String> {
        self.secret_of.clone()
    }
}

/// What would become of a tenant, without making it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantPreview {
    /// Whether it can be made or linked as asked.
    pub possible: bool,
    /// The initial domain it would have; empty where it is not known, or none.
    #[schema(max_length = 80)]
    pub domain: String,
    /// In which state it would begin.
    pub state: TenantState,
    /// Whom the customer would be asked to accept first: registered names.
    #[schema(max_items = 10, example = json!(["Mayorista Nube del Norte S.A. de C.V."]))]
    pub to_accept: Vec<String>,
    /// Everything that stands against it.
    #[schema(max_items = 100)]
    pub reasons: Vec<FieldError>,
}

/// Whether a name can be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DomainAvailability {
    /// The whole domain.
    #[schema(max_length = 80, example = "panaderiasol.onmicrosoft.com")]
    pub domain: String,
    /// Whether nobody has it now. Only creating the tenant takes it.
    pub available: bool,
    /// Where it is taken: domains like it that nobody has.
    #[schema(max_items = 5, example = json!(["panaderiasolmx.onmicrosoft.com"]))]
    pub alternatives: Vec<String>,
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
        /// Only those in this state.
        pub state: Option<TenantState>,
    }
}

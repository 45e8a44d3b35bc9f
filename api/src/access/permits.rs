//! Scopes as types. A permit says which scope an operation needs, which kinds of token may use it and which roles;
//! the document and the check read the same constants.

use super::{Role, TokenKind};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::SecurityRequirement;

/// What an operation demands of its caller.
pub trait Permit: 'static {
    /// Its own name. An operation says it in `security`; the document then shows scope, kinds and roles instead.
    const NAME: &'static str;
    /// The scope, as it stands in tokens and in the document.
    const SCOPE: &'static str;
    /// The kinds of token that may.
    const KINDS: &'static [TokenKind];
    /// One of these roles is needed; none for reads. Operators hold no roles: their scopes are their own.
    const ROLES: &'static [Role];
}

macro_rules! permits {
    ($($(#[$doc:meta])* $name:ident = $scope:literal, [$($kind:ident),*], [$($role:ident),*];)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Permit for $name {
            const NAME: &'static str = stringify!($name);
            const SCOPE: &'static str = $scope;
            const KINDS: &'static [TokenKind] = &[$(TokenKind::$kind),*];
            const ROLES: &'static [Role] = &[$(Role::$role),*];
        }
    )*

        /// Every permit, for the document.
        pub const ALL: &[Demand] = &[$(Demand::of::<$name>()),*];
    };
}

/// What a permit demands, as the document shows it.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// The permit's own name.
    pub name: &'static str,
    /// The scope.
    pub scope: &'static str,
    /// The kinds of token.
    pub kinds: &'static [TokenKind],
    /// The roles.
    pub roles: &'static [Role],
}

impl Demand {
    const fn of<P: Permit>() -> Self {
        Self { name: P::NAME, scope: P::SCOPE, kinds: P::KINDS, roles: P::ROLES }
    }
}

/// Says in the document what the operations demand: where a permit's name stands, its scope takes the place, and its
/// kinds of token and roles stand beside it as `x-access`.
pub fn document(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete, &mut item.head];
        for operation in methods.into_iter().flatten() {
            let named = serde_json::to_value(&operation.security).unwrap_or_default();
            let name = named.pointer("/0/oauth2/0").and_then(Value::as_str).unwrap_or_default();
            let Some(demand) = ALL.iter().find(|demand| demand.name == name) else { continue };
            operation.security = Some(vec![SecurityRequirement::new("oauth2", [demand.scope])]);
            // One extension: the document's builder keeps several in no order.
            let told = json!({ "tokenKinds": demand.kinds, "roles": demand.roles });
            operation.extensions.get_or_insert_default().insert("x-access".to_owned(), told);
        }
    }
}

permits! {
    /// Read the audit trail and verify its chain.
    AuditRead = "audit:read", [Partner, Operator], [];
    /// Read events.
    EventsRead = "events:read", [Partner, Operator], [];
    /// Read webhook endpoints and their deliveries.
    WebhooksRead = "webhooks:manage", [Partner, Operator], [];
    /// Manage webhook endpoints. Operators have no roles, and need none.
    WebhooksManage = "webhooks:manage", [Partner, Operator], [GlobalAdmin];
    /// Read the partner's own record.
    PartnersRead = "partners:read", [Partner], [];
    /// Read the partner's API clients.
    ClientsRead = "clients:manage", [Partner], [];
    /// Make, rotate and revoke the partner's API clients (ENR-12).
    ClientsWrite = "clients:manage", [Partner], [GlobalAdmin];
    /// Read the catalogue.
    CatalogRead = "catalog:read", [Partner, Operator], [];
    /// Read customers and their agreements.
    CustomersRead = "customers:read", [Partner, Operator], [];
    /// Create and change customers.
    CustomersWrite = "customers:write", [Partner], [AdminAgent];
    /// Attest the customer agreement (CUS-06).
    CustomerAgreementsWrite = "customers:write", [Partner], [AdminAgent, SalesAgent];
    /// Read tenants.
    TenantsRead = "tenants:read", [Partner, Operator], [];
    /// Create tenants.
    TenantsWrite = "tenants:write", [Partner], [AdminAgent];
    /// Read orders.
    OrdersRead = "orders:read", [Partner, Operator], [];
    /// Place orders.
    OrdersWrite = "orders:write", [Partner], [AdminAgent, GlobalAdmin];
    /// Read links between providers and resellers.
    LinksRead = "links:read", [Partner, Operator], [];
    /// What only a partner reads: an invitation that it holds, the providers of its region, its own entry.
    LinksReadAsPartner = "links:read", [Partner], [];
    /// Invite, cancel and end links, remove admin access, edit the directory entry.
    LinksWrite = "links:write", [Partner], [GlobalAdmin];
    /// Answer an invitation (LNK-02).
    LinksAuthorize = "links:authorize", [Partner], [GlobalAdmin];
    /// Read invoices and credit notes.
    BillingRead = "billing:read", [Partner, Operator], [];
    /// Read bought software, keys masked.
    SoftwareRead = "software:read", [Partner, Operator, Customer], [];
    /// Name bought software.
    SoftwareWrite = "software:write", [Partner], [AdminAgent];
    /// See product keys in clear. An operator never does.
    SoftwareKeys = "software:keys", [Partner, Customer], [AdminAgent, CustomerGlobalAdmin];
    /// Make and withdraw links under which software is downloaded.
    SoftwareDownloads = "software:downloads", [Partner, Customer], [AdminAgent, CustomerGlobalAdmin];
    /// Share product keys by links.
    KeyShares = "software:keys", [Partner], [AdminAgent];
    /// Take keys into stock.
    StockWrite = "stock:write", [Operator], [];
    /// Read the stock of keys.
    StockRead = "stock:read", [Operator], [];
    /// Read refunds and ask for quotes.
    RefundsRead = "refunds:read", [Partner, Operator], [];
    /// Ask for refunds.
    RefundsWrite = "refunds:write", [Partner], [AdminAgent];
}

/// Every scope with what it allows, for the document and for `lonja client create`.
pub const SCOPES: &[(&str, &str)] = &[
    ("audit:read", "Read the audit trail and verify its chain."),
    ("billing:read", "Read invoices and credit notes."),
    ("catalog:read", "Read the catalogue."),
    ("clients:manage", "Look after the partner's API clients and their secrets."),
    ("customers:read", "Read customers and their agreements."),
    ("customers:write", "Create and change customers, attest their agreement."),
    ("events:read", "Read the feed of events."),
    ("links:authorize", "Authorise or decline a provider that has invited the partner."),
    ("links:read", "Read links between providers and resellers, and the directory of providers."),
    ("links:write", "Invite resellers, end links, remove admin access, edit the directory entry."),
    ("orders:read", "Read orders."),
    ("orders:write", "Preview and place orders."),
    ("partners:read", "Read the partner's own record."),
    ("refunds:read", "Read refunds and ask for quotes."),
    ("refunds:write", "Ask for refunds."),
    ("software:downloads", "Make and withdraw links under which software is downloaded."),
    ("software:keys", "See product keys in clear."),
    ("software:read", "Read bought software, keys masked."),
    ("software:write", "Name bought software."),
    ("stock:read", "Read the stock of product keys (operator)."),
    ("stock:write", "Take product keys into stock (operator)."),
    ("tenants:read", "Read tenants."),
    ("tenants:write", "Create tenants."),
    ("webhooks:manage", "Manage webhook endpoints, see and repeat their deliveries."),
];

/// Scopes that an operator's client cannot hold: operators never see a key in clear.
pub const NOT_FOR_OPERATORS: &[&str] = &["software:keys", "tenants:credentials"];

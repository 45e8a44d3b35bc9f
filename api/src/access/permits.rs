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
    /// The ways in. Nearly always one; where there are several, each is for other kinds of token.
    const WAYS: &'static [Way];
}

/// One way into an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The scope, as it stands in tokens and in the document.
    pub scope: &'static str,
    /// The kinds of token that may.
    pub kinds: &'static [TokenKind],
    /// One of these roles is needed; none for reads. Operators hold no roles: their scopes are their own.
    pub roles: &'static [Role],
}

impl Way {
    /// The way for this kind of token; where there is none, the first, which then says what is missing.
    pub fn of(ways: &'static [Self], kind: TokenKind) -> Self {
        let own = ways.iter().find(|way| way.kinds.contains(&kind));
        own.or(ways.first()).copied().unwrap_or(Self { scope: "", kinds: &[], roles: &[] })
    }
}

/// Every kind of token that has a way in.
pub fn kinds_of(ways: &[Way]) -> Vec<TokenKind> {
    ways.iter().flat_map(|way| way.kinds).copied().collect()
}

macro_rules! permits {
    ($($(#[$doc:meta])* $name:ident =
        $($scope:literal, [$($kind:ident),*], [$($role:ident),*])or+;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Permit for $name {
            const NAME: &'static str = stringify!($name);
            const WAYS: &'static [Way] = &[$(Way {
                scope: $scope,
                kinds: &[$(TokenKind::$kind),*],
                roles: &[$(Role::$role),*],
            }),+];
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
    /// The ways in.
    pub ways: &'static [Way],
}

impl Demand {
    const fn of<P: Permit>() -> Self {
        Self { name: P::NAME, ways: P::WAYS }
    }
}

/// Says in the document what the operations demand: where a permit's name stands, its scopes take the place as
/// alternatives, and its kinds of token and roles stand beside it as `x-access`, in the order of the scopes.
pub fn document(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let methods = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete, &mut item.head];
        for operation in methods.into_iter().flatten() {
            let named = serde_json::to_value(&operation.security).unwrap_or_default();
            let name = named.pointer("/0/oauth2/0").and_then(Value::as_str).unwrap_or_default();
            let Some(demand) = ALL.iter().find(|demand| demand.name == name) else { continue };
            let scopes = demand.ways.iter().map(|way| SecurityRequirement::new("oauth2", [way.scope]));
            operation.security = Some(scopes.collect());
            let roles: Vec<Role> = demand.ways.iter().flat_map(|way| way.roles).copied().collect();
            // One extension: the document's builder keeps several in no order.
            let mut told = json!({ "tokenKinds": kinds_of(demand.ways), "roles": roles });
            if let (Some(told), [_, _, ..]) = (told.as_object_mut(), demand.ways) {
                let ways = demand.ways.iter().map(|way| (way.scope.to_owned(), json!(way.kinds))).collect();
                told.insert("tokenKindsByScope".to_owned(), Value::Object(ways));
            }
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
    /// Register any partner, or enrol a newcomer (ENR-01, ENR-14).
    PartnersCreate = "partners:enrol", [Enrolment], [] or "partners:register", [Operator], [];
    /// Read partners, their agreements and users: a partner its own, the operator all of them.
    PartnersRead = "partners:read", [Partner, Operator], [];
    /// Read the partner that the token speaks for.
    OwnPartnerRead = "partners:read", [Partner], [];
    /// Enrol, and accept the partner agreement.
    PartnersWrite = "partners:write", [Partner], [GlobalAdmin];
    /// Look after the partner's users (ENR-12).
    PartnerUsersWrite = "partners:write", [Partner], [AdminAgent];
    /// Review enrolments, suspend and reinstate.
    PartnersReview = "partners:review", [Operator], [];
    /// Read the partner's API clients.
    ClientsRead = "clients:manage", [Partner], [];
    /// Make, rotate and revoke the partner's API clients (ENR-12).
    ClientsWrite = "clients:manage", [Partner], [GlobalAdmin];
    /// Read the catalogue.
    CatalogRead = "catalog:read", [Partner, Operator], [];
    /// Read validations for the government cloud, their codes and qualifications.
    GccRead = "gcc:read", [Partner, Operator], [];
    /// Ask what stands between the partner and an order of the government cloud.
    GccEligibility = "gcc:read", [Partner], [];
    /// Submit validations and use their codes (GCC-01).
    GccWrite = "gcc:write", [Partner], [AdminAgent, SalesAgent];
    /// Decide validations.
    GccReview = "gcc:review", [Operator], [];
    /// Read customers and their agreements.
    CustomersRead = "customers:read", [Partner, Operator], [];
    /// Create and change customers.
    CustomersWrite = "customers:write", [Partner], [AdminAgent];
    /// Attest the customer agreement (CUS-06).
    CustomerAgreementsWrite = "customers:write", [Partner], [AdminAgent, SalesAgent];
    /// Read tenants.
    TenantsRead = "tenants:read", [Partner, Operator], [];
    /// Create, link and unlink tenants.
    TenantsWrite = "tenants:write", [Partner], [AdminAgent];
    /// See a new tenant's credentials, once. An operator never does.
    TenantsCredentials = "tenants:credentials", [Partner], [AdminAgent];
    /// Read orders.
    OrdersRead = "orders:read", [Partner, Operator], [];
    /// Place orders: sales agents those of the government cloud alone, global administrators all others (ORD-06).
    OrdersWrite = "orders:write", [Partner], [AdminAgent, GlobalAdmin, SalesAgent];
    /// Cancel orders that wait.
    OrdersCancel = "orders:write", [Partner], [AdminAgent];
    /// Read subscriptions.
    SubscriptionsRead = "subscriptions:read", [Partner, Operator], [];
    /// Change seats and plans, suspend, resume, cancel.
    SubscriptionsWrite = "subscriptions:write", [Partner], [AdminAgent];
    /// Read links between providers and resellers.
    LinksRead = "links:read", [Partner, Operator], [];
    /// What only a partner reads: an invitation that it holds, the providers of its region, its own entry.
    LinksReadAsPartner = "links:read", [Partner], [];
    /// Invite, cancel and end links, remove admin access, edit the directory entry.
    LinksWrite = "links:write", [Partner], [GlobalAdmin];
    /// Answer an invitation (LNK-02).
    LinksAuthorize = "links:authorize", [Partner], [GlobalAdmin];
    /// Read agreements, orders and keys of the Open programme: a customer its own.
    OpenRead = "open:read", [Partner, Operator, Customer], [];
    /// Make Open agreements, order on them, cancel what is not redeemed.
    OpenWrite = "open:write", [Partner], [AdminAgent];
    /// Sign an Open agreement: the customer alone (OPN-03).
    OpenSign = "open:write", [Customer], [CustomerGlobalAdmin];
    /// Retrieve and redeem keys that were bought through Open. An operator never sees one.
    OpenKeys = "open:write", [Partner, Customer], [AdminAgent, CustomerGlobalAdmin];
    /// Read invoices, credit notes and renewals.
    BillingRead = "billing:read", [Partner, Operator], [];
    /// Record payments of renewals.
    BillingWrite = "billing:write", [Partner], [AdminAgent];
    /// Read earnings and advisor agreements.
    EarningsRead = "earnings:read", [Partner, Operator], [];
    /// Make advisor agreements.
    EarningsWrite = "earnings:write", [Partner], [AdminAgent];
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
    /// Approve and reject refunds.
    RefundsReview = "refunds:review", [Operator], [];
}

/// Every scope with what it allows, for the document and for `lonja client create`.
pub const SCOPES: &[(&str, &str)] = &[
    ("audit:read", "Read the audit trail and verify its chain."),
    ("billing:read", "Read invoices, credit notes and renewals."),
    ("billing:write", "Record payments of renewals, and those that failed."),
    ("catalog:read", "Read the catalogue."),
    ("clients:manage", "Look after the partner's API clients and their secrets."),
    ("customers:read", "Read customers and their agreements."),
    ("customers:write", "Create and change customers, attest their agreement."),
    ("earnings:read", "Read earnings and advisor agreements."),
    ("earnings:write", "Make advisor agreements."),
    ("events:read", "Read the feed of events."),
    ("gcc:read", "Read validations for the government cloud, their codes and customers' qualifications."),
    ("gcc:review", "Decide validations for the government cloud (operator)."),
    ("gcc:write", "Submit validations for the government cloud, and use their codes."),
    ("links:authorize", "Authorise or decline a provider that has invited the partner."),
    ("links:read", "Read links between providers and resellers, and the directory of providers."),
    ("links:write", "Invite resellers, end links, remove admin access, edit the directory entry."),
    ("open:read", "Read agreements, orders and keys of the Open programme."),
    ("open:write", "Make and sign Open agreements, order on them, retrieve and redeem keys, cancel."),
    ("orders:read", "Read orders."),
    ("orders:write", "Preview, place and cancel orders."),
    ("partners:enrol", "Create the draft of a newcomer (a storefront's enrolment client)."),
    ("partners:read", "Read the partner's own record, its agreements and users."),
    ("partners:register", "Register partners of any kind (operator)."),
    ("partners:review", "Review enrolments, suspend and reinstate partners (operator)."),
    ("partners:write", "Fill in and submit the enrolment, accept the partner agreement, look after users."),
    ("refunds:read", "Read refunds and ask for quotes."),
    ("refunds:review", "Approve and reject refunds (operator)."),
    ("refunds:write", "Ask for refunds."),
    ("software:downloads", "Make and withdraw links under which software is downloaded."),
    ("software:keys", "See product keys in clear."),
    ("software:read", "Read bought software, keys masked."),
    ("software:write", "Name bought software."),
    ("stock:read", "Read the stock of product keys (operator)."),
    ("stock:write", "Take product keys into stock (operator)."),
    ("subscriptions:read", "Read subscriptions."),
    ("subscriptions:write", "Change seats and plans, suspend, resume and cancel subscriptions."),
    ("tenants:credentials", "See the first administrator's password of a new tenant, once."),
    ("tenants:read", "Read tenants and the licences on them."),
    ("tenants:write", "Create, link and unlink tenants."),
    ("webhooks:manage", "Manage webhook endpoints, see and repeat their deliveries."),
];

/// The scopes that operations offer to this kind of token.
pub fn scopes_for(kind: TokenKind) -> Vec<&'static str> {
    let offered = |scope: &str| {
        let mut ways = ALL.iter().flat_map(|demand| demand.ways);
        ways.any(|way| way.scope == scope && way.kinds.contains(&kind))
    };
    SCOPES.iter().map(|(scope, _)| *scope).filter(|scope| offered(scope)).collect()
}

/// Scopes that an operator's client cannot hold: operators never see a key in clear.
pub const NOT_FOR_OPERATORS: &[&str] = &["software:keys", "tenants:credentials"];

//! Who may do what: tokens, scopes as types, roles, and whose eyes see which rows.

pub mod caller;
pub mod clients;
pub mod identity;
pub mod issuers;
pub mod limits;
pub mod oauth;
pub mod permits;
pub mod signing_keys;
pub mod tokens;

pub use caller::Caller;
pub use permits::Permit;

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How far two clocks may be apart.
const LEEWAY_SECONDS: i64 = 30;
/// No token of ours lives longer, whatever was configured when it was issued.
const LONGEST_LIFE_SECONDS: i64 = 3600;

/// The four kinds of token (PLT-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// The marketplace's own staff: sees all partners, never a key in clear.
    Operator,
    /// A storefront's enrolment client: creates drafts of newcomers (ENR-14).
    Enrolment,
    /// A partner.
    Partner,
    /// A customer's administrator: its own organisation's software, keys and Open items.
    Customer,
}

/// What a client's people may do beside the scope (ENR-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Enrolment, agreements, links, clients.
    GlobalAdmin,
    /// Customers, tenants, orders, keys, refunds.
    AdminAgent,
    /// GCC and customer agreements.
    SalesAgent,
    /// A customer's own administrator.
    CustomerGlobalAdmin,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every one of them.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),* }
            }

            /// From the word.
            pub fn of(word: &str) -> Option<Self> {
                match word { $($word => Some($type::$variant),)* _ => None }
            }
        }
    };
}

words!(TokenKind { Operator = "operator", Enrolment = "enrolment", Partner = "partner", Customer = "customer" });
words!(Role {
    GlobalAdmin = "globalAdmin",
    AdminAgent = "adminAgent",
    SalesAgent = "salesAgent",
    CustomerGlobalAdmin = "customerGlobalAdmin",
});

impl Role {
    /// Whether clients of this kind can hold the role: partners have theirs, customers have one of their own.
    pub fn is_for(self, kind: TokenKind) -> bool {
        match self {
            Self::CustomerGlobalAdmin => kind == TokenKind::Customer,
            Self::GlobalAdmin | Self::AdminAgent | Self::SalesAgent => kind == TokenKind::Partner,
        }
    }
}

/// Whose eyes these are: the first argument of every query (CUS-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Sees all partners.
    Operator,
    /// Sees what its partner sells, and the organisations it has an accepted relationship with.
    Partner(String),
    /// Sees its own organisation.
    Customer(String),
    /// Sees nothing that exists.
    Enrolment,
}

impl Viewer {
    /// The word that binds a cursor to its reader.
    pub fn name(&self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::Partner(id) => format!("partner:{id}"),
            Self::Customer(id) => format!("customer:{id}"),
            Self::Enrolment => "enrolment".to_owned(),
        }
    }
}

/// `seen_by!(orders, viewer)`: the rows of a transacted table that these eyes see. The transacting partner and the
/// partner of record see a row, the customer its own, the operator all of them (CUS-05).
#[macro_export]
macro_rules! seen_by {
    ($table:ident, $viewer:expr) => {{
        let rows = $table::table.into_boxed();
        match $viewer {
            $crate::access::Viewer::Operator => rows,
            $crate::access::Viewer::Partner(id) => {
                rows.filter($table::partner_id.eq(id).or($table::partner_of_record_id.assume_not_null().eq(id)))
            }
            $crate::access::Viewer::Customer(id) => rows.filter($table::customer_id.eq(id)),
            $crate::access::Viewer::Enrolment => rows.filter($table::partner_id.eq("")),
        }
    }};
}

/// Who a verified token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The API client.
    pub client_id: Arc<str>,
    /// Which kind of token.
    pub kind: TokenKind,
    /// The partner, for a partner's token.
    pub partner_id: Option<String>,
    /// The customer, for a customer's token.
    pub customer_id: Option<String>,
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// The roles of the client.
    pub roles: Vec<Role>,
    /// The id of the token.
    pub token_id: String,
}

impl Principal {
    /// Whose eyes these are.
    pub fn viewer(&self) -> Viewer {
        match (self.kind, &self.partner_id, &self.customer_id) {
            (TokenKind::Operator, _, _) => Viewer::Operator,
            (TokenKind::Partner, Some(id), _) => Viewer::Partner(id.clone()),
            (TokenKind::Customer, _, Some(id)) => Viewer::Customer(id.clone()),
            _ => Viewer::Enrolment,
        }
    }
}

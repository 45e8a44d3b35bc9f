//! The types of API clients.

use crate::access::{Role, TokenKind};
use crate::db::schema::{api_clients, client_secrets};
use crate::db::write::Subject;
use crate::http::Resource;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::{Insertable, Queryable, Selectable};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// For people.
    pub name: String,
    /// Which kind of tokens it gets.
    pub kind: TokenKind,
    /// The partner of a partner's client.
    pub partner_id: Option<String>,
    /// The customer of a customer's client.
    pub customer_id: Option<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// Who a client is for an outside issuer, whose tokens speak for it instead of a secret of this house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The issuer, as its tokens have it.
    pub issuer: String,
    /// The client's name in them.
    pub subject: String,
}

/// A client just made; the secret is shown this once.
#[derive(Debug)]
pub struct MadeClient {
    /// The id to authenticate with.
    pub client_id: String,
    /// The secret.
    pub client_secret: SecretString,
}

/// What is known of a client now.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Which kind of tokens it gets.
    pub kind: TokenKind,
    /// Its partner.
    pub partner_id: Option<String>,
    /// Its customer.
    pub customer_id: Option<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Neither revoked, nor of a suspended partner.
    pub live: bool,
}

/// A row of `api_clients`.
#[derive(Insertable, Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = api_clients, treat_none_as_default_value = false)]
pub(super) struct ClientRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) partner_id: Option<String>,
    pub(super) customer_id: Option<String>,
    pub(super) scopes: String,
    pub(super) roles: String,
    pub(super) created_at: NaiveDateTime,
    pub(super) revoked_at: Option<NaiveDateTime>,
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) version: i64,
}

impl ClientRow {
    pub(super) fn scopes(&self) -> Vec<String> {
        self.scopes.split_ascii_whitespace().map(str::to_owned).collect()
    }

    /// Its roles.
    pub(super) fn roles(&self) -> Vec<Role> {
        self.roles.split_ascii_whitespace().filter_map(Role::of).collect()
    }
}

impl Subject for ClientRow {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        self.partner_id.as_deref()
    }
    fn customer_id(&self) -> Option<&str> {
        self.customer_id.as_deref()
    }
}

/// A row of `client_secrets`.
#[derive(Insertable, Queryable, Selectable, Clone)]
#[diesel(table_name = client_secrets, treat_none_as_default_value = false)]
pub(super) struct SecretRow {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) hash: String,
    pub(super) created_at: NaiveDateTime,
    pub(super) expires_at: Option<NaiveDateTime>,
}

/// A client to be made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateApiClient {
    /// For people.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "Nightly orders")]
    pub name: String,
    /// Scopes by blanks; none beyond those of the token that asks (ENR-12).
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "orders:read orders:write")]
    pub scope: String,
    /// Roles, none beyond those of the client that asks, save that a globalAdmin may grant adminAgent (ENR-12). Without
    /// any it may only read.
    #[validate(length(max = 4))]
    #[schema(max_items = 4)]
    pub roles: Vec<Role>,
}

/// How a client's secret is replaced.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateApiClientSecret {
    /// For how many seconds the secret of now lives on beside the new one; a day unless said, seven days at most, 0 ends
    /// it at once.
    #[serde(default, deserialize_with = "crate::http::body::present")]
    #[validate(range(min = 0, max = 604_800))]
    #[schema(minimum = 0, maximum = 604_800, nullable = false, example = 86_400)]
    pub overlap_seconds: Option<i64>,
}

/// A client of the API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiClient {
    /// Id; the client id of the token endpoint.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// For people.
    #[schema(max_length = 100)]
    pub name: String,
    /// The scopes that it may ask for, by blanks.
    #[schema(max_length = 4000, example = "orders:read orders:write")]
    pub scope: String,
    /// Its roles.
    #[schema(max_items = 4)]
    pub roles: Vec<Role>,
    /// The outside issuer whose tokens speak for it; null where it has secrets.
    #[schema(max_length = 512)]
    pub issuer: Option<String>,
    /// Its name in the tokens of that issuer.
    #[schema(max_length = 255)]
    pub subject: Option<String>,
    /// Its last secrets, newest first, without what is secret of them.
    #[schema(max_items = 2)]
    pub secrets: Vec<ClientSecret>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

/// What may be known of a secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecret {
    /// Id.
    #[schema(format = Uuid, max_length = 36)]
    pub id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; null while no newer one replaces it.
    pub expires_at: Option<DateTime<Utc>>,
}

impl ApiClient {
    pub(super) fn of(row: ClientRow, secrets: Vec<SecretRow>) -> Self {
        Self {
            roles: row.roles(),
            id: row.id,
            name: row.name,
            scope: row.scopes,
            issuer: row.issuer,
            subject: row.subject,
            secrets: secrets.into_iter().map(ClientSecret::from).collect(),
            created_at: row.created_at.and_utc(),
            version: row.version,
        }
    }
}

impl From<SecretRow> for ClientSecret {
    fn from(row: SecretRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.map(|instant| instant.and_utc()),
        }
    }
}

impl Resource for ApiClient {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A client with its new secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiClientCredentials {
    /// The id to ask for tokens with.
    #[schema(format = Uuid, max_length = 36)]
    pub client_id: String,
    /// The secret to ask for tokens with. It is not shown again.
    #[schema(value_type = String, format = Password, max_length = 128)]
    #[serde(serialize_with = "in_clear")]
    pub client_secret: SecretString,
    /// The client as it is now.
    #[serde(flatten)]
    pub client: ApiClient,
}

/// The one answer that shows a client's secret.
fn in_clear<S: serde::Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// The name under which answers that show a client's secret are kept, and forgotten when it ends (PLT-02).
pub fn secret_of(client_id: &str) -> String {
    format!("api_client:{client_id}")
}

impl Resource for ApiClientCredentials {
    fn location(&self) -> Option<String> {
        Some(format!("/v1/api-clients/{}", self.client_id))
    }
    fn version(&self) -> Option<i64> {
        self.client.version()
    }
    fn secret_of(&self) -> Option<String> {
        Some(secret_of(&self.client_id))
    }
}

crate::page_of! {
    /// A page of clients.
    pub struct ApiClientPage of ApiClient;
}

crate::list_parameters! {
    /// Which clients.
    pub struct ListApiClients {}
}

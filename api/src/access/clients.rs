//! API clients and their secrets. A secret is 256 random bits with a prefix and a checksum, so that scanners find it
//! and typing errors show at once; with that much chance in it a plain SHA-256 is as good as a slow hash, which would
//! only starve the cores.

use super::{Role, TokenKind};
use crate::clock::machine_now;
use crate::db::schema::{api_clients, client_secrets, partners};
use crate::db::write::{Subject, Tx};
use crate::db::{Db, Pool};
use crate::error::{Code, Error, Result};
use crate::topic::Topic;
use crate::{ids, on, vault};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDateTime;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use quick_cache::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

const PREFIX: &str = "lonja_secret_";

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

/// A client just made; the secret is shown this once.
#[derive(Debug)]
pub struct MadeClient {
    /// The id to authenticate with.
    pub client_id: String,
    /// The secret.
    pub client_secret: SecretString,
}

#[derive(Insertable, Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = api_clients, treat_none_as_default_value = false)]
struct ClientRow {
    id: String,
    kind: String,
    name: String,
    partner_id: Option<String>,
    customer_id: Option<String>,
    scopes: String,
    roles: String,
    created_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
}

#[derive(Insertable)]
#[diesel(table_name = client_secrets, treat_none_as_default_value = false)]
struct SecretRow {
    id: String,
    client_id: String,
    hash: String,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
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

/// Makes a client and its first secret.
pub async fn create(tx: &mut Tx<'_>, new: &NewClient) -> Result<MadeClient> {
    let id = tx.id();
    let client_secret = make_secret()?;
    let now = tx.machine_now().naive_utc();
    let row = ClientRow {
        id: id.clone(),
        kind: new.kind.as_str().to_owned(),
        name: new.name.clone(),
        partner_id: new.partner_id.clone(),
        customer_id: new.customer_id.clone(),
        scopes: new.scopes.join(" "),
        roles: new.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
        created_at: now,
        revoked_at: None,
    };
    let secret = SecretRow {
        id: tx.id(),
        client_id: id.clone(),
        hash: hash_of(client_secret.expose_secret()),
        created_at: now,
        expires_at: None,
    };
    on!(tx.db(), c => diesel::insert_into(api_clients::table).values(&row).execute(c))?;
    on!(tx.db(), c => diesel::insert_into(client_secrets::table).values(&secret).execute(c))?;
    tx.emit(Topic::ClientCreated, &row);
    Ok(MadeClient { client_id: id, client_secret })
}

fn make_secret() -> Result<SecretString> {
    let random = URL_SAFE_NO_PAD.encode(vault::random_bytes()?);
    let checksum = crc32fast::hash(random.as_bytes());
    Ok(format!("{PREFIX}{random}{checksum:08x}").into())
}

fn hash_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
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

/// The client with this id.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<Option<Client>> {
    let found: Option<(ClientRow, Option<String>)> = on!(db, c => api_clients::table
        .left_join(partners::table.on(partners::id.nullable().eq(api_clients::partner_id)))
        .filter(api_clients::id.eq(id))
        .select((ClientRow::as_select(), partners::state.nullable()))
        .first(c))
    .optional()?;
    Ok(found.and_then(|(row, partner_state)| {
        Some(Client {
            kind: TokenKind::of(&row.kind)?,
            live: row.revoked_at.is_none() && partner_state.as_deref() != Some("suspended"),
            scopes: row.scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            roles: row.roles.split_ascii_whitespace().filter_map(Role::of).collect(),
            id: row.id,
            partner_id: row.partner_id,
            customer_id: row.customer_id,
        })
    }))
}

/// The live client that this id and secret prove. An unknown id costs the same comparison as a wrong secret.
pub async fn authenticate(db: &mut Db<'_>, id: &str, secret: &str) -> Result<Option<Client>> {
    // What cannot be an id names nobody, and need not reach the database.
    let id = if ids::is_id(id) { id } else { "" };
    let now = machine_now().naive_utc();
    let hashes: Vec<String> = on!(db, c => client_secrets::table
        .filter(client_secrets::client_id.eq(id))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(now).assume_not_null()))
        .select(client_secrets::hash)
        .limit(4)
        .load(c))?;
    let given = hash_of(secret);
    let nobody = hash_of("");
    let proven = hashes
        .iter()
        .chain(std::iter::once(&nobody))
        .fold(false, |proven, hash| proven | bool::from(hash.as_bytes().ct_eq(given.as_bytes())));
    let client = find(db, id).await?;
    Ok(client.filter(|client| proven && !secret.is_empty() && client.live))
}

/// How old the copy of a client may be, and how old it may get while the database does not answer.
const FRESH: Duration = Duration::from_secs(10);
const STALE: Duration = Duration::from_secs(30);

/// The clients as this process knows them: a revocation is felt within ten seconds without a query for each request.
pub struct Directory {
    known: Cache<String, (Arc<Client>, Instant)>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { known: Cache::new(10_000) }
    }
}

impl Directory {
    /// What is known of the client: not older than ten seconds, or thirty while the database is away.
    pub async fn client(&self, pool: &Pool, id: &str) -> Result<Arc<Client>> {
        let known = self.known.get(id);
        if let Some((client, since)) = &known
            && since.elapsed() < FRESH
        {
            return Ok(client.clone());
        }
        match read(pool, id).await {
            Ok(Some(client)) => {
                let client = Arc::new(client);
                self.known.insert(id.to_owned(), (client.clone(), Instant::now()));
                Ok(client)
            }
            Ok(None) => Err(Error::new(Code::InvalidToken)),
            Err(error) => match known {
                Some((client, since)) if since.elapsed() < STALE => Ok(client),
                _ => Err(error),
            },
        }
    }
}

async fn read(pool: &Pool, id: &str) -> Result<Option<Client>> {
    let mut reader = pool.read().await?;
    find(&mut reader.db()?, id).await
}

//! Queries over API clients and their secrets.

use super::model::{Client, ClientRow, MadeClient, NewClient, Outside, SecretRow, secret_of};
use super::secret;
use crate::access::{TokenKind, Viewer};
use crate::clock::machine_now;
use crate::db::Db;
use crate::db::schema::{api_clients, client_secrets, partners};
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::http::Page;
use crate::topic::Topic;
use crate::{ids, on};
use chrono::TimeDelta;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::RunQueryDsl;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A client has two secrets at most: the one of now, and the one before while it lives on.
const SECRETS: i64 = 2;

/// `clients_of!(viewer)`: a partner's own clients. Nobody else looks after clients here (PLT-09).
macro_rules! clients_of {
    ($viewer:expr) => {{
        let rows = api_clients::table
            .filter(api_clients::revoked_at.is_null())
            .filter(api_clients::kind.eq(TokenKind::Partner.as_str()))
            .select(ClientRow::as_select())
            .into_boxed();
        match $viewer {
            Viewer::Partner(id) => rows.filter(api_clients::partner_id.eq(id)),
            Viewer::Operator | Viewer::Customer(_) | Viewer::Enrolment => rows.filter(api_clients::id.eq("")),
        }
    }};
}

/// The client with this id, for these eyes.
pub(super) async fn find_own(viewer: &Viewer, db: &mut Db<'_>, id: &str) -> Result<ClientRow> {
    on!(db, c => clients_of!(viewer).filter(api_clients::id.eq(id)).first(c))
        .optional()?
        .ok_or_else(|| Error::not_found("api_client"))
}

/// A page of the clients that these eyes see.
pub(super) async fn list(viewer: &Viewer, db: &mut Db<'_>, page: &Page) -> Result<Vec<ClientRow>> {
    Ok(on!(db, c => clients_of!(viewer)
        .filter(api_clients::id.gt(page.after()))
        .order(api_clients::id.asc())
        .limit(page.rows())
        .load(c))?)
}

/// The secrets of these clients, newest first.
pub(super) async fn secrets_of(db: &mut Db<'_>, clients: &[ClientRow]) -> Result<Vec<SecretRow>> {
    let ids: Vec<&str> = clients.iter().map(|row| row.id.as_str()).collect();
    Ok(on!(db, c => client_secrets::table
        .filter(client_secrets::client_id.eq_any(&ids))
        .order(client_secrets::id.desc())
        .select(SecretRow::as_select())
        .load(c))?)
}

/// Makes a client and its first secret.
pub async fn create(tx: &mut Tx<'_>, new: &NewClient) -> Result<MadeClient> {
    let (row, client_secret) = make(tx, new).await?;
    Ok(MadeClient { client_id: row.id, client_secret })
}

pub(super) async fn make(tx: &mut Tx<'_>, new: &NewClient) -> Result<(ClientRow, SecretString)> {
    let row = insert(tx, new, None).await?;
    let secret = add_secret(tx, &row).await?;
    Ok((row, secret))
}

/// Makes a client that an outside issuer's tokens speak for; answers its id.
pub async fn create_outside(tx: &mut Tx<'_>, new: &NewClient, outside: &Outside) -> Result<String> {
    let Outside { issuer, subject } = outside;
    if let Some(known) = find_outside(tx.db(), issuer, subject).await? {
        let known = known.id;
        return Err(Error::internal(format!("`{subject}` of {issuer} is the client {known} already")));
    }
    Ok(insert(tx, new, Some(outside)).await?.id)
}

async fn insert(tx: &mut Tx<'_>, new: &NewClient, outside: Option<&Outside>) -> Result<ClientRow> {
    let row = ClientRow {
        id: tx.id(),
        kind: new.kind.as_str().to_owned(),
        name: new.name.clone(),
        partner_id: new.partner_id.clone(),
        customer_id: new.customer_id.clone(),
        scopes: new.scopes.join(" "),
        roles: new.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
        created_at: tx.machine_now().naive_utc(),
        revoked_at: None,
        issuer: outside.map(|outside| outside.issuer.clone()),
        subject: outside.map(|outside| outside.subject.clone()),
        version: 1,
    };
    on!(tx.db(), c => diesel::insert_into(api_clients::table).values(&row).execute(c))?;
    tx.emit(Topic::ClientCreated, &row);
    Ok(row)
}

async fn add_secret(tx: &mut Tx<'_>, client: &ClientRow) -> Result<SecretString> {
    let made = secret::make()?;
    let row = SecretRow {
        id: tx.id(),
        client_id: client.id.clone(),
        hash: secret::hash_of(made.expose_secret()),
        created_at: tx.machine_now().naive_utc(),
        expires_at: None,
    };
    on!(tx.db(), c => diesel::insert_into(client_secrets::table).values(&row).execute(c))?;
    Ok(made)
}

/// Gives the client a new secret. The one of now lives on for `overlap`; any before it ends here, so that there are
/// never more than two.
pub(super) async fn rotate(tx: &mut Tx<'_>, client: &mut ClientRow, overlap: TimeDelta) -> Result<SecretString> {
    let ends = (tx.machine_now() + overlap).naive_utc();
    let secrets = secrets_of(tx.db(), std::slice::from_ref(client)).await?;
    let newest = secrets.as_slice().first().map(|secret| secret.id.clone()).unwrap_or_default();
    on!(tx.db(), c => diesel::delete(client_secrets::table
            .filter(client_secrets::client_id.eq(&client.id))
            .filter(client_secrets::id.ne(&newest)))
        .execute(c))?;
    on!(tx.db(), c => diesel::update(client_secrets::table.find(&newest))
        .set(client_secrets::expires_at.eq(ends))
        .execute(c))?;
    let made = add_secret(tx, client).await?;
    // Whoever has not noted a secret down that now has an end, has lost it (PLT-02).
    tx.forget_answers(&secret_of(&client.id)).await?;
    client.version += 1;
    on!(tx.db(), c => diesel::update(api_clients::table.find(&client.id))
        .set(api_clients::version.eq(client.version))
        .execute(c))?;
    tx.emit(Topic::ClientSecretRotated, client);
    Ok(made)
}

/// Ends a client with all its secrets. The row stays: what it did names it.
pub(super) async fn revoke(tx: &mut Tx<'_>, client: &ClientRow) -> Result<()> {
    let now = tx.machine_now().naive_utc();
    on!(tx.db(), c => diesel::update(api_clients::table.find(&client.id))
        .set((api_clients::revoked_at.eq(now), api_clients::version.eq(client.version + 1)))
        .execute(c))?;
    on!(tx.db(), c => diesel::delete(client_secrets::table.filter(client_secrets::client_id.eq(&client.id)))
        .execute(c))?;
    tx.forget_answers(&secret_of(&client.id)).await?;
    tx.emit(Topic::ClientRevoked, client);
    Ok(())
}

/// A client with the state of its partner.
type Found = Option<(ClientRow, Option<String>)>;

fn known((row, partner_state): (ClientRow, Option<String>)) -> Option<Client> {
    Some(Client {
        kind: TokenKind::of(&row.kind)?,
        live: row.revoked_at.is_none() && partner_state.as_deref() != Some("suspended"),
        scopes: row.scopes.split_ascii_whitespace().map(str::to_owned).collect(),
        roles: row.roles(),
        id: row.id,
        partner_id: row.partner_id,
        customer_id: row.customer_id,
    })
}

/// The client with this id, for the house itself.
pub async fn find(db: &mut Db<'_>, id: &str) -> Result<Option<Client>> {
    let found: Found = on!(db, c => api_clients::table
        .left_join(partners::table.on(partners::id.nullable().eq(api_clients::partner_id)))
        .filter(api_clients::id.eq(id))
        .select((ClientRow::as_select(), partners::state.nullable()))
        .first(c))
    .optional()?;
    Ok(found.and_then(known))
}

/// The client that this issuer's tokens speak for by this subject, for the house itself.
pub(super) async fn find_outside(db: &mut Db<'_>, issuer: &str, subject: &str) -> Result<Option<Client>> {
    let found: Found = on!(db, c => api_clients::table
        .left_join(partners::table.on(partners::id.nullable().eq(api_clients::partner_id)))
        .filter(api_clients::issuer.eq(issuer))
        .filter(api_clients::subject.eq(subject))
        .filter(api_clients::revoked_at.is_null())
        .select((ClientRow::as_select(), partners::state.nullable()))
        .first(c))
    .optional()?;
    Ok(found.and_then(known))
}

/// The client with this id, and whether this secret proves a live one. An unknown id costs the same comparison as a
/// wrong secret.
pub async fn authenticate(db: &mut Db<'_>, id: &str, secret: &str) -> Result<Option<(Client, bool)>> {
    // What cannot be an id names nobody, and need not reach the database.
    let id = if ids::is_id(id) { id } else { "" };
    let now = machine_now().naive_utc();
    let hashes: Vec<String> = on!(db, c => client_secrets::table
        .filter(client_secrets::client_id.eq(id))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(now).assume_not_null()))
        .order(client_secrets::id.desc())
        .select(client_secrets::hash)
        .limit(SECRETS)
        .load(c))?;
    let given = secret::hash_of(secret);
    let nobody = secret::hash_of("");
    let proven = hashes
        .iter()
        .chain(std::iter::once(&nobody))
        .fold(false, |proven, hash| proven | bool::from(hash.as_bytes().ct_eq(given.as_bytes())));
    let client = find(db, id).await?;
    Ok(client.map(|client| {
        let proven = proven && !secret.is_empty() && client.live;
        (client, proven)
    }))
}

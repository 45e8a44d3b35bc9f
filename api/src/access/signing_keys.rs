//! The keys that sign access tokens: ECDSA on P-256 (ES256), rows sealed under the master key. Every replica reloads
//! them; a new key is published before it signs.

use super::{LEEWAY_SECONDS, LONGEST_LIFE_SECONDS};
use crate::clock::{Instant, machine_now};
use crate::db::Db;
use crate::db::schema::signing_keys;
use crate::db::write::{Subject, Tx};
use crate::error::{Error, Result};
use crate::on;
use crate::topic::Topic;
use crate::vault::{Place, STOCK, Vault};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A public key as JWKS shows it (RFC 7517).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Jwk {
    /// Key type: `EC`.
    #[schema(example = "EC", max_length = 8)]
    pub kty: String,
    /// Curve: `P-256`.
    #[schema(example = "P-256", max_length = 16)]
    pub crv: String,
    /// Algorithm: `ES256`.
    #[schema(example = "ES256", max_length = 16)]
    pub alg: String,
    /// Use: `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig", max_length = 8)]
    pub usage: String,
    /// The key id, named in the header of each token.
    #[schema(max_length = 64)]
    pub kid: String,
    /// X coordinate, base64url.
    #[schema(max_length = 64)]
    pub x: String,
    /// Y coordinate, base64url.
    #[schema(max_length = 64)]
    pub y: String,
}

/// One signing key, ready to use.
pub struct SigningKey {
    /// What everybody may know.
    pub jwk: Jwk,
    /// From when it signs.
    pub signs_from: Instant,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
}

#[derive(Insertable, Queryable, Selectable, Clone)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct Row {
    id: String,
    sealed: String,
    public_key: String,
    created_at: NaiveDateTime,
    signs_from: NaiveDateTime,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyState {
    /// Everybody can know it; it does not sign yet.
    Published,
    /// Signs.
    Signing,
    /// Signs no more; what it signed may still be in use.
    Retiring,
}

impl KeyState {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Signing => "signing",
            Self::Retiring => "retiring",
        }
    }
}

/// What an operator may know of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyNote {
    /// The key id.
    pub kid: String,
    /// Where it stands.
    pub state: KeyState,
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
    /// When it leaves the published keys; none while no other is to follow it.
    pub leaves_at: Option<DateTime<Utc>>,
}

/// Rows, oldest first, each with when it leaves: as soon as the last token that it can have signed has ended.
async fn rows(db: &mut Db<'_>) -> Result<Vec<(Row, Option<Instant>)>> {
    let rows: Vec<Row> = on!(db, c => signing_keys::table
        .order((signing_keys::signs_from.asc(), signing_keys::id.asc()))
        .select(Row::as_select())
        .load(c))?;
    let lives_on = TimeDelta::seconds(LONGEST_LIFE_SECONDS + 2 * LEEWAY_SECONDS);
    let successors = rows.iter().skip(1).map(|next| Some(next.signs_from.and_utc() + lives_on)).chain([None]);
    Ok(rows.clone().into_iter().zip(successors).collect())
}

fn has_left(leaves_at: Option<Instant>) -> bool {
    leaves_at.is_some_and(|instant| instant <= machine_now())
}

/// All keys whose tokens are good, oldest first.
pub async fn all(db: &mut Db<'_>, vault: &Vault) -> Result<Vec<SigningKey>> {
    let rows = rows(db).await?;
    rows.into_iter().filter(|(_, leaves_at)| !has_left(*leaves_at)).map(|(row, _)| row.opened(vault)).collect()
}

/// What an operator may know of the keys, oldest first.
pub async fn notes(db: &mut Db<'_>) -> Result<Vec<KeyNote>> {
    let now = machine_now();
    let rows = rows(db).await?;
    let signing = rows.iter().rfind(|(row, _)| row.signs_from.and_utc() <= now).map(|(row, _)| row.id.clone());
    let note = |(row, leaves_at): (Row, Option<Instant>)| KeyNote {
        state: match &signing {
            Some(id) if *id == row.id => KeyState::Signing,
            _ if row.signs_from.and_utc() > now => KeyState::Published,
            _ => KeyState::Retiring,
        },
        kid: row.id,
        signs_from: row.signs_from.and_utc(),
        leaves_at,
    };
    Ok(rows.into_iter().filter(|(_, leaves_at)| !has_left(*leaves_at)).map(note).collect())
}

/// Makes the next key: published from now on, signing after `publish`. Removes those that have left. One rotation at a
/// time: while a key waits to sign there is no other.
pub async fn rotate(tx: &mut Tx<'_>, publish: TimeDelta) -> Result<Vec<KeyNote>> {
    let rows = rows(tx.db()).await?;
    if let Some((row, _)) = rows.iter().find(|(row, _)| row.signs_from.and_utc() > machine_now()) {
        let (kid, from) = (&row.id, row.signs_from.and_utc().to_rfc3339());
        return Err(Error::internal(format!("the key {kid} is published already and signs from {from}")));
    }
    let gone: Vec<&str> =
        rows.iter().filter(|(_, leaves_at)| has_left(*leaves_at)).map(|(row, _)| row.id.as_str()).collect();
    on!(tx.db(), c => diesel::delete(signing_keys::table.filter(signing_keys::id.eq_any(&gone))).execute(c))?;
    let row = Row::made(tx.id(), tx.vault(), publish)?;
    on!(tx.db(), c => diesel::insert_into(signing_keys::table).values(&row).execute(c))?;
    tx.emit(Topic::SigningKeyPublished, &row);
    notes(tx.db()).await
}

/// Makes the first key of a new house; nothing where there is one.
pub async fn ensure_one(tx: &mut Tx<'_>) -> Result<()> {
    let there: i64 = on!(tx.db(), c => signing_keys::table.count().get_result(c))?;
    if there > 0 {
        return Ok(());
    }
    let row = Row::made(tx.id(), tx.vault(), TimeDelta::zero())?;
    on!(tx.db(), c => diesel::insert_into(signing_keys::table).values(&row).execute(c))?;
    tx.because("the first signing key was made");
    Ok(())
}

impl Subject for Row {
    fn object_id(&self) -> &str {
        &self.id
    }
    fn partner_id(&self) -> Option<&str> {
        None
    }
}

impl Row {
    fn made(id: String, vault: &Vault, publish: TimeDelta) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(Error::internal)?;
        let private = pair.to_pkcs8v1().map_err(Error::internal)?;
        let now = machine_now();
        Ok(Self {
            sealed: vault.seal(private.as_ref(), place(&id))?,
            public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            id,
            created_at: now.naive_utc(),
            signs_from: (now + publish).naive_utc(),
        })
    }

    fn opened(self, vault: &Vault) -> Result<SigningKey> {
        let private = vault.open(&self.sealed, place(&self.id))?;
        // An uncompressed point: 4, x, y.
        let point = URL_SAFE_NO_PAD.decode(&self.public_key).map_err(Error::internal)?;
        let (x, y) = match point.split_first() {
            Some((4, coordinates)) => coordinates.split_at_checked(32),
            _ => None,
        }
        .ok_or_else(|| Error::internal("a signing key's public point is malformed"))?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Ok(SigningKey {
            decoding: DecodingKey::from_ec_components(&x, &y).map_err(Error::internal)?,
            encoding: EncodingKey::from_ec_der(&private),
            signs_from: self.signs_from.and_utc(),
            jwk: Jwk {
                kty: "EC".to_owned(),
                crv: "P-256".to_owned(),
                alg: "ES256".to_owned(),
                usage: "sig".to_owned(),
                kid: self.id,
                x,
                y,
            },
        })
    }
}

fn place(id: &str) -> Place<'_> {
    Place { column: "signing_keys.sealed", row: id, owner: STOCK }
}

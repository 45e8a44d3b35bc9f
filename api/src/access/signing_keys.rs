//! The keys that sign access tokens: ECDSA on P-256 (ES256), rows sealed under the master key. Every replica reloads
//! them; a new key is published before it signs.

use crate::clock::{Instant, machine_now};
use crate::db::Db;
use crate::db::schema::signing_keys;
use crate::db::write::Tx;
use crate::error::{Error, Result};
use crate::on;
use crate::vault::{Place, STOCK, Vault};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDateTime;
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

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct Row {
    id: String,
    sealed: String,
    public_key: String,
    created_at: NaiveDateTime,
    signs_from: NaiveDateTime,
}

/// All keys, oldest first.
pub async fn all(db: &mut Db<'_>, vault: &Vault) -> Result<Vec<SigningKey>> {
    let rows: Vec<Row> = on!(db, c => signing_keys::table
        .order(signing_keys::signs_from.asc())
        .select(Row::as_select())
        .load(c))?;
    rows.into_iter().map(|row| row.opened(vault)).collect()
}

/// Makes the first key of a new house; nothing where there is one.
pub async fn ensure_one(tx: &mut Tx<'_>) -> Result<()> {
    let there: i64 = on!(tx.db(), c => signing_keys::table.count().get_result(c))?;
    if there > 0 {
        return Ok(());
    }
    let row = Row::made(tx.id(), tx.vault())?;
    on!(tx.db(), c => diesel::insert_into(signing_keys::table).values(&row).execute(c))?;
    tx.because("the first signing key was made");
    Ok(())
}

impl Row {
    fn made(id: String, vault: &Vault) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(Error::internal)?;
        let private = pair.to_pkcs8v1().map_err(Error::internal)?;
        let now = machine_now().naive_utc();
        Ok(Self {
            sealed: vault.seal(private.as_ref(), place(&id))?,
            public_key: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            id,
            created_at: now,
            signs_from: now,
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

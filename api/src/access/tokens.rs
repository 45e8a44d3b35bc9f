//! Access tokens: signed JWTs of type `at+jwt` (RFC 9068). The library's defaults are too kind (a token without
//! audience, with an unknown `crit`, of any `typ` passes), so everything is demanded here by name.

use super::signing_keys::{Jwk, SigningKey};
use super::{LEEWAY_SECONDS, LONGEST_LIFE_SECONDS, Principal, TokenKind};
use crate::clock::machine_now;
use crate::db::Pool;
use crate::error::{Code, Error, Result};
use crate::vault::Vault;
use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, RwLock};

/// No token of ours is longer; anything longer is not worth looking at.
pub(super) const LONGEST: usize = 8 * 1024;
/// Verified tokens that are remembered.
const REMEMBERED: usize = 10_000;
const TYPE: &str = "at+jwt";

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    scope: String,
    kind: TokenKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    roles: Vec<super::Role>,
}

/// Issues and verifies tokens. One for the process; the keys are reloaded by [`Tokens::reload`].
pub struct Tokens {
    issuer: String,
    lifetime_seconds: i64,
    keys: RwLock<Arc<KeySet>>,
    verified: Cache<[u8; 32], Arc<Verified>>,
}

/// The keys that count at one time.
#[derive(Default)]
struct KeySet {
    generation: u64,
    keys: Vec<SigningKey>,
}

struct Verified {
    /// The key set that this verdict rests on: it counts no longer than that.
    generation: u64,
    principal: Arc<Principal>,
    expires: i64,
}

impl Tokens {
    /// Tokens of this issuer, without keys yet.
    pub fn new(issuer: &str, lifetime_seconds: u32) -> Self {
        Self {
            issuer: issuer.to_owned(),
            lifetime_seconds: i64::from(lifetime_seconds),
            keys: RwLock::default(),
            verified: Cache::new(REMEMBERED),
        }
    }

    /// Who issues these tokens, and for whom they are.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Reads the signing keys again. When the set has changed, no earlier verdict counts any more.
    pub async fn reload(&self, pool: &Pool, vault: &Vault) -> Result<()> {
        let mut reader = pool.read().await?;
        let fresh = super::signing_keys::all(&mut reader.db()?, vault).await?;
        let kids = |keys: &[SigningKey]| keys.iter().map(|key| key.jwk.kid.clone()).collect::<Vec<_>>();
        let mut known = self.keys.write().map_err(|_poisoned| Error::internal("the key set is poisoned"))?;
        if kids(&known.keys) != kids(&fresh) {
            *known = Arc::new(KeySet { generation: known.generation + 1, keys: fresh });
            self.verified.clear();
        }
        Ok(())
    }

    fn keys(&self) -> Result<Arc<KeySet>> {
        Ok(self.keys.read().map_err(|_poisoned| Error::internal("the key set is poisoned"))?.clone())
    }

    /// The public keys.
    pub fn published(&self) -> Result<Vec<Jwk>> {
        Ok(self.keys()?.keys.iter().map(|key| key.jwk.clone()).collect())
    }

    /// Signs a token for this principal; answers it with its lifetime in seconds.
    pub fn issue(&self, principal: &Principal) -> Result<(String, i64)> {
        let now = machine_now();
        let set = self.keys()?;
        let key = set.keys.iter().rfind(|key| key.signs_from <= now);
        let key = key.ok_or_else(|| Error::internal("there is no signing key"))?;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: principal.client_id.to_string(),
            client_id: principal.client_id.to_string(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.timestamp() + self.lifetime_seconds,
            jti: principal.token_id.clone(),
            scope: principal.scopes.join(" "),
            kind: principal.kind,
            partner_id: principal.partner_id.clone(),
            customer_id: principal.customer_id.clone(),
            roles: principal.roles.clone(),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.jwk.kid.clone());
        let token = jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Error::internal)?;
        Ok((token, self.lifetime_seconds))
    }

    /// Who this token speaks for; every fault is the same `invalid_token`.
    pub fn verify(&self, token: &str) -> Result<Arc<Principal>> {
        if token.len() > LONGEST {
            return Err(Error::new(Code::InvalidToken));
        }
        let name = digest_of(token);
        let now = machine_now().timestamp();
        let set = self.keys()?;
        if let Some(verified) = self.verified.get(&name).filter(|verified| verified.generation == set.generation) {
            return if now - LEEWAY_SECONDS < verified.expires {
                Ok(verified.principal.clone())
            } else {
                Err(Error::new(Code::InvalidToken))
            };
        }
        let claims = self.checked(token, &set.keys, now).ok_or_else(|| Error::new(Code::InvalidToken))?;
        let expires = claims.exp;
        let principal = Arc::new(claims.into_principal());
        let verified = Verified { generation: set.generation, principal: principal.clone(), expires };
        self.verified.insert(name, Arc::new(verified));
        Ok(principal)
    }

    fn checked(&self, token: &str, keys: &[SigningKey], now: i64) -> Option<Claims> {
        if !is_plain(token) {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let typ = header.typ.as_deref()?.to_ascii_lowercase();
        let known_type = typ == TYPE || typ.strip_prefix("application/") == Some(TYPE);
        // A `crit` names extensions that must be understood; none are.
        if !known_type || header.crit.is_some() || header.alg != Algorithm::ES256 {
            return None;
        }
        let key = keys.iter().find(|key| Some(&key.jwk.kid) == header.kid.as_ref())?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS.unsigned_abs();
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        let in_time = claims.iat <= now + LEEWAY_SECONDS
            && now - LEEWAY_SECONDS < claims.exp
            && claims.exp.checked_sub(claims.iat)? <= LONGEST_LIFE_SECONDS;
        (in_time && claims.sub == claims.client_id && !claims.jti.is_empty()).then_some(claims)
    }
}

/// The name under which a token's verdict is remembered.
pub(super) fn digest_of(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

/// Whether this can be a signed token at all: three parts in the base64 of URLs.
pub(super) fn is_plain(token: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    token.chars().all(plain) && token.split('.').count() == 3
}

impl Claims {
    fn into_principal(self) -> Principal {
        Principal {
            client_id: self.client_id.into(),
            kind: self.kind,
            partner_id: self.partner_id,
            customer_id: self.customer_id,
            scopes: self.scope.split_ascii_whitespace().map(str::to_owned).collect(),
            roles: self.roles,
            token_id: self.jti,
        }
    }
}

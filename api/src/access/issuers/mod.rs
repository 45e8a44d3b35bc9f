//! Outside issuers (Entra ID, Keycloak). Their tokens prove who somebody is and no more: issuer and subject name one of
//! our own clients, and that client's partner, scopes and roles count (ENR-12). Checked as strictly as our own tokens.

mod claims;
mod jwks;

use super::LEEWAY_SECONDS;
use super::Principal;
use super::clients::Client;
use super::tokens::{LONGEST, digest_of, is_plain};
use crate::clock::machine_now;
use crate::config::IssuerConfig;
use crate::error::{Code, Error, Result};
use claims::Claims;
use jsonwebtoken::Validation;
use jwks::Jwks;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Verified tokens that are remembered.
const REMEMBERED: usize = 10_000;
/// The types that outside issuers write into their access tokens.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];
/// The longest life of an outside token, in seconds. Entra ID gives up to 28 hours only to those who ask for it.
const LONGEST_LIFE_SECONDS: i64 = 86_400;

/// The issuers of the configuration.
pub struct Issuers {
    all: Vec<Issuer>,
    verified: Cache<[u8; 32], Arc<Verified>>,
}

struct Issuer {
    config: IssuerConfig,
    jwks: Arc<Jwks>,
}

/// What an outside token has proven.
pub struct Proven {
    /// Who issued it.
    pub issuer: String,
    /// Whom it names.
    pub subject: String,
    scopes: Option<Vec<String>>,
    token_id: String,
}

struct Verified {
    proven: Arc<Proven>,
    /// Which issuer, and which of its key sets this rests on.
    issuer: usize,
    generation: u64,
    expires: i64,
}

impl Issuers {
    /// These issuers, whose keys are fetched when they are first needed.
    pub fn new(issuers: &[IssuerConfig]) -> Self {
        let issuer = |config: &IssuerConfig| Issuer { config: config.clone(), jwks: Arc::new(Jwks::new(config)) };
        Self { all: issuers.iter().map(issuer).collect(), verified: Cache::new(REMEMBERED) }
    }

    /// What this token proves; none where it does not say that it is one of these issuers'.
    pub async fn proven(&self, token: &str) -> Result<Option<Arc<Proven>>> {
        if self.all.is_empty() || !is_plain(token) || token.len() > LONGEST {
            return Ok(None);
        }
        let (name, now) = (digest_of(token), machine_now().timestamp());
        if let Some(verified) = self.verified.get(&name)
            && let Some(issuer) = self.all.get(verified.issuer)
        {
            issuer.jwks.keep_fresh();
            if issuer.jwks.keys()?.generation == verified.generation {
                let lives = now - LEEWAY_SECONDS < verified.expires;
                return if lives { Ok(Some(verified.proven.clone())) } else { Err(Error::new(Code::InvalidToken)) };
            }
        }
        let Some(said) = claims::issuer_said(token) else { return Ok(None) };
        let Some((index, issuer)) = self.all.iter().enumerate().find(|(_, known)| known.config.issuer == said) else {
            return Ok(None);
        };
        let verified = issuer.verified(token, index, now).await?.ok_or_else(|| Error::new(Code::InvalidToken))?;
        let proven = verified.proven.clone();
        self.verified.insert(name, Arc::new(verified));
        Ok(Some(proven))
    }
}

impl Issuer {
    async fn verified(&self, token: &str, index: usize, now: i64) -> Result<Option<Verified>> {
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
        let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
        // A `crit` names extensions that must be understood; none are.
        if !TYPES.contains(&typ.strip_prefix("application/").unwrap_or(&typ)) || header.crit.is_some() {
            return Ok(None);
        }
        let Some(kid) = header.kid else { return Ok(None) };
        let keys = self.jwks.keys_with(&kid).await?;
        // A key is good for one algorithm, whatever the token says.
        let Some(key) = keys.by_id.get(&kid).filter(|key| key.algorithm == header.alg) else { return Ok(None) };
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS.unsigned_abs();
        let Ok(decoded) = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation) else { return Ok(None) };
        let claims = decoded.claims;
        let (iat, expires) = (claims.iat, claims.exp);
        let is_short = expires.checked_sub(iat).is_some_and(|life| life <= LONGEST_LIFE_SECONDS);
        if iat > now + LEEWAY_SECONDS || now - LEEWAY_SECONDS >= expires || !is_short {
            return Ok(None);
        }
        let Some(subject) = claims.subject(self.config.subject_claim) else { return Ok(None) };
        let issuer = self.config.issuer.clone();
        let proven = Proven { issuer, subject, scopes: claims.scopes(), token_id: claims.id() };
        Ok(Some(Verified { proven: Arc::new(proven), issuer: index, generation: keys.generation, expires }))
    }
}

impl Proven {
    /// Who the token speaks for: the client with its own scopes, fewer where the token names some.
    pub fn principal(&self, client: &Client) -> Principal {
        let asked = |scope: &&String| self.scopes.as_ref().is_none_or(|asked| asked.contains(scope));
        Principal {
            client_id: client.id.as_str().into(),
            kind: client.kind,
            partner_id: client.partner_id.clone(),
            customer_id: client.customer_id.clone(),
            scopes: client.scopes.iter().filter(asked).cloned().collect(),
            roles: client.roles.clone(),
            token_id: self.token_id.clone(),
        }
    }
}

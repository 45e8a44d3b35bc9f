//! The public keys of one outside issuer: fetched when first needed, kept, and asked for again when a token names a key
//! that is not among them. Whatever tokens come, the issuer is asked once at a time and no more than once a minute.

use crate::config::{IssuerAlgorithm, IssuerConfig};
use crate::error::{Code, Error, Result};
use bytes::BytesMut;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// How long the issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer.
const LARGEST: usize = 256 * 1024;
/// The most keys of an issuer.
const MOST_KEYS: usize = 100;
/// How long an unknown key id waits for the next question.
const PAUSE: Duration = Duration::from_secs(60);
/// The same while no keys have ever come: then honest tokens wait too.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// When keys are asked for again unprompted, so that one that the issuer has withdrawn is not taken for ever.
const AGED: Duration = Duration::from_secs(600);

/// The keys of an issuer, kept.
pub(super) struct Jwks {
    config: IssuerConfig,
    keys: RwLock<Arc<Keys>>,
    /// Held while the issuer is asked.
    asked: tokio::sync::Mutex<Asked>,
}

/// When the issuer was last asked.
#[derive(Default)]
struct Asked {
    /// While no keys had ever come.
    first: Option<Instant>,
    /// Since then.
    again: Option<Instant>,
}

/// The keys that count at one time.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) generation: u64,
    pub(super) by_id: HashMap<String, Key>,
    text: Vec<u8>,
    /// When they were asked for; never, before the first answer.
    since: Option<Instant>,
}

/// A public key, good for one algorithm.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

impl Jwks {
    pub(super) fn new(config: &IssuerConfig) -> Self {
        Self { config: config.clone(), keys: RwLock::default(), asked: tokio::sync::Mutex::default() }
    }

    /// The keys as they are known.
    pub(super) fn keys(&self) -> Result<Arc<Keys>> {
        Ok(self.keys.read().map_err(|_poisoned| Error::internal("an issuer's keys are poisoned"))?.clone())
    }

    /// The keys, asked for again where this one is not among them.
    pub(super) async fn keys_with(self: &Arc<Self>, kid: &str) -> Result<Arc<Keys>> {
        self.keep_fresh();
        if !self.keys()?.by_id.contains_key(kid) {
            self.ask_for(kid.to_owned()).await;
        }
        let keys = self.keys()?;
        // Without any key nobody can tell a good token from a bad one: that is not the caller's fault.
        if keys.since.is_none() { Err(Error::new(Code::Busy)) } else { Ok(keys) }
    }

    /// Has the keys asked for again where they are old. Nobody waits for that: what is known counts until then.
    pub(super) fn keep_fresh(self: &Arc<Self>) {
        let is_old = self.keys().is_ok_and(|keys| keys.since.is_some_and(|since| since.elapsed() >= AGED));
        if is_old && self.asked.try_lock().is_ok() {
            let own = self.clone();
            tokio::spawn(async move { own.ask_in_turn(None).await });
        }
    }

    /// Asks the issuer, unless that was done a moment ago. On a task of its own: a caller that hangs up must not spoil
    /// the answer for all others.
    async fn ask_for(self: &Arc<Self>, wanted: String) {
        let own = self.clone();
        let asking = tokio::spawn(async move { own.ask_in_turn(Some(&wanted)).await });
        if let Err(error) = asking.await {
            tracing::error!(issuer = self.config.issuer, %error, "asking for keys was cut short");
        }
    }

    async fn ask_in_turn(&self, wanted: Option<&str>) {
        let mut asked = self.asked.lock().await;
        let Ok(known) = self.keys() else { return };
        // Whoever was first may have brought it.
        if wanted.is_some_and(|kid| known.by_id.contains_key(kid)) {
            return;
        }
        let (last, pause) =
            if known.since.is_some() { (&mut asked.again, PAUSE) } else { (&mut asked.first, FIRST_PAUSE) };
        if last.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        let now = Instant::now();
        *last = Some(now);
        let issuer = self.config.issuer.as_str();
        match fetch(&self.config.jwks_url).await {
            Ok(text) => match usable(&text, &self.config.algorithms) {
                Some(by_id) => self.put(&known, by_id, text, now),
                None => tracing::warn!(issuer, "the issuer's answer holds no keys; those of before stay"),
            },
            Err(causes) => tracing::warn!(issuer, causes, "the issuer does not answer; the keys of before stay"),
        }
    }

    fn put(&self, known: &Keys, by_id: HashMap<String, Key>, text: Vec<u8>, now: Instant) {
        // Verdicts rest on a generation: the same keys again do not end them.
        let generation = known.generation + u64::from(known.text != text);
        if let Ok(mut keys) = self.keys.write() {
            *keys = Arc::new(Keys { generation, by_id, text, since: Some(now) });
        }
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let told = |error: reqwest::Error| error.to_string();
    // No redirects: the keys are where the configuration says, or nowhere.
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .pool_max_idle_per_host(0)
        .build()
        .map_err(told)?;
    let mut reply = http.get(url).header("accept", "application/json").send().await.map_err(told)?;
    if reply.status() != reqwest::StatusCode::OK {
        return Err(format!("status {}", reply.status()));
    }
    let mut text = BytesMut::new();
    while let Some(chunk) = reply.chunk().await.map_err(told)? {
        if text.len() + chunk.len() > LARGEST {
            return Err(format!("more than {LARGEST} bytes"));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text.into())
}

/// The keys in an answer that can be used, by their ids; what cannot is passed over, as RFC 7517 has it.
fn usable(text: &[u8], allowed: &[IssuerAlgorithm]) -> Option<HashMap<String, Key>> {
    let whole: Value = serde_json::from_slice(text).ok()?;
    let mut found = HashMap::new();
    for value in whole.get("keys")?.as_array()?.iter().take(MOST_KEYS) {
        let Ok(jwk) = serde_json::from_value::<Jwk>(value.clone()) else { continue };
        let Some(kid) = jwk.common.key_id.clone().filter(|kid| !kid.is_empty()) else { continue };
        let Some(algorithm) = algorithm_of(&jwk, value, allowed) else { continue };
        if let Ok(decoding) = DecodingKey::from_jwk(&jwk) {
            found.entry(kid).or_insert(Key { algorithm, decoding });
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The one algorithm that a key is good for: its type decides, and what it says of itself must agree.
fn algorithm_of(jwk: &Jwk, value: &Value, allowed: &[IssuerAlgorithm]) -> Option<Algorithm> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (kind, algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (IssuerAlgorithm::Rs256, Algorithm::RS256, "RS256"),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (IssuerAlgorithm::Es256, Algorithm::ES256, "ES256")
        }
        AlgorithmParameters::OctetKeyPair(curve) if curve.curve == EllipticCurve::Ed25519 => {
            (IssuerAlgorithm::EdDsa, Algorithm::EdDSA, "EdDSA")
        }
        // A shared secret has no place among public keys.
        _ => return None,
    };
    let says = value.get("alg").and_then(Value::as_str);
    (allowed.contains(&kind) && says.is_none_or(|says| says == name)).then_some(algorithm)
}

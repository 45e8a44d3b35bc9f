use crate::{
    Secret,
    error::redacted,
    types::{Event, EventType},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac_sha256::HMAC;
use reqwest::header::HeaderMap;
use std::time::{Duration, SystemTime};

/// A delivery is taken for genuine this long before and after it was sent.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Verifies that a webhook comes from the marketplace ([Standard Webhooks](https://www.standardwebhooks.com)).
///
/// ```
/// # fn receive(secret: &str, headers: &lonja_sdk::reqwest::header::HeaderMap, body: &[u8])
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use lonja_sdk::{Webhook, types::EventType};
///
/// let webhook = Webhook::new(secret)?;
/// let event = webhook.verify(headers, body)?;
/// match event.kind() {
///     EventType::RefundCredited => println!("refund {} is credited", event.data.id),
///     other => println!("{other} of {}", event.data.id),
/// }
/// # Ok(())
/// # }
/// ```
///
/// Verify the bytes of the body as they came, before anything parses them. A delivery can come more than once: its
/// [`id`](Event::id) is then the same.
#[derive(Debug, Clone)]
pub struct Webhook {
    keys: Vec<Secret>,
    tolerance: Duration,
}

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret is not base64, with or without `whsec_` before it, or too short to be one.
    #[error("the secret is none: it is whsec_ and base64")]
    Secret,

    /// A header is missing, or cannot be read.
    #[error("the header {0} is missing or cannot be read")]
    Header(&'static str),

    /// It was sent too long ago, or too far in the future: a repeat by somebody else, or a clock that is wrong.
    #[error("it was sent at another time than now")]
    Time,

    /// No signature fits: it is not from the marketplace, or was changed on the way, or the secret is another one.
    #[error("no signature fits")]
    Signature,

    /// It is genuine, but no event that this version can read.
    #[error("it is genuine but no event: {0}")]
    Body(#[from] serde_json::Error),
}

impl Webhook {
    /// Takes what was signed with this secret, as the endpoint got it when it was made (`whsec_…`).
    pub fn new(secret: impl Into<Secret>) -> Result<Self, WebhookError> {
        Webhook { keys: Vec::new(), tolerance: TOLERANCE }.or(secret)
    }

    /// Takes what was signed with this secret, too: while a secret is rotated, the old one and the new one are good.
    pub fn or(mut self, secret: impl Into<Secret>) -> Result<Self, WebhookError> {
        let secret = secret.into();
        let key = secret.expose().strip_prefix("whsec_").unwrap_or(secret.expose());
        // Anybody can sign with an empty key; the standard asks for 24 bytes and more, some send 16.
        match STANDARD.decode(key) {
            Ok(bytes) if bytes.len() >= 16 => self.keys.push(key.into()),
            Ok(_) | Err(_) => return Err(WebhookError::Secret),
        }
        Ok(self)
    }

    /// How far the time of sending may be from now; 5 minutes unless said otherwise.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The event, if the delivery is genuine and recent.
    #[expect(clippy::disallowed_methods, reason = "whether a delivery is recent is told by this machine's clock")]
    pub fn verify(&self, headers: &HeaderMap, body: impl AsRef<[u8]>) -> Result<Event, WebhookError> {
        self.verify_at(headers, body, SystemTime::now())
    }

    /// As [`verify`](Self::verify), with another time for now: for deliveries that were kept, and for tests.
    pub fn verify_at(
        &self,
        headers: &HeaderMap,
        body: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Event, WebhookError> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(WebhookError::Header(name));
        self.check([text("webhook-id")?, text("webhook-timestamp")?, text("webhook-signature")?], body.as_ref(), now)
    }

    /// As [`verify`](Self::verify), from the values of the headers `webhook-id`, `webhook-timestamp` and
    /// `webhook-signature`: for web frameworks with header types of their own.
    #[expect(clippy::disallowed_methods, reason = "whether a delivery is recent is told by this machine's clock")]
    pub fn verify_parts(
        &self,
        id: &str,
        timestamp: &str,
        signature: &str,
        body: impl AsRef<[u8]>,
    ) -> Result<Event, WebhookError> {
        self.check([id, timestamp, signature], body.as_ref(), SystemTime::now())
    }

    fn check(
        &self,
        [id, timestamp, signatures]: [&str; 3],
        body: &[u8],
        now: SystemTime,
    ) -> Result<Event, WebhookError> {
        let sent_at = timestamp.parse().map_err(|_not_a_number| WebhookError::Header("webhook-timestamp"))?;
        let sent_at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(sent_at)).ok_or(WebhookError::Time)?;
        let distance = now.duration_since(sent_at).unwrap_or_else(|later| later.duration());
        if distance > self.tolerance {
            return Err(WebhookError::Time);
        }
        let signed = [id.as_bytes(), timestamp.as_bytes(), body].join(&b'.');
        let is_genuine = signatures
            .split(' ')
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
            .filter_map(|signature| <[u8; 32]>::try_from(signature).ok())
            .any(|signature| self.keys.iter().any(|key| is_signed(key, &signed, &signature)));
        if is_genuine {
            Ok(serde_json::from_slice(body).map_err(|why| redacted(&why))?)
        } else {
            Err(WebhookError::Signature)
        }
    }
}

/// Compares in constant time: how much of a signature is right must not be measurable.
fn is_signed(key: &Secret, signed: &[u8], signature: &[u8; 32]) -> bool {
    STANDARD.decode(key.expose()).is_ok_and(|key| HMAC::verify(signed, key, signature))
}

impl Event {
    /// What happened, as a value to match on.
    pub fn kind(&self) -> EventType {
        self.r#type.as_str().into()
    }
}

//! The arithmetic of the chain, after the digest model of AWS CloudTrail: each record has a digest, each seal the
//! digest of its records and of the seal before it, and each seal is signed. Written down in `docs` of
//! [`record_digest`] and [`seal_digest`] so that anybody can do the sum without this code.

use super::model::{LinkRow, RecordRow};
use crate::error::{Error, Result};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{NaiveDateTime, SecondsFormat};
use serde_json::json;

/// SHA-256 in hex.
fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn instant(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// SHA-256 of the record's fields as a JSON array without blanks, in this order; instants in RFC 3339 with
/// microseconds.
pub fn record_digest(row: &RecordRow) -> String {
    let fields = json!([
        row.seq,
        row.id,
        instant(row.at),
        row.outcome,
        row.code,
        row.times,
        row.operation,
        row.client_id,
        row.token_id,
        row.partner_id,
        row.customer_id,
        row.object_kind,
        row.object_id,
        row.reason,
        row.request_id,
        row.source_address,
    ]);
    sha256(&fields.to_string())
}

/// SHA-256 of these lines: `lonja-audit-seal-1`, number, instant, digest of the seal before, then one line
/// `position:record id:digest` for each record.
pub fn seal_digest(number: i64, sealed_at: NaiveDateTime, previous: &str, links: &[LinkRow]) -> String {
    let mut lines = format!("lonja-audit-seal-1\n{number}\n{}\n{previous}\n", instant(sealed_at));
    for link in links {
        lines.push_str(&format!("{}:{}:{}\n", link.position, link.record_id, link.digest));
    }
    sha256(&lines)
}

/// Signs with Ed25519; base64.
pub fn sign(private: &[u8], digest: &str) -> Result<String> {
    Ok(STANDARD.encode(pair(private)?.sign(digest.as_bytes()).as_ref()))
}

/// The public half of a key. It comes out of the sealed private key, so that an exchanged public key proves nothing.
pub fn public_half(private: &[u8]) -> Result<Vec<u8>> {
    use aws_lc_rs::signature::KeyPair;
    Ok(pair(private)?.public_key().as_ref().to_vec())
}

/// Whether this signature is the key's over the digest.
pub fn is_signed(public: &[u8], digest: &str, signature: &str) -> bool {
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public);
    STANDARD.decode(signature).is_ok_and(|signature| key.verify(digest.as_bytes(), &signature).is_ok())
}

/// A new private key, as PKCS #8.
pub fn make_key() -> Result<Vec<u8>> {
    use aws_lc_rs::encoding::AsDer;
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().map_err(Error::internal)?;
    let document: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(Error::internal)?;
    Ok(document.as_ref().to_vec())
}

fn pair(private: &[u8]) -> Result<aws_lc_rs::signature::Ed25519KeyPair> {
    aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(private).map_err(Error::internal)
}

//! A secret is 256 random bits with a prefix and a checksum, so that scanners find it and typing errors show at once;
//! with that much chance in it a plain SHA-256 is as good as a slow hash, which would only starve the cores.

use crate::error::Result;
use crate::vault;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

const PREFIX: &str = "lonja_secret_";

/// A new secret.
pub(super) fn make() -> Result<SecretString> {
    let random = URL_SAFE_NO_PAD.encode(vault::random_bytes()?);
    let checksum = crc32fast::hash(random.as_bytes());
    Ok(format!("{PREFIX}{random}{checksum:08x}").into())
}

/// What is kept of a secret.
pub(super) fn hash_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

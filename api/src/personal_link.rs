//! The secret of a link that is sent to one person: whoever has it may do what it is for. Kept only as a digest, so that
//! nobody who reads the database can use one.

use crate::error::Result;
use crate::vault::random_bytes;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

/// How many characters a token has.
pub const LENGTH: usize = 43;

/// A new link's secret.
pub struct PersonalLink {
    /// What the person gets: 32 random bytes in base64url.
    pub token: SecretString,
    /// What is kept.
    pub digest: String,
}

impl PersonalLink {
    /// Makes one.
    pub fn new() -> Result<Self> {
        let token = URL_SAFE_NO_PAD.encode(random_bytes()?);
        Ok(Self { digest: digest_of(&token), token: token.into() })
    }
}

/// The digest under which a token is kept.
pub fn digest_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn each_is_another_and_found_by_its_digest() {
        let (one, other) = (PersonalLink::new().unwrap(), PersonalLink::new().unwrap());
        assert_eq!(one.token.expose_secret().len(), LENGTH);
        assert_ne!(one.token.expose_secret(), other.token.expose_secret());
        assert_eq!(digest_of(one.token.expose_secret()), one.digest);
        assert!(!one.digest.contains(one.token.expose_secret()));
    }
}

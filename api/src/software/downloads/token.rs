//! The token of a download link: its id, its end, and a signature over both. It is not kept anywhere; one that was made
//! up is known without asking the database.

use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::vault::Vault;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

const PURPOSE: &str = "download link";
const SAID: usize = 24;

/// The token of a link.
pub fn sign(vault: &Vault, id: &str, expires_at: Instant) -> Result<String> {
    let mut token = Uuid::parse_str(id).map_err(Error::internal)?.as_bytes().to_vec();
    token.extend_from_slice(&expires_at.timestamp().to_be_bytes());
    token.extend_from_slice(&vault.mac(PURPOSE, &token)?);
    Ok(URL_SAFE_NO_PAD.encode(token))
}

/// The id of the link, where the token is one of ours.
pub fn read(vault: &Vault, token: &str) -> Result<Option<String>> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
    let Some((said, signature)) = bytes.split_at_checked(SAID) else { return Ok(None) };
    if verify_slices_are_equal(&vault.mac(PURPOSE, said)?, signature).is_err() {
        return Ok(None);
    }
    let id = said.first_chunk::<16>().map(|id| Uuid::from_bytes(*id));
    Ok(id.map(|id| id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{MasterKey, Purpose};

    #[test]
    fn rule_swk_05_a_token_that_was_changed_is_none() {
        let vault = Vault::new(MasterKey::parse(&"07".repeat(32)).unwrap(), None);
        vault.learn(&[vault.make_key("f".into(), Purpose::Fingerprints).unwrap()]).unwrap();
        let id = "01a1fd7d-8fd2-7160-b54c-8fd857838751";
        let token = sign(&vault, id, "2030-01-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!((token.len(), read(&vault, &token).unwrap().as_deref()), (75, Some(id)));
        for at in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(read(&vault, &String::from_utf8(bytes).unwrap()).unwrap(), None, "a change at {at}");
        }
        for other in
            ["", "A", token.trim_end_matches(char::is_alphanumeric), &format!("{token}AAAA"), "../../etc/passwd"]
        {
            assert_eq!(read(&vault, other).unwrap(), None, "{other}");
        }
    }
}

//! The first administrator of a new directory (TEN-04).

use crate::error::Result;
use crate::vault::random_bytes;
use secrecy::SecretString;

/// What a temporary password is made of: letters and digits that are not taken for each other.
const LETTERS: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"-+=!"];

/// How many characters it has.
const LENGTH: usize = 20;

/// Who signs in first, and with what.
pub struct Administrator {
    /// `admin@name.onmicrosoft.com`.
    pub user_name: String,
    /// To be changed at the first sign-in.
    pub temporary_password: SecretString,
}

impl Administrator {
    /// The administrator of this directory, with a new password.
    pub fn of(domain: &str) -> Result<Self> {
        Ok(Self { user_name: format!("admin@{domain}"), temporary_password: password(&random_bytes()?).into() })
    }
}

/// A password of every kind of character in turn, so that no rule of the vendor's misses one; five each of 24,
/// 24, 8 and 4 are some 70 bits.
fn password(random: &[u8]) -> String {
    let kinds = LETTERS.iter().cycle();
    let letters = random.iter().zip(kinds).filter_map(|(byte, kind)| kind.get(usize::from(*byte) % kind.len()));
    letters.take(LENGTH).copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn rule_ten_04_a_password_has_every_kind_of_character_and_is_never_the_same() {
        let (one, other) = (Administrator::of("sol.onmicrosoft.com").unwrap(), Administrator::of("x").unwrap());
        assert_eq!(one.user_name, "admin@sol.onmicrosoft.com");
        let password = one.temporary_password.expose_secret();
        assert_eq!(password.len(), LENGTH);
        for kind in LETTERS {
            assert_eq!(password.bytes().filter(|byte| kind.contains(byte)).count(), LENGTH / LETTERS.len());
        }
        assert_ne!(password, other.temporary_password.expose_secret());
    }
}

//! Encryption at rest (SWK-03). Values are sealed with AES-256-GCM under data keys; data keys lie in the database,
//! wrapped by the master key, which never does. Every sealed value names its data key and is bound to where it
//! stands: moved to another row, column or partner it does not open, and says so as an integrity fault.

use crate::error::{Code, Error, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretSlice};
use std::{collections::HashMap, fmt, path::Path, sync::RwLock};

/// Whom a value that belongs to no partner yet is bound to.
pub const STOCK: &str = "stock";

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table and column, such as `product_keys.sealed`.
    pub column: &'static str,
    /// The id of the row.
    pub row: &'a str,
    /// The partner it belongs to, or [`STOCK`].
    pub owner: &'a str,
}

impl Place<'_> {
    fn binding(self) -> Vec<u8> {
        // Lengths keep two different places from reading the same.
        let Place { column, row, owner } = self;
        format!("{}:{column}|{}:{row}|{}:{owner}", column.len(), row.len(), owner.len()).into_bytes()
    }
}

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Sealing values.
    Sealing,
    /// Fingerprints, by which the same value is recognised without being known.
    Fingerprints,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 2] = [Purpose::Sealing, Purpose::Fingerprints];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sealing => "sealing",
            Self::Fingerprints => "fingerprints",
        }
    }
}

/// The key that wraps all data keys.
pub struct MasterKey(SecretSlice<u8>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// From 32 bytes written in hex or base64.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = if text.len() == 64 { from_hex(text)? } else { STANDARD.decode(text).ok()? };
        (bytes.len() == 32).then(|| Self(bytes.into()))
    }

    /// Reads the key of a file; where there is no file, makes a key and keeps it there, for the owner only.
    pub fn of_file(path: &Path, make: bool) -> std::io::Result<Self> {
        let unusable =
            || std::io::Error::other(format!("`{}` does not hold 32 bytes in hex or base64", path.display()));
        let unreadable = |error| std::io::Error::other(format!("`{}` cannot be read: {error}", path.display()));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).ok_or_else(unusable),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && make => {
                let text = STANDARD.encode(random_bytes().map_err(std::io::Error::other)?);
                write_for_owner_only(path, &text)?;
                // Another process may have been first; what lies in the file counts.
                Self::parse(&std::fs::read_to_string(path)?).ok_or_else(unusable)
            }
            Err(error) => Err(unreadable(error)),
        }
    }

    /// A word for the key by which rows name it; it tells nothing of the key.
    fn id(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        let tag = hmac::sign(&key, b"lonja master key");
        tag.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }

    fn wrapping(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, self.0.expose_secret()).map_err(Error::internal)
    }
}

/// A data key as it lies in the database.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    /// The key id, named by everything sealed with it.
    pub id: String,
    /// What the key is for.
    pub purpose: Purpose,
    /// The key, wrapped.
    pub wrapped: String,
    /// Which master key wraps it; none where that was not kept yet.
    pub master_id: Option<String>,
}

/// Seals and opens values, and makes fingerprints.
pub struct Vault {
    master: MasterKey,
    previous: Option<MasterKey>,
    keys: RwLock<Keys>,
}

#[derive(Default)]
struct Keys {
    sealing: HashMap<String, RandomizedNonceKey>,
    newest: Option<String>,
    fingerprints: Option<hmac::Key>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault without data keys yet; with the master key before this one, while data keys may still be under it.
    pub fn new(master: MasterKey, previous: Option<MasterKey>) -> Self {
        Self { master, previous, keys: RwLock::default() }
    }

    /// The word for the master key of now.
    pub fn master_id(&self) -> String {
        self.master.id()
    }

    /// The same data key under the master key of now.
    pub fn rewrap(&self, key: &WrappedKey) -> Result<WrappedKey> {
        let place = wrapping_place(&key.id, key.purpose);
        let clear = zeroize::Zeroizing::new(self.unwrap(key)?);
        let wrapped = seal(&self.master.wrapping()?, &clear, place)?;
        Ok(WrappedKey { wrapped, master_id: Some(self.master.id()), ..key.clone() })
    }

    /// Opens a data key with the master key that wraps it.
    fn unwrap(&self, key: &WrappedKey) -> Result<Vec<u8>> {
        let place = wrapping_place(&key.id, key.purpose);
        let mut refused = Error::new(Code::Integrity).caused_by("a data key is under a master key that is not set");
        for master in [Some(&self.master), self.previous.as_ref()].into_iter().flatten() {
            if key.master_id.as_ref().is_some_and(|id| *id != master.id()) {
                continue;
            }
            match open(&master.wrapping()?, &key.wrapped, place) {
                Ok(clear) => return Ok(clear),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// A new data key, wrapped.
    pub fn make_key(&self, id: String, purpose: Purpose) -> Result<WrappedKey> {
        let key = random_bytes()?;
        let wrapped = seal(&self.master.wrapping()?, &key, wrapping_place(&id, purpose))?;
        Ok(WrappedKey { id, purpose, wrapped, master_id: Some(self.master.id()) })
    }

    /// Takes data keys into use, oldest first. A key that does not unwrap means another master key.
    pub fn learn(&self, wrapped: &[WrappedKey]) -> Result<()> {
        let mut keys = self.keys.write().map_err(|_poisoned| Error::internal("the vault is poisoned"))?;
        for wrapped in wrapped {
            let (id, purpose, key) = (&wrapped.id, wrapped.purpose, self.unwrap(wrapped)?);
            match purpose {
                Purpose::Sealing => {
                    let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(Error::internal)?;
                    keys.sealing.insert(id.clone(), key);
                    keys.newest = Some(id.clone());
                }
                // Fingerprints must stay comparable for ever: the first key remains.
                Purpose::Fingerprints if keys.fingerprints.is_none() => {
                    keys.fingerprints = Some(hmac::Key::new(hmac::HMAC_SHA256, &key));
                }
                Purpose::Fingerprints => {}
            }
        }
        Ok(())
    }

    /// Seals a value for its place.
    pub fn seal(&self, value: &[u8], place: Place<'_>) -> Result<String> {
        let keys = self.keys.read().map_err(|_poisoned| Error::internal("the vault is poisoned"))?;
        let id = keys.newest.as_ref().ok_or_else(|| Error::internal("the vault has no data key"))?;
        let key = keys.sealing.get(id).ok_or_else(|| Error::internal("the newest data key is missing"))?;
        Ok(format!("{id}.{}", seal(key, value, place)?))
    }

    /// Opens what was sealed for this very place.
    pub fn open(&self, sealed: &str, place: Place<'_>) -> Result<Vec<u8>> {
        let broken = |why: &str| Error::new(Code::Integrity).caused_by(format!("{why}: {}", place.column));
        let (id, sealed) = sealed.split_once('.').ok_or_else(|| broken("a sealed value names no key"))?;
        let keys = self.keys.read().map_err(|_poisoned| Error::internal("the vault is poisoned"))?;
        let key = keys.sealing.get(id).ok_or_else(|| broken("a sealed value names an unknown data key"))?;
        open(key, sealed, place)
    }

    /// Opens a text.
    pub fn open_text(&self, sealed: &str, place: Place<'_>) -> Result<String> {
        String::from_utf8(self.open(sealed, place)?).map_err(|_bytes| Error::new(Code::Integrity))
    }

    /// A signature of this house over a value, for one purpose alone.
    pub fn mac(&self, purpose: &str, value: &[u8]) -> Result<Vec<u8>> {
        let keys = self.keys.read().map_err(|_poisoned| Error::internal("the vault is poisoned"))?;
        let key = keys.fingerprints.as_ref().ok_or_else(|| Error::internal("the vault has no fingerprint key"))?;
        let mut signed = hmac::Context::with_key(key);
        signed.update(format!("{}:{purpose}|", purpose.len()).as_bytes());
        signed.update(value);
        Ok(signed.sign().as_ref().to_vec())
    }

    /// The fingerprint of a value: equal values have equal ones, and nobody without the key can test a guess.
    pub fn fingerprint(&self, value: &[u8]) -> Result<String> {
        let keys = self.keys.read().map_err(|_poisoned| Error::internal("the vault is poisoned"))?;
        let key = keys.fingerprints.as_ref().ok_or_else(|| Error::internal("the vault has no fingerprint key"))?;
        Ok(STANDARD.encode(hmac::sign(key, value)))
    }
}

fn wrapping_place(id: &str, purpose: Purpose) -> Place<'_> {
    Place { column: "data_keys.wrapped", row: id, owner: purpose.as_str() }
}

fn seal(key: &RandomizedNonceKey, value: &[u8], place: Place<'_>) -> Result<String> {
    let mut sealed = value.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(place.binding()), &mut sealed).map_err(Error::internal)?;
    let mut whole = nonce.as_ref().to_vec();
    whole.extend_from_slice(&sealed);
    Ok(STANDARD.encode(whole))
}

fn open(key: &RandomizedNonceKey, sealed: &str, place: Place<'_>) -> Result<Vec<u8>> {
    let broken = || Error::new(Code::Integrity).caused_by(format!("a value does not open: {}", place.column));
    let whole = STANDARD.decode(sealed).map_err(|_fault| broken())?;
    let (nonce, sealed) = whole.split_at_checked(aws_lc_rs::aead::NONCE_LEN).ok_or_else(broken)?;
    let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_fault| broken())?;
    let mut value = sealed.to_vec();
    let length = key.open_in_place(nonce, Aad::from(place.binding()), &mut value).map_err(|_fault| broken())?.len();
    value.truncate(length);
    Ok(value)
}

/// 32 bytes from the operating system's random source.
pub fn random_bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Writes a new file that only its owner can read; one that is there stays as it is.
pub fn write_for_owner_only(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let vault = Vault::new(MasterKey::parse(&"07".repeat(32)).unwrap(), None);
        let keys = [
            vault.make_key("a".into(), Purpose::Sealing).unwrap(),
            vault.make_key("f".into(), Purpose::Fingerprints).unwrap(),
        ];
        vault.learn(&keys).unwrap();
        vault
    }

    const HERE: Place<'static> = Place { column: "product_keys.sealed", row: "1", owner: "p" };

    #[test]
    fn rule_swk_03_a_sealed_value_opens_only_in_its_place() {
        let vault = vault();
        let sealed = vault.seal(b"secret", HERE).unwrap();
        assert_eq!(vault.open(&sealed, HERE).unwrap(), b"secret");
        for elsewhere in [
            Place { row: "2", ..HERE },
            Place { owner: "q", ..HERE },
            Place { owner: STOCK, ..HERE },
            Place { column: "idempotency_answers.body", ..HERE },
        ] {
            assert_eq!(vault.open(&sealed, elsewhere).unwrap_err().code(), Code::Integrity);
        }
    }

    #[test]
    fn rule_swk_03_one_changed_character_is_noticed() {
        let vault = vault();
        let sealed = vault.seal(b"secret", HERE).unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let opened = vault.open(&String::from_utf8(bytes).unwrap(), HERE);
            assert!(opened.is_err() || opened.unwrap() == b"secret", "a change at {at} opened as something else");
        }
    }

    #[test]
    fn rule_swk_09_equal_values_have_equal_fingerprints_and_the_value_is_not_in_them() {
        let vault = vault();
        assert_eq!(vault.fingerprint(b"one").unwrap(), vault.fingerprint(b"one").unwrap());
        assert_ne!(vault.fingerprint(b"one").unwrap(), vault.fingerprint(b"two").unwrap());
    }

    #[test]
    fn another_master_key_opens_nothing() {
        let key = vault().make_key("a".into(), Purpose::Sealing).unwrap();
        let other = Vault::new(MasterKey::parse(&"08".repeat(32)).unwrap(), None);
        assert_eq!(other.learn(&[key]).unwrap_err().code(), Code::Integrity);
    }

    #[test]
    fn rule_swk_03_a_data_key_moves_to_a_new_master_key_and_opens_what_it_sealed() {
        let key = |text: &str| MasterKey::parse(&text.repeat(32)).unwrap();
        let old = Vault::new(key("07"), None);
        let keys = [old.make_key("a".into(), Purpose::Sealing).unwrap()];
        old.learn(&keys).unwrap();
        let sealed = old.seal(b"secret", HERE).unwrap();
        let both = Vault::new(key("08"), Some(key("07")));
        // Also where the row does not tell its master key yet.
        for master_id in [keys[0].master_id.clone(), None] {
            let moved = both.rewrap(&WrappedKey { master_id, ..keys[0].clone() }).unwrap();
            assert_eq!(moved.master_id, Some(both.master_id()));
            let new = Vault::new(key("08"), None);
            new.learn(std::slice::from_ref(&moved)).unwrap();
            assert_eq!(new.open(&sealed, HERE).unwrap(), b"secret");
            assert_eq!(Vault::new(key("07"), None).learn(&[moved]).unwrap_err().code(), Code::Integrity);
        }
        both.learn(&keys).unwrap();
        assert_eq!(both.open(&sealed, HERE).unwrap(), b"secret");
    }
}

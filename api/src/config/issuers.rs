//! Outside issuers: whose tokens are taken beside our own (`[[issuers]]`).

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// An outside issuer. Its tokens only prove who somebody is; what that client may do stands in this house.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The `iss` of its tokens, to the letter.
    pub issuer: String,
    /// Where its public keys are.
    pub jwks_url: String,
    /// The `aud` that its tokens for this API carry.
    pub audience: String,
    /// The algorithms that it may sign with; a key is good for one of them.
    #[serde(default = "every_algorithm")]
    pub algorithms: Vec<IssuerAlgorithm>,
    /// The claim that names the client.
    #[serde(default)]
    pub subject_claim: SubjectClaim,
}

/// An algorithm that an outside issuer may sign with. There is none with a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum IssuerAlgorithm {
    /// RSA, PKCS #1, SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// The claim that names the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectClaim {
    /// The authorised party: Entra ID (v2), Keycloak.
    #[default]
    Azp,
    /// Entra ID (v1).
    Appid,
    /// RFC 9068.
    ClientId,
    /// The subject.
    Sub,
}

fn every_algorithm() -> Vec<IssuerAlgorithm> {
    vec![IssuerAlgorithm::Rs256, IssuerAlgorithm::Es256, IssuerAlgorithm::EdDsa]
}

/// What is wrong with these issuers in a house that issues as `own`.
pub(super) fn faults(issuers: &[IssuerConfig], own: &str, is_sandbox: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = HashSet::from([own]);
    for one in issuers {
        let name = &one.issuer;
        if name.is_empty() || one.audience.is_empty() || one.algorithms.is_empty() {
            faults.push(format!("`issuers`: {name:?} needs an issuer, an audience and an algorithm"));
        }
        if name.chars().count() > 512 {
            faults.push(format!("`issuers`: {name:?} is longer than 512 characters"));
        }
        if !known.insert(name) {
            faults.push(format!("`issuers`: {name:?} stands there twice, or is this house itself"));
        }
        let url = one.jwks_url.as_str();
        if !(url.starts_with("https://") || is_sandbox && url.starts_with("http://")) {
            faults.push(format!("`issuers`: the `jwks_url` of {name:?} must begin with https://"));
        }
    }
    faults
}

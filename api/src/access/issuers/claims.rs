//! What outside issuers write into their tokens.

use crate::access::permits::SCOPES;
use crate::config::SubjectClaim;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

#[derive(Deserialize)]
struct Said {
    iss: String,
}

/// Which issuer a token says it is of, before anything is verified.
pub(super) fn issuer_said(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Said>(&payload).ok().map(|said| said.iss)
}

/// The claims that count. `iss`, `aud` and `nbf` are the library's to check.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) exp: i64,
    pub(super) iat: i64,
    azp: Option<String>,
    appid: Option<String>,
    client_id: Option<String>,
    sub: Option<String>,
    /// By blanks (RFC 9068).
    scope: Option<String>,
    /// Entra ID by blanks, others as a list.
    scp: Option<Words>,
    jti: Option<String>,
    /// The id of a token in Entra ID's words.
    uti: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Text(String),
    List(Vec<String>),
}

impl Claims {
    /// The client that the token names.
    pub(super) fn subject(&self, claim: SubjectClaim) -> Option<String> {
        let subject = match claim {
            SubjectClaim::Azp => &self.azp,
            SubjectClaim::Appid => &self.appid,
            SubjectClaim::ClientId => &self.client_id,
            SubjectClaim::Sub => &self.sub,
        };
        subject.clone().filter(|subject| !subject.is_empty())
    }

    /// The scopes that the token is cut down to; none where it names none. Words of other services, such as the
    /// `profile email` that Keycloak writes into every token, are none of ours and cut nothing.
    pub(super) fn scopes(&self) -> Option<Vec<String>> {
        let ours = |words: Vec<&str>| {
            let known = words.into_iter().filter(|word| SCOPES.iter().any(|(scope, _)| scope == word));
            Some(known.map(str::to_owned).collect::<Vec<_>>()).filter(|scopes| !scopes.is_empty())
        };
        let of_scope = self.scope.as_ref().and_then(|text| ours(text.split_ascii_whitespace().collect()));
        let of_scp = self.scp.as_ref().and_then(|scp| match scp {
            Words::Text(text) => ours(text.split_ascii_whitespace().collect()),
            Words::List(list) => ours(list.iter().map(String::as_str).collect()),
        });
        // Where both stand there, only what is in both.
        match (of_scope, of_scp) {
            (Some(one), Some(other)) => Some(one.into_iter().filter(|scope| other.contains(scope)).collect()),
            (one, other) => one.or(other),
        }
    }

    /// The token's id, where it has one.
    pub(super) fn id(&self) -> String {
        self.jti.clone().or_else(|| self.uti.clone()).unwrap_or_default()
    }
}

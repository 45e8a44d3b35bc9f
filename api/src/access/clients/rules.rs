//! What a client may hold, and what one client may grant another (ENR-12).

use super::model::NewClient;
use crate::access::permits::{NOT_FOR_OPERATORS, SCOPES};
use crate::access::{Role, TokenKind};
use crate::error::{Code, Error, Fault, Result};

/// The words of a text, each once: a token that named a scope a hundred times would be too long for its own service.
pub fn words_once(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_ascii_whitespace() {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// The scopes in a text: each once, and each one that there is.
pub(super) fn scopes_in(text: &str) -> Result<Vec<String>, Vec<Fault>> {
    let scopes = words_once(text);
    let faults: Vec<Fault> = scopes.iter().filter_map(|scope| unknown_scope(scope)).collect();
    match (faults.is_empty(), scopes.is_empty()) {
        (true, true) => Err(vec![Fault::at("/scope", Code::FieldRequired)]),
        (true, false) => Ok(scopes),
        _ => Err(faults),
    }
}

fn unknown_scope(scope: &str) -> Option<Fault> {
    let is_known = SCOPES.iter().any(|(known, _)| *known == scope);
    (!is_known).then(|| {
        let fault = Fault::at("/scope", Code::ScopeUnknown).with("scope", scope);
        match nearest(scope, SCOPES.iter().map(|(known, _)| *known)) {
            Some(nearest) => fault.with("nearest", nearest),
            None => fault,
        }
    })
}

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.min_by_key(|known| strsim::levenshtein(known, word))
}

/// Nobody grants a scope or role beyond its own, save that a globalAdmin may grant adminAgent (ENR-12). A salesAgent may
/// nothing that an adminAgent may not, so that role is never beyond it. Names all that exceed.
pub(super) fn grantable(own: (&[String], &[Role]), scopes: &[String], roles: &[Role]) -> Result<()> {
    let (own_scopes, own_roles) = own;
    let may = |role: &Role| {
        own_roles.contains(role)
            || match role {
                Role::AdminAgent => own_roles.contains(&Role::GlobalAdmin),
                Role::SalesAgent => own_roles.contains(&Role::AdminAgent),
                Role::GlobalAdmin | Role::CustomerGlobalAdmin => false,
            }
    };
    let too_much = |at: String, word: &str| Fault::at(at, Code::GrantExceedsOwn).with("exceeding", word);
    let scopes = scopes.iter().filter(|scope| !own_scopes.contains(scope));
    let roles = roles.iter().enumerate().filter(|(_, role)| !may(role));
    let faults: Vec<Fault> = scopes
        .map(|scope| too_much("/scope".to_owned(), scope))
        .chain(roles.map(|(index, role)| too_much(format!("/roles/{index}"), role.as_str())))
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = faults.iter().filter_map(|fault| fault.context.get("exceeding").cloned()).collect();
    Err(Error::refused(faults).with("exceeding", words))
}

/// The same for roles alone, such as a user's.
pub fn grantable_roles(own: &[Role], roles: &[Role]) -> Result<()> {
    grantable((&[], own), &[], roles)
}

/// A name that people can tell the client by.
pub(super) fn name(name: &str) -> Result<()> {
    if name.trim().is_empty() { Err(Error::invalid(vec![Fault::at("/name", Code::FieldRequired)])) } else { Ok(()) }
}

/// Each role once.
pub(super) fn each_once(roles: &[Role]) -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| roles.contains(role)).collect()
}

/// Why no client can be made so; for the command line.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody could tell the client from others.
    NoName,
    /// There is no such scope; the nearest that there is.
    Scope(String, Option<&'static str>),
    /// There is no such role; the nearest that there is.
    Role(String, Option<&'static str>),
    /// An operator never sees a key in clear.
    NotForOperators(String),
    /// Clients of this kind do not hold this role.
    RoleOfAnotherKind(Role, TokenKind),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let did_you_mean = |nearest: &Option<&str>| nearest.map(|one| format!("; did you mean `{one}`?"));
        match self {
            Self::NoName => out.write_str("a client needs a name"),
            Self::Scope(scope, nearest) => {
                write!(out, "there is no scope `{scope}`{}", did_you_mean(nearest).unwrap_or_default())
            }
            Self::Role(role, nearest) => {
                write!(out, "there is no role `{role}`{}", did_you_mean(nearest).unwrap_or_default())
            }
            Self::NotForOperators(scope) => write!(out, "an operator's client cannot hold `{scope}`"),
            Self::RoleOfAnotherKind(role, kind) => {
                write!(out, "a client of the kind {} cannot hold the role `{}`", kind.as_str(), role.as_str())
            }
        }
    }
}

/// The client with these words for its scopes and roles, where its kind can hold them.
pub fn allowed(mut new: NewClient, scope: &str, roles: &[String]) -> Result<NewClient, Refusal> {
    if new.name.trim().is_empty() {
        return Err(Refusal::NoName);
    }
    for scope in words_once(scope) {
        if !SCOPES.iter().any(|(known, _)| *known == scope) {
            let nearest = nearest(&scope, SCOPES.iter().map(|(known, _)| *known));
            return Err(Refusal::Scope(scope, nearest));
        }
        if new.kind == TokenKind::Operator && NOT_FOR_OPERATORS.contains(&scope.as_str()) {
            return Err(Refusal::NotForOperators(scope));
        }
        new.scopes.push(scope);
    }
    for word in roles {
        let known = || Role::ALL.iter().map(|role| role.as_str());
        let role = Role::of(word).ok_or_else(|| Refusal::Role(word.clone(), nearest(word, known())))?;
        if !role.is_for(new.kind) {
            return Err(Refusal::RoleOfAnotherKind(role, new.kind));
        }
        new.roles.push(role);
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn rule_enr_12_an_unknown_scope_names_the_nearest_and_a_double_one_counts_once() {
        let faults = scopes_in("orders:raed orders:write").unwrap_err();
        assert_eq!(
            faults,
            [Fault::at("/scope", Code::ScopeUnknown).with("scope", "orders:raed").with("nearest", "orders:read")]
        );
        assert_eq!(scopes_in(" orders:read  orders:read ").unwrap(), words("orders:read"));
        assert!(scopes_in("  ").is_err());
    }

    #[test]
    fn rule_enr_12_all_that_exceeds_is_named() {
        let own = words("orders:read clients:manage");
        let asked = words("orders:read software:keys refunds:write");
        let roles = [Role::AdminAgent, Role::SalesAgent];
        let error = grantable((&own, &[Role::GlobalAdmin]), &asked, &roles).unwrap_err();
        assert_eq!(error.code(), Code::GrantExceedsOwn);
        assert_eq!(error.context()["exceeding"], serde_json::json!(["software:keys", "refunds:write", "salesAgent"]));
        let places: Vec<&str> = error.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/scope", "/scope", "/roles/1"]);
        // A globalAdmin may grant adminAgent, also to itself; an adminAgent grants no globalAdmin.
        assert!(grantable((&own, &[Role::GlobalAdmin]), &own, &[Role::AdminAgent, Role::GlobalAdmin]).is_ok());
        assert!(grantable((&own, &[Role::AdminAgent]), &own, &[Role::GlobalAdmin]).is_err());
        assert!(grantable((&own, &[Role::AdminAgent]), &own, &[Role::SalesAgent]).is_ok());
    }
}

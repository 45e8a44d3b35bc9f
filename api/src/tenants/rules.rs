//! What a tenant may be called and known by (TEN-01), and what may become of it.

use super::model::{CreateTenant, TenantRow, TenantState};
use crate::config::TenantConfig;
use crate::error::{Code, Error, Fault, Result};
use crate::profiles;

/// What every new tenant's domain ends with.
const SUFFIX: &str = "onmicrosoft.com";
/// Where a body has the name.
pub const NAME: &str = "/name";
/// Where a body has the domain.
const DOMAIN: &str = "/domain";

/// The domain of a new tenant with this name.
pub fn domain(name: &str, bounds: TenantConfig, pointer: &str) -> Result<String, Fault> {
    let fits = (bounds.name_minimum..=bounds.name_maximum).contains(&name.len());
    if fits && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        Ok(format!("{name}.{SUFFIX}"))
    } else {
        Err(Fault::at(pointer, Code::DomainNameInvalid)
            .with("minimum", bounds.name_minimum)
            .with("maximum", bounds.name_maximum))
    }
}

/// The name in what is asked for: a name alone, or with what every new tenant's domain ends with.
pub fn name_in(asked: &str) -> &str {
    asked.strip_suffix(SUFFIX).and_then(|rest| rest.strip_suffix('.')).unwrap_or(asked)
}

/// That somebody has the name already.
pub fn taken(domain: &str) -> Fault {
    Fault::at(NAME, Code::DomainTaken).with("domain", domain)
}

/// Domains of this name with these endings, the name cut where they would be too long.
pub fn variations(name: &str, endings: &[String], bounds: TenantConfig) -> Vec<String> {
    let variation = |ending: &String| {
        let room = bounds.name_maximum.checked_sub(ending.len()).filter(|room| *room > 0)?;
        let start: String = name.chars().take(room).collect();
        domain(&format!("{start}{ending}"), bounds, NAME).ok()
    };
    endings.iter().filter_map(variation).collect()
}

/// What a tenant that exists already is known by: at least one of these.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `name.onmicrosoft.com`.
    pub domain: Option<String>,
    /// A domain of the customer's own.
    pub custom_domain: Option<String>,
    /// Its GUID.
    pub directory_id: Option<String>,
}

impl From<&TenantRow> for Reference {
    fn from(row: &TenantRow) -> Self {
        Self {
            domain: row.domain.clone(),
            custom_domain: row.custom_domain.clone(),
            directory_id: row.directory_id.clone(),
        }
    }
}

/// What a body says of a tenant that exists; every fault of it.
pub fn reference(asked: &CreateTenant, bounds: TenantConfig) -> (Reference, Vec<Fault>) {
    let (mut known, mut faults) = (Reference::default(), Vec::new());
    if let Some(name) = &asked.name {
        known.domain = domain(name, bounds, NAME).map_err(|fault| faults.push(fault)).ok();
    }
    if let Some(id) = &asked.tenant_id {
        known.directory_id = profiles::tenant_guid(id, "/tenantId").map_err(|fault| faults.push(fault)).ok();
    }
    if let Some(text) = &asked.domain {
        match existing_domain(text) {
            Ok(initial) if initial.ends_with(SUFFIX) => {
                if known.domain.as_ref().is_some_and(|other| *other != initial) {
                    faults.push(Fault::at(DOMAIN, Code::TenantNamesDiffer).with("domain", &initial));
                }
                known.domain = Some(initial);
            }
            Ok(custom) => known.custom_domain = Some(custom),
            Err(fault) => faults.push(fault),
        }
    }
    if (&asked.name, &asked.domain, &asked.tenant_id) == (&None, &None, &None) {
        faults.push(Fault::at("", Code::TenantReferenceRequired));
    }
    (known, faults)
}

/// A domain as DNS has it: letters, digits and hyphens. Capitals are the same domain; letters of other scripts are
/// refused, because they look like ones that they are not.
fn existing_domain(text: &str) -> Result<String, Fault> {
    let domain = text.to_ascii_lowercase();
    let labels: Vec<&str> = domain.split('.').collect();
    let is_label = |label: &&str| {
        let known = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        known && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_number = |label: &&str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_domain = labels.len() > 1 && domain.len() <= 253 && labels.iter().all(is_label);
    // Below the suffix there is one name, without hyphens; how long it was allowed to be then, is not ours to say.
    let is_initial = domain == SUFFIX || domain.ends_with(&format!(".{SUFFIX}"));
    let is_name = labels.len() == 3 && labels.first().is_some_and(|name| !name.contains('-'));
    if !is_domain || labels.last().is_none_or(is_number) || (is_initial && !is_name) {
        return Err(Fault::at(DOMAIN, Code::DomainInvalid));
    }
    Ok(domain)
}

/// A tenant is unlinked only when nothing live is on it (TEN-09).
pub fn may_unlink(state: TenantState, live: i64) -> Result<()> {
    if state == TenantState::Unlinked {
        return Err(Error::new(Code::TenantNotActive).with("state", state));
    }
    if live == 0 { Ok(()) } else { Err(Error::new(Code::TenantHasLiveLicenses).with("licenses", live)) }
}

/// Only where the customer was asked and has not answered can it be asked again.
pub fn must_await_acceptance(state: TenantState) -> Result<()> {
    match state {
        TenantState::AwaitingAcceptance | TenantState::Expired => Ok(()),
        _ => Err(Error::new(Code::TenantNotAwaitingAcceptance).with("state", state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const BOUNDS: TenantConfig = TenantConfig { name_minimum: 1, name_maximum: 27 };

    #[test_case("panaderiasol", true; "letters")]
    #[test_case("a", true; "the shortest")]
    #[test_case("365empresa", true; "a digit first")]
    #[test_case("abcdefghijklmnopqrstuvwxyz0", true; "27 characters")]
    #[test_case("abcdefghijklmnopqrstuvwxyz01", false; "28 characters")]
    #[test_case("", false; "nothing")]
    #[test_case("PanaderiaSol", false; "capitals")]
    #[test_case("panadería", false; "accents")]
    #[test_case("panaderіasol", false; "a look alike")]
    #[test_case("panaderia-sol", false; "a hyphen")]
    #[test_case("sol.onmicrosoft.com", false; "a whole domain")]
    fn rule_ten_01_names(name: &str, passes: bool) {
        assert_eq!(domain(name, BOUNDS, NAME).is_ok(), passes);
    }

    #[test_case("panaderiasol.test", true; "custom")]
    #[test_case("Correo.Panaderia-Sol.TEST", true; "capitals are the same domain")]
    #[test_case("panaderiasol.onmicrosoft.com", true; "initial")]
    #[test_case("xn--panadera-i2a.test", true; "of another script, as DNS has it")]
    #[test_case("panadería.test", false; "of another script")]
    #[test_case("panaderiasol.onmicrosоft.com", false; "a look alike")]
    #[test_case("sol.mail.onmicrosoft.com", false; "below a name")]
    #[test_case("panaderia-sol.onmicrosoft.com", false; "a hyphen in a name")]
    #[test_case("onmicrosoft.com", false; "no name")]
    #[test_case("panaderiasol", false; "one label")]
    #[test_case("panaderiasol.test.", false; "the root's dot")]
    #[test_case("-sol.test", false; "a hyphen first")]
    #[test_case("192.0.2.7", false; "an address")]
    #[test_case("https://panaderiasol.test", false; "a page")]
    fn rule_ten_01_domains(text: &str, passes: bool) {
        assert_eq!(existing_domain(text).ok(), passes.then(|| text.to_lowercase()));
    }

    #[test]
    fn rule_ten_02_variations_keep_to_the_bounds() {
        let endings = ["mx".to_owned(), "20".to_owned()];
        let longest = "abcdefghijklmnopqrstuvwxyz0";
        assert_eq!(
            variations(longest, &endings, BOUNDS),
            ["abcdefghijklmnopqrstuvwxymx.onmicrosoft.com", "abcdefghijklmnopqrstuvwxy20.onmicrosoft.com"]
        );
        assert!(variations("a", &endings, TenantConfig { name_minimum: 1, name_maximum: 2 }).is_empty());
        assert_eq!(name_in("sol.onmicrosoft.com"), "sol");
        assert_eq!(name_in("sol"), "sol");
    }
}

//! What a tenant may be called (TEN-01).

use crate::config::TenantConfig;
use crate::error::{Code, Fault};

/// What every new tenant's domain ends with.
const SUFFIX: &str = "onmicrosoft.com";

/// The domain of a new tenant with this name.
pub fn domain(name: &str, bounds: TenantConfig) -> Result<String, Fault> {
    let fits = (bounds.name_minimum..=bounds.name_maximum).contains(&name.len());
    if fits && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        Ok(format!("{name}.{SUFFIX}"))
    } else {
        Err(Fault::at("/name", Code::DomainNameInvalid)
            .with("minimum", bounds.name_minimum)
            .with("maximum", bounds.name_maximum))
    }
}

/// That somebody has the name already.
pub fn taken(domain: &str) -> Fault {
    Fault::at("/name", Code::DomainTaken).with("domain", domain)
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
    #[test_case("panaderia-sol", false; "a hyphen")]
    #[test_case("sol.onmicrosoft.com", false; "a whole domain")]
    fn rule_ten_01_names(name: &str, passes: bool) {
        assert_eq!(domain(name, BOUNDS).is_ok(), passes);
    }
}

//! Addresses at web-mail services, which say nothing about the company (ENR-06).

use crate::error::{Code, Fault};
use std::collections::HashSet;
use std::sync::LazyLock;
use url::Host;

static HOSTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/webmail_hosts.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// Whether this address is at a web-mail service, or below one.
pub fn webmail(email: &str, pointer: &str) -> Option<Fault> {
    let host = host_of(email)?;
    let mut rest = Some(host.as_str());
    while let Some(name) = rest {
        if HOSTS.contains(name) {
            return Some(Fault::at(pointer, Code::WebmailNotAccepted).with("host", &host));
        }
        rest = name.split_once('.').map(|(_, below)| below);
    }
    None
}

/// The host of an address, as the name service knows it.
pub fn host_of(email: &str) -> Option<String> {
    let (_, host) = email.trim().rsplit_once('@')?;
    match Host::parse(host.trim_end_matches('.')) {
        Ok(Host::Domain(host)) => Some(host.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("lucia@gmail.com", true; "gmail")]
    #[test_case("lucia@GMail.COM", true; "in capitals")]
    #[test_case("lucia@gmail.com.", true; "with the root's dot")]
    #[test_case("lucia@ｇｍａｉｌ.com", true; "in wide letters")]
    #[test_case("lucia@yahoo.com.mx", true; "yahoo in mexico")]
    #[test_case("lucia@hotmail.es", true; "hotmail in spain")]
    #[test_case("lucia@outlook.es", true; "outlook in spain")]
    #[test_case("lucia@live.com.mx", true; "live in mexico")]
    #[test_case("lucia@mail.icloud.com", true; "below a service")]
    #[test_case("lucia@me.com", true; "me")]
    #[test_case("lucia@panaderiasol.example", false; "a company")]
    #[test_case("lucia@mygmail.com", false; "a name that ends alike")]
    #[test_case("lucia@gmail.com.mx.example", false; "a name that begins alike")]
    #[test_case("lucia@gmail.example", false; "another host of that name")]
    #[test_case("lucia@live.example", false; "a common word")]
    #[test_case("gmail.com@panaderiasol.example", false; "the service before the sign")]
    #[test_case("lucia@niño.example", false; "letters of its own")]
    #[test_case("gmail.com", false; "no address at all")]
    fn rule_enr_06_webmail(email: &str, refused: bool) {
        let fault = webmail(email, "/contact/email");
        assert_eq!(fault.map(|fault| fault.code), refused.then_some(Code::WebmailNotAccepted));
    }
}

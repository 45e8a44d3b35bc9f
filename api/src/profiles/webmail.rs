//! Web mail, which a partner's primary contact may not use (ENR-06).

use crate::error::{Code, Fault};
use std::collections::HashSet;
use std::sync::LazyLock;
use url::Host;

const FILE: &str = include_str!("../../data/webmail_hosts.txt");
static HOSTS: LazyLock<HashSet<&str>> = LazyLock::new(|| FILE.lines().filter(|line| is_host(line)).collect());

fn is_host(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// That this mail address is with a web-mail service, under whichever of its names. A domain that only looks like one is
/// somebody's own.
pub fn webmail(email: &str, pointer: &str) -> Option<Fault> {
    let name = host_of(email)?;
    let mut above = std::iter::successors(Some(name.as_str()), |name| name.split_once('.').map(|(_, parent)| parent));
    let host = above.find(|name| HOSTS.contains(name))?;
    Some(Fault::at(pointer, Code::WebmailNotAccepted).with("host", host))
}

/// The host of a mail address as DNS has it: wide letters and capitals are the same name, letters of another script
/// another one.
pub fn host_of(email: &str) -> Option<String> {
    let (_, domain) = email.trim().rsplit_once('@')?;
    let domain = domain.trim_end_matches('.');
    Some(match Host::parse(domain) {
        Ok(Host::Domain(name)) => name,
        _ => domain.to_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn every_line_is_a_host_in_lower_case_and_stands_there_once() {
        let lines: Vec<&str> = FILE.lines().filter(|line| is_host(line)).collect();
        assert!(lines.len() > 200 && lines.len() == HOSTS.len(), "{}", lines.len());
        for line in lines {
            assert_eq!(Host::parse(line), Ok(Host::Domain(line.to_owned())));
            assert!(line.contains('.'));
        }
    }

    #[test_case("ana@gmail.com")]
    #[test_case("ana@GMail.Com"; "capitals")]
    #[test_case("ana@googlemail.com")]
    #[test_case("ana@icloud.com")]
    #[test_case("ana@me.com")]
    #[test_case("ana@aol.com")]
    #[test_case("ana@yahoo.com.mx")]
    #[test_case("ana@ymail.com")]
    #[test_case("ana@hotmail.es")]
    #[test_case("ana@outlook.es")]
    #[test_case("ana@live.com.mx")]
    #[test_case("ana@msn.com")]
    #[test_case("ana@mail.yahoo.com"; "a sub-domain")]
    #[test_case("ana@gmail.com."; "with the root's dot")]
    #[test_case("ana@ｇｍａｉｌ.com"; "wide letters")]
    #[test_case("ana@gmail。com"; "an ideographic full stop")]
    #[test_case("\"ana@empresa.example\"@gmail.com"; "an at sign in quotes")]
    fn rule_enr_06_web_mail_is_refused(email: &str) {
        assert_eq!(webmail(email, "/contact/email").unwrap().code, Code::WebmailNotAccepted);
    }

    #[test_case("ana@distribuidora.example"; "a company")]
    #[test_case("ana@mygmail.com"; "ends alike")]
    #[test_case("ana@gmail.com.mx.example"; "begins alike")]
    #[test_case("ana@gmail.com-mx.example"; "begins alike with a hyphen")]
    #[test_case("ana@my-outlook.com"; "ends alike with a hyphen")]
    #[test_case("ana@outlook.com.example"; "has it in front")]
    #[test_case("ana@live.tienda.example"; "a label of a company")]
    #[test_case("gmail.com@empresa.example"; "as the name of a mailbox")]
    #[test_case("ana@gmáil.com"; "an accent")]
    #[test_case("ana@gmаil.com"; "a Cyrillic letter")]
    #[test_case("ana@xn--gmil-6na.com"; "the same in ASCII")]
    #[test_case("ana@acme.com"; "me.com at the end of a label")]
    #[test_case("ana@панадерия.example"; "another script")]
    #[test_case("ana@com"; "a top-level domain")]
    #[test_case("ana"; "no mail address at all")]
    #[test_case("ana@"; "no domain")]
    fn rule_enr_06_what_only_looks_like_it_passes(email: &str) {
        assert_eq!(webmail(email, "/contact/email"), None);
    }
}

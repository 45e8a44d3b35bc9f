//! What is known of where a partner reads its mail.

use crate::db::Db;
use crate::db::schema::{refunds, webhook_endpoints};
use crate::db::words::Json;
use crate::error::Result;
use crate::{on, partners, profiles};
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

/// The addresses that partners have named as their own, and the hosts of their programs.
#[derive(Debug, Default)]
pub struct MailPlaces {
    addresses: BTreeSet<String>,
    hosts: BTreeSet<String>,
}

impl MailPlaces {
    /// Of these partners: their own contacts and people, the contacts they have named, and where their webhooks go.
    pub async fn of(db: &mut Db<'_>, partner_ids: &[&str]) -> Result<Self> {
        let asked: Vec<Json> = on!(db, c => refunds::table
            .filter(refunds::partner_id.eq_any(partner_ids))
            .select(refunds::request)
            .order(refunds::id.desc())
            .limit(200)
            .load(c))?;
        let urls: Vec<String> = on!(db, c => webhook_endpoints::table
            .filter(webhook_endpoints::partner_id.eq_any(partner_ids))
            .select(webhook_endpoints::url)
            .limit(200)
            .load(c))?;
        let mut places = Self::default();
        for request in asked {
            let request: Value = request.read()?;
            if let Some(address) = request.pointer("/contact/email").and_then(Value::as_str) {
                places.add_address(address);
            }
        }
        for address in partners::mail_addresses(db, partner_ids).await? {
            places.add_address(&address);
        }
        let hosts = urls.iter().filter_map(|url| Url::parse(url).ok()?.domain().map(str::to_ascii_lowercase));
        places.hosts.extend(hosts);
        Ok(places)
    }

    fn add_address(&mut self, address: &str) {
        self.addresses.insert(mailbox(address));
    }

    /// Whether mail to this address may be read there: it is one of theirs, or belongs to a domain that one of them has
    /// somebody or something at, wherever below it. The host of a web-mail service is nobody's own.
    pub fn include(&self, email: &str) -> bool {
        if self.addresses.contains(&mailbox(email)) {
            return true;
        }
        let Some(host) = profiles::host_of(email) else { return true };
        if profiles::webmail(email, "").is_some() {
            return false;
        }
        // Nobody has a mailbox at a public suffix; whoever is below it may be anybody.
        let Some(domain) = psl::domain_str(&host) else { return true };
        let own_hosts = self.addresses.iter().filter_map(|own| profiles::host_of(own));
        own_hosts.chain(self.hosts.iter().cloned()).any(|own| psl::domain_str(&own) == Some(domain))
    }
}

/// The mailbox behind an address: a web-mail service delivers what is after a `+`, or differs by dots only, to the same
/// person.
fn mailbox(address: &str) -> String {
    let address = address.trim().to_lowercase();
    let is_webmail = profiles::webmail(&address, "").is_some();
    match address.rsplit_once('@') {
        Some((local, host)) if is_webmail => {
            let name = local.split('+').next().unwrap_or(local).replace('.', "");
            format!("{name}@{host}")
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("marta@distribuidora.example", true; "the very address")]
    #[test_case("Otra.Persona@Distribuidora.EXAMPLE", true; "a colleague, in capitals")]
    #[test_case("a@mx.distribuidora.example", true; "below its host")]
    #[test_case("a@distribuidora.example.", true; "its host with the dot of the root")]
    #[test_case("a@golfo.example", true; "the host of its programs")]
    #[test_case("a@example", true; "above the host of its programs")]
    #[test_case("lucia@panaderiasol.test", false; "somebody else")]
    #[test_case("lucia@midistribuidora.test", false; "a host that only ends alike")]
    #[test_case("a@ventas.golfo.example", true; "beside the host of its programs")]
    #[test_case("martaruiz@gmail.com", true; "their web-mail address without its dot")]
    #[test_case("marta.ruiz+sol@gmail.com", true; "their web-mail address with a tag")]
    #[test_case("marta.ruiz@gmail.com", true; "their address at a web-mail service")]
    #[test_case("lucia@gmail.com", false; "somebody else at that service")]
    #[test_case("no-address", true; "no address reaches nobody")]
    fn rule_cus_06_a_code_never_goes_to_who_asks(email: &str, expected: bool) {
        let mut places = MailPlaces::default();
        places.add_address("marta@distribuidora.example");
        places.add_address("Marta.Ruiz@gmail.com");
        places.hosts.insert("hooks.golfo.example".to_owned());
        assert_eq!(places.include(email), expected);
    }
}

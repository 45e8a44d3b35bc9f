//! Where webhooks may go. A receiver's address is somebody else's choice, so it must not lead into the operator's own
//! network: names are resolved once, every address is checked, and the connection goes to a checked one.

use super::rules;
use crate::config::{Config, WebhookConfig};
use crate::error::{Code, Error, Fault, Result};
use ipnet::IpNet;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

/// The longest URL of a receiver.
pub const LONGEST_URL: usize = 2_000;

static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    include_str!("../../data/special_addresses.txt").lines().filter_map(|line| line.parse().ok()).collect()
});

/// What receivers may look like.
#[derive(Debug, Clone)]
pub struct Policy {
    is_sandbox: bool,
    networks: Vec<IpNet>,
    ports: Vec<u16>,
}

impl Policy {
    /// Of these settings.
    pub fn of(config: &Config) -> Self {
        let WebhookConfig { allowed_networks, allowed_ports, .. } = &config.webhooks;
        Self { is_sandbox: config.is_sandbox(), networks: allowed_networks.clone(), ports: allowed_ports.clone() }
    }

    /// Whether a connection to this address may be made.
    pub fn permits(&self, address: IpAddr) -> bool {
        // An IPv4 address that is written as IPv6 is that IPv4 address.
        let address = address.to_canonical();
        self.is_sandbox
            || self.networks.iter().any(|network| network.contains(&address))
            || !SPECIAL.iter().any(|network| network.contains(&address))
    }

    /// The receiver's URL, or everything that is wrong with it.
    pub fn url(&self, text: &str, pointer: &str) -> Result<Url, Vec<Fault>> {
        let wrong = |expected: &str| Fault::at(pointer, Code::WebhookUrlInvalid).with("expected", expected);
        let Ok(url) = text.parse::<Url>() else { return Err(vec![wrong("https://host/path")]) };
        let mut faults = Vec::new();
        if url.scheme() != "https" && !(self.is_sandbox && url.scheme() == "http") {
            faults.push(wrong("https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            faults.push(wrong("no user name and no password"));
        }
        if url.fragment().is_some() {
            faults.push(wrong("no #fragment"));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !self.is_sandbox && !self.ports.contains(&port) {
            faults.push(wrong("an allowed port").with("allowedPorts", &self.ports));
        }
        let permitted = match url.host() {
            Some(url::Host::Ipv4(address)) => self.permits(address.into()),
            Some(url::Host::Ipv6(address)) => self.permits(address.into()),
            Some(url::Host::Domain(name)) => self.is_sandbox || !is_local_name(name),
            None => false,
        };
        if !permitted {
            faults.push(Fault::at(pointer, Code::WebhookAddressNotAllowed));
        }
        if faults.is_empty() { Ok(url) } else { Err(faults) }
    }
}

/// Names that by their form are nobody's in public (RFC 6761, RFC 6762, and ICANN's `internal`).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.')
        || ["localhost", "local", "internal", "home.arpa"]
            .iter()
            .any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// The way out: what may be called, and the client that calls it.
pub struct Outside {
    /// What receivers may look like.
    pub policy: Policy,
    timeout: Duration,
    client: OnceLock<reqwest::Client>,
}

impl Outside {
    /// Of these settings.
    pub fn of(config: &Config) -> Self {
        let timeout = Duration::from_secs(config.webhooks.timeout_seconds);
        Self { policy: Policy::of(config), timeout, client: OnceLock::new() }
    }

    /// Everything that is wrong with what an endpoint is to be: its URL, its filter.
    pub fn faults(&self, url: Option<&str>, filter: &[String]) -> Vec<Fault> {
        let mut faults = url.and_then(|url| self.policy.url(url, "/url").err()).unwrap_or_default();
        faults.extend(rules::event_types(filter));
        faults
    }

    /// The client; made when it is first needed, because that reads all root certificates.
    pub fn client(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let made = client(&self.policy, SystemNames, self.timeout)?;
        Ok(self.client.get_or_init(|| made))
    }
}

/// Answers only addresses that may be connected to; one that may not spoils the whole name, because a name that leads
/// both out and in is an attack.
struct CheckedNames<N>(Arc<Policy>, N);

/// The system's names.
struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl<N: Resolve> Resolve for CheckedNames<N> {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, found) = (self.0.clone(), self.1.resolve(name));
        Box::pin(async move {
            let found: Vec<_> = found.await?.collect();
            if found.iter().any(|address| !policy.permits(address.ip())) {
                return Err(Blocked.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The receiver's name leads to an address that may not be connected to.
#[derive(Debug)]
pub struct Blocked;

impl std::fmt::Display for Blocked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the address is not allowed")
    }
}

impl std::error::Error for Blocked {}

/// A client that goes only where the policy lets it, follows nothing, and waits no longer than that.
fn client(policy: &Policy, names: impl Resolve + 'static, timeout: Duration) -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .dns_resolver(Arc::new(CheckedNames(Arc::new(policy.clone()), names)))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .user_agent(concat!("Lonja/", env!("CARGO_PKG_VERSION"), " (webhooks)"))
        .build()
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn production() -> Policy {
        Policy { is_sandbox: false, networks: vec!["10.1.0.0/16".parse().unwrap()], ports: vec![443, 8443] }
    }

    #[test]
    fn every_line_of_the_data_is_a_network() {
        let lines = include_str!("../../data/special_addresses.txt").lines();
        assert_eq!(SPECIAL.len(), lines.filter(|line| !line.starts_with('#')).count());
    }

    #[test_case("https://127.0.0.1/")]
    #[test_case("https://localhost/")]
    #[test_case("https://hooks.localhost/")]
    #[test_case("https://printer/")]
    #[test_case("https://db.internal./")]
    #[test_case("https://[::1]/")]
    #[test_case("https://[::]/")]
    #[test_case("https://[::ffff:127.0.0.1]/")]
    #[test_case("https://0.0.0.0/")]
    #[test_case("https://127.1/")]
    #[test_case("https://2130706433/")]
    #[test_case("https://0x7f.1/")]
    #[test_case("https://169.254.169.254/latest/meta-data")]
    #[test_case("https://10.0.0.1/")]
    #[test_case("https://172.16.0.1/")]
    #[test_case("https://192.168.0.1/")]
    #[test_case("https://100.64.0.1/")]
    #[test_case("https://224.0.0.1/")]
    #[test_case("https://255.255.255.255/")]
    #[test_case("https://[fd00::1]/")]
    #[test_case("https://[fe80::1]/")]
    #[test_case("https://[ff02::1]/")]
    #[test_case("https://[64:ff9b::7f00:1]/")]
    #[test_case("https://[2002:7f00:1::]/")]
    #[test_case("https://[2001:db8::1]/")]
    fn rule_plt_06_addresses_inside_are_refused(url: &str) {
        let faults = production().url(url, "/url").unwrap_err();
        assert!(faults.iter().any(|fault| fault.code == Code::WebhookAddressNotAllowed), "{faults:?}");
    }

    #[test_case("http://hooks.example.com/")]
    #[test_case("https://user:secret@hooks.example.com/")]
    #[test_case("https://hooks.example.com#@127.0.0.1/")]
    #[test_case("file:///etc/passwd")]
    #[test_case("gopher://hooks.example.com/")]
    #[test_case("ftp://hooks.example.com/")]
    #[test_case("https://hooks.example.com:22/")]
    #[test_case("https://hooks.example.com:6379/")]
    #[test_case("https://")]
    #[test_case("hooks.example.com")]
    fn rule_plt_06_urls_of_another_form_are_refused(url: &str) {
        let faults = production().url(url, "/url").unwrap_err();
        assert!(faults.iter().any(|fault| fault.code == Code::WebhookUrlInvalid), "{faults:?}");
    }

    #[test_case("https://hooks.example.com/lonja?tenant=1")]
    #[test_case("https://hooks.example.com:8443/")]
    #[test_case("https://8.8.8.8/")]
    #[test_case("https://[2606:4700::1111]/")]
    #[test_case("https://10.1.2.3/"; "allowed by the settings")]
    fn public_receivers_are_taken(url: &str) {
        assert!(production().url(url, "/url").is_ok());
    }

    #[test]
    fn a_sandbox_may_call_itself() {
        let sandbox = Policy { is_sandbox: true, ..production() };
        assert!(sandbox.url("http://127.0.0.1:9999/hook", "/url").is_ok());
    }

    /// A name that was public when it was registered may lead inside later: what counts is where it leads now.
    #[tokio::test]
    async fn rule_plt_06_a_name_that_leads_inside_is_not_connected_to() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = client(&production(), SystemNames, Duration::from_secs(2)).unwrap();
        let error = client.post(format!("http://localhost:{port}/")).send().await.unwrap_err();
        assert!(crate::webhooks::deliver::is_blocked(&error), "{error:?}");
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    /// Names that lead to each of these addresses in turn.
    struct Rebound(std::sync::Mutex<Vec<IpAddr>>);

    impl Resolve for Rebound {
        fn resolve(&self, _name: Name) -> Resolving {
            let found = self.0.lock().unwrap().pop().map(|address| std::net::SocketAddr::new(address, 0));
            Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    /// Each connection asks anew where the name leads, and is judged by that.
    #[tokio::test]
    async fn rule_plt_06_a_name_that_leads_elsewhere_than_last_time_is_judged_again() {
        use std::io::{Read, Write};
        let (allowed, inside): (IpAddr, IpAddr) = ([127, 0, 0, 2].into(), [127, 0, 0, 1].into());
        let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
        let url = format!("http://hooks.example:{}/", listener.local_addr().unwrap().port());
        let policy = Policy { networks: vec!["127.0.0.2/32".parse().unwrap()], ..production() };
        let names = Rebound(std::sync::Mutex::new(vec![inside, allowed]));
        let client = client(&policy, names, Duration::from_secs(2)).unwrap();
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _read = connection.read(&mut [0; 1024]).unwrap();
            connection.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
            listener
        });
        assert_eq!(client.post(&url).send().await.unwrap().status(), 204);
        let listener = server.join().unwrap();
        let error = client.post(&url).send().await.unwrap_err();
        assert!(crate::webhooks::deliver::is_blocked(&error), "{error:?}");
        listener.set_nonblocking(true).unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

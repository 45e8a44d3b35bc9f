//! Mail (`[mail]`).

use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::{Host, Url};

/// How long a mail server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Mail.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct MailConfig {
    /// The mail server; may hold a password.
    #[serde(serialize_with = "super::masked")]
    pub smtp_url: SecretString,
    /// Who sends.
    pub from: String,
    /// A file with a certificate (PEM) that the mail server's may be signed by.
    pub ca_file: String,
}

impl MailConfig {
    /// The way to the mail server: `smtps://` speaks TLS from the first byte, `smtp://…?tls=required` after STARTTLS,
    /// `smtp://` in the clear.
    pub fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
        let url = self.smtp_url.expose_secret();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(TIMEOUT));
        if let Some(authority) = self.authority() {
            let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            let parameters = TlsParameters::builder(host).add_root_certificate(authority?).build()?;
            let from_the_start = url.starts_with("smtps:");
            builder = builder.tls(if from_the_start { Tls::Wrapper(parameters) } else { Tls::Required(parameters) });
        }
        Ok(builder.build())
    }

    fn authority(&self) -> Option<Result<Certificate, Error>> {
        let pem = std::fs::read(&self.ca_file).ok()?;
        Some(Certificate::from_pem(&pem))
    }

    /// What stands against these settings.
    pub(super) fn faults(&self, is_sandbox: bool) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(error) = self.from.parse::<Mailbox>() {
            faults.push(format!("`mail.from` is no sender such as `Lonja <no-reply@lonja.example>`: {error}"));
        }
        let url = self.smtp_url.expose_secret();
        if url.is_empty() {
            return faults;
        }
        if !self.ca_file.is_empty() && !matches!(self.authority(), Some(Ok(_))) {
            faults.push(format!("`mail.ca_file`: `{}` holds no certificate in PEM", self.ca_file));
        } else if let Err(error) = self.transport() {
            faults.push(format!("`mail.smtp_url` is no address such as `smtps://user:password@mail.example`: {error}"));
        }
        let is_private = url.starts_with("smtps:") || url.contains("tls=required");
        if !is_sandbox && !is_private && !is_local(url) {
            faults.push(
                "`mail.smtp_url` would send mail, and the links in it, in the clear: begin it with smtps:// or end it \
                 with ?tls=required"
                    .to_owned(),
            );
        }
        faults
    }
}

fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

//! A mail server: aiosmtpd on a port of its own, with TLS and a login where wanted.

use super::postgres::bound_to_us;
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How a mail server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// In the clear, to everybody.
    Plain,
    /// TLS after STARTTLS, with a login.
    StartTls,
    /// TLS from the first byte, with a login.
    Tls,
}

/// A running mail server.
pub struct MailServer {
    /// Settings that lead to it, as TOML.
    pub settings: String,
    came: UnboundedReceiver<Value>,
    process: Child,
    _directory: TempDir,
}

impl MailServer {
    /// Starts one.
    pub fn open(speaks: Speaks) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| directory.path().join(name));
        let pair = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&pair).unwrap();
        std::fs::write(&certificate, own.pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();

        let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/python/bin/python3");
        let mut command = bound_to_us(Path::new(python), "KILL");
        let how = match speaks {
            Speaks::Plain => "plain",
            Speaks::StartTls => "starttls",
            Speaks::Tls => "tls",
        };
        command.args(["-c", include_str!("mail_server.py"), how]).arg(&certificate).arg(&key);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("target/python is made by `make test`");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap();
        let (tell, came) = unbounded_channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                tell.send(serde_json::from_str(&line).unwrap()).ok();
            }
        });
        let url = match speaks {
            Speaks::Plain => format!("smtp://localhost:{port}"),
            Speaks::StartTls => format!("smtp://lonja:p%40ss%20word@localhost:{port}?tls=required"),
            Speaks::Tls => format!("smtps://lonja:p%40ss%20word@localhost:{port}"),
        };
        let from = "Abasteo <no-reply@abasteo.example>";
        let certificate = if speaks == Speaks::Plain { String::new() } else { certificate.display().to_string() };
        let settings = format!("[mail]\nsmtp_url = \"{url}\"\nfrom = \"{from}\"\nca_file = \"{certificate}\"\n");
        Self { settings, came, process, _directory: directory }
    }

    /// The next mail that it takes.
    pub async fn next(&mut self) -> Value {
        let waited = tokio::time::timeout(Duration::from_secs(30), self.came.recv()).await;
        waited.expect("no mail came").expect("the mail server ended")
    }

    /// Whether no further mail has come.
    pub fn is_empty(&mut self) -> bool {
        self.came.try_recv().is_err()
    }

    /// Ends it.
    pub fn close(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.close();
    }
}

//! The way out of the house for mail.

use super::letter::Letter;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::vault::write_for_owner_only;
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};

/// Who carries mail away.
pub struct Postman {
    from: String,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Files(PathBuf),
    Nowhere,
}

/// How a mail fared.
pub enum Fared {
    /// The mail server took it.
    Taken,
    /// Not now.
    NotNow(String),
    /// The mail server will not have it, today or tomorrow.
    Refused(String),
}

impl Postman {
    /// By the settings: SMTP where a server is named, else files in a sandbox.
    pub fn of(config: &Config) -> Result<Self> {
        let mail = &config.mail;
        let way = if !mail.smtp_url.expose_secret().is_empty() {
            Way::Smtp(mail.transport().map_err(Error::internal)?)
        } else if config.is_sandbox() {
            Way::Files(config.data_dir.join("mail"))
        } else {
            Way::Nowhere
        };
        Ok(Self { from: mail.from.clone(), way })
    }

    /// Carries a mail away.
    pub async fn carry(&self, id: &str, to: &str, letter: &Letter) -> Result<Fared> {
        let message = match self.message(id, to, letter) {
            Ok(message) => message,
            Err(fault) => return Ok(Fared::Refused(fault)),
        };
        Ok(match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_taken) => Fared::Taken,
                Err(error) if error.is_permanent() => Fared::Refused(error.to_string()),
                Err(error) => Fared::NotNow(error.to_string()),
            },
            Way::Files(folder) => {
                write(folder, id, &message).map_err(Error::internal)?;
                Fared::Taken
            }
            Way::Nowhere => Fared::NotNow("no mail server is configured (mail.smtp_url)".to_owned()),
        })
    }

    fn message(&self, id: &str, to: &str, letter: &Letter) -> Result<Message, String> {
        let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| format!("{text:?}: {error}"));
        let from = mailbox(&self.from)?;
        // The same on every attempt: a mail that was taken twice is shown once.
        let message_id = format!("<{id}@{}>", from.email.domain());
        Message::builder()
            .from(from)
            .to(mailbox(to)?)
            .message_id(Some(message_id))
            .subject(&letter.subject)
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|error| error.to_string())
    }
}

fn write(folder: &Path, id: &str, message: &Message) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let text = String::from_utf8_lossy(&message.formatted()).into_owned();
    let path = folder.join(format!("{id}.eml"));
    // Sent a second time after a crash it is the same mail.
    if path.exists() { Ok(()) } else { write_for_owner_only(&path, &text) }
}

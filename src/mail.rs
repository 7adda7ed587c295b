//! Mail: a letter in plain text, and handing one to the mail server that is configured.
//! Signing for the domain (DKIM) is the mail server's part.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::clock::Millis;
use crate::config::{MailSecurity, MailServer};

/// How long the mail server may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A letter before it is bytes.
#[derive(Debug)]
pub struct Letter<'a> {
    /// The sender's name.
    pub name: Option<&'a str>,
    /// The sender's address.
    pub from: &'a str,
    /// The recipient's address.
    pub to: &'a str,
    /// Subject; control characters become spaces.
    pub subject: &'a str,
    /// The text.
    pub body: &'a str,
    /// What tells it from others, before the `@`.
    pub id: &'a str,
    /// When it is sent.
    pub at: Millis,
    /// Whether no person wrote it, so that no absence is answered to it (RFC 3834).
    pub automatic: bool,
}

impl Letter<'_> {
    /// The message as it goes to the mail server.
    ///
    /// # Errors
    /// In words: which address is none.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let address = |text: &str| {
            let parsed = text.parse::<Address>();
            parsed.map_err(|why| format!("{text:?} is no mail address: {why}"))
        };
        let from = address(self.from)?;
        let id = format!("<{}@{}>", self.id, from.domain());
        let plain: String = self
            .subject
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut message = Message::builder()
            .from(Mailbox::new(self.name.map(ToOwned::to_owned), from))
            .to(Mailbox::new(None, address(self.to)?))
            .subject(plain)
            .date(moment(self.at))
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN);
        if self.automatic {
            let name = HeaderName::new_from_ascii_str("Auto-Submitted");
            message = message.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
        }
        let message = message.body(self.body.to_owned());
        message
            .map(|message| message.formatted())
            .map_err(|why| why.to_string())
    }
}

/// A moment as a mail's date is made of it.
#[must_use]
pub fn moment(at: Millis) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}

/// What the mail server answered when it took a message.
#[derive(Debug)]
pub struct Taken {
    /// Its code, such as 250.
    pub code: u16,
    /// In words: to whom, and what it said.
    pub said: String,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct NotTaken {
    /// In words, with what to do.
    pub why: String,
    /// The server's code, where it gave one.
    pub code: Option<u16>,
    /// Whether it would not be taken another time either.
    pub for_good: bool,
}

impl From<String> for NotTaken {
    fn from(why: String) -> Self {
        Self {
            why,
            code: None,
            for_good: false,
        }
    }
}

/// Hands bytes to the mail server; `secrets` gives the value of an environment variable.
///
/// # Errors
/// [`NotTaken`].
pub async fn deliver(
    server: Option<&MailServer>,
    (from, to): (&str, &str),
    bytes: &[u8],
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Taken, NotTaken> {
    let server = server.ok_or_else(|| {
        "there is no mail server; set [notices.mail] in markhound.toml".to_owned()
    })?;
    let address = |text: &str| {
        let parsed = text.parse::<Address>();
        parsed.map_err(|why| format!("{text:?}: {why}"))
    };
    let envelope = Envelope::new(Some(address(from)?), vec![address(to)?]);
    let envelope = envelope.map_err(|why| why.to_string())?;
    let host = server.host.as_str();
    let answer = transport(server, secrets)?
        .send_raw(&envelope, bytes)
        .await
        .map_err(|error| NotTaken {
            code: error.status().map(u16::from),
            for_good: error.is_permanent(),
            why: format!("the mail server {host} did not take it: {error}"),
        })?;
    let said: String = answer.message().collect::<Vec<_>>().join(" ");
    Ok(Taken {
        code: answer.code().into(),
        said: format!("mailed to {to}; {host} said: {} {said}", answer.code()),
    })
}

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

fn transport(
    server: &MailServer,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Smtp, String> {
    let host = server.host.as_str();
    let mut transport = match server.security {
        MailSecurity::Tls => Smtp::relay(host).map_err(|e| e.to_string())?,
        MailSecurity::Starttls => Smtp::starttls_relay(host).map_err(|e| e.to_string())?,
        MailSecurity::None if is_here(host) => Smtp::builder_dangerous(host),
        MailSecurity::None => {
            return Err(format!(
                "notices.mail.security = \"none\" is for a mail server on this machine; use \"tls\" or \"starttls\" for {host}"
            ));
        }
    };
    if let Some(port) = server.port {
        transport = transport.port(port);
    }
    if let Some(user) = &server.user {
        let variable = server
            .password_env
            .as_deref()
            .ok_or("notices.mail.user needs notices.mail.password_env")?;
        let password =
            secrets(variable).ok_or_else(|| format!("set the environment variable {variable}"))?;
        transport = transport.credentials(Credentials::new(user.clone(), password));
    }
    Ok(transport.timeout(Some(PATIENCE)).build())
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter<'a>(to: &'a str, subject: &'a str) -> Letter<'a> {
        Letter {
            name: Some("Markhound"),
            from: "watch@agency.example",
            to,
            subject,
            body: "one\n.\ntwo",
            id: "mail-1",
            at: Millis(0),
            automatic: true,
        }
    }

    #[test]
    fn a_subject_adds_no_header_and_an_address_no_recipient() {
        let hostile = "Found\r\nBcc: all@example.com\r\n\r\nHello\u{202e}";
        let bytes = letter("anna@agency.example", hostile).bytes().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(head.contains("Message-ID: <mail-1@agency.example>"));
        for wrong in [
            "",
            "anna",
            "a@b.example, c@d.example",
            "a@b.example\r\nBcc: c@d.example",
        ] {
            assert!(letter(wrong, "x").bytes().is_err(), "{wrong}");
        }
    }
}

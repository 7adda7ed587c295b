//! Notices as mail. The message is made once, when it is attested, and leaves
//! byte for byte; signing it for the domain (DKIM) is the mail server's part.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::{Made, Sent};
use crate::app::App;
use crate::clock::Millis;
use crate::config::MailSecurity;
use crate::store::takedowns::Notice;
use crate::takedown::TakedownError;
use crate::takedown::channel::is_mail_address;
use crate::takedown::check::Fault;

/// How long the mail server may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where notices to a recipient go.
fn recipient<'a>(app: &'a App, notice: &Notice) -> Option<&'a String> {
    let known = &app.config.notices.recipients;
    known
        .get(&notice.recipient)
        .or_else(|| known.get(&notice.channel))
        .filter(|address| is_mail_address(address))
}

/// The message, or what keeps it from being one.
pub(super) fn make(
    app: &App,
    notice: &Notice,
    (subject, body): (&str, &str),
    at: Millis,
    name: &str,
) -> Result<Made, TakedownError> {
    let failed = |why: String| TakedownError::Making { what: "mail", why };
    let fault = |field: &str, why: String| Made {
        bytes: body.as_bytes().to_vec(),
        file_name: format!("{name}.eml"),
        media_type: "message/rfc822",
        to: None,
        fault: Some(Fault {
            field: field.to_owned(),
            item: None,
            why,
        }),
    };
    let sender = &app.config.notices;
    let Some(to) = recipient(app, notice) else {
        return Ok(fault(
            "recipient",
            format!(
                "recipient's mail address: set notices.recipients.{} in markhound.toml",
                notice.recipient
            ),
        ));
    };
    let from = sender.email.as_deref().unwrap_or_default();
    let Ok(address) = from.parse::<Address>() else {
        return Ok(fault(
            "sender_email",
            "sender's mail address: set notices.email in markhound.toml".to_owned(),
        ));
    };
    let id = format!("<notice-{}-{}@{}>", notice.id, at.0, address.domain());
    let sent = moment(at);
    let message = Message::builder()
        .from(Mailbox::new(sender.name.clone(), address))
        .to(to.parse::<Mailbox>().map_err(|e| failed(e.to_string()))?)
        .subject(subject)
        .date(sent)
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN)
        .body(body.to_owned())
        .map_err(|e| failed(e.to_string()))?;
    Ok(Made {
        bytes: message.formatted(),
        file_name: format!("{name}.eml"),
        media_type: "message/rfc822",
        to: Some(to.clone()),
        fault: None,
    })
}

/// Hands the attested message to the mail server.
pub(super) async fn send(
    app: &App,
    notice: &Notice,
    bytes: &[u8],
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Sent, String> {
    let to = recipient(app, notice).ok_or("the recipient has no mail address any more")?;
    // What was attested names whom it goes to: nobody else gets it.
    let named = format!("To: {to}\r\n");
    if !String::from_utf8_lossy(bytes).contains(&named) {
        return Err(format!(
            "it was attested for another address than {to}; withdraw it and draft it again"
        ));
    }
    Ok(Sent {
        answer: deliver(app, to, bytes, secrets).await?,
        external_id: None,
        response: Vec::new(),
    })
}

/// Mails a reminder to the sender's own address; gives what the server said.
///
/// # Errors
/// In words: no mail server, no address, or the server did not take it.
pub async fn remind(
    app: &App,
    subject: &str,
    body: &str,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, String> {
    let own = app.config.notices.email.as_deref().unwrap_or_default();
    let mailbox: Mailbox = own
        .parse()
        .map_err(|_| "set notices.email in markhound.toml: reminders go there".to_owned())?;
    let now = app.clock.millis();
    let message = Message::builder()
        .from(mailbox.clone())
        .to(mailbox)
        .subject(subject)
        .date(moment(now))
        .message_id(Some(format!("<reminder-{}@markhound>", now.0)))
        .header(ContentType::TEXT_PLAIN)
        .body(body.to_owned())
        .map_err(|error| error.to_string())?;
    deliver(app, own, &message.formatted(), secrets).await
}

fn moment(at: Millis) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}

/// Hands bytes to the mail server; gives what it said.
async fn deliver(
    app: &App,
    to: &str,
    bytes: &[u8],
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, String> {
    type Smtp = AsyncSmtpTransport<Tokio1Executor>;
    let server = app.config.notices.mail.as_ref().ok_or(
        "there is no mail server; set [notices.mail] in markhound.toml, or send the attested file yourself",
    )?;
    let from = app.config.notices.email.as_deref().unwrap_or_default();
    let envelope = Envelope::new(
        Some(from.parse().map_err(|e| format!("notices.email: {e}"))?),
        vec![to.parse().map_err(|e| format!("{to}: {e}"))?],
    )
    .map_err(|e| e.to_string())?;
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
    let answer = transport
        .timeout(Some(PATIENCE))
        .build()
        .send_raw(&envelope, bytes)
        .await
        .map_err(|error| format!("the mail server {host} did not take it: {error}"))?;
    let said: String = answer.message().collect::<Vec<_>>().join(" ");
    Ok(format!(
        "mailed to {to}; {host} said: {} {said}",
        answer.code()
    ))
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

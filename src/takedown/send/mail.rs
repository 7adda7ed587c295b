//! Notices as mail. The message is made once, when it is attested, and leaves
//! byte for byte.

use super::{Made, Sent};
use crate::app::App;
use crate::clock::Millis;
use crate::mail::{self, Letter};
use crate::store::takedowns::Notice;
use crate::takedown::TakedownError;
use crate::takedown::channel::is_mail_address;
use crate::takedown::check::Fault;

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
    if !is_mail_address(from) {
        return Ok(fault(
            "sender_email",
            "sender's mail address: set notices.email in markhound.toml".to_owned(),
        ));
    }
    let letter = Letter {
        name: sender.name.as_deref(),
        from,
        to,
        subject,
        body,
        id: &format!("notice-{}-{}", notice.id, at.0),
        at,
        automatic: false,
    };
    let made = letter.bytes();
    Ok(Made {
        bytes: made.map_err(|why| TakedownError::Making { what: "mail", why })?,
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
    if app.config.notices.mail.is_none() {
        return Err("there is no mail server; set [notices.mail] in markhound.toml, or send the attested file yourself".to_owned());
    }
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
    if !is_mail_address(own) {
        return Err("set notices.email in markhound.toml: reminders go there".to_owned());
    }
    let now = app.clock.millis();
    let letter = Letter {
        name: None,
        from: own,
        to: own,
        subject,
        body,
        id: &format!("reminder-{}", now.0),
        at: now,
        automatic: true,
    };
    deliver(app, own, &letter.bytes()?, secrets).await
}

/// Hands bytes to the mail server; gives what it said.
async fn deliver(
    app: &App,
    to: &str,
    bytes: &[u8],
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, String> {
    let sender = &app.config.notices;
    let from = sender.email.as_deref().unwrap_or_default();
    let taken = mail::deliver(sender.mail.as_ref(), (from, to), bytes, secrets).await;
    taken
        .map(|taken| taken.said)
        .map_err(|error| error.to_string())
}

//! Mail addresses of people: adding one, making one mail of what waits for it, and
//! sending that.

use super::collect::begin;
use super::compose::{compose, test};
use super::deliver::Outcome;
use super::{NotifyError, PACES, check_wishes};
use crate::app::App;
use crate::clock::Millis;
use crate::mail::{self, Letter};
use crate::scan::schedule::next_after;
use crate::store::StoreError;
use crate::store::mails::{Mailbox, MailboxDraft};
use crate::store::webhooks::Delivery;
use crate::takedown::channel::is_mail_address;

/// Between two mails of what is told as it happens, in milliseconds.
const APART: i64 = 600_000;
/// The longest address (RFC 5321, section 4.5.3).
const MOST_ADDRESS: usize = 254;

/// Whom mail comes from.
fn sender(app: &App) -> Option<&str> {
    let own = app.config.notifications.from.as_deref();
    own.or(app.config.notices.email.as_deref())
        .filter(|from| is_mail_address(from))
}

/// Why no mail can be sent, where none can.
#[must_use]
pub fn refusal(app: &App) -> Option<&'static str> {
    if app.config.notices.mail.is_none() {
        return Some("no mail can be sent yet: set [notices.mail] in markhound.toml");
    }
    if sender(app).is_none() {
        return Some("no mail can be sent yet: set notifications.from in markhound.toml");
    }
    None
}

/// Checks an address and what it is to hear of.
///
/// # Errors
/// [`NotifyError::Refused`].
pub fn check_draft(app: &App, draft: &MailboxDraft) -> Result<(), NotifyError> {
    let refused = |why: String| Err(NotifyError::Refused(why));
    let address = draft.address.as_str();
    let fits = address.len() <= MOST_ADDRESS
        && is_mail_address(address)
        && address.parse::<lettre::Address>().is_ok();
    if !fits {
        let shown: String = address.chars().take(100).collect();
        return refused(format!("{shown:?} is no mail address"));
    }
    let domains = &app.config.notifications.domains;
    let host = address.rsplit('@').next().unwrap_or_default();
    if !domains.is_empty() && !domains.iter().any(|one| one.eq_ignore_ascii_case(host)) {
        return refused(format!(
            "mail goes to addresses at {} only",
            domains.join(", ")
        ));
    }
    if !PACES.iter().any(|(pace, _)| *pace == draft.pace) {
        return refused("mail is sent instant or daily".to_owned());
    }
    check_wishes(&draft.events, draft.min_probability)
}

/// Adds an address of a user; gives its number. Of what happened before nothing is told
/// to it.
///
/// # Errors
/// [`NotifyError`].
pub async fn add(
    app: &App,
    actor: &str,
    user: &str,
    draft: &MailboxDraft,
) -> Result<i64, NotifyError> {
    check_draft(app, draft)?;
    if let Some(why) = refusal(app) {
        return Err(NotifyError::Store(StoreError::Conflict(why.to_owned())));
    }
    begin(app).await?;
    Ok(app.store.add_mailbox(actor, user, draft).await?)
}

/// Makes one mail of what waits for each address where it is time; gives how many. As
/// long as there is no mail server, all waits.
///
/// # Errors
/// [`NotifyError`] when the database fails.
pub async fn put_together(app: &App) -> Result<u64, NotifyError> {
    if refusal(app).is_some() {
        return Ok(0);
    }
    let mut made = 0;
    for mailbox in app.store.mailed().await? {
        if is_time(app, &mailbox) {
            made += u64::from(app.store.put_mail_together(mailbox.id).await?);
        }
    }
    Ok(made)
}

fn is_time(app: &App, mailbox: &Mailbox) -> bool {
    let Some(oldest) = mailbox.oldest_at else {
        return false;
    };
    let now = app.clock.millis();
    if mailbox.pace != "daily" {
        return mailbox.mailed_at.is_none_or(|at| now.0 - at.0 >= APART);
    }
    let daily = &app.config.notifications;
    match next_after(&daily.daily_at, &daily.time_zone, oldest.timestamp()) {
        Ok(Some(at)) => Millis::from(at) <= now,
        // It was checked when the configuration was read; a mail too many is better than
        // none ever.
        _ => true,
    }
}

/// Sends a mail: what it says is what its receiver may see now.
pub(super) async fn send(app: &App, delivery: &Delivery) -> Result<Outcome, NotifyError> {
    let store = &app.store;
    let mailbox = match store.mailbox(delivery.webhook_id, None).await {
        Ok(mailbox) => mailbox,
        Err(StoreError::NotFound { .. }) => {
            return Ok(Outcome::failed("the address was removed".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    let mail = match delivery.kind.as_str() {
        "mail.test" => Some(test(app, &mailbox)),
        _ => compose(app, &mailbox, &store.mail_of(delivery.id).await?).await?,
    };
    let Some(mail) = mail else {
        return Ok(Outcome {
            for_good: true,
            ..Outcome::failed("nothing is left in it that its receiver may see".to_owned())
        });
    };
    let Some(from) = sender(app) else {
        return Ok(Outcome::failed(
            "set notifications.from in markhound.toml".to_owned(),
        ));
    };
    let letter = Letter {
        name: Some("Markhound"),
        from,
        to: mailbox.address(),
        subject: &mail.subject,
        body: &mail.body,
        // The same at each try: whoever gets it twice can tell.
        id: &format!("mail-{}", delivery.id),
        at: app.clock.millis(),
        automatic: true,
    };
    let bytes = match letter.bytes() {
        Ok(bytes) => bytes,
        Err(why) => return Ok(Outcome::failed(why)),
    };
    let secrets = |name: &str| std::env::var(name).ok();
    let server = app.config.notices.mail.as_ref();
    let sent = mail::deliver(server, (from, mailbox.address()), &bytes, &secrets).await;
    Ok(match sent {
        Ok(taken) => Outcome::taken(taken.code),
        Err(error) => Outcome {
            status: error.code,
            for_good: error.for_good,
            error: Some(error.why),
        },
    })
}

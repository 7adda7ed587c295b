//! What leaves, exactly, and the named person who says that it may.

use serde::Serialize;

use super::channel::{Channel, Form, Origin, Statement};
use super::check::{self, Fault, Stage};
use super::render::{self, Written};
use super::sheet::Sheet;
use super::{TakedownError, facts, send};
use crate::app::App;
use crate::clock::Millis;
use crate::store::takedowns::{Attestation, Notice};
use crate::store::users::User;

/// How long what was shown may be attested as it was, in milliseconds.
const MAX_AGE: i64 = 3600 * 1000;

/// What would leave if a person attested a notice at a moment.
#[derive(Debug, Clone, Serialize)]
pub struct Outgoing {
    /// The notice.
    pub notice: Notice,
    /// The form in which it leaves.
    pub form: Form,
    /// The moment it is dated by.
    pub at: Millis,
    /// Its subject line.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// Whom a mail goes to, or where a request goes.
    pub to: Option<String>,
    /// The bytes that leave.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub hash: String,
    /// What a file of them is called.
    pub file_name: String,
    /// What they are.
    pub media_type: &'static str,
    /// What the person states.
    pub statements: Vec<Statement>,
    /// What keeps it from leaving.
    pub faults: Vec<Fault>,
    /// The form, filled in, signed and stated.
    pub sheet: Sheet,
}

/// What would leave if the person of that account attested a notice now, or at
/// the moment `at` at which it was shown. Nothing is changed.
///
/// # Errors
/// [`TakedownError::Form`] for a form the channel does not take;
/// [`TakedownError::Missing`] for a draft of an older version;
/// [`TakedownError::Step`] for one that is no draft any more.
pub async fn preview(
    app: &App,
    account: &str,
    notice_id: i64,
    form: Option<Form>,
    at: Option<Millis>,
) -> Result<Outgoing, TakedownError> {
    let notice = app.store.notice(notice_id).await?;
    if notice.state != "draft" {
        return Err(TakedownError::Step {
            notice: notice_id,
            from: notice.state,
            to: "attested".to_owned(),
        });
    }
    let channels = super::channels(app)?;
    let channel = channels.get(&notice.channel)?;
    let form = chosen(channel, form)?;
    let at = at.unwrap_or_else(|| app.clock.millis());
    let mut sheet = sheet_of(app, &notice).await?;
    let today = at.timestamp().strftime("%Y-%m-%d").to_string();
    let signature = app.config.notices.people.get(account);
    for field in &channel.fields {
        let value = match field.from {
            Some(Origin::Today) => Some(today.clone()),
            Some(Origin::Signature) => signature.map(|name| facts::plain(name, 200)),
            _ => continue,
        };
        if let Some(value) = value {
            sheet.fields.insert(field.name.clone(), value);
        }
    }
    let stated: Vec<Statement> = render::statements(channel, &sheet).cloned().collect();
    sheet.statements = stated.iter().map(|s| s.name.clone()).collect();
    let Written { subject, body } = render::write(channel, &sheet, None)?;
    let day = at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut faults = check::check(channel, &sheet, day, Stage::Leaving);
    let has = body.chars().count();
    if has > channel.limits.body_chars {
        faults.push(Fault {
            field: "body".to_owned(),
            item: None,
            why: format!(
                "the text has {has} characters and {} takes {}; draft fewer listings together",
                channel.name, channel.limits.body_chars
            ),
        });
    }
    let made = send::make(app, channel, &notice, &sheet, (&subject, &body), form, at)?;
    faults.extend(made.fault);
    Ok(Outgoing {
        form,
        at,
        subject,
        body,
        to: made.to,
        hash: crate::blobs::sha256_hex(&made.bytes),
        bytes: made.bytes,
        file_name: made.file_name,
        media_type: made.media_type,
        statements: stated,
        faults,
        sheet,
        notice,
    })
}

/// Attests a notice: what leaves is what has this hash, and nothing else. The
/// user is one whose password was just checked.
///
/// # Errors
/// [`TakedownError::Changed`] when something else would leave than was shown, or
/// it was shown too long ago; [`TakedownError::Missing`] when it is incomplete or
/// a statement was not made.
pub async fn attest(
    app: &App,
    user: &User,
    notice_id: i64,
    shown: &Shown,
) -> Result<Notice, TakedownError> {
    let now = app.clock.millis();
    if shown.at > now || now.0 - shown.at.0 > MAX_AGE {
        return Err(TakedownError::Changed(notice_id));
    }
    let outgoing = preview(app, &user.name, notice_id, Some(shown.form), Some(shown.at)).await?;
    let missing: Vec<String> = outgoing
        .statements
        .iter()
        .filter(|statement| !shown.statements.contains(&statement.name))
        .map(|statement| format!("the statement {:?}: {}", statement.name, statement.meaning))
        .chain(outgoing.faults.iter().map(|fault| fault.why.clone()))
        .collect();
    if !missing.is_empty() {
        return Err(TakedownError::Missing {
            notice: notice_id,
            fields: missing,
        });
    }
    if outgoing.hash != shown.hash {
        return Err(TakedownError::Changed(notice_id));
    }
    let kept = app.blobs.put(&outgoing.bytes)?;
    let attested = Attestation {
        form: outgoing.form.as_str().to_owned(),
        outgoing: kept,
        sheet: serde_json::to_value(&outgoing.sheet).unwrap_or_default(),
        at: shown.at,
    };
    app.store
        .attest_notice(&user.name, &outgoing.notice, &attested)
        .await?;
    Ok(app.store.notice(notice_id).await?)
}

/// What a person was shown and says about it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The form.
    pub form: Form,
    /// The moment it was dated by.
    pub at: Millis,
    /// SHA-256 of what leaves.
    pub hash: String,
    /// The statements they make, by name.
    pub statements: Vec<String>,
}

impl Shown {
    /// All of what a preview shows, stated.
    #[must_use]
    pub fn all_of(outgoing: &Outgoing) -> Self {
        Self {
            form: outgoing.form,
            at: outgoing.at,
            hash: outgoing.hash.clone(),
            statements: outgoing.statements.iter().map(|s| s.name.clone()).collect(),
        }
    }
}

/// The form, filled in, that a notice was drafted with.
pub(super) async fn sheet_of(app: &App, notice: &Notice) -> Result<Sheet, TakedownError> {
    let stored = app.store.notice_sheet(notice.id).await?;
    serde_json::from_value(stored).map_err(|_| TakedownError::Missing {
        notice: notice.id,
        fields: vec!["its form: it was drafted by an older version".to_owned()],
    })
}

fn chosen(channel: &Channel, form: Option<Form>) -> Result<Form, TakedownError> {
    let usual = channel.outputs.first().copied().unwrap_or(Form::Text);
    let form = form.unwrap_or(usual);
    if channel.outputs.contains(&form) {
        return Ok(form);
    }
    let takes: Vec<&str> = channel.outputs.iter().map(|form| form.as_str()).collect();
    Err(TakedownError::Form {
        channel: channel.name.clone(),
        form: form.as_str().to_owned(),
        takes: takes.join(", "),
    })
}

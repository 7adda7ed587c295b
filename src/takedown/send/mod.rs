//! The bytes that leave, and sending them where a person has them sent.

mod mail;
mod pdf;
mod rest;
mod table;

use super::TakedownError;
use super::channel::{Channel, Form};
use super::check::Fault;
use super::sheet::Sheet;
use crate::app::App;
use crate::clock::Millis;
use crate::print::Fonts;
use crate::store::takedowns::{Notice, Step};
use crate::store::users::User;

pub use mail::remind;
pub(super) use rest::ask;

/// Something made to leave.
pub(super) struct Made {
    pub bytes: Vec<u8>,
    pub file_name: String,
    pub media_type: &'static str,
    pub to: Option<String>,
    /// What keeps it from being sent.
    pub fault: Option<Fault>,
}

/// Makes what leaves in a form. The same notice and moment make the same bytes.
pub(super) fn make(
    app: &App,
    channel: &Channel,
    notice: &Notice,
    sheet: &Sheet,
    (subject, body): (&str, &str),
    form: Form,
    at: Millis,
) -> Result<Made, TakedownError> {
    let name = format!("notice-{}-{}", notice.id, channel.id);
    let (ending, media_type) = form.file();
    let plain = |bytes: Vec<u8>| Made {
        bytes,
        file_name: format!("{name}.{ending}"),
        media_type,
        to: None,
        fault: None,
    };
    Ok(match form {
        Form::Text => plain(format!("{subject}\n\n{body}").into_bytes()),
        Form::Csv => plain(table::csv(channel, sheet)?),
        Form::Xlsx => plain(table::xlsx(channel, sheet, at)?),
        Form::Pdf => {
            let fonts = Fonts::new(&app.config.packet.fonts)?;
            plain(pdf::letter(notice, (subject, body), &fonts, at)?)
        }
        Form::Mail => mail::make(app, notice, (subject, body), at, &name)?,
        Form::Rest => rest::make(channel, sheet, &name)?,
    })
}

/// What happened to something that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What was answered, in a line.
    pub answer: String,
    /// The number the channel gave.
    pub external_id: Option<String>,
    /// The answer in full, where there is one.
    pub response: Vec<u8>,
}

/// Sends an attested notice as it was attested, by mail or to the channel's
/// interface, and records that it was submitted. `secrets` gives the value of a
/// variable of the environment; `user` is a named person who asked for it.
///
/// # Errors
/// [`TakedownError::Step`] for a notice that is not attested,
/// [`TakedownError::Form`] for one that leaves by hand, [`TakedownError::Sending`]
/// when the other side does not take it; then nothing is recorded.
pub async fn send(
    app: &App,
    user: &User,
    notice_id: i64,
    secrets: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Notice, TakedownError> {
    let notice = app.store.notice(notice_id).await?;
    if notice.state != "attested" {
        return Err(TakedownError::Step {
            notice: notice_id,
            from: notice.state,
            to: "submitted".to_owned(),
        });
    }
    let channels = super::channels(app)?;
    let channel = channels.get(&notice.channel)?;
    let bytes = app
        .blobs
        .get(notice.outgoing.as_deref().unwrap_or_default())?;
    let failed = |why: String| TakedownError::Sending {
        notice: notice_id,
        why,
    };
    let sent = match notice.form.as_deref().and_then(Form::named) {
        Some(Form::Mail) => mail::send(app, &notice, &bytes, secrets)
            .await
            .map_err(failed)?,
        Some(Form::Rest) => rest::send(channel, bytes, secrets).await.map_err(failed)?,
        other => {
            return Err(TakedownError::Form {
                channel: channel.name.clone(),
                form: format!(
                    "sending of {}: hand it in yourself, then record it as submitted",
                    other.map_or("nothing", Form::as_str)
                ),
                takes: "mail or rest".to_owned(),
            });
        }
    };
    let evidence = if sent.response.is_empty() {
        None
    } else {
        Some(format!("sha256:{}", app.blobs.put(&sent.response)?))
    };
    let step = Step {
        to_state: "submitted".to_owned(),
        note: Some(sent.answer),
        evidence,
        external_id: sent.external_id,
        sent: true,
        ..Step::default()
    };
    super::record_step(app, &user.name, notice_id, step, None).await
}

/// The bytes that were attested, with their name and type.
///
/// # Errors
/// When the notice was not attested, or they cannot be read.
pub async fn attested_file(
    app: &App,
    notice: &Notice,
) -> Result<(Vec<u8>, String, &'static str), TakedownError> {
    let Some(hash) = &notice.outgoing else {
        return Err(TakedownError::Unfit(format!(
            "notice {} is not attested; there is no file of it yet",
            notice.id
        )));
    };
    let bytes = app.blobs.get(hash)?;
    let form = notice.form.as_deref().and_then(Form::named);
    let (ending, media_type) = form.unwrap_or(Form::Text).file();
    Ok((
        bytes,
        format!("notice-{}-{}.{ending}", notice.id, notice.channel),
        media_type,
    ))
}

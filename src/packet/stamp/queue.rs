//! What was asked for and is still to come.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::ask::Authorities;
use super::{ARCHIVE, CALENDAR, PacketError, file_name, leftovers};
use crate::app::App;
use crate::packet::bag;
use crate::packet::wacz::{self, Certificate};
use crate::store::packets::{NewPacket, PendingStamp};

/// A packet that was written, and what its authorities answered.
pub(in crate::packet) struct Recorded<'a> {
    pub packet: NewPacket<'a>,
    /// Authority, and its token or why there is none.
    pub stamps: Vec<(String, Result<Vec<u8>, String>)>,
}

/// Keeps what was asked for: tokens, and what is to be asked again.
pub(in crate::packet) async fn record(
    app: &App,
    recorded: &Recorded<'_>,
) -> Result<(), PacketError> {
    app.store
        .record_packet(&recorded.packet, &recorded.stamps)
        .await?;
    Ok(())
}

/// What came of asking again for one timestamp.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// What the packet is about, such as `case 42`.
    pub subject: String,
    /// The authority.
    pub authority: String,
    /// The time it states, RFC 3339.
    pub at: Option<String>,
    /// The packet's file, where it is still there and now holds the token.
    pub file: Option<PathBuf>,
    /// Why there is still none.
    pub error: Option<String>,
}

/// Asks again for every timestamp that is still missing, and puts what comes into
/// the packets that are still where they were written.
///
/// # Errors
/// When the database or the configuration fails; an authority that fails again is
/// an [`Attempt`].
pub async fn retry(app: &App, actor: &str) -> Result<Vec<Attempt>, PacketError> {
    leftovers::sweep_all(app).await?;
    let authorities = Authorities::configured(app)?;
    let certificate = Certificate::configured(app)?;
    let mut attempts = Vec::new();
    for pending in app.store.pending_stamps().await? {
        attempts.push(match pending.authority.strip_prefix(ARCHIVE) {
            Some(hash) => {
                let hash = hash.to_owned();
                let certificate = certificate.as_ref();
                sign(app, actor, &authorities, certificate, &hash, pending).await?
            }
            None => once_more(app, actor, &authorities, pending).await?,
        });
    }
    Ok(attempts)
}

/// How long after one round of asking the next one begins.
const PAUSE: Duration = Duration::from_secs(15 * 60);

/// Asks again for what is still to come, now and then, until it is dropped. Ends at
/// once where no authority is configured.
pub async fn keep_asking(app: App) {
    let packet = &app.config.packet;
    while !packet.timestamps.is_empty() || !packet.opentimestamps.is_empty() {
        match retry(&app, "system").await {
            Ok(attempts) => {
                for attempt in attempts {
                    match attempt.error {
                        None => tracing::info!(packet = attempt.subject, "timestamped"),
                        Some(why) => {
                            tracing::warn!(packet = attempt.subject, "no timestamp: {why}")
                        }
                    }
                }
            }
            Err(error) => tracing::warn!("timestamps could not be asked for: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Attempt {
    /// Before anything has come of it.
    fn of(pending: &PendingStamp, authority: &str) -> Self {
        Self {
            subject: pending.subject.clone(),
            authority: authority.to_owned(),
            at: None,
            file: None,
            error: None,
        }
    }
}

/// Signs the web archive of a packet that could not be when it was written: as of now,
/// for its timestamp must be of the same time.
async fn sign(
    app: &App,
    actor: &str,
    authorities: &Authorities,
    certificate: Option<&Certificate>,
    hash: &str,
    pending: PendingStamp,
) -> Result<Attempt, PacketError> {
    let mut attempt = Attempt::of(&pending, wacz::NAME);
    let created = wacz::seconds(app.clock.millis());
    let signed = match certificate {
        Some(certificate) => certificate.sign(hash, &created, authorities).await,
        None => Err("packet.certificate is no longer configured".to_owned()),
    };
    match signed {
        Ok(signed) => {
            let detail = json!({ "authority": wacz::NAME, "at": created, "hash": hash,
                "manifest": pending.manifest });
            attempt.at = Some(created);
            let file = wacz::digest(hash, Some(signed));
            came(app, actor, &pending, &file, &detail, attempt).await
        }
        Err(why) => failed(app, &pending, why, attempt).await,
    }
}

async fn once_more(
    app: &App,
    actor: &str,
    authorities: &Authorities,
    pending: PendingStamp,
) -> Result<Attempt, PacketError> {
    let mut attempt = Attempt::of(&pending, &pending.authority);
    let signature = hex::decode(&pending.signature).unwrap_or_default();
    if pending.authority.starts_with(CALENDAR) {
        let answer = match authorities.calendars().contains(&pending.authority) {
            true => authorities.commit(&pending.authority, &signature).await,
            false => Err(format!(
                "{} is no longer among packet.opentimestamps",
                pending.authority
            )),
        };
        return match answer {
            Ok(file) => {
                let detail =
                    json!({ "authority": pending.authority, "manifest": pending.manifest });
                attempt.at = Some(app.clock.millis().to_string());
                came(app, actor, &pending, &file, &detail, attempt).await
            }
            Err(why) => failed(app, &pending, why, attempt).await,
        };
    }
    let answer = match authorities.urls().contains(&pending.authority) {
        true => authorities.ask(&pending.authority, &signature).await,
        false => Err(format!(
            "{} is no longer among packet.timestamps",
            pending.authority
        )),
    };
    let (token, stamp) = match answer {
        Ok(answer) => answer,
        Err(why) => return failed(app, &pending, why, attempt).await,
    };
    let detail = json!({ "authority": pending.authority, "at": stamp.at.to_string(),
        "serial": stamp.serial, "manifest": pending.manifest });
    attempt.at = Some(stamp.at.to_string());
    came(app, actor, &pending, &token, &detail, attempt).await
}

/// Notes that there is still none.
async fn failed(
    app: &App,
    pending: &PendingStamp,
    why: String,
    mut attempt: Attempt,
) -> Result<Attempt, PacketError> {
    app.store.stamp_failed(pending.id, &why).await?;
    attempt.error = Some(why);
    Ok(attempt)
}

/// Keeps what came, and puts it into the packet where that still lies.
async fn came(
    app: &App,
    actor: &str,
    pending: &PendingStamp,
    token: &[u8],
    detail: &Value,
    mut attempt: Attempt,
) -> Result<Attempt, PacketError> {
    app.store.stamp_came(actor, pending, token, detail).await?;
    if let Some(path) = pending.path.as_deref().map(PathBuf::from)
        && path.exists()
    {
        // A packet that was moved or changed can be completed by hand.
        match attach(app, &path).await {
            Ok(_) => attempt.file = Some(path),
            Err(error) => attempt.error = Some(error.to_string()),
        }
    }
    Ok(attempt)
}

/// Puts into a packet the timestamps of it that are known and not in it yet; gives
/// the names of those added.
///
/// # Errors
/// [`PacketError`]; above all when the file is no packet of this installation.
pub async fn attach(app: &App, path: &Path) -> Result<Vec<String>, PacketError> {
    let path = path.to_owned();
    let from = path.clone();
    let signature = blocking(move || bag::signature_of(&from)).await?;
    let known = app.store.stamps_of(&hex::encode(signature)).await?;
    let Some(known) = known else {
        return Err(PacketError::NotOurs { path });
    };
    let tokens: Vec<(String, Vec<u8>)> = known
        .into_iter()
        .map(|(authority, token)| (file_name(&authority), token))
        .collect();
    blocking(move || bag::attach(&path, &tokens)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PacketError> + Send + 'static,
) -> Result<T, PacketError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PacketError::Aborted)?
}

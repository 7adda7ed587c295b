//! Writing a packet: gather, sign the captures, write the bag, have it timestamped,
//! put it on record, put it in its place.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;

use super::bag::Sealed;
use super::batch::UNFINISHED;
use super::content::{Content, Sources};
use super::dossier::{Dossier, subject};
use super::keys::{Keyring, SigningKey, record_key};
use super::stamp::{self, Authorities, Recorded};
use super::{PacketError, pdf, wacz};
use crate::app::App;
use crate::clock::Millis;
use crate::print::{FontFiles, Language};
use crate::scan::warc::FOLDER;
use crate::store::packets::NewPacket;

/// What is said of everything that could not be had yet.
const AGAIN: &str = "`markhound packet timestamp --retry` asks again";

/// Whom something was asked of, and the answer or why there is none yet.
type Answered = (String, Result<Vec<u8>, String>);

/// How a packet is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Without what is internal: names, reasons, notes, confidential photos.
    pub outward: bool,
    /// The language of the report.
    pub language: Language,
    /// Whether the file stays where it is written, so that timestamps that come
    /// later can be put into it.
    pub stays: bool,
}

/// A packet that was written.
#[derive(Debug, Clone, Serialize)]
pub struct Exported {
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of its tag manifest, which names its contents.
    pub manifest: String,
    /// Authorities that timestamped it, and when they say that was.
    pub timestamps: Vec<(String, String)>,
    /// What is not as it could be: a timestamp that is still to come, captures that
    /// could not be signed.
    pub notes: Vec<String>,
}

/// Writes the full packet of a case; see [`export_as`].
///
/// # Errors
/// As for [`export_as`].
pub async fn export(
    app: &App,
    actor: &str,
    case_id: i64,
    dir: &Path,
) -> Result<PathBuf, PacketError> {
    let options = Options {
        stays: true,
        ..Options::default()
    };
    let exported = export_as(app, actor, case_id, dir, &options).await?;
    Ok(exported.path)
}

/// Writes the packet of a case to `dir` as `case-<id>.zip` (outward:
/// `case-<id>-outward.zip`), replacing one that is there. The file appears whole or
/// not at all; the export and the file's SHA-256 go into the audit log.
///
/// # Errors
/// [`PacketError`]; above all when a captured body is missing or damaged, for
/// then the packet would not be evidence. An authority that gives no timestamp is a
/// note: it is asked again later.
pub async fn export_as(
    app: &App,
    actor: &str,
    case_id: i64,
    dir: &Path,
    options: &Options,
) -> Result<Exported, PacketError> {
    let witnesses = Witnesses::configured(app)?;
    export_with(app, actor, case_id, dir, options, &witnesses).await
}

/// Who vouches for packets beside the key: read once for many of them.
pub(super) struct Witnesses {
    pub authorities: Authorities,
    certificate: Option<wacz::Certificate>,
    /// Fonts that the configuration names.
    fonts: FontFiles,
    /// Reference photos that are ready for a document.
    photos: Arc<pdf::Remembered>,
    /// For work that a processor does. Of many packets at a time some wait for
    /// authorities; these leave it to others.
    cores: Semaphore,
}

impl Witnesses {
    /// Those of the configuration; none is no error.
    pub fn configured(app: &App) -> Result<Self, PacketError> {
        Ok(Self {
            authorities: Authorities::configured(app)?,
            certificate: wacz::Certificate::configured(app)?,
            fonts: FontFiles::read(&app.config.packet.fonts)?,
            photos: Arc::default(),
            cores: Semaphore::new(cores()),
        })
    }

    /// Does something that takes a processor, when one is free for it.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PacketError> + Send + 'static,
    ) -> Result<T, PacketError> {
        let _core = self
            .cores
            .acquire()
            .await
            .map_err(|_| PacketError::Aborted)?;
        blocking(work).await
    }
}

/// How much is computed at a time.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8))
}

/// Packets that are being written at a time: more than there are processors, for each
/// waits for authorities twice.
pub(super) fn at_a_time() -> usize {
    cores() * 3
}

/// [`export_as`], with those who vouch for it at hand.
///
/// # Errors
/// As there.
pub(super) async fn export_with(
    app: &App,
    actor: &str,
    case_id: i64,
    dir: &Path,
    options: &Options,
    witnesses: &Witnesses,
) -> Result<Exported, PacketError> {
    let dossier = Dossier::load(app, case_id).await?;
    let key = signing_key(app, actor).await?;
    let authorities = &witnesses.authorities;
    let mut notes = Vec::new();
    let as_of = dossier.exported_at;

    let sources = Sources {
        blobs: app.blobs.clone(),
        captures: app.data_dir.join(FOLDER),
        organisation: app.config.notices.name.clone(),
        fonts: witnesses.fonts.clone(),
        photos: Arc::clone(&witnesses.photos),
    };
    let form = *options;
    let gathered = witnesses.blocking(move || Content::gather(sources, dossier, form));
    let mut content = gathered.await?;
    let mut asked = Vec::new();
    if let (Some(certificate), Some(archive)) = (&witnesses.certificate, content.archive()) {
        let (hash, created) = (archive.hash.clone(), archive.created.clone());
        match certificate.sign(&hash, &created, authorities).await {
            Ok(signed) => content.sign_archive(signed),
            Err(why) if authorities.urls().is_empty() => {
                notes.push(format!("captures.wacz is not signed: {why}"));
            }
            // Like any other timestamp it can be had later, beside the packet's own.
            Err(why) => {
                notes.push(format!("captures.wacz is not signed yet: {why}; {AGAIN}"));
                asked.push((format!("{}{hash}", stamp::ARCHIVE), Err(why)));
            }
        }
    }
    let signer = key.public().id();
    let folder = dir.to_owned();
    let sealed = witnesses.blocking(move || {
        let file = temporary(&folder)?;
        content.write(file, &key)
    });
    let sealed = sealed.await?;
    let written = finish(dir, sealed, authorities, as_of, (notes, asked)).await?;

    let path = dir.join(file_name(case_id, options));
    let detail = json!({ "sha256": written.sha256, "size": written.size,
        "manifest": written.manifest, "key": signer, "outward": options.outward });
    let about = subject(case_id);
    // First on record, then in place: no packet is ever out without a trace.
    app.store
        .audit(actor, "packet.export", &about, &detail)
        .await?;
    written
        .place(app, actor, &about, &signer, &path, options.stays)
        .await
}

/// What the packet of a case is called, without its ending.
pub(super) fn base_name(case_id: i64, options: &Options) -> String {
    let form = if options.outward { "-outward" } else { "" };
    format!("case-{case_id}{form}")
}

/// What the file of that packet is called.
pub(super) fn file_name(case_id: i64, options: &Options) -> String {
    format!("{}.zip", base_name(case_id, options))
}

/// A sealed packet in a temporary file, with what timestamps came.
pub(super) struct Finished {
    file: NamedTempFile,
    pub sha256: String,
    pub size: u64,
    pub manifest: String,
    signature: String,
    as_of: Millis,
    stamps: Vec<Answered>,
    timestamps: Vec<(String, String)>,
    notes: Vec<String>,
}

/// Has a packet timestamped and ends its file. Beside its notes it takes what was asked
/// for before.
pub(super) async fn finish(
    dir: &Path,
    mut sealed: Sealed<NamedTempFile>,
    authorities: &Authorities,
    as_of: Millis,
    (mut notes, mut stamps): (Vec<String>, Vec<Answered>),
) -> Result<Finished, PacketError> {
    let mut timestamps = Vec::new();
    let data = sealed.signature.as_slice();
    // All at once: none knows of the others, and each may take its time.
    let urls = authorities.urls().iter();
    let asked = join_all(urls.map(async |url| (url, authorities.ask(url, data).await)));
    let calendars = authorities.calendars().iter();
    let committed = calendars.map(async |at| (at, authorities.commit(at, data).await));
    let (asked, committed) = tokio::join!(asked, join_all(committed));
    for (url, answer) in asked {
        match answer {
            Ok((token, stamp)) => {
                sealed.stamp(&stamp::file_name(url), &token)?;
                timestamps.push((url.clone(), stamp.at.to_string()));
                stamps.push((url.clone(), Ok(token)));
            }
            Err(why) => {
                notes.push(format!("no timestamp yet: {why}; {AGAIN}"));
                stamps.push((url.clone(), Err(why)));
            }
        }
    }
    for (calendar, answer) in committed {
        match answer {
            Ok(file) => {
                sealed.stamp(&stamp::file_name(calendar), &file)?;
                stamps.push((calendar.clone(), Ok(file)));
            }
            Err(why) => {
                notes.push(format!("no commitment of a calendar yet: {why}; {AGAIN}"));
                stamps.push((calendar.clone(), Err(why)));
            }
        }
    }
    let (manifest, signature) = (sealed.manifest.clone(), hex::encode(&sealed.signature));
    let folder = dir.to_owned();
    let (file, sha256, size) = blocking(move || {
        let mut file = sealed.finish()?;
        let writing = |source| PacketError::Write {
            path: folder.clone(),
            source,
        };
        file.as_file().sync_all().map_err(writing)?;
        file.rewind().map_err(writing)?;
        let mut hasher = Sha256::new();
        let size = std::io::copy(&mut file, &mut hasher).map_err(writing)?;
        Ok((file, hex::encode(hasher.finalize()), size))
    })
    .await?;
    Ok(Finished {
        file,
        sha256,
        size,
        manifest,
        signature,
        as_of,
        stamps,
        timestamps,
        notes,
    })
}

impl Finished {
    /// Keeps what was asked for and puts the file in its place.
    pub async fn place(
        self,
        app: &App,
        actor: &str,
        about: &str,
        signer: &str,
        path: &Path,
        stays: bool,
    ) -> Result<Exported, PacketError> {
        let lasting = stays
            .then(|| std::path::absolute(path).ok())
            .flatten()
            .map(|path| path.display().to_string());
        let recorded = Recorded {
            packet: NewPacket {
                subject: about.to_owned(),
                path: lasting,
                manifest: &self.manifest,
                signature: self.signature.clone(),
                as_of: self.as_of,
                key: signer,
                actor,
            },
            stamps: self.stamps,
        };
        stamp::record(app, &recorded).await?;
        self.file
            .persist(path)
            .map_err(|error| PacketError::Write {
                path: path.to_owned(),
                source: error.error,
            })?;
        Ok(Exported {
            path: path.to_owned(),
            sha256: self.sha256,
            manifest: self.manifest,
            timestamps: self.timestamps,
            notes: self.notes,
        })
    }
}

/// The key in use. That it was made is on record.
pub(super) async fn signing_key(app: &App, actor: &str) -> Result<SigningKey, PacketError> {
    let ring = Keyring::of(&app.data_dir);
    let (key, made) = blocking(move || Ok(ring.current_or_new()?)).await?;
    if made {
        record_key(app, actor, "key.create", &key, None).await?;
    }
    Ok(key)
}

/// A temporary file in a folder that is made where there is none.
pub(super) fn temporary(folder: &Path) -> Result<NamedTempFile, PacketError> {
    let writing = |source| PacketError::Write {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(writing)?;
    tempfile::Builder::new()
        .prefix(UNFINISHED[0])
        .tempfile_in(folder)
        .map_err(writing)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PacketError> + Send + 'static,
) -> Result<T, PacketError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PacketError::Aborted)?
}

/// Anything a zip file can be written to.
pub(super) trait Out: Write + Seek {}
impl<T: Write + Seek> Out for T {}

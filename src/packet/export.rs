//! Writing a packet.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::bag::{Bag, Sealed};
use super::dossier::{Dossier, subject};
use super::files::{self, PictureFile};
use super::keys::{Keyring, SigningKey, record_key};
use super::{PacketError, report, warc};
use crate::app::App;
use crate::blobs::Blobs;
use crate::scan::warc::FOLDER;

const README: &str = include_str!("templates/README.txt");

/// What a packet is made from, beside the database.
struct Sources<'a> {
    blobs: &'a Blobs,
    captures: &'a Path,
    key: &'a SigningKey,
    organisation: Option<String>,
}

/// Writes the packet of a case to `dir` as `case-<id>.zip`, replacing one that
/// is there, and gives its path. The file appears whole or not at all; the
/// export and the file's SHA-256 go into the audit log.
///
/// # Errors
/// [`PacketError`]; above all when a captured body is missing or damaged, for
/// then the packet would not be evidence.
pub async fn export(
    app: &App,
    actor: &str,
    case_id: i64,
    dir: &Path,
) -> Result<PathBuf, PacketError> {
    let dossier = Dossier::load(app, case_id).await?;
    let path = dir.join(format!("case-{case_id}.zip"));
    let (blobs, folder) = (app.blobs.clone(), dir.to_owned());
    let captures = app.data_dir.join(FOLDER);
    let key = signing_key(app, actor).await?;
    let organisation = app.config.notices.name.clone();
    let signer = key.public().id();
    let (file, sha256, size, manifest) = tokio::task::spawn_blocking(move || {
        let from = Sources {
            blobs: &blobs,
            captures: &captures,
            key: &key,
            organisation,
        };
        write(&from, &dossier, &folder)
    })
    .await
    .map_err(|_| PacketError::Aborted)??;
    let detail = json!({ "sha256": sha256, "size": size, "manifest": manifest, "key": signer });
    // First on record, then in place: no packet is ever out without a trace.
    app.store
        .audit(actor, "packet.export", &subject(case_id), &detail)
        .await?;
    file.persist(&path).map_err(|error| PacketError::Write {
        path: path.clone(),
        source: error.error,
    })?;
    Ok(path)
}

/// The key in use. That it was made is on record.
async fn signing_key(app: &App, actor: &str) -> Result<SigningKey, PacketError> {
    let ring = Keyring::of(&app.data_dir);
    let (key, made) = tokio::task::spawn_blocking(move || ring.current_or_new())
        .await
        .map_err(|_| PacketError::Aborted)??;
    if made {
        record_key(app, actor, "key.create", &key, None).await?;
    }
    Ok(key)
}

/// Writes the packet to a temporary file in `folder`; gives its hash, its size and
/// the hash of its tag manifest.
fn write(
    from: &Sources<'_>,
    dossier: &Dossier,
    folder: &Path,
) -> Result<(tempfile::NamedTempFile, String, u64, String), PacketError> {
    let writing = |source| PacketError::Write {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(writing)?;
    let file = tempfile::Builder::new()
        .prefix(".packet-")
        .tempfile_in(folder)
        .map_err(writing)?;
    let sealed = fill(file, from, dossier)?;
    let manifest = sealed.manifest.clone();
    let mut file = sealed.finish()?;
    file.as_file().sync_all().map_err(writing)?;
    file.rewind().map_err(writing)?;
    let mut hasher = Sha256::new();
    let size = std::io::copy(&mut file, &mut hasher).map_err(writing)?;
    Ok((file, hex::encode(hasher.finalize()), size, manifest))
}

/// Writes every file of the packet, in the order that `packet.json` tells.
fn fill<W: Write + Seek>(
    out: W,
    from: &Sources<'_>,
    dossier: &Dossier,
) -> Result<Sealed<W>, PacketError> {
    let blobs = from.blobs;
    let pictures = picture_files(blobs, dossier)?;
    let references = reference_files(blobs, dossier)?;
    let shown = |files: &[PictureFile], blob: &Option<String>| -> Option<PictureFile> {
        let found = files.iter().find(|file| Some(&file.blob) == blob.as_ref());
        found.cloned()
    };
    let picture = shown(&pictures, &dossier.case.picture_blob);
    let reference = shown(&references, &dossier.case.reference_blob);

    let mut archive = Bag::begin(out, &format!("case-{}", dossier.case.id))?;
    archive.tag("README.txt", README.as_bytes())?;
    let documents = [
        (
            "packet.json",
            files::packet(dossier, picture.as_ref(), reference.as_ref()),
        ),
        ("listing.json", files::listing(dossier, &pictures)),
    ];
    for (path, document) in &documents {
        archive.add(path, &files::pretty(document))?;
    }
    // As it is stored, so that its SHA-256 is the one on record.
    let evidence = dossier.case.evidence.0.to_string();
    archive.add("evidence.json", evidence.as_bytes())?;
    let documents = [
        ("decisions.json", json!(dossier.decisions)),
        ("notices.json", files::notices(dossier)),
        ("product.json", files::product(dossier, &references)),
    ];
    for (path, document) in &documents {
        archive.add(path, &files::pretty(document))?;
    }
    archive.add("custody.jsonl", &files::custody(&dossier.custody))?;

    let cut = warc::cut(from.captures, dossier)?;
    for capture in &dossier.captures {
        let records = cut.as_ref().and_then(|cut| cut.records.get(&capture.id));
        let place = dossier.warc.iter().find(|place| place.id == capture.id);
        let described = files::pretty(&files::capture(capture, place.zip(records)));
        archive.add(&format!("captures/{}.json", capture.id), &described)?;
        let body = blobs.get(&capture.blob)?;
        archive.add(&format!("captures/{}.body", capture.id), &body)?;
    }
    if let Some(cut) = &cut {
        archive.add(warc::NAME, &cut.bytes)?;
    }
    for file in pictures.iter().chain(&references) {
        archive.add(&file.path, &blobs.get(&file.blob)?)?;
    }
    let report = report::render(
        dossier,
        picture.as_ref(),
        reference.as_ref(),
        archive.written(),
    )?;
    archive.add("report.html", report.as_bytes())?;
    archive.seal(&about(from, dossier), from.key)
}

/// What bag-info.txt says.
fn about(from: &Sources<'_>, dossier: &Dossier) -> Vec<(&'static str, String)> {
    let case = &dossier.case;
    let mut about = vec![
        ("External-Identifier", subject(case.id)),
        (
            "External-Description",
            format!(
                "Evidence about {} of {} on {}",
                case.product, case.brand, case.source
            ),
        ),
        (
            "Bagging-Date",
            dossier
                .exported_at
                .timestamp()
                .strftime("%Y-%m-%d")
                .to_string(),
        ),
        (
            "Bag-Software-Agent",
            concat!("markhound ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ];
    if let Some(name) = &from.organisation {
        about.insert(0, ("Source-Organization", name.clone()));
    }
    about
}

/// Names the listing's pictures; their bytes are read here for their format
/// only and again when they are written, one at a time.
fn picture_files(blobs: &Blobs, dossier: &Dossier) -> Result<Vec<PictureFile>, PacketError> {
    let mut files = Vec::new();
    for picture in &dossier.pictures {
        if let Some(blob) = &picture.blob {
            files.push(PictureFile {
                path: files::picture_path(picture.position, blob, &blobs.get(blob)?),
                blob: blob.clone(),
            });
        }
    }
    Ok(files)
}

fn reference_files(blobs: &Blobs, dossier: &Dossier) -> Result<Vec<PictureFile>, PacketError> {
    let photos = dossier.references.iter().enumerate();
    photos
        .map(|(number, photo)| {
            Ok(PictureFile {
                path: files::reference_path(number, &photo.blob, &blobs.get(&photo.blob)?),
                blob: photo.blob.clone(),
            })
        })
        .collect()
}

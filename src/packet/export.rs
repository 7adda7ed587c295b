//! Writing a packet.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::archive::Archive;
use super::dossier::{Dossier, subject};
use super::files::{self, PictureFile};
use super::{PacketError, report, warc};
use crate::app::App;
use crate::blobs::Blobs;
use crate::bodies::Bodies;
use crate::scan::warc::FOLDER;

const README: &str = include_str!("templates/README.txt");

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
    let (file, sha256, size) =
        tokio::task::spawn_blocking(move || write(&blobs, &captures, &dossier, &folder))
            .await
            .map_err(|_| PacketError::Aborted)??;
    let detail = json!({ "sha256": sha256, "size": size });
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

/// Writes the packet to a temporary file in `folder`; gives its hash and size.
fn write(
    blobs: &Blobs,
    captures: &Path,
    dossier: &Dossier,
    folder: &Path,
) -> Result<(tempfile::NamedTempFile, String, u64), PacketError> {
    let writing = |source| PacketError::Write {
        path: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(writing)?;
    let file = tempfile::Builder::new()
        .prefix(".packet-")
        .tempfile_in(folder)
        .map_err(writing)?;
    let mut file = fill(file, blobs, captures, dossier)?;
    file.as_file().sync_all().map_err(writing)?;
    file.rewind().map_err(writing)?;
    let mut hasher = Sha256::new();
    let size = std::io::copy(&mut file, &mut hasher).map_err(writing)?;
    Ok((file, hex::encode(hasher.finalize()), size))
}

/// Writes every file of the packet, in the order that `packet.json` tells.
pub(super) fn fill<W: Write + Seek>(
    out: W,
    blobs: &Blobs,
    captures: &Path,
    dossier: &Dossier,
) -> Result<W, PacketError> {
    let pictures = picture_files(blobs, dossier)?;
    let references = reference_files(blobs, dossier)?;
    let shown = |files: &[PictureFile], blob: &Option<String>| -> Option<PictureFile> {
        let found = files.iter().find(|file| Some(&file.blob) == blob.as_ref());
        found.cloned()
    };
    let picture = shown(&pictures, &dossier.case.picture_blob);
    let reference = shown(&references, &dossier.case.reference_blob);

    let mut archive = Archive::new(out, dossier.case.id);
    archive.add("README.txt", README.as_bytes())?;
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

    let cut = warc::cut(captures, dossier)?;
    let bodies = Bodies {
        blobs,
        folder: captures,
        records: &dossier.warc,
        originals: &dossier.originals,
    };
    for capture in &dossier.captures {
        let records = cut.as_ref().and_then(|cut| cut.records.get(&capture.id));
        let place = dossier.warc.iter().find(|place| place.id == capture.id);
        let described = files::pretty(&files::capture(capture, place.zip(records)));
        archive.add(&format!("captures/{}.json", capture.id), &described)?;
        archive.add(
            &format!("captures/{}.body", capture.id),
            &bodies.get(capture)?,
        )?;
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
    archive.finish()
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

//! Reference photos on disk: which are new, and what a new one holds.

use std::io::Read as _;
use std::path::Path;

use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture};

use crate::blobs::{BlobError, Blobs, sha256_hex};
use crate::store::import::ReferenceDraft;
use crate::store::products::ReferenceName;

/// The largest photo file read, in bytes: 64 MiB.
const MAX_PHOTO: u64 = 64 << 20;

/// A photo of a row, looked at.
#[derive(Debug)]
pub(super) enum Photo {
    /// The product has it already, byte for byte, or has one of that name and
    /// the file is not here.
    Known,
    /// It would be added; the draft is there once it has been kept.
    New(Option<ReferenceDraft>),
    /// It cannot be used.
    Unusable(String),
}

/// Looks at a photo without keeping it. Blocks, and takes a few milliseconds
/// for a photo that is not known.
pub(super) fn look(dir: &Path, name: &Path, known: &[ReferenceName]) -> Photo {
    match open(dir, name, known) {
        Ok(None) => Photo::Known,
        Ok(Some((_, _, _))) => Photo::New(None),
        Err(why) => Photo::Unusable(why),
    }
}

/// Looks at a photo, and keeps and hashes it if it is new. Blocks.
///
/// # Errors
/// When the blob store cannot be written.
pub(super) fn keep(
    blobs: &Blobs,
    dir: &Path,
    name: &Path,
    known: &[ReferenceName],
) -> Result<Photo, BlobError> {
    kept(blobs, name, open(dir, name, known))
}

/// The same of a photo that is no file: its bytes, and the name it is to have.
///
/// # Errors
/// When the blob store cannot be written.
pub(super) fn keep_bytes(
    blobs: &Blobs,
    name: &Path,
    bytes: Vec<u8>,
    known: &[ReferenceName],
) -> Result<Photo, BlobError> {
    kept(blobs, name, look_at(&file_name(name), bytes, known))
}

fn kept(
    blobs: &Blobs,
    name: &Path,
    opened: Result<Option<Opened>, String>,
) -> Result<Photo, BlobError> {
    Ok(match opened {
        Ok(None) => Photo::Known,
        Err(why) => Photo::Unusable(why),
        Ok(Some((bytes, picture, hashes))) => Photo::New(Some(ReferenceDraft {
            file_name: file_name(name),
            blob: blobs.put(&bytes)?,
            width: picture.full_width(),
            height: picture.full_height(),
            format: picture.format().to_owned(),
            algorithm: hashes.algorithm().to_owned(),
            hashes: hashes.to_bytes(),
        })),
    })
}

/// The photo's path as the catalog writes it, with `/` between folders.
pub(super) fn file_name(name: &Path) -> String {
    name.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

type Opened = (Vec<u8>, GreyPicture, Fingerprint);

fn open(dir: &Path, name: &Path, known: &[ReferenceName]) -> Result<Option<Opened>, String> {
    let shown = file_name(name);
    let bytes = match bytes_of(&dir.join(name)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if known.iter().any(|photo| photo.file_name == shown) {
                return Ok(None);
            }
            return Err(format!(
                "{shown}: there is no such file in {}",
                dir.display()
            ));
        }
        Err(error) => return Err(format!("{shown}: cannot be read: {error}")),
    };
    look_at(&shown, bytes, known)
}

fn look_at(shown: &str, bytes: Vec<u8>, known: &[ReferenceName]) -> Result<Option<Opened>, String> {
    if bytes.len() as u64 > MAX_PHOTO {
        return Err(format!(
            "{shown}: is larger than {} MiB; save it smaller",
            MAX_PHOTO >> 20
        ));
    }
    let hash = sha256_hex(&bytes);
    if known.iter().any(|photo| photo.blob == hash) {
        return Ok(None);
    }
    let picture = GreyPicture::decode(&bytes, &DecodeLimits::default())
        .map_err(|why| format!("{shown}: {why}"))?;
    let hashes = Fingerprint::compute(&picture);
    if hashes.is_degenerate() {
        return Err(format!(
            "{shown}: the picture is a plain area with nothing to recognise; use a photo of the product"
        ));
    }
    Ok(Some((bytes, picture, hashes)))
}

fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_PHOTO + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

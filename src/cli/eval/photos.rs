//! The photos an evaluation works on: of the catalog, or of a folder.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use image::RgbImage;
use markhound_index::eval::{Kin, LONGEST_SIDE, POOL_MOST, Pool, at_most};
use markhound_index::image::{DecodeLimits, Fingerprint, GreyPicture, Picture};

use super::super::Global;
use super::work::{bar, each};
use crate::blobs::Blobs;

/// The largest photo file read, in bytes.
const LARGEST_FILE: u64 = 64 << 20;
/// Folders within folders that are searched.
const DEEPEST: usize = 32;
/// The most photos that are looked at.
const MOST: usize = 1_000_000;
/// Endings of files that are taken for photos.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"];

/// Where a photo's bytes are.
#[derive(Debug)]
enum Place {
    File(PathBuf),
    Blob(Blobs, String),
}

/// A photo that can be read.
#[derive(Debug)]
pub(super) struct Photo {
    pub(super) kin: Kin,
    name: String,
    place: Place,
}

impl Photo {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        let failed = |why: &dyn std::fmt::Display| format!("{}: cannot be read: {why}", self.name);
        let path = match &self.place {
            Place::Blob(blobs, hash) => return blobs.get(hash).map_err(|e| failed(&e)),
            Place::File(path) => path,
        };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|e| failed(&e))?;
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| failed(&e))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(failed(&format!(
                "it is larger than {} MiB",
                LARGEST_FILE >> 20
            )));
        }
        Ok(bytes)
    }

    /// The pixels, with at most 800 on the longer side.
    pub(super) fn pixels(&self) -> Result<RgbImage, String> {
        let picture = Picture::decode(&self.bytes()?, &DecodeLimits::default())
            .map_err(|why| format!("{}: {why}", self.name))?;
        Ok(at_most(picture.pixels(), LONGEST_SIDE))
    }

    /// The fingerprint of the file as it is, as the catalog's import takes it.
    pub(super) fn fingerprint(&self) -> Result<Fingerprint, String> {
        let picture = GreyPicture::decode(&self.bytes()?, &DecodeLimits::default())
            .map_err(|why| format!("{}: {why}", self.name))?;
        let fingerprint = Fingerprint::compute(&picture);
        if fingerprint.is_degenerate() {
            return Err(format!(
                "{}: is a plain area with nothing to recognise",
                self.name
            ));
        }
        Ok(fingerprint)
    }
}

/// The photos of a folder, or without one those of the catalog.
pub(super) async fn find(dir: Option<&Path>, global: &Global) -> anyhow::Result<Vec<Photo>> {
    let Some(dir) = dir else {
        let app = global.open().await?;
        let photos = app.store.reference_names().await?;
        anyhow::ensure!(
            !photos.is_empty(),
            "the catalog has no photos; name a folder with --photos, or import a catalog first"
        );
        let photo = |photo: crate::store::products::ReferenceName| Photo {
            kin: Kin {
                folder: String::new(),
                product: photo.product_id.to_string(),
            },
            name: photo.file_name,
            place: Place::Blob(app.blobs.clone(), photo.blob),
        };
        return Ok(photos.into_iter().map(photo).collect());
    };
    let mut files = Vec::new();
    search(dir, 0, &mut files).with_context(|| format!("cannot search {}", dir.display()))?;
    // In the order of names, so that the seed's lots fall alike on every file system.
    files.sort();
    anyhow::ensure!(
        !files.is_empty(),
        "{} holds no photos (files ending in {})",
        dir.display(),
        ENDINGS.join(", ")
    );
    Ok(files.into_iter().map(|path| of_file(dir, path)).collect())
}

/// Collects picture files; links to folders are not followed, since they may lead around in a circle.
fn search(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        if entry.file_type()?.is_dir() {
            if depth < DEEPEST {
                search(&path, depth + 1, files)?;
            }
        } else if ending.is_some_and(|e| ENDINGS.contains(&e.as_str())) && files.len() < MOST {
            files.push(path);
        }
    }
    Ok(())
}

/// Photos of one top folder whose names begin alike are one product.
fn of_file(dir: &Path, path: PathBuf) -> Photo {
    let inside = path.strip_prefix(dir).unwrap_or(&path);
    let text =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let folder = match inside
        .parent()
        .and_then(|parent| parent.components().next())
    {
        Some(top) => text(Some(top.as_os_str())),
        None => String::new(),
    };
    let name = text(inside.file_name());
    let product = name.split(['-', '_', '.']).next().unwrap_or_default();
    Photo {
        kin: Kin {
            folder,
            product: product.to_owned(),
        },
        name: inside.to_string_lossy().into_owned(),
        place: Place::File(path),
    }
}

/// Others' photos for collages and cut-outs, of those numbered.
pub(super) fn pool(photos: &[Photo], numbers: &[usize], failures: &mut Failures) -> Pool {
    let count = numbers.len().min(POOL_MOST);
    let progress = bar("others", count);
    let others = each(0..count, &progress, |at| photos[numbers[at]].pixels());
    progress.finish_and_clear();
    let mut pool = Pool::default();
    for photo in failures.sift(others) {
        pool.add(&photo);
    }
    pool
}

/// What went wrong with photos, each said once.
#[derive(Debug, Default)]
pub(super) struct Failures(HashMap<String, usize>);

impl Failures {
    /// What went well; the rest is kept.
    pub(super) fn sift<T>(
        &mut self,
        results: impl IntoIterator<Item = Result<T, String>>,
    ) -> Vec<T> {
        let good = results.into_iter().filter_map(|result| {
            result
                .map_err(|why| *self.0.entry(why).or_default() += 1)
                .ok()
        });
        good.collect()
    }

    /// All of them, in order.
    pub(super) fn list(&self) -> Vec<&str> {
        let mut list: Vec<&str> = self.0.keys().map(String::as_str).collect();
        list.sort_unstable();
        list
    }
}

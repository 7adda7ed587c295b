//! The reference index in a file of the folder `cache`. It can be deleted at any
//! time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use markhound_index::image::{IndexFileError, IndexFileKey, ReferenceIndex};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::SetAside;
use crate::store::products::{Product, ReferenceName};

/// Grows when the same catalog gives another index or sets other photos aside.
const VERSION: &str = "references 1";
const ENDING: &str = "index";

/// Where the index of a catalog is kept.
pub(super) struct Kept {
    folder: PathBuf,
    key: IndexFileKey,
}

impl Kept {
    /// The place for the index of these photos. All that the index is made from
    /// is in its key, so that the file of another catalog, or of another state
    /// of this one, is never taken for it.
    pub(super) fn new(
        data_dir: &Path,
        products: &[Arc<Product>],
        photos: &[ReferenceName],
    ) -> Self {
        let mut digest = Sha256::new();
        let mut add = |field: &[u8]| {
            digest.update((field.len() as u64).to_le_bytes());
            digest.update(field);
        };
        add(VERSION.as_bytes());
        for product in products {
            add(&product.id.to_le_bytes());
            add(product.name.as_bytes());
        }
        for photo in photos {
            add(&photo.id.to_le_bytes());
            add(&photo.product_id.to_le_bytes());
            add(photo.blob.as_bytes());
            add(photo.algorithm.as_bytes());
            add(photo.matching.as_str().as_bytes());
        }
        Self {
            folder: data_dir.join("cache"),
            key: digest.finalize().into(),
        }
    }

    fn name(&self) -> String {
        format!("references-{}", hex::encode(&self.key[..8]))
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(self.name()).with_extension(ending)
    }

    /// The index and the photos set aside, if they are there and whole.
    pub(super) fn open(&self) -> Option<(ReferenceIndex, BTreeMap<i64, SetAside>)> {
        let path = self.path(ENDING);
        let bytes = map(&path).ok()?;
        let index = match ReferenceIndex::open(bytes, &self.key) {
            Ok(index) => index,
            Err(IndexFileError::OtherMaking) => return None,
            Err(error) => {
                tracing::warn!("{}: {error}; it is made anew", path.display());
                return None;
            }
        };
        let set_aside = fs::read(self.path("json")).ok()?;
        Some((index, serde_json::from_slice(&set_aside).ok()?))
    }

    /// Keeps both. Without space or permission the next start has to make them
    /// anew, that is all.
    pub(super) fn save(&self, index: &ReferenceIndex, set_aside: &BTreeMap<i64, SetAside>) {
        if index.is_empty() {
            return;
        }
        if let Err(error) = self.try_save(index, set_aside) {
            tracing::warn!(
                "cannot keep the index of the reference photos in {}: {error}; it is made anew at every start",
                self.folder.display()
            );
        }
    }

    fn try_save(
        &self,
        index: &ReferenceIndex,
        set_aside: &BTreeMap<i64, SetAside>,
    ) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let set_aside = serde_json::to_vec(set_aside)?;
        self.write("json", |out| out.write_all(&set_aside))?;
        // Last: with the index there, both are.
        self.write(ENDING, |out| index.save(&self.key, out))?;
        self.drop_others();
        Ok(())
    }

    /// Whole or not at all.
    fn write(
        &self,
        ending: &str,
        write: impl FnOnce(&mut BufWriter<&File>) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let file = NamedTempFile::new_in(&self.folder)?;
        let mut out = BufWriter::with_capacity(1 << 20, file.as_file());
        write(&mut out)?;
        out.flush()?;
        drop(out);
        file.as_file().sync_all()?;
        file.persist(self.path(ending)).map_err(|e| e.error)?;
        Ok(())
    }

    /// Deletes the files of earlier states. A process that has one mapped keeps
    /// it until it ends.
    fn drop_others(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("references-") && !name.starts_with(&self.name()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// A file's bytes, read when they are touched.
fn map(path: &Path) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: nobody changes the bytes under us. The file is written under
    // another name, gets its own when it is whole, and from then on is only ever
    // deleted, which leaves a mapping as it is.
    #[expect(
        unsafe_code,
        reason = "an index of 100,000 photos is 1.5 GB: mapped, it is there at once, and once for all processes"
    )]
    let map = unsafe { memmap2::Mmap::map(&file) }?;
    Ok(Bytes::from_owner(map))
}

//! Content-addressed bytes in a folder: captured bodies, pictures, reference
//! photos. A blob is written once and never changes; its name is its SHA-256.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What can go wrong with a blob.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder cannot be written.
    #[error(
        "cannot write to {path}: {source}; check free space and permissions of the data directory, nothing else was lost"
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A blob the database names cannot be read.
    #[error("cannot read blob {hash}: {source}")]
    Read {
        /// Its name.
        hash: String,
        /// Why.
        source: std::io::Error,
    },
    /// A blob's bytes no longer have the hash they are named by.
    #[error("blob {hash} is damaged: its bytes have another hash; restore it from a backup")]
    Damaged {
        /// Its name.
        hash: String,
    },
    /// A WARC record that the database names cannot be read.
    #[error(
        "cannot read the record at {offset} of {file}: {why}; restore the file from a backup, `markhound doctor` says what else is amiss"
    )]
    Record {
        /// The WARC file.
        file: String,
        /// Where the record begins, in bytes.
        offset: i64,
        /// Why.
        why: String,
    },
    /// Not a name a blob can have.
    #[error("{0:?} is not a SHA-256 in lower-case hexadecimal")]
    BadName(String),
}

/// The folder of blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

/// SHA-256 in lower-case hexadecimal: the name of a blob.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Blobs {
    /// Opens the folder `blobs` of a data directory, creating it.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(data_dir: &Path) -> Result<Self, BlobError> {
        let root = data_dir.join("blobs");
        std::fs::create_dir_all(&root).map_err(|source| BlobError::Write {
            path: root.clone(),
            source,
        })?;
        Ok(Self { root })
    }

    /// Keeps the bytes and gives their name. Bytes that are there already are
    /// not written again. When it returns, they survive a power cut.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn put(&self, bytes: &[u8]) -> Result<String, BlobError> {
        let hash = sha256_hex(bytes);
        let path = self.path(&hash)?;
        if path.exists() {
            return Ok(hash);
        }
        self.write(&path, bytes)
            .map_err(|source| BlobError::Write { path, source })?;
        Ok(hash)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        // Renamed into place whole: a reader or a crash never sees half a blob.
        let mut file = match tempfile::NamedTempFile::new_in(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(folder)?;
                tempfile::NamedTempFile::new_in(folder)?
            }
            file => file?,
        };
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }

    /// Whether there are bytes of that name.
    #[must_use]
    pub fn has(&self, hash: &str) -> bool {
        self.path(hash).is_ok_and(|path| path.exists())
    }

    /// The bytes of that name, checked against it.
    ///
    /// # Errors
    /// When they are missing or damaged.
    pub fn get(&self, hash: &str) -> Result<Vec<u8>, BlobError> {
        let bytes = std::fs::read(self.path(hash)?).map_err(|source| BlobError::Read {
            hash: hash.to_owned(),
            source,
        })?;
        if sha256_hex(&bytes) == hash {
            Ok(bytes)
        } else {
            Err(BlobError::Damaged {
                hash: hash.to_owned(),
            })
        }
    }

    /// How a blob begins: up to so many bytes, which tell its format. They are not held
    /// against the hash, as all of it is when it is read.
    ///
    /// # Errors
    /// When it is missing.
    pub fn beginning(&self, hash: &str, most: u64) -> Result<Vec<u8>, BlobError> {
        let mut bytes = Vec::new();
        std::fs::File::open(self.path(hash)?)
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(|source| BlobError::Read {
                hash: hash.to_owned(),
                source,
            })?;
        Ok(bytes)
    }

    fn path(&self, hash: &str) -> Result<PathBuf, BlobError> {
        let is_name = hash.len() == 64
            && hash
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_name {
            return Err(BlobError::BadName(hash.to_owned()));
        }
        Ok(self.root.join(&hash[..2]).join(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_comes_back_as_it_was_and_a_damaged_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).unwrap();
        let hash = blobs.put(b"a listing").unwrap();
        assert_eq!(blobs.put(b"a listing").unwrap(), hash);
        assert_eq!(blobs.get(&hash).unwrap(), b"a listing");
        std::fs::write(blobs.path(&hash).unwrap(), b"a lasting").unwrap();
        assert!(matches!(blobs.get(&hash), Err(BlobError::Damaged { .. })));
    }

    #[test]
    fn a_name_that_is_no_hash_never_reaches_the_file_system() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).unwrap();
        assert!(matches!(
            blobs.get("../../etc/passwd"),
            Err(BlobError::BadName(_))
        ));
    }
}

//! Writing a zip file whose bytes depend on its contents alone.

use std::io::{Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{MANIFEST, MAX_FILE, MAX_FILES, MAX_TOTAL, PacketError};
use crate::blobs::sha256_hex;

/// A packet being written.
pub(super) struct Archive<W: Write + Seek> {
    zip: ZipWriter<W>,
    case_id: i64,
    written: Vec<Written>,
    bytes: u64,
}

/// A file that is in the packet.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub path: String,
    pub sha256: String,
    pub size: u64,
}

impl<W: Write + Seek> Archive<W> {
    pub fn new(out: W, case_id: i64) -> Self {
        Self {
            zip: ZipWriter::new(out),
            case_id,
            written: Vec::new(),
            bytes: 0,
        }
    }

    /// The files written until now.
    pub fn written(&self) -> &[Written] {
        &self.written
    }

    /// Adds a file. Every entry has the same date and rights, so that the same
    /// contents make the same archive.
    ///
    /// # Errors
    /// When the packet grows over its limits or cannot be written.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), PacketError> {
        let size = bytes.len() as u64;
        self.bytes = self.bytes.saturating_add(size);
        if size > MAX_FILE || self.bytes > MAX_TOTAL || self.written.len() >= MAX_FILES {
            return Err(PacketError::TooLarge {
                case_id: self.case_id,
                files: self.written.len() + 1,
                bytes: self.bytes,
            });
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(path, options)?;
        self.zip
            .write_all(bytes)
            .map_err(|error| PacketError::Zip(error.into()))?;
        self.written.push(Written {
            path: path.to_owned(),
            sha256: sha256_hex(bytes),
            size,
        });
        Ok(())
    }

    /// Adds the manifest and gives back what was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<W, PacketError> {
        let manifest: String = self
            .written
            .iter()
            .map(|file| format!("{}  {}\n", file.sha256, file.path))
            .collect();
        self.add(MANIFEST, manifest.as_bytes())?;
        Ok(self.zip.finish()?)
    }
}

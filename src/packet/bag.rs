//! Writing a bag (BagIt 1.0, RFC 8493) into a zip file whose bytes depend on
//! their contents alone.
//!
//! ```text
//! case-42/bagit.txt
//! case-42/README.txt
//! case-42/bag-info.txt
//! case-42/manifest-sha256.txt        every file under data/
//! case-42/tagmanifest-sha256.txt     every file above, and the public key
//! case-42/data/…
//! case-42/signature/…                the public key, the signature, the timestamps
//! ```
//!
//! A manifest alone shows damage, not forgery: whoever swaps a file can write the
//! manifest anew. So the tag manifest, which has the hash of the manifest, is signed.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::keys::SigningKey;
use super::{MAX_FILE, MAX_FILES, MAX_TOTAL, PacketError};
use crate::blobs::sha256_hex;
use crate::clock::Millis;

/// How the temporary file begins that a packet is written anew to, before the packet's
/// own name. It is locked as long as somebody writes it.
pub(super) const STAMPING: &str = ".stamping-";
/// What stands between the packet's name and what tells such files apart.
pub(super) const STAMPED: &str = ".zip-";
/// The declaration that a folder is a bag.
pub(super) const BAGIT: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// The manifest of the payload.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";
/// The manifest of everything else.
pub(crate) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The folder of what a packet tells about.
pub(super) const PAYLOAD: &str = "data/";
/// The public key.
pub(super) const PUBLIC_KEY: &str = "signature/public-key.pem";
/// The signature over the tag manifest: 64 bytes.
pub(super) const SIGNATURE: &str = "signature/tagmanifest-sha256.txt.sig";
/// Where timestamps stand; each is a TimeStampResp over the signature file.
pub(super) const STAMPS: &str = "signature/";
/// What timestamps end with.
pub(super) const STAMP: &str = ".tsr";
/// What files of OpenTimestamps end with.
pub(super) const OTS: &str = ".ots";

/// Whether a file stands in a packet that cannot be in its manifests: what is asked of
/// others when these are signed.
pub(super) fn comes_later(path: &str) -> bool {
    let name = path.strip_prefix(STAMPS).unwrap_or_default();
    let stamp = [STAMP, OTS].iter().any(|ending| name.ends_with(ending));
    (stamp && !name.contains('/')) || name == super::wacz::LATE
}

/// A bag being written.
pub(super) struct Bag<W: Write + Seek> {
    zip: ZipWriter<W>,
    base: String,
    /// The payload, paths under `data/`.
    written: Vec<Written>,
    tags: Vec<Written>,
    files: usize,
    bytes: u64,
}

/// A file that is in the bag.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub path: String,
    pub sha256: String,
    pub size: u64,
}

/// What bag-info.txt says of a bag.
pub(super) struct Info<'a> {
    /// Who sends it.
    pub organisation: Option<&'a str>,
    /// What it is called.
    pub identifier: String,
    /// What it is about.
    pub description: String,
    /// When it was made.
    pub at: Millis,
}

impl Info<'_> {
    fn labels(&self) -> Vec<(&'static str, String)> {
        let day = self.at.timestamp().strftime("%Y-%m-%d").to_string();
        let software = concat!("markhound ", env!("CARGO_PKG_VERSION"));
        let organisation = self.organisation.map(ToOwned::to_owned);
        let labels = [
            ("Source-Organization", organisation),
            ("External-Identifier", Some(self.identifier.clone())),
            ("External-Description", Some(self.description.clone())),
            ("Bagging-Date", Some(day)),
            ("Bag-Software-Agent", Some(software.to_owned())),
        ];
        let labels = labels.into_iter();
        labels
            .filter_map(|(label, text)| Some((label, text?)))
            .collect()
    }
}

/// A bag whose files all stand in it, with its signature; timestamps can still
/// be added.
pub(super) struct Sealed<W: Write + Seek> {
    bag: Bag<W>,
    /// The signature over the tag manifest.
    pub signature: Vec<u8>,
    /// SHA-256 of the tag manifest: names the bag's contents.
    pub manifest: String,
}

impl<W: Write + Seek> Bag<W> {
    /// Begins a bag in the folder `base` of the zip file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(out: W, base: &str) -> Result<Self, PacketError> {
        let mut bag = Self {
            zip: ZipWriter::new(out),
            base: base.to_owned(),
            written: Vec::new(),
            tags: Vec::new(),
            files: 0,
            bytes: 0,
        };
        bag.tag("bagit.txt", BAGIT)?;
        Ok(bag)
    }

    /// The payload written until now.
    pub fn written(&self) -> &[Written] {
        &self.written
    }

    /// Adds a file of the payload.
    ///
    /// # Errors
    /// When the packet grows over its limits or cannot be written.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), PacketError> {
        self.put(&format!("{PAYLOAD}{path}"), bytes)?;
        self.written.push(written(path, bytes));
        Ok(())
    }

    /// Adds a file beside the payload.
    ///
    /// # Errors
    /// As for [`Self::add`].
    pub fn tag(&mut self, path: &str, bytes: &[u8]) -> Result<(), PacketError> {
        self.put(path, bytes)?;
        self.tags.push(written(path, bytes));
        Ok(())
    }

    /// [`Self::add`] of a file whose SHA-256 is known, for it was just checked.
    ///
    /// # Errors
    /// As there.
    pub fn add_checked(
        &mut self,
        path: &str,
        bytes: &[u8],
        sha256: &str,
    ) -> Result<(), PacketError> {
        self.put(&format!("{PAYLOAD}{path}"), bytes)?;
        self.written.push(Written {
            path: path.to_owned(),
            sha256: sha256.to_owned(),
            size: bytes.len() as u64,
        });
        Ok(())
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), PacketError> {
        let size = bytes.len() as u64;
        self.bytes = self.bytes.saturating_add(size);
        self.files += 1;
        if size > MAX_FILE || self.bytes > MAX_TOTAL || self.files > MAX_FILES {
            return Err(PacketError::TooLarge {
                packet: self.base.clone(),
                files: self.files,
                bytes: self.bytes,
            });
        }
        self.zip
            .start_file(format!("{}/{path}", self.base), options())?;
        self.zip
            .write_all(bytes)
            .map_err(|error| PacketError::Zip(error.into()))
    }

    /// Adds what is said about the bag, the manifests and the signature.
    ///
    /// # Errors
    /// As for [`Self::add`].
    pub fn seal(mut self, info: &Info<'_>, key: &SigningKey) -> Result<Sealed<W>, PacketError> {
        let bytes: u64 = self.written.iter().map(|file| file.size).sum();
        let oxum = format!("Payload-Oxum: {bytes}.{}\n", self.written.len());
        let labels = info.labels();
        let mut info: String = labels
            .iter()
            .map(|(label, text)| labelled(label, text))
            .collect();
        info.push_str(&oxum);
        self.tag("bag-info.txt", info.as_bytes())?;
        let manifest = lines(&self.written, PAYLOAD);
        self.tag(MANIFEST, manifest.as_bytes())?;
        self.tag(PUBLIC_KEY, key.public().pem().as_bytes())?;
        let tags = lines(&self.tags, "");
        self.put(TAG_MANIFEST, tags.as_bytes())?;
        let signature = key.sign(tags.as_bytes());
        self.put(SIGNATURE, &signature)?;
        Ok(Sealed {
            bag: self,
            signature,
            manifest: sha256_hex(tags.as_bytes()),
        })
    }
}

impl<W: Write + Seek> Sealed<W> {
    /// Adds a timestamp of the signature, under a name of letters, digits and an ending.
    ///
    /// # Errors
    /// As for [`Bag::add`].
    pub fn stamp(&mut self, name: &str, token: &[u8]) -> Result<(), PacketError> {
        self.bag.put(&format!("{STAMPS}{name}"), token)
    }

    /// Gives back what was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, PacketError> {
        Ok(self.bag.zip.finish()?)
    }
}

fn written(path: &str, bytes: &[u8]) -> Written {
    Written {
        path: path.to_owned(),
        sha256: sha256_hex(bytes),
        size: bytes.len() as u64,
    }
}

fn lines(files: &[Written], folder: &str) -> String {
    files
        .iter()
        .map(|file| format!("{}  {folder}{}\n", file.sha256, file.path))
        .collect()
}

/// A line of bag-info.txt. What stands in it may come from anywhere: it stays one
/// line of reasonable length.
fn labelled(label: &str, text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect();
    format!("{label}: {}\n", text.trim())
}

/// The signature of a packet.
///
/// # Errors
/// When the file cannot be read or has none.
pub(super) fn signature_of(path: &Path) -> Result<Vec<u8>, PacketError> {
    let mut archive = open(path)?;
    let index = archive
        .file_names()
        .position(|name| name.is_ok_and(|name| name.ends_with(&format!("/{SIGNATURE}"))));
    let mut signature = Vec::new();
    if let Some(index) = index {
        archive
            .by_index(index)?
            .take(1024)
            .read_to_end(&mut signature)
            .map_err(|error| PacketError::Zip(error.into()))?;
    }
    match signature.is_empty() {
        true => Err(PacketError::NotOurs {
            path: path.to_owned(),
        }),
        false => Ok(signature),
    }
}

/// Writes a packet anew with further timestamps in it, leaving out those it has;
/// gives the names of those added. Everything else stays byte for byte.
///
/// # Errors
/// When the file cannot be read or written.
pub(super) fn attach(
    path: &Path,
    tokens: &[(String, Vec<u8>)],
) -> Result<Vec<String>, PacketError> {
    let writing = |source| PacketError::Write {
        path: path.to_owned(),
        source,
    };
    let mut archive = open(path)?;
    let mut names = Vec::new();
    for name in archive.file_names() {
        names.push(name?.into_owned());
    }
    let base = names
        .first()
        .and_then(|name| name.split_once('/'))
        .map(|(base, _)| base.to_owned())
        .unwrap_or_default();
    let new: Vec<_> = tokens
        .iter()
        .map(|(name, token)| (format!("{base}/{STAMPS}{name}"), token))
        .filter(|(name, _)| !names.contains(name))
        .collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let file = stamping(path).map_err(writing)?;
    let mut zip = ZipWriter::new(file);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        zip.start_file(name, options())?;
        std::io::copy(&mut entry, &mut zip).map_err(writing)?;
    }
    for (name, token) in &new {
        zip.start_file(name.as_str(), options())?;
        zip.write_all(token).map_err(writing)?;
    }
    let file = zip.finish()?;
    file.as_file().sync_all().map_err(writing)?;
    file.persist(path).map_err(|error| writing(error.error))?;
    Ok(new.into_iter().map(|(name, _)| name).collect())
}

/// A temporary file beside a packet, which says whose it is and is locked.
fn stamping(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let file = tempfile::Builder::new()
        .prefix(&format!("{STAMPING}{name}{STAMPED}"))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    // Where files cannot be locked nobody takes it for one that was left behind.
    let _ = file.as_file().try_lock();
    Ok(file)
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, PacketError> {
    let file = File::open(path).map_err(|source| PacketError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(ZipArchive::new(BufReader::new(file))?)
}

/// Every entry has the same date and rights, so that the same contents make the
/// same archive.
pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}

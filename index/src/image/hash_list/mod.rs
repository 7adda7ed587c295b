//! Lists of picture hashes as other programs write and read them.
//!
//! Facts from the ThreatExchange repository (`pdq/cpp/bin/pdq-photo-hasher.cpp`,
//! `pdq/cpp/io/hashio.cpp`, `python-threatexchange`): the PDQ tools print `hash,quality,filename`,
//! or `hash=…,quality=…,filename=…` when asked for details, and read a hash with anything after a
//! comma; the `threatexchange` program reads one hash a line, or `pdq <hash>`, in lower case only,
//! and prints a CSV with the columns `signal_type` and `signal_str`. [`HashListReader`] takes all
//! of these, [`write_hash_list`] makes them.
//!
//! 256-bit hashes of `img_hash` and its continuation `image_hasher` are in the lists as base64 (as
//! these print them) or hexadecimal; hashes of different algorithms never match each other.

mod line;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use line::LineProblem;
pub use read::{HashListError, HashListReader};
pub use write::{HashListForm, HashListWriteError, write_hash_list};

use super::fingerprint::IMG_HASH_ALGORITHM;
use super::hamming::Code;
use super::pdq::{PDQ_ALGORITHM, PdqHash};

/// Longest line that is read, in bytes. Longer ones are refused without being held in memory.
pub const HASH_LIST_LINE_MAX: usize = 8 * 1024;

/// One hash of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashListEntry {
    /// Algorithm and version: [`PDQ_ALGORITHM`], or the name of an `img_hash` one such as
    /// [`IMG_HASH_ALGORITHM`].
    pub algorithm: String,
    /// The bits, as a [`HammingIndex`](super::HammingIndex) takes them: those of [`PdqHash`] for
    /// PDQ, else the hash's bytes as four little-endian numbers.
    pub hash: Code,
    /// 0 to 100, where the list says; see [`Pdq::quality`](super::Pdq::quality).
    pub quality: Option<u8>,
    /// File name or whatever else the list calls the picture; not empty.
    pub name: Option<String>,
}

impl HashListEntry {
    /// An entry for a PDQ hash.
    #[must_use]
    pub fn pdq(hash: PdqHash, quality: Option<u8>, name: Option<String>) -> Self {
        Self {
            algorithm: PDQ_ALGORITHM.to_owned(),
            hash: hash.0,
            quality,
            name: name.filter(|name| !name.is_empty()),
        }
    }

    /// An entry for a hash of [`IMG_HASH_ALGORITHM`].
    #[must_use]
    pub fn img_hash(hash: [u8; 32], name: Option<String>) -> Self {
        Self {
            algorithm: IMG_HASH_ALGORITHM.to_owned(),
            hash: code_of_bytes(hash),
            quality: None,
            name: name.filter(|name| !name.is_empty()),
        }
    }

    /// The hash as a PDQ hash, if it is one.
    #[must_use]
    pub fn as_pdq(&self) -> Option<PdqHash> {
        (self.algorithm == PDQ_ALGORITHM).then_some(PdqHash(self.hash))
    }
}

/// The bits of 32 bytes as `img_hash` lists them.
fn code_of_bytes(bytes: [u8; 32]) -> Code {
    let mut code = [0; 4];
    for (word, bytes) in code.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = bytes
            .iter()
            .rev()
            .fold(0, |word, &b| word << 8 | u64::from(b));
    }
    code
}

/// Inverse of [`code_of_bytes`].
fn bytes_of_code(code: &Code) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(code) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

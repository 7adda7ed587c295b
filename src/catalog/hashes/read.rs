//! A list of hashes, line by line.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::BufRead;
use std::rc::Rc;

use markhound_index::image::{
    HashListEntry, HashListError, HashListReader, PDQ_QUALITY_ADVISED, PdqHash,
};
use serde::Serialize;

use super::counted::Counted;
use super::{HashImportError, MOST_HASHES, one_line};
use crate::store::reference_hashes::ReferenceHashDraft;

/// Bad lines that are named; more are counted.
const MOST_NAMED: usize = 1_000;
/// The longest label kept, in bytes.
const LONGEST_LABEL: usize = 1_024;
/// The longest name of an algorithm kept, in bytes: what a list can be written with.
const LONGEST_ALGORITHM: usize = 255;

/// A line of a list that gives no usable hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// A list of hashes, read and checked.
#[derive(Debug, Clone, Default)]
pub struct HashReading {
    /// What can be kept, each hash once.
    pub hashes: Vec<ReferenceHashDraft>,
    /// Lines that repeat a hash of the list.
    pub repeated: u64,
    /// The first thousand bad lines.
    pub bad: Vec<BadLine>,
    /// How many bad lines there are in all.
    pub bad_lines: u64,
}

/// Reads a list of hashes; `list` is its name, which a hash without one of its
/// own goes by, with the line's number.
///
/// # Errors
/// [`HashImportError`] when the list breaks off or has too many hashes.
pub fn read_hashes(reader: impl BufRead, list: &str) -> Result<HashReading, HashImportError> {
    let line = Rc::new(Cell::new(0));
    let counted = Counted::new(reader, line.clone());
    let mut reading = HashReading::default();
    let mut seen = HashSet::new();
    for read in HashListReader::new(counted) {
        let kept = match read {
            Ok(entry) => draft(entry, list, line.get()).map_err(|reason| (line.get(), reason)),
            Err(HashListError::Line { line, problem }) => Err((line, problem.to_string())),
            Err(error) => return Err(error.into()),
        };
        match kept {
            Ok(draft) if seen.insert((draft.algorithm.clone(), draft.hash.clone())) => {
                if reading.hashes.len() == MOST_HASHES {
                    return Err(HashImportError::TooMany);
                }
                reading.hashes.push(draft);
            }
            Ok(_) => reading.repeated += 1,
            Err((line, reason)) => {
                reading.bad_lines += 1;
                if reading.bad.len() < MOST_NAMED {
                    reading.bad.push(BadLine { line, reason });
                }
            }
        }
    }
    Ok(reading)
}

/// A line's hash as it is kept, or why it is not.
fn draft(entry: HashListEntry, list: &str, line: u64) -> Result<ReferenceHashDraft, String> {
    let hash = match entry.as_pdq() {
        Some(hash) if hash.is_degenerate() => {
            return Err(
                "its hash is one that only flat or broken pictures have, and would match \
                 others of them; leave the line out"
                    .to_owned(),
            );
        }
        Some(hash) => hash,
        None => PdqHash::from_bytes(bytes_of(&entry.hash)),
    };
    if let (Some(_), Some(quality)) = (entry.as_pdq(), entry.quality)
        && quality < PDQ_QUALITY_ADVISED
    {
        return Err(format!(
            "its quality {quality} is below {PDQ_QUALITY_ADVISED}, where hashes of different \
             pictures are alike; leave the line out"
        ));
    }
    if entry.algorithm.len() > LONGEST_ALGORITHM || entry.algorithm.contains(char::is_control) {
        return Err(format!(
            "the name of its algorithm is longer than {LONGEST_ALGORITHM} bytes or has control \
             characters; correct it"
        ));
    }
    let name = entry.name.as_deref().map(one_line).unwrap_or_default();
    let label = match name.trim() {
        "" => one_line(&format!("{list}:{line}")),
        name if name.len() > LONGEST_LABEL => {
            return Err(format!(
                "its name is longer than {LONGEST_LABEL} bytes; shorten it"
            ));
        }
        name => name.to_owned(),
    };
    Ok(ReferenceHashDraft {
        algorithm: entry.algorithm,
        hash: hash.to_string(),
        quality: entry.quality,
        label,
    })
}

/// The bytes of a hash that is not PDQ's, in their order.
fn bytes_of(code: &[u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(code) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

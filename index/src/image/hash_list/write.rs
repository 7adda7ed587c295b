//! Writing a list for other programs.

use std::io::{self, Write};

use img_hash::ImageHash;
use thiserror::Error;

use super::{HashListEntry, bytes_of_code};

/// How a list is written; which programs read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashListForm {
    /// `hash,quality,name` without a header, as the PDQ tools print. PDQ only.
    PdqTools,
    /// One hash a line, for the `threatexchange` program when told that they are PDQ. PDQ only.
    Hashes,
    /// `pdq hash`, for the `threatexchange` program. PDQ only.
    Signals,
    /// CSV with the header `algorithm,hash,quality,name`; `img_hash` hashes in base64.
    Csv,
}

/// Why a list could not be written.
#[derive(Debug, Error)]
pub enum HashListWriteError {
    /// The form has no room for the entry.
    #[error(
        "cannot write hash {number} of the list as {form:?}: its algorithm is {algorithm:?}, and \
         that form holds \"pdq\" alone, Csv also those named \"img_hash …\"; leave it out or take Csv"
    )]
    Algorithm {
        /// Which entry, counted from 1.
        number: u64,
        /// The entry's algorithm.
        algorithm: String,
        /// The form asked for.
        form: HashListForm,
    },
    /// A name that cannot stand on one line, or on a line that can be read again.
    #[error(
        "cannot write hash {number} of the list: its name has a line break or is longer than \
         {} bytes; shorten it or leave it out",
        NAME_MAX
    )]
    Name {
        /// Which entry, counted from 1.
        number: u64,
    },
    /// The target took no more.
    #[error("cannot write the list of hashes; check the space and the permissions there")]
    Io(#[from] io::Error),
}

/// Longest name written, in bytes: quoted and with the rest it stays within a line's limit.
const NAME_MAX: usize = 3 * 1024;

/// Writes entries in their order, a line each with `\n` at its end. The same entries give the same
/// bytes, and [`HashListReader`](super::HashListReader) reads back what the form holds.
///
/// # Errors
/// [`HashListWriteError`] when an entry does not fit the form or the target fails; lines before it
/// are written.
pub fn write_hash_list<'a>(
    mut to: impl Write,
    form: HashListForm,
    entries: impl IntoIterator<Item = &'a HashListEntry>,
) -> Result<(), HashListWriteError> {
    if form == HashListForm::Csv {
        to.write_all(b"algorithm,hash,quality,name\n")?;
    }
    for (number, entry) in (1..).zip(entries) {
        let pdq = entry.as_pdq();
        let name = entry.name.as_deref().unwrap_or_default();
        if name.len() > NAME_MAX || name.contains(['\n', '\r']) {
            return Err(HashListWriteError::Name { number });
        }
        match (form, pdq) {
            (HashListForm::Csv, _) if pdq.is_some() || is_img_hash(&entry.algorithm) => {
                let hash = pdq.map_or_else(|| base64(entry), |pdq| pdq.to_string());
                let rest = quality_and_name(entry, true);
                writeln!(to, "{},{hash}{rest}", quoted(&entry.algorithm))?;
            }
            (HashListForm::PdqTools, Some(hash)) => {
                writeln!(to, "{hash}{}", quality_and_name(entry, false))?;
            }
            (HashListForm::Hashes, Some(hash)) => writeln!(to, "{hash}")?,
            (HashListForm::Signals, Some(hash)) => writeln!(to, "{} {hash}", entry.algorithm)?,
            (form, _) => {
                return Err(HashListWriteError::Algorithm {
                    number,
                    algorithm: entry.algorithm.clone(),
                    form,
                });
            }
        }
    }
    to.flush()?;
    Ok(())
}

/// `,quality,name`, without what is missing at the end unless all columns are wanted.
fn quality_and_name(entry: &HashListEntry, all: bool) -> String {
    let quality = entry.quality.map(|q| q.to_string()).unwrap_or_default();
    match entry.name.as_deref().unwrap_or_default() {
        "" if all => format!(",{quality},"),
        "" if quality.is_empty() => String::new(),
        "" => format!(",{quality}"),
        // The PDQ tools print names as they are, commas and all.
        name if !all && name.trim() == name && !name.starts_with('"') => {
            format!(",{quality},{name}")
        }
        name => format!(",{quality},{}", quoted(name)),
    }
}

/// A field of CSV, in quotes where it must be or where blanks at its ends would be lost.
fn quoted(field: &str) -> String {
    if field.trim() == field && !field.contains([',', '"', '\t', ';', '\n', '\r']) {
        return field.to_owned();
    }
    format!("\"{}\"", field.replace('"', "\"\""))
}

fn is_img_hash(algorithm: &str) -> bool {
    algorithm.starts_with("img_hash")
        && algorithm.trim() == algorithm
        && algorithm.len() <= 255
        && !algorithm.contains(char::is_control)
}

fn base64(entry: &HashListEntry) -> String {
    ImageHash::<[u8; 32]>::from_bytes(&bytes_of_code(&entry.hash))
        .map(|hash| hash.to_base64())
        .unwrap_or_default()
}

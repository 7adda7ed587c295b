//! What one line of a list says.

use img_hash::ImageHash;
use thiserror::Error;

use super::{Code, HashListEntry, PDQ_ALGORITHM, code_of_bytes};
use crate::image::pdq::{PdqHash, PdqHashError};

/// Why a line gives no hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LineProblem {
    /// Longer than [`HASH_LIST_LINE_MAX`](super::HASH_LIST_LINE_MAX).
    #[error(
        "it is longer than {} bytes; is this a list of hashes?",
        super::HASH_LIST_LINE_MAX
    )]
    TooLong,
    /// Not UTF-8.
    #[error("it is not UTF-8; save the list in that encoding")]
    NotUtf8,
    /// No field where the header has the hash's column.
    #[error("its hash is missing; every line needs one")]
    NoHash,
    /// The hash's field is no PDQ hash.
    #[error(transparent)]
    Pdq(#[from] PdqHashError),
    /// The hash's field is no 256-bit hash in hexadecimal or base64.
    #[error(
        "its hash of algorithm {algorithm:?} is neither 64 hexadecimal digits nor 43 or 44 \
         characters of base64; only hashes of 256 bits can be used"
    )]
    ImgHash {
        /// The algorithm that the line or the list names.
        algorithm: String,
    },
    /// A hash of something else, such as a video or a text.
    #[error("its algorithm {0:?} is neither \"pdq\" nor an \"img_hash\" one; leave the line out")]
    OtherAlgorithm(String),
    /// The quality is no whole number from 0 to 100.
    #[error("its quality {0:?} is no whole number from 0 to 100; correct it or leave it empty")]
    Quality(String),
}

/// Where the fields are, as the header line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    delimiter: u8,
    hash: usize,
    algorithm: Option<usize>,
    quality: Option<usize>,
    name: Option<usize>,
}

impl Columns {
    /// Reads a header line; nothing if it is none: a header names the hash's column.
    pub(super) fn of(line: &str) -> Option<Self> {
        let delimiter = [b'\t', b';']
            .into_iter()
            .find(|&byte| line.bytes().any(|b| b == byte))
            .unwrap_or(b',');
        let fields = fields(line, delimiter)?;
        let column = |names: &[&str]| {
            fields
                .iter()
                .position(|field| names.iter().any(|n| field.trim().eq_ignore_ascii_case(n)))
        };
        Some(Self {
            delimiter,
            hash: column(&["hash", "pdq", "pdq_hash", "pdqhash", "signal_str", "signal"])?,
            algorithm: column(&["algorithm", "signal_type"]),
            quality: column(&["quality", "pdq_quality"]),
            name: column(&["name", "filename", "file", "path", "id", "metadata", "tags"]),
        })
    }

    /// Reads a line under the header.
    pub(super) fn entry(&self, line: &str, algorithm: &str) -> Result<HashListEntry, LineProblem> {
        let fields = fields(line, self.delimiter).ok_or(LineProblem::NoHash)?;
        let field = |column: Option<usize>| {
            let field = fields.get(column?)?.trim();
            (!field.is_empty()).then_some(field)
        };
        let hash = field(Some(self.hash)).ok_or(LineProblem::NoHash)?;
        let name = self.name.and_then(|column| fields.get(column));
        entry(
            field(self.algorithm).unwrap_or(algorithm),
            hash,
            field(self.quality).map(quality).transpose()?,
            name.map_or("", String::as_str),
        )
    }
}

/// Reads a line of a list without a header.
pub(super) fn plain_entry(line: &str, algorithm: &str) -> Result<HashListEntry, LineProblem> {
    if line.starts_with("hash=") {
        return detailed_entry(line, algorithm);
    }
    // `pdq <hash>`, as the threatexchange program prints and reads.
    if let Some((kind, hash)) = line.split_once(' ')
        && !kind.contains([',', '\t'])
        && !hash.contains([',', '\t'])
    {
        return entry(kind, hash.trim(), None, "");
    }
    let (hash, mut rest) = cut(line);
    // Eight hashes on a line are one picture laid down in eight ways, the first as it is.
    while let (Ok(_), more) = (cut(rest).0.parse::<PdqHash>(), cut(rest).1) {
        rest = more;
    }
    let (second, third) = cut(rest);
    let (quality, name) = match quality(second) {
        Ok(quality) => (Some(quality), third),
        Err(_) if second.is_empty() => (None, third),
        // Two fields: the PDQ tools take anything after the comma as the picture's name.
        Err(_) if third.is_empty() => (None, rest),
        Err(problem) if second.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            return Err(problem);
        }
        Err(_) => (None, rest),
    };
    // A name in quotes is one written for CSV; one without is everything up to the line's end.
    let name = match name.starts_with('"').then(|| fields(name, b',')).flatten() {
        Some(fields) if fields.len() == 1 => fields.into_iter().next().unwrap_or_default(),
        _ => name.to_owned(),
    };
    entry(algorithm, hash, quality, &name)
}

/// `hash=…,norm=…,delta=…,quality=…,filename=…`; the name is last and may hold commas.
fn detailed_entry(line: &str, algorithm: &str) -> Result<HashListEntry, LineProblem> {
    let (line, name) = match line.split_once(",filename=") {
        Some((line, name)) => (line, name),
        None => (line, ""),
    };
    let value = |key: &str| {
        line.split(',')
            .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
    };
    let hash = value("hash").ok_or(LineProblem::NoHash)?;
    entry(
        algorithm,
        hash,
        value("quality").map(quality).transpose()?,
        name,
    )
}

fn entry(
    algorithm: &str,
    hash: &str,
    quality: Option<u8>,
    name: &str,
) -> Result<HashListEntry, LineProblem> {
    let (algorithm, hash) = if algorithm.eq_ignore_ascii_case(PDQ_ALGORITHM) {
        (PDQ_ALGORITHM, hash.parse::<PdqHash>()?.0)
    } else if algorithm.starts_with("img_hash") {
        let problem = || LineProblem::ImgHash {
            algorithm: algorithm.to_owned(),
        };
        (algorithm, img_hash_code(hash).ok_or_else(problem)?)
    } else {
        return Err(LineProblem::OtherAlgorithm(algorithm.to_owned()));
    };
    Ok(HashListEntry {
        algorithm: algorithm.to_owned(),
        hash,
        quality,
        name: (!name.is_empty()).then(|| name.to_owned()),
    })
}

fn img_hash_code(text: &str) -> Option<Code> {
    if let Ok(hex) = text.parse::<PdqHash>() {
        return Some(code_of_bytes(hex.to_bytes()));
    }
    // 32 bytes are 43 characters, and one of padding, which not all programs write.
    let unpadded = text.strip_suffix('=').unwrap_or(text);
    if unpadded.len() != 43 {
        return None;
    }
    let hash = ImageHash::<[u8; 32]>::from_base64(unpadded).ok()?;
    Some(code_of_bytes(hash.as_bytes().try_into().ok()?))
}

fn quality(text: &str) -> Result<u8, LineProblem> {
    let text = text.trim();
    match text.parse::<u8>() {
        Ok(quality) if quality <= 100 && !text.starts_with('+') => Ok(quality),
        _ => Err(LineProblem::Quality(text.to_owned())),
    }
}

/// The first field of a line, and what follows its comma or tab.
fn cut(line: &str) -> (&str, &str) {
    let (field, rest) = line.split_once([',', '\t']).unwrap_or((line, ""));
    (field.trim(), rest)
}

/// The fields of one line of CSV (RFC 4180).
fn fields(line: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(line.len() + 1)
        .from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

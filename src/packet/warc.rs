//! The WARC records of a packet's captures, cut out of the files of the scans.
//!
//! Each record is a gzip member of its own: what is copied are the very bytes
//! that the scan wrote.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use markhound_crawlers::capture::{CaptureLimits, FileInfo, Record, WarcWriter, parse_member};

use super::dossier::Dossier;
use super::{MAX_FILE, PacketError};
use crate::store::captures::StoredRecords;

/// The file's name in the packet.
pub(super) const NAME: &str = "captures.warc.gz";

/// What was cut out.
pub(super) struct Cut {
    /// A WARC file.
    pub bytes: Vec<u8>,
    /// The names of the records of each capture, its own answer's the first.
    pub records: BTreeMap<i64, Vec<String>>,
}

/// Cuts out the records of all captures; none where no capture has one, as with
/// imported files.
///
/// # Errors
/// When a record is not where the database says it is, or is damaged.
pub(super) fn cut(folder: &Path, dossier: &Dossier) -> Result<Option<Cut>, PacketError> {
    if dossier.warc.is_empty() {
        return Ok(None);
    }
    let mut cutter = Cutter::begin(folder, dossier)?;
    for place in &dossier.warc {
        let mut names = Vec::new();
        let answer = cutter.answer(place, &mut names)?;
        if answer.kind() == "revisit" {
            let first = original(&answer, &dossier.originals)
                .ok_or_else(|| missing(place, "the record it refers to is not known"))?;
            cutter.answer(first, &mut names)?;
        }
        cutter.records.insert(place.id, names);
    }
    Ok(Some(Cut {
        bytes: cutter.bytes,
        records: cutter.records,
    }))
}

/// The capture whose payload a revisit stands for.
fn original<'a>(revisit: &Record, captures: &'a [StoredRecords]) -> Option<&'a StoredRecords> {
    let named = revisit.field("WARC-Refers-To")?;
    let named = named.trim_matches(['<', '>']);
    captures.iter().find(|capture| capture.record == named)
}

fn missing(place: &StoredRecords, why: impl ToString) -> PacketError {
    PacketError::Warc {
        file: place.file.clone(),
        offset: place.start,
        why: why.to_string(),
    }
}

struct Cutter<'a> {
    folder: &'a Path,
    case_id: i64,
    bytes: Vec<u8>,
    copied: HashSet<(String, i64)>,
    records: BTreeMap<i64, Vec<String>>,
}

impl<'a> Cutter<'a> {
    fn begin(folder: &'a Path, dossier: &Dossier) -> Result<Self, PacketError> {
        let software = concat!("markhound/", env!("CARGO_PKG_VERSION"));
        let info = FileInfo::new(NAME, software, dossier.exported_at.timestamp());
        let writer = WarcWriter::create(Vec::new(), &info)
            .map_err(|error| PacketError::Zip(error.into()))?;
        Ok(Self {
            folder,
            case_id: dossier.case.id,
            bytes: writer.into_inner(),
            copied: HashSet::new(),
            records: BTreeMap::new(),
        })
    }

    /// Copies the answer of a capture and what belongs to it, each record once.
    fn answer(
        &mut self,
        place: &StoredRecords,
        names: &mut Vec<String>,
    ) -> Result<Record, PacketError> {
        let path = self.folder.join(&place.file);
        let mut file = File::open(&path).map_err(|error| missing(place, error))?;
        let answer = self.copy(&mut file, place, (place.start, place.length), names)?;
        let answer = answer.ok_or_else(|| missing(place, "the file ends before it"))?;
        let is_it = answer.id() == Some(place.record.as_str())
            && answer.field("WARC-Payload-Digest") == Some(place.payload.as_str());
        if !is_it {
            return Err(missing(place, "another record stands there"));
        }
        for beside in &place.beside.0 {
            // What was parsed may have been lost when a scan was killed.
            self.copy(&mut file, place, *beside, names)?;
        }
        Ok(answer)
    }

    /// Copies one record; none where the file ends before it.
    fn copy(
        &mut self,
        file: &mut File,
        place: &StoredRecords,
        (start, length): (i64, i64),
        names: &mut Vec<String>,
    ) -> Result<Option<Record>, PacketError> {
        let (Ok(offset), Ok(size)) = (u64::try_from(start), u64::try_from(length)) else {
            return Err(missing(place, "no such place can be"));
        };
        let total = (self.bytes.len() as u64).saturating_add(size);
        if total > MAX_FILE {
            return Err(PacketError::TooLarge {
                packet: format!("case-{}", self.case_id),
                files: 1,
                bytes: total,
            });
        }
        let mut member = Vec::new();
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.take(size).read_to_end(&mut member))
            .map_err(|error| missing(place, error))?;
        if (member.len() as u64) < size {
            return Ok(None);
        }
        let record = parse_member(&member, &CaptureLimits::default())
            .map_err(|error| missing(place, error))?;
        names.extend(record.id().map(str::to_owned));
        if self.copied.insert((place.file.clone(), start)) {
            self.bytes.extend_from_slice(&member);
        }
        Ok(Some(record))
    }
}

//! The reference index as a file that is used where it lies, so that a catalog need not be read and
//! sorted anew at every start.
//!
//! The file is derived and made for one machine: numbers are written as the processor has them, and
//! a file of another making is refused, never converted. Sections follow one another in the order of
//! [`Sections`], each from a multiple of eight bytes on.

use std::io::{self, Write};

use bytemuck::{Pod, Zeroable};
use bytes::Bytes;

use super::features::Feature;
use super::fingerprint::ALGORITHM;
use super::hashing::HashedView;
use super::pdq::PdqHash;
use super::search::{Entry, ReferenceIndex, SmallCopy};
use super::shelf::Shelf;
use super::votes::{BUCKETS, FeatureIndex, Posting};

/// The first number of every file: a file of another making, or of a processor that has its bytes
/// the other way round, does not begin with it. The last digit is the form's version.
const MAGIC: u64 = 0x4d48_5245_4649_4401;
/// Sections begin at multiples of this, in bytes.
const ALIGNMENT: usize = 8;

/// What the content of a file was made from: a digest that the caller computes over all of it.
pub type IndexFileKey = [u8; 32];

/// Why a file cannot be used. It can be deleted: it is made anew from the stored fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexFileError {
    /// Made by another version of the program, or on another kind of processor.
    #[error("the file of the reference index is of another making")]
    OtherMaking,
    /// Made from other reference photos.
    #[error("the file of the reference index was made from other reference photos")]
    OtherContent,
    /// Not a whole file.
    #[error("the file of the reference index is damaged: {0}")]
    Damaged(&'static str),
}

/// The beginning of a file.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Header {
    magic: u64,
    /// Digest of the algorithm's name.
    algorithm: u64,
    key: IndexFileKey,
    /// Lengths of the sections in their own numbers.
    entries: u64,
    views: u64,
    features: u64,
    pixels: u64,
    postings: u64,
}

/// One reference photo: what of the following sections is its own.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Record {
    reference: i64,
    product: i64,
    features: u16,
    views: u16,
    /// Sides of the copy, and of the copy before it was shrunk once more, in pixels.
    copy: [u8; 2],
    sides: [u8; 2],
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct FiledView {
    hash: [u64; 4],
    rect: [u16; 4],
}

impl ReferenceIndex {
    /// Writes the index in the form that [`ReferenceIndex::open`] reads. `key` says what it was made
    /// from. About as many bytes as the index has in memory.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn save(&self, key: &IndexFileKey, out: impl Write) -> io::Result<()> {
        let mut out = Aligned { out, at: 0 };
        // Numbers without gaps.
        let mut numbers = vec![None; self.entries.len()];
        let mut entries: Vec<&Entry> = Vec::with_capacity(self.len());
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(entry) = entry {
                numbers[at] = Some(entries.len() as u32);
                entries.push(entry);
            }
        }
        let number = |entry: u32| numbers.get(entry as usize).copied().flatten();
        let mut starts = vec![0u32; BUCKETS + 1];
        for bucket in 0..BUCKETS {
            let kept = self.features.bucket(bucket);
            let kept = kept.filter(|(entry, _)| number(*entry).is_some()).count();
            starts[bucket + 1] = u32::try_from(starts[bucket] as usize + kept)
                .map_err(|_| io::Error::other("over four billion features"))?;
        }

        let sum = |count: fn(&Entry) -> usize| entries.iter().map(|e| count(e) as u64).sum();
        out.numbers(&[Header {
            magic: MAGIC,
            algorithm: digest(ALGORITHM),
            key: *key,
            entries: entries.len() as u64,
            views: sum(|e| e.views.len()),
            features: sum(|e| e.features.len()),
            pixels: sum(|e| e.copy.values.len()),
            postings: u64::from(starts[BUCKETS]),
        }])?;
        for entry in &entries {
            out.numbers(&[Record {
                reference: entry.reference,
                product: entry.product,
                features: entry.features.len() as u16,
                views: entry.views.len() as u16,
                copy: [entry.copy.width, entry.copy.height],
                sides: entry.sides,
            }])?;
        }
        for view in entries.iter().flat_map(|e| &e.views) {
            out.numbers(&[FiledView {
                hash: view.hash.0,
                rect: view.rect,
            }])?;
        }
        for entry in &entries {
            out.numbers(&entry.features)?;
        }
        out.align()?;
        for entry in &entries {
            out.numbers(&entry.copy.values)?;
        }
        out.align()?;
        out.numbers(&starts)?;
        out.align()?;
        for bucket in 0..BUCKETS {
            for (entry, posting) in self.features.bucket(bucket) {
                if let Some(number) = number(entry) {
                    out.numbers(&[posting.renumbered(number)])?;
                }
            }
        }
        out.out.flush()
    }

    /// An index over the bytes of a file that [`ReferenceIndex::save`] wrote, best one that is mapped
    /// into memory: what a search does not touch is not read. Photos can be added and removed; that
    /// changes the index, never the file.
    ///
    /// The file's tables are checked, its pixels and features are not: damage there can lose matches
    /// or make up false ones, but does nothing worse.
    ///
    /// # Errors
    /// [`IndexFileError`], when the file was made otherwise, from something else than `key` says, or
    /// is damaged.
    pub fn open(bytes: Bytes, key: &IndexFileKey) -> Result<Self, IndexFileError> {
        let mut sections = Sections { bytes, at: 0 };
        let header = sections.take::<Header>(1);
        let header = *header
            .as_deref()
            .and_then(<[Header]>::first)
            .ok_or(IndexFileError::OtherMaking)?;
        if header.magic != MAGIC || header.algorithm != digest(ALGORITHM) {
            return Err(IndexFileError::OtherMaking);
        }
        if header.key != *key {
            return Err(IndexFileError::OtherContent);
        }
        let short = IndexFileError::Damaged("it ends early");
        let records = sections.take::<Record>(header.entries).ok_or(short)?;
        let views = sections.take::<FiledView>(header.views).ok_or(short)?;
        let mut features = sections.part::<Feature>(header.features).ok_or(short)?;
        let mut pixels = sections.part::<u8>(header.pixels).ok_or(short)?;
        let starts = sections.take::<u32>(BUCKETS as u64 + 1).ok_or(short)?;
        let postings = sections.take::<Posting>(header.postings).ok_or(short)?;
        if !starts.is_sorted() || starts.last().map(|&end| end as usize) != Some(postings.len()) {
            return Err(IndexFileError::Damaged("its buckets do not fit"));
        }

        let mut index = Self::default();
        index.features = FeatureIndex::filed(starts, postings);
        let mut views = views.iter();
        let unfit = IndexFileError::Damaged("its photos do not fit");
        for record in records.iter() {
            let entry = entry(record, &mut views, &mut features, &mut pixels).ok_or(unfit)?;
            index.add(entry);
        }
        let rest = views.len() + features.len() + pixels.len();
        if rest > 0 || index.len() != records.len() {
            return Err(unfit);
        }
        Ok(index)
    }
}

/// One photo, cut from the sections.
fn entry<'a>(
    record: &Record,
    views: &mut impl Iterator<Item = &'a FiledView>,
    features: &mut Bytes,
    pixels: &mut Bytes,
) -> Option<Entry> {
    let [width, height] = record.copy;
    let area = usize::from(width) * usize::from(height);
    let views: Vec<HashedView> = views
        .take(usize::from(record.views))
        .map(|view| HashedView {
            hash: PdqHash(view.hash),
            rect: view.rect,
        })
        .collect();
    let [left, top, right, bottom] = [0, 1, 2, 3].map(|side| move |v: &HashedView| v.rect[side]);
    let whole = views.len() == usize::from(record.views)
        && views
            .iter()
            .all(|v| left(v) < right(v) && top(v) < bottom(v));
    let length = usize::from(record.features) * size_of::<Feature>();
    if !whole
        || area == 0
        || record.sides.contains(&0)
        || pixels.len() < area
        || features.len() < length
    {
        return None;
    }
    Some(Entry {
        reference: record.reference,
        product: record.product,
        sides: record.sides,
        copy: SmallCopy {
            width,
            height,
            values: pixels.split_to(area),
        },
        views,
        features: Shelf::filed(features.split_to(length))?,
    })
}

/// FNV-1a, 64 bits: tells names apart, nothing more.
fn digest(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Reads section after section.
struct Sections {
    bytes: Bytes,
    at: usize,
}

impl Sections {
    /// The next section's bytes, if the file is long enough.
    fn part<T: Pod>(&mut self, count: u64) -> Option<Bytes> {
        let length = usize::try_from(count).ok()?.checked_mul(size_of::<T>())?;
        let end = self.at.checked_add(length)?;
        if end > self.bytes.len() {
            return None;
        }
        let part = self.bytes.slice(self.at..end);
        self.at = end.checked_next_multiple_of(ALIGNMENT)?;
        Some(part)
    }

    fn take<T: Pod>(&mut self, count: u64) -> Option<Shelf<T>> {
        Shelf::filed(self.part::<T>(count)?)
    }
}

/// Writes section after section.
struct Aligned<W> {
    out: W,
    at: usize,
}

impl<W: Write> Aligned<W> {
    fn numbers<T: Pod>(&mut self, numbers: &[T]) -> io::Result<()> {
        let bytes: &[u8] = bytemuck::cast_slice(numbers);
        self.at += bytes.len();
        self.out.write_all(bytes)
    }

    /// Fills up to where the next section may begin.
    fn align(&mut self) -> io::Result<()> {
        let gap = self.at.next_multiple_of(ALIGNMENT) - self.at;
        self.numbers(&[0u8; ALIGNMENT][..gap])
    }
}

#[cfg(test)]
mod tests;

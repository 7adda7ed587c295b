//! The inverted index over the catalog's local features: which references hold places that look
//! like the query's?
//!
//! A code's first eighteen signs name the bucket it lies in. A query feature looks into its own
//! bucket and those that differ in the signs it is least sure of (query-directed probing after
//! Q. Lv et al., "Multi-Probe LSH", VLDB 2007), once as it is and once as seen in a mirror.

use bytemuck::{Pod, Zeroable};
use multiversion::multiversion;

use super::features::{Code, DIMENSIONS, Feature, LENGTH, decode, mirrored};
use super::shelf::Shelf;

/// Signs that name a bucket.
const WORD_BITS: usize = 18;
/// Unsure signs of which every combination is tried.
const UNSURE: usize = 4;
/// Nearest places that are kept of each query feature.
pub(super) const NEAREST: usize = 16;
/// A bucket that holds more than this, and this many times an average one, is one of features that
/// everybody has. Only the query features that lie in it themselves look into it.
const CROWD: usize = 32;
const CROWDED: usize = 12;
/// Codes whose cosine is lower than this are not alike.
const ALIKE: f32 = 0.78;
/// Signs of a code, of 40, that may differ; few codes that are alike differ in more.
const SIGNS: u32 = 9;
/// Hits of one query feature that are put in order.
const ORDERED: usize = 4 * NEAREST;

/// Bytes of a posting.
const POSTING_BYTES: usize = size_of::<Posting>();

/// Features of one reference, at most.
pub(super) const MOST_FEATURES: usize = 256;

/// One feature of a reference.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Posting {
    code: Code,
    /// The reference in the upper 24 bits, the feature's place in it in the lower 8.
    owner: u32,
}

impl Posting {
    fn new(code: Code, entry: u32, place: usize) -> Self {
        Self {
            code,
            owner: entry << 8 | place as u32,
        }
    }

    fn entry(&self) -> u32 {
        self.owner >> 8
    }

    /// The same feature of the same reference, which has another number now.
    pub(super) fn renumbered(&self, entry: u32) -> Self {
        Self {
            owner: entry << 8 | self.owner & 255,
            ..*self
        }
    }
}

/// A place in a reference that looks like a place in the query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vote {
    /// The reference, as it was inserted.
    pub entry: u32,
    /// Which of the query's features, and whether it was looked at in the mirror.
    pub feature: u16,
    pub mirrored: bool,
    /// How much nearer it is than the places that happen to look alike: 0 to 1.
    pub weight: f32,
    /// Which of the reference's features.
    pub place: u8,
}

/// How many buckets there are.
pub(super) const BUCKETS: usize = 1 << WORD_BITS;

/// Features of all references by bucket: those that came in a file, and those that were added since.
#[derive(Debug, Clone)]
pub(super) struct FeatureIndex {
    filed: Option<Filed>,
    buckets: Vec<Vec<Posting>>,
    /// Features in all of the buckets.
    added: usize,
}

impl Default for FeatureIndex {
    fn default() -> Self {
        Self {
            filed: None,
            buckets: vec![Vec::new(); BUCKETS],
            added: 0,
        }
    }
}

/// Buckets in one piece, as a file has them.
#[derive(Debug, Clone)]
struct Filed {
    /// Where each bucket begins in the postings, and at last where they end.
    starts: Shelf<u32>,
    postings: Shelf<Posting>,
}

impl Filed {
    fn bucket(&self, at: usize) -> &[Posting] {
        let start = |at: usize| self.starts.get(at).map_or(0, |&start| start as usize);
        let range = start(at)..start(at + 1);
        self.postings.get(range).unwrap_or_default()
    }
}

impl FeatureIndex {
    /// Takes over buckets in one piece: of each its start, and at last the end of all.
    pub(super) fn filed(starts: Shelf<u32>, postings: Shelf<Posting>) -> Self {
        Self {
            filed: Some(Filed { starts, postings }),
            ..Self::default()
        }
    }

    /// A bucket's features with the numbers of their references.
    pub(super) fn bucket(&self, at: usize) -> impl Iterator<Item = (u32, &Posting)> {
        let filed = self.filed.as_ref().map_or(&[][..], |f| f.bucket(at));
        filed
            .iter()
            .chain(&self.buckets[at])
            .map(|posting| (posting.entry(), posting))
    }

    pub(super) fn insert(&mut self, entry: u32, features: &[Feature]) {
        for (at, feature) in features.iter().enumerate().take(MOST_FEATURES) {
            let values = decode(&feature.code);
            let bucket = &mut self.buckets[word(&values) as usize];
            if bucket.len() == bucket.capacity() {
                // Grown by an eighth: doubling would waste a third of the memory.
                bucket.reserve_exact(bucket.len() / 8 + 1);
            }
            bucket.push(Posting::new(feature.code, entry, at));
            self.added += 1;
        }
    }

    /// The votes of a query's features, in the order of the features.
    pub(super) fn votes(&self, features: &[Feature]) -> Vec<Vote> {
        let mut out = Vec::with_capacity(features.len() * 8);
        let mut hits: Vec<Hit> = Vec::new();
        let crowd = self.crowd();
        for (at, feature) in features.iter().enumerate().take(usize::from(u16::MAX)) {
            hits.clear();
            let values = decode(&feature.code);
            self.look(&values, false, crowd, &mut hits);
            self.look(&mirrored(&values), true, crowd, &mut hits);
            let nearer = |a: &Hit, b: &Hit| {
                b.cosine
                    .total_cmp(&a.cosine)
                    .then((a.entry, a.place, a.mirrored).cmp(&(b.entry, b.place, b.mirrored)))
            };
            if hits.len() > ORDERED {
                hits.select_nth_unstable_by(ORDERED, nearer);
                hits.truncate(ORDERED);
            }
            hits.sort_unstable_by(nearer);
            // One vote a reference and feature: a pattern that repeats within a photo counts once.
            let mut kept: Vec<Hit> = Vec::with_capacity(NEAREST + 1);
            for hit in &hits {
                if kept
                    .iter()
                    .all(|k| k.entry != hit.entry || k.mirrored != hit.mirrored)
                {
                    kept.push(*hit);
                    if kept.len() > NEAREST {
                        break;
                    }
                }
            }
            let chance = kept
                .get(NEAREST)
                .map_or(1.0 - ALIKE, |hit| 1.0 - hit.cosine)
                .max(0.01);
            for hit in kept.iter().take(NEAREST) {
                let weight = 1.0 - (1.0 - hit.cosine) / chance;
                if weight > 0.02 {
                    out.push(Vote {
                        entry: hit.entry,
                        feature: at as u16,
                        mirrored: hit.mirrored,
                        weight,
                        place: hit.place,
                    });
                }
            }
        }
        out
    }

    /// Postings of a bucket from which on only its own features look into it.
    fn crowd(&self) -> usize {
        let filed = self.filed.as_ref().map_or(0, |f| f.postings.len());
        CROWD + CROWDED * (filed + self.added) / BUCKETS
    }

    fn look(&self, values: &[i8; DIMENSIONS], mirrored: bool, crowd: usize, hits: &mut Vec<Hit>) {
        // All codes are about as long.
        let norm = 1.0 / (length(values) * LENGTH);
        let query = Query::new(values, norm);
        let own = word(values);
        let unsure = unsure(values);
        for combination in 0..1u32 << UNSURE {
            let mut probe = own;
            for (i, bit) in unsure.iter().enumerate() {
                probe ^= (combination >> i & 1) << bit;
            }
            let probe = probe as usize;
            let filed = self.filed.as_ref().map_or(&[][..], |f| f.bucket(probe));
            let added = &self.buckets[probe];
            if combination == 0 || filed.len() + added.len() <= crowd {
                scan(filed, &query, mirrored, hits);
                scan(added, &query, mirrored, hits);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Hit {
    entry: u32,
    place: u8,
    cosine: f32,
    mirrored: bool,
}

/// A query's numbers, those of the lower and of the upper halves of a code's bytes apart.
struct Query {
    signs: (u64, u64, u32),
    /// Followed by zeros for a posting's owner: whole postings are multiplied, because 24 bytes fill
    /// vector registers better than 20.
    low: [i16; POSTING_BYTES],
    high: [i16; POSTING_BYTES],
    /// What the codes' offset of 15 adds.
    offset: i32,
    norm: f32,
}

impl Query {
    fn new(values: &[i8; DIMENSIONS], norm: f32) -> Self {
        let nibble = |v: i8| ((v + 15) / 2) as u8;
        let code = std::array::from_fn(|i| nibble(values[2 * i]) | nibble(values[2 * i + 1]) << 4);
        Self {
            signs: signs(&code),
            low: std::array::from_fn(|i| values.get(2 * i).map_or(0, |&v| i16::from(v))),
            high: std::array::from_fn(|i| values.get(2 * i + 1).map_or(0, |&v| i16::from(v))),
            offset: values.iter().map(|&v| i32::from(v) * 15).sum(),
            norm,
        }
    }
}

#[multiversion(targets("x86_64+avx2+popcnt", "aarch64+neon"))]
fn scan(bucket: &[Posting], query: &Query, mirrored: bool, hits: &mut Vec<Hit>) {
    let (a, b, c) = query.signs;
    for posting in bucket {
        let (x, y, z) = signs(&posting.code);
        let differ = (a ^ x).count_ones() + (b ^ y).count_ones() + (c ^ z).count_ones();
        if differ > SIGNS {
            continue;
        }
        let bytes: &[u8; POSTING_BYTES] = bytemuck::cast_ref(posting);
        let mut sum = 0i16;
        for (byte, (low, high)) in bytes.iter().zip(query.low.iter().zip(&query.high)) {
            sum += i16::from(byte & 15) * low + i16::from(byte >> 4) * high;
        }
        let dot = i32::from(sum) * 2 - query.offset;
        let cosine = dot as f32 * query.norm;
        if cosine > ALIKE {
            hits.push(Hit {
                entry: posting.entry(),
                place: (posting.owner & 255) as u8,
                cosine,
                mirrored,
            });
        }
    }
}

/// The signs of a code's numbers: the upper bits of its nibbles.
#[inline(always)]
fn signs(code: &Code) -> (u64, u64, u32) {
    const MASK: u64 = 0x8888_8888_8888_8888;
    let eight = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| code[at + i]));
    let rest = u32::from_le_bytes(std::array::from_fn(|i| code[16 + i]));
    (eight(0) & MASK, eight(8) & MASK, rest & MASK as u32)
}

fn word(values: &[i8; DIMENSIONS]) -> u32 {
    (0..WORD_BITS).fold(0, |word, i| word | u32::from(values[i] > 0) << i)
}

/// The bits of the word that are nearest to the other sign.
fn unsure(values: &[i8; DIMENSIONS]) -> [usize; UNSURE] {
    let mut order: [usize; WORD_BITS] = std::array::from_fn(|i| i);
    order.sort_by_key(|&i| (values[i].unsigned_abs(), i));
    std::array::from_fn(|i| order[i])
}

fn length(values: &[i8; DIMENSIONS]) -> f32 {
    let square: i32 = values.iter().map(|&v| i32::from(v) * i32::from(v)).sum();
    (square as f32).sqrt().max(1.0)
}

//! The search through the catalog's reference photos.
//!
//! A cascade: hashes of whole pictures and votes of local features propose references and how they
//! lie in the query; the proposals are laid over the query and their pixels and features compared.

use std::collections::HashMap;

use bytes::Bytes;

use super::candidates::{Candidate, candidates};
use super::evidence::{self, Numbers};
use super::features::{Feature, FloatPlane};
use super::fingerprint::Fingerprint;
use super::guided::{self, Grid};
use super::hashing::{self, HashIndex, HashedView};
use super::report::{self, PictureMatch};
use super::shelf::Shelf;
use super::verify::{self, Agreement, Pyramid, Templates};
use super::views::Part;
use super::votes::FeatureIndex;

/// Features of a reference photo that are kept in memory.
const REFERENCE_FEATURES: usize = 190;
/// Pixels of a reference photo's copy that is kept in memory.
const REFERENCE_PIXELS: f64 = 5600.0;
/// Placements by features that are laid over the query.
const BY_FEATURES: usize = 10;
/// Placements by hashes that are laid over the query.
const BY_HASHES: usize = 4;
/// Hash distance up to which a placement is tried, in bits of 256.
const HASH_RADIUS: u32 = 43;
/// The score from which a reference is said to be found.
pub(super) const MATCH: f64 = 0.5;
/// Reference photos in the sets that the evidence was weighed on.
const MEASURED_REFERENCES: f32 = 500.0;
/// Log-odds beyond even ones that a match needs: other goods of one shoot come as far as even odds.
const CAUTION: f32 = 0.45;
/// How much a further reference's chance of a false match counts. Less than one: of many references
/// the candidates are still the few that are most alike (`markhound eval growth` measures it).
const CHANCE: f32 = 0.8;
/// Removed references whose features are still in the buckets, at most, as a share of all.
const MOST_GONE: usize = 8;

/// A reference photo in memory.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub reference: i64,
    pub product: i64,
    /// Sides of the photo's grey copy before it was shrunk once more, in pixels.
    pub sides: [u8; 2],
    pub copy: SmallCopy,
    pub views: Vec<HashedView>,
    pub features: Shelf<Feature>,
}

/// The small grey copy of a reference photo.
#[derive(Debug, Clone)]
pub(super) struct SmallCopy {
    pub width: u8,
    pub height: u8,
    pub values: Bytes,
}

impl Entry {
    /// Width and height in shares of the longer side.
    pub(super) fn size(&self) -> [f32; 2] {
        size(self.sides)
    }

    fn plane(&self) -> FloatPlane {
        let copy = &self.copy;
        let (w, h) = (usize::from(copy.width), usize::from(copy.height));
        FloatPlane::from_bytes(w, h, &copy.values)
    }
}

/// The catalog's reference photos, in memory (some 15 KB each). Insertion and removal take effect at
/// once.
#[derive(Debug, Clone, Default)]
pub struct ReferenceIndex {
    pub(super) entries: Vec<Option<Entry>>,
    by_reference: HashMap<i64, u32>,
    pub(super) features: FeatureIndex,
    hashes: HashIndex,
}

/// A placement to be checked.
struct Proposal {
    candidate: Candidate,
    /// Distance of the nearest hashes, when they are near.
    distance: Option<u32>,
    /// The query's part whose hash proposed it.
    part: Option<Part>,
}

/// A placement that was checked.
pub(super) struct Checked<'a> {
    pub entry: &'a Entry,
    pub mirrored: bool,
    pub distance: Option<u32>,
    pub part: Option<Part>,
    pub agreement: Agreement,
    pub numbers: Numbers,
}

/// The query in the forms that checking needs.
struct Query {
    /// As it is, and mirrored.
    pixels: [Pyramid; 2],
    grids: [Grid; 2],
}

impl Query {
    fn new(fingerprint: &Fingerprint) -> Self {
        let size = size(fingerprint.sides());
        let plane = fingerprint.copy.plane();
        let mirror = plane.mirrored();
        Self {
            pixels: [Pyramid::new(plane), Pyramid::new(mirror)],
            grids: [None, Some(size[0])].map(|mirror| Grid::new(&fingerprint.features, mirror)),
        }
    }
}

impl ReferenceIndex {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reference photo, or replaces the one with the same id. A flat picture is kept out: it
    /// would match anything or nothing.
    pub fn insert(&mut self, reference: i64, product: i64, fingerprint: &Fingerprint) {
        self.remove(reference);
        if fingerprint.is_degenerate() {
            return;
        }
        let copy = &fingerprint.copy;
        let (w, h) = (f64::from(copy.width), f64::from(copy.height));
        let scale = (REFERENCE_PIXELS / (w * h)).sqrt().min(1.0);
        let side = |v: f64| (v * scale).round().clamp(1.0, 255.0) as usize;
        let small = copy.plane().resized(side(w), side(h));
        let most = fingerprint.features.len().min(REFERENCE_FEATURES);
        let features = &fingerprint.features[..most];
        let values: Vec<u8> = small.values.iter().map(|v| v.round() as u8).collect();
        self.features.insert(self.entries.len() as u32, features);
        self.add(Entry {
            reference,
            product,
            sides: [copy.width, copy.height],
            copy: SmallCopy {
                width: small.width as u8,
                height: small.height as u8,
                values: values.into(),
            },
            views: hashing::reference_views(fingerprint),
            features: features.into(),
        });
    }

    /// Adds an entry whose features are in their buckets.
    pub(super) fn add(&mut self, entry: Entry) {
        let at = self.entries.len() as u32;
        self.hashes.insert(at, &entry.views);
        self.by_reference.insert(entry.reference, at);
        self.entries.push(Some(entry));
    }

    /// Takes a reference photo out; nothing happens when it is not there.
    pub fn remove(&mut self, reference: i64) {
        let Some(at) = self.by_reference.remove(&reference) else {
            return;
        };
        self.entries[at as usize] = None;
        self.hashes.remove(at);
        let gone = self.entries.len() - self.by_reference.len();
        if gone * MOST_GONE > self.entries.len() {
            self.compact();
        }
    }

    /// Numbers the references anew, without those that are gone.
    fn compact(&mut self) {
        let entries = std::mem::take(&mut self.entries);
        self.features = FeatureIndex::default();
        self.hashes = HashIndex::default();
        for entry in entries.into_iter().flatten() {
            self.features
                .insert(self.entries.len() as u32, &entry.features);
            self.add(entry);
        }
    }

    /// How many reference photos can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_reference.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_reference.is_empty()
    }

    /// The references found in a picture, best first, at most one match a reference. Empty for a
    /// flat picture.
    #[must_use]
    pub fn search(&self, query: &Fingerprint) -> Vec<PictureMatch> {
        let mut found: Vec<PictureMatch> = Vec::new();
        for checked in self.check(query) {
            let score = self.score(&checked.numbers);
            if score < MATCH {
                continue;
            }
            let new = report::report(&checked, query, size(query.sides()), score);
            match found.iter_mut().find(|m| m.reference == new.reference) {
                Some(old) if old.score < new.score => *old = new,
                Some(_) => {}
                None => found.push(new),
            }
        }
        found.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then(a.reference.cmp(&b.reference))
        });
        found
    }

    /// What speaks for each reference that was looked at, whether it was found or not: reference,
    /// product and the numbers that [`evidence_names`](Self::evidence_names) names. For fitting and
    /// examining the score.
    #[must_use]
    pub fn evidence(&self, query: &Fingerprint) -> Vec<(i64, i64, Vec<f32>)> {
        self.check(query)
            .into_iter()
            .map(|c| (c.entry.reference, c.entry.product, c.numbers.to_vec()))
            .collect()
    }

    /// What the numbers of [`evidence`](Self::evidence) are.
    #[must_use]
    pub fn evidence_names() -> &'static [&'static str] {
        &evidence::NAMES
    }

    /// How sure a match is. Every further reference is a further chance of a false match, so that
    /// the same evidence weighs less in a larger catalog.
    fn score(&self, numbers: &Numbers) -> f64 {
        let chances = CHANCE * (self.len() as f32 / MEASURED_REFERENCES).max(1.0).ln();
        let log_odds = evidence::log_odds(numbers) - CAUTION - chances;
        1.0 / (1.0 + f64::from(-log_odds).exp())
    }

    fn check(&self, fingerprint: &Fingerprint) -> Vec<Checked<'_>> {
        if fingerprint.is_degenerate() || self.is_empty() {
            return Vec::new();
        }
        let proposals = self.proposals(fingerprint);
        if proposals.is_empty() {
            return Vec::new();
        }
        let query = Query::new(fingerprint);
        proposals
            .iter()
            .filter_map(|proposal| self.check_one(&query, proposal))
            .collect()
    }

    fn proposals(&self, query: &Fingerprint) -> Vec<Proposal> {
        let query_size = size(query.sides());
        let near = self.hashes.near(query, HASH_RADIUS);
        let distances: HashMap<u32, u32> = near.iter().map(|(at, n)| (*at, n.distance)).collect();
        let mut out: Vec<Proposal> = near
            .iter()
            .take(BY_HASHES)
            .filter_map(|(at, near)| {
                let entry = self.entries[*at as usize].as_ref()?;
                let (mirrored, map) = near.placement(query, query_size, &entry.views, entry.size());
                Some(Proposal {
                    candidate: Candidate {
                        entry: *at,
                        mirrored,
                        map,
                        weight: 0.0,
                    },
                    distance: Some(near.distance),
                    part: Some(query.views[near.query].part),
                })
            })
            .collect();

        let mut votes = self.features.votes(&query.features);
        votes.retain(|v| {
            let entry = self.entries.get(v.entry as usize).and_then(Option::as_ref);
            entry.is_some_and(|entry| usize::from(v.place) < entry.features.len())
        });
        let of = |at: u32| {
            let entry = self.entries[at as usize].as_ref();
            entry.map_or(&[][..], |entry| &*entry.features)
        };
        let by_features = candidates(&mut votes, &query.features, query_size[0], BY_FEATURES, of);
        out.extend(by_features.into_iter().map(|candidate| Proposal {
            distance: distances.get(&candidate.entry).copied(),
            candidate,
            part: None,
        }));
        out
    }

    fn check_one(&self, query: &Query, proposal: &Proposal) -> Option<Checked<'_>> {
        let Candidate {
            entry,
            mirrored,
            map,
            ..
        } = proposal.candidate;
        let entry = self.entries[entry as usize].as_ref()?;
        let side = usize::from(mirrored);
        let templates = Templates::new(&entry.plane());
        let agreement = verify::check(&templates, &query.pixels[side], &map);
        let guided = guided::count(
            &query.grids[side],
            &entry.features,
            entry.size(),
            &agreement.map,
        );
        Some(Checked {
            entry,
            mirrored,
            distance: proposal.distance,
            part: proposal.part,
            numbers: evidence::numbers(&agreement, &guided, proposal.distance),
            agreement,
        })
    }
}

/// Width and height in shares of the longer side.
fn size(sides: [u8; 2]) -> [f32; 2] {
    let [w, h] = sides.map(f32::from);
    [w / w.max(h), h / w.max(h)]
}

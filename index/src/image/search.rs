//! The search through the catalog's reference photos.

use std::collections::HashMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::PictureHashes;
use super::hashes::{ALGORITHM, BITS, Code, View, hamming};
use super::polygon;
use super::pyramid::Pyramid;
use super::verify::{self, Agreement, Guess, Templates};
use super::views::Part;

/// Hashes further apart than this are not looked at twice.
const CANDIDATE_BITS: u32 = 86;
/// At most this many references, nearest hashes first, are laid over the picture coarsely.
const GUESSED: usize = 20;
/// At most this many placements of one reference are tried.
const PLACEMENTS: usize = 2;
/// At most this many placements in all, best coarse fit first, are compared finely.
const CHECKED: usize = 8;
/// A match is one from this score, which some 0.4 % of unrelated photos reach in a catalog of
/// [`MEASURED_REFERENCES`].
const MATCH: f64 = 0.5;
/// Reference photos in the set that the score was measured on.
const MEASURED_REFERENCES: f64 = 500.0;

/// A reference photo found in a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureMatch {
    /// The reference photo's id, as given to [`ReferenceIndex::insert`].
    pub reference: i64,
    /// The product the reference photo belongs to.
    pub product: i64,
    /// How sure the match is, 0 to 1.
    pub score: f64,
    /// Name and version of the algorithm that found it.
    pub method: String,
    /// What was done to the photo: "identity", "mirror", "trimmed" (a border was put around it),
    /// "panel" (part of a collage or screenshot), "region" (somewhere in the picture), "crop";
    /// several are joined by "+", as in "mirror+crop".
    pub transform: String,
    /// Where in the query picture the reference lies: a polygon in the query's pixels.
    pub region: Vec<[f64; 2]>,
    /// Hamming distance of the two nearest hashes, of 256 bits.
    pub distance: u32,
    /// How many textured blocks of the reference agree with the query's pixels.
    pub inliers: Option<u32>,
}

#[derive(Debug, Clone)]
struct Entry {
    reference: i64,
    product: i64,
    hashes: PictureHashes,
}

/// A pair of parts with similar hashes.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    distance: u32,
    mirrored: bool,
    query: usize,
    reference: usize,
}

/// A candidate laid over the query.
struct Guessed<'a> {
    entry: &'a Entry,
    templates: Rc<Templates>,
    candidate: Candidate,
    parts: (Part, Part),
    guess: Guess,
}

/// The catalog's reference photos, in memory. Searching is a scan over all hashes; insertion and
/// removal take effect at once.
#[derive(Debug, Clone, Default)]
pub struct ReferenceIndex {
    entries: Vec<Entry>,
    by_reference: HashMap<i64, usize>,
}

impl ReferenceIndex {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reference photo, or replaces the one with the same id. A flat picture, or hashes of
    /// another algorithm, are kept out: they would match anything or nothing.
    pub fn insert(&mut self, reference: i64, product: i64, hashes: &PictureHashes) {
        self.remove(reference);
        if hashes.is_degenerate() || hashes.algorithm != ALGORITHM {
            return;
        }
        // What only a query needs is not kept.
        let hashes = PictureHashes {
            query: Vec::new(),
            mirrored: Vec::new(),
            ..hashes.clone()
        };
        self.by_reference.insert(reference, self.entries.len());
        self.entries.push(Entry {
            reference,
            product,
            hashes,
        });
    }

    /// Takes a reference photo out; nothing happens when it is not there.
    pub fn remove(&mut self, reference: i64) {
        if let Some(at) = self.by_reference.remove(&reference) {
            self.entries.swap_remove(at);
            if let Some(moved) = self.entries.get(at) {
                self.by_reference.insert(moved.reference, at);
            }
        }
    }

    /// How many reference photos can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The references found in a picture, best first, at most one match a reference. Empty for a
    /// flat picture.
    #[must_use]
    pub fn search(&self, query: &PictureHashes) -> Vec<PictureMatch> {
        if query.algorithm != ALGORITHM || query.is_degenerate() {
            return Vec::new();
        }
        let mut nearest: Vec<(usize, Vec<Candidate>)> = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| {
                let candidates = candidates(query, &entry.hashes.reference);
                (!candidates.is_empty()).then_some((at, candidates))
            })
            .collect();
        nearest.sort_by_key(|(at, candidates)| (candidates[0].distance, *at));
        nearest.truncate(GUESSED);

        let upright = Pyramid::new(&query.copy, false);
        let mirror = Pyramid::new(&query.copy, true);
        let mut guesses: Vec<Guessed<'_>> = nearest
            .iter()
            .flat_map(|(at, candidates)| {
                let entry = &self.entries[*at];
                let templates = Rc::new(Templates::new(&entry.hashes.copy));
                candidates
                    .iter()
                    .map(move |c| (entry, Rc::clone(&templates), c))
            })
            .map(|(entry, templates, c)| {
                let (pixels, views) = if c.mirrored {
                    (&mirror, &query.mirrored)
                } else {
                    (&upright, &query.query)
                };
                let (q, r) = (&views[c.query], &entry.hashes.reference[c.reference]);
                let guess = verify::guess(&templates, pixels, &q.rect(), &r.rect());
                Guessed {
                    entry,
                    templates,
                    candidate: *c,
                    parts: (q.part, r.part),
                    guess,
                }
            })
            .collect();
        guesses.sort_by(|a, b| b.guess.fit.total_cmp(&a.guess.fit));
        guesses.truncate(CHECKED);

        let mut found: Vec<PictureMatch> = Vec::new();
        for g in &guesses {
            let pixels = if g.candidate.mirrored {
                &mirror
            } else {
                &upright
            };
            let agreement = verify::check(&g.templates, pixels, &g.guess);
            let score = probability(&agreement, g.candidate.distance, self.entries.len());
            if score < MATCH {
                continue;
            }
            let new = report(g, query, &agreement, score);
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
}

/// The nearest pairs of parts, nearest first, at most [`PLACEMENTS`], none like another.
fn candidates(query: &PictureHashes, reference: &[View]) -> Vec<Candidate> {
    let mut near = Vec::new();
    for (mirrored, views) in [(false, &query.query), (true, &query.mirrored)] {
        for (q, view) in views.iter().enumerate() {
            if let Some((r, distance)) = nearest_view(&view.code, reference) {
                near.push(Candidate {
                    distance,
                    mirrored,
                    query: q,
                    reference: r,
                });
            }
        }
    }
    near.retain(|c| c.distance <= CANDIDATE_BITS);
    near.sort_by_key(|c| (c.distance, c.mirrored, c.query));
    near.truncate(PLACEMENTS);
    near
}

fn nearest_view(code: &Code, views: &[View]) -> Option<(usize, u32)> {
    views
        .iter()
        .enumerate()
        .map(|(i, view)| (i, hamming(code, &view.code)))
        .min_by_key(|&(_, distance)| distance)
}

/// How sure a match is, from the share of agreeing blocks and from the distance of the hashes.
///
/// Either the blocks alone convince (a crop, whose hashes are far apart), or both together do (a
/// soft or dark copy, whose blocks agree less well). The numbers are a logistic fit over the
/// candidates of an evaluation set of edited and unrelated photos (`examples/measure_images.rs`).
/// Every further reference is a further chance of a false match, so that the same evidence weighs
/// less in a larger catalog.
fn probability(agreement: &Agreement, distance: u32, references: usize) -> f64 {
    let share = agreement.share();
    let by_blocks = 9.0 * (share - 0.714);
    let by_both = 9.0 * share - 11.8 * f64::from(distance) / f64::from(BITS) - 4.45;
    let chances = (MEASURED_REFERENCES / references.max(1) as f64)
        .ln()
        .clamp(-2.0, 0.85);
    1.0 / (1.0 + (-by_blocks.max(by_both) - chances).exp())
}

fn report(
    g: &Guessed<'_>,
    query: &PictureHashes,
    agreement: &Agreement,
    score: f64,
) -> PictureMatch {
    let (entry, candidate, (q, r)) = (g.entry, &g.candidate, g.parts);
    let mut corners = agreement.placement.corners(&entry.hashes.copy, &query.copy);
    if candidate.mirrored {
        corners.iter_mut().for_each(|c| c[0] = 1.0 - c[0]);
    }
    let region = polygon::clip_to_unit(&corners)
        .into_iter()
        .map(|[x, y]| [x * f64::from(query.width), y * f64::from(query.height)])
        .collect();
    let mut words = Vec::new();
    if candidate.mirrored {
        words.push("mirror");
    }
    match q {
        Part::Whole | Part::Banner => {}
        Part::Trimmed => words.push("trimmed"),
        Part::Panel => words.push("panel"),
        Part::Cell | Part::Crop => words.push("region"),
    }
    match r {
        Part::Whole | Part::Banner | Part::Trimmed => {}
        Part::Panel | Part::Cell | Part::Crop => words.push("crop"),
    }
    if words.is_empty() {
        words.push("identity");
    }
    PictureMatch {
        reference: entry.reference,
        product: entry.product,
        score,
        method: ALGORITHM.to_owned(),
        transform: words.join("+"),
        region,
        distance: candidate.distance,
        inliers: Some(agreement.agreeing),
    }
}

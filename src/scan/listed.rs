//! Pictures recognised by the hashes of imported lists, where there is no
//! reference photo to compare with.

use std::collections::{BTreeMap, HashMap};

use markhound_index::image::{
    Code, Dihedral, Fingerprint, HammingIndex, PDQ_ALGORITHM, PDQ_QUALITY_ADVISED, PDQ_SAME_WITHIN,
    PdqHash, PdqHashError, PictureMatch,
};

use crate::store::reference_hashes::ReferenceHash;

/// The method of a match by such a hash.
pub const METHOD: &str = "pdq list";

/// What the score of a match falls by up to [`PDQ_SAME_WITHIN`] bits: from 1.0
/// to 0.6, as a hash alone is never checked pixel against pixel.
const FALL: f64 = 0.4;

/// A hash in the index.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    product: i64,
    /// What the list calls the picture.
    pub(super) label: String,
    pub(super) hash: PdqHash,
}

/// The PDQ hashes of the imported lists.
#[derive(Debug, Default)]
pub(super) struct ListedHashes {
    index: HammingIndex,
    rows: HashMap<i64, Listed>,
}

impl ListedHashes {
    /// Adds a stored hash. Those of other algorithms are kept for export only;
    /// degenerate ones and those of low quality would match anything like them.
    pub(super) fn insert(&mut self, row: ReferenceHash) -> Result<(), PdqHashError> {
        let poor = row
            .quality
            .is_some_and(|quality| quality < i64::from(PDQ_QUALITY_ADVISED));
        if row.algorithm != PDQ_ALGORITHM || poor {
            return Ok(());
        }
        let hash: PdqHash = row.hash.parse()?;
        if let (false, Ok(id)) = (hash.is_degenerate(), u64::try_from(row.id)) {
            self.index.insert(id, hash.0);
            self.rows.insert(
                row.id,
                Listed {
                    product: row.product_id,
                    label: row.label,
                    hash,
                },
            );
        }
        Ok(())
    }

    /// The hash that a match's reference stands for.
    pub(super) fn of(&self, reference: i64) -> Option<&Listed> {
        self.rows.get(&reference.checked_neg()?)
    }

    /// The nearest hash of each product that has one within
    /// [`PDQ_SAME_WITHIN`] bits of the picture, laid down in any way.
    pub(super) fn search(&self, picture: &Fingerprint) -> Vec<PictureMatch> {
        if self.index.is_empty() {
            return Vec::new();
        }
        let variants: Vec<(Dihedral, PdqHash)> = picture.pdq_variants().collect();
        let codes: Vec<Code> = variants.iter().map(|(_, hash)| hash.0).collect();
        let found = self.index.within_batch(&codes, PDQ_SAME_WITHIN);
        let mut nearest: BTreeMap<i64, (u32, Dihedral, i64)> = BTreeMap::new();
        for ((way, _), neighbours) in variants.iter().zip(found) {
            for (id, distance) in neighbours {
                let Ok(id) = i64::try_from(id) else { continue };
                let Some(row) = self.rows.get(&id) else {
                    continue;
                };
                let this = (distance, *way, id);
                let best = nearest.entry(row.product).or_insert(this);
                *best = this.min(*best);
            }
        }
        let region = match nearest.is_empty() {
            true => Vec::new(),
            false => whole(picture),
        };
        nearest
            .into_iter()
            .map(|(product, (distance, way, id))| PictureMatch {
                reference: -id,
                product,
                score: 1.0 - FALL * f64::from(distance) / f64::from(PDQ_SAME_WITHIN),
                method: METHOD.to_owned(),
                transform: transform(way).to_owned(),
                region: region.clone(),
                reference_region: Vec::new(),
                placed: Vec::new(),
                distance: Some(distance),
                inliers: None,
                compared: None,
            })
            .collect()
    }
}

/// What was done to the photo if the picture, moved this way, has its hash. All
/// movements but the quarter turns undo themselves.
fn transform(way: Dihedral) -> &'static str {
    match way {
        Dihedral::Original => "identity",
        Dihedral::Rotate90 | Dihedral::Rotate180 | Dihedral::Rotate270 => "rotated",
        Dihedral::FlipY => "mirror",
        Dihedral::FlipX | Dihedral::FlipPlus1 | Dihedral::FlipMinus1 => "mirror+rotated",
    }
}

/// The outline of the whole picture in its pixels.
fn whole(picture: &Fingerprint) -> Vec<[f64; 2]> {
    let (w, h) = picture.size();
    let (w, h) = (f64::from(w), f64::from(h));
    vec![[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]]
}

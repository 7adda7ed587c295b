//! Photos that unrelated products have in common: size charts, logos, banners.
//!
//! Such a photo says nothing about which product a listing concerns, and
//! everybody in the trade may use it. Variants of one product share photos too,
//! and theirs are wanted: hence only photos of products whose names have little
//! in common with each other count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use markhound_index::image::{
    Fingerprint, HammingIndex, PDQ_QUALITY_ADVISED, PDQ_SAME_WITHIN, PdqHash,
};

/// Products, each unrelated to the others, from which on their photo is common.
const UNRELATED: usize = 4;
/// Products are related from this share of common words in their names on.
const RELATED: f64 = 0.34;
/// Photos whose likes are looked for at a time.
const AT_ONCE: usize = 1024;

/// What a photo looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) reference: i64,
    pub(super) product: i64,
    pub(super) hash: PdqHash,
    /// 0 to 100.
    pub(super) quality: u8,
}

impl Look {
    /// Nothing for a plain area.
    pub(super) fn new(reference: i64, product: i64, fingerprint: &Fingerprint) -> Option<Self> {
        Some(Self {
            reference,
            product,
            hash: fingerprint.pdq()?,
            quality: fingerprint.pdq_quality()?,
        })
    }

    /// Hashes of few details are near to those of other pictures: of them only
    /// the very same counts.
    fn radius(&self) -> u32 {
        if self.quality < PDQ_QUALITY_ADVISED {
            0
        } else {
            PDQ_SAME_WITHIN
        }
    }
}

/// The photos that at least four mutually unrelated products have, each with the
/// number of all products that have it. `names` are the products' names.
pub(super) fn commons(looks: &[Look], names: &HashMap<i64, String>) -> BTreeMap<i64, usize> {
    let words: HashMap<i64, BTreeSet<String>> = names
        .iter()
        .map(|(product, name)| (*product, words(name)))
        .collect();
    let mut index = HammingIndex::new();
    for (at, look) in looks.iter().enumerate() {
        index.insert(at as u64, look.hash.0);
    }
    let mut found = BTreeMap::new();
    for part in looks.chunks(AT_ONCE) {
        let codes: Vec<_> = part.iter().map(|look| look.hash.0).collect();
        let likes = index.within_batch(&codes, PDQ_SAME_WITHIN);
        for (look, likes) in part.iter().zip(likes) {
            let products: BTreeSet<i64> = likes
                .into_iter()
                .filter_map(|(at, distance)| {
                    let like = looks.get(usize::try_from(at).ok()?)?;
                    (distance <= look.radius().min(like.radius())).then_some(like.product)
                })
                .collect();
            if are_unrelated(&products, &words) {
                found.insert(look.reference, products.len());
            }
        }
    }
    found
}

/// Whether there are [`UNRELATED`] products among these that have nothing to do
/// with each other.
fn are_unrelated(products: &BTreeSet<i64>, words: &HashMap<i64, BTreeSet<String>>) -> bool {
    if products.len() < UNRELATED {
        return false;
    }
    let mut chosen: Vec<&BTreeSet<String>> = Vec::with_capacity(UNRELATED);
    for name in products.iter().filter_map(|product| words.get(product)) {
        if chosen.iter().all(|other| !related(name, other)) {
            chosen.push(name);
            if chosen.len() == UNRELATED {
                return true;
            }
        }
    }
    false
}

/// Jaccard's index of the names' words.
fn related(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    // Of names without words nothing is known.
    all == 0 || shared as f64 >= RELATED * all as f64
}

fn words(name: &str) -> BTreeSet<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photos of one look, one for each name.
    fn shared(names: &[&str], quality: u8, apart: u32) -> BTreeMap<i64, usize> {
        let names: HashMap<i64, String> =
            (1i64..).zip(names.iter().map(|n| n.to_string())).collect();
        let looks: Vec<Look> = (1..=names.len() as i64)
            .map(|product| {
                // Each differs from the one before in `apart` more bits.
                let bits = apart * (product as u32 - 1);
                let low = 1u64.checked_shl(bits).map_or(u64::MAX, |bit| bit - 1);
                Look {
                    reference: product * 10,
                    product,
                    hash: PdqHash([0x0f0f_3355_a5c3_9966 ^ low, 1, 2, 3]),
                    quality,
                }
            })
            .collect();
        commons(&looks, &names)
    }

    const UNRELATED_NAMES: [&str; 5] = [
        "Trail Jacket",
        "Canvas Tote",
        "Merino Scarf",
        "Desk Lamp",
        "Trail Jacket Kids",
    ];

    #[test]
    fn a_photo_of_four_unrelated_products_is_common() {
        let found = shared(&UNRELATED_NAMES, 100, 1);
        assert_eq!(
            found.keys().copied().collect::<Vec<_>>(),
            [10, 20, 30, 40, 50]
        );
        assert_eq!(found[&10], 5);
        assert!(shared(&UNRELATED_NAMES[..3], 100, 0).is_empty());
    }

    #[test]
    fn variants_of_a_product_may_share_its_photo() {
        let names = ["S", "M", "L", "XL", "XXL", "3XL"].map(|size| format!("Trail Jacket {size}"));
        assert!(shared(&names.each_ref().map(String::as_str), 100, 0).is_empty());
        // Names that say nothing make nobody unrelated.
        assert!(shared(&["", "!", "-", "?", "/"], 100, 0).is_empty());
    }

    #[test]
    fn plain_photos_are_common_only_when_they_are_the_same() {
        assert!(shared(&UNRELATED_NAMES, 20, 1).is_empty());
        assert_eq!(shared(&UNRELATED_NAMES, 20, 0).len(), 5);
    }
}

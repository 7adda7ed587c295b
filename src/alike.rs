//! What makes two cases alike: keys by which the cases of one product and one
//! kind of infringement are put together on one card.
//!
//! Two cases that have a key in common belong together, so that putting a case in
//! its place asks for its keys and never for the other cases. What is alike but
//! not equal gets equal keys by the usual trick: texts by bands of their MinHash,
//! pictures by bands of their PDQ hash.

use std::collections::BTreeSet;

use markhound_index::image::Fingerprint;
use markhound_index::text::normalise;

/// Pictures of a listing that are looked at: galleries repeat themselves.
const MOST_PICTURES: usize = 6;
/// Of a picture that shows no reference photo, its hash is cut into so many
/// parts: two pictures that differ in ten bits of 256 share one of them nine
/// times in ten, two pictures that have nothing to do with each other hardly ever.
const HASH_BANDS: usize = 8;
/// Pictures whose hashes are used where none shows a reference photo.
const MOST_HASHED: usize = 2;
/// PDQ's own measure of how much there is in a picture, 0 to 100: below this,
/// hashes of different pictures are alike.
const LEAST_QUALITY: u8 = 50;
/// Bands and rows of a text's MinHash: of two texts that share nine tenths of
/// their words, 95 in 100 share a band; of two that share four tenths, 2.
const BANDS: usize = 4;
const ROWS: usize = 6;
/// Words a title must have besides the product's own for them to say anything.
const LEAST_WORDS: usize = 3;
/// Words a description must have.
const LEAST_DESCRIPTION: usize = 12;
/// Words of a description that are looked at.
const MOST_DESCRIPTION: usize = 400;
/// Sellers with shorter names are many.
const LEAST_SELLER: usize = 3;

/// What is known of a case's listing.
#[derive(Debug, Clone, Default)]
pub struct Traits<'a> {
    /// Seller as written.
    pub seller: Option<&'a str>,
    /// Title as written.
    pub title: &'a str,
    /// Description as written.
    pub description: Option<&'a str>,
    /// The product's brand, name, aliases and model numbers: words every listing
    /// of it has.
    pub product: &'a [&'a str],
    /// The reference photo that was found in it.
    pub reference: Option<i64>,
    /// Its pictures, in order: (identifier, stored fingerprint).
    pub pictures: &'a [(i64, Vec<u8>)],
}

/// The keys of a case, sorted, each once; none where nothing is known of it.
#[must_use]
pub fn keys(of: &Traits<'_>) -> Vec<String> {
    let mut keys = BTreeSet::new();
    if let Some(seller) = of.seller {
        let name = normalise(seller).plain().trim().to_lowercase();
        if name.chars().count() >= LEAST_SELLER {
            keys.insert(format!("seller {:016x}", hash(name.as_bytes(), 0)));
        }
    }
    for (id, _) in of.pictures.iter().take(MOST_PICTURES) {
        keys.insert(format!("picture {id}"));
    }
    match of.reference {
        Some(reference) => {
            keys.insert(format!("reference {reference}"));
        }
        None => {
            for (_, stored) in of.pictures.iter().take(MOST_HASHED) {
                keys.extend(bands_of_picture(stored));
            }
        }
    }
    let own: BTreeSet<String> = of.product.iter().flat_map(|text| words(text)).collect();
    let title: BTreeSet<String> = words(of.title).filter(|word| !own.contains(word)).collect();
    if title.len() >= LEAST_WORDS {
        keys.extend(bands("title", title.iter().map(String::as_str)));
    }
    if let Some(description) = of.description {
        let said: Vec<String> = words(description).take(MOST_DESCRIPTION).collect();
        if said.len() >= LEAST_DESCRIPTION {
            let runs: Vec<String> = said.windows(3).map(|run| run.join(" ")).collect();
            keys.extend(bands("description", runs.iter().map(String::as_str)));
        }
    }
    keys.into_iter().collect()
}

/// The words of a title, each once.
#[must_use]
pub fn title_words(title: &str) -> BTreeSet<String> {
    words(title).collect()
}

/// How much of their words two titles share, 0 to 1; nothing where one of them is
/// too short to say anything.
#[must_use]
pub fn shared_words(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    if a.len().min(b.len()) <= LEAST_WORDS {
        return 0.0;
    }
    let common = a.intersection(b).count();
    common as f64 / (a.len() + b.len() - common) as f64
}

fn bands_of_picture(stored: &[u8]) -> Vec<String> {
    let Ok(print) = Fingerprint::from_bytes(stored) else {
        return Vec::new();
    };
    let telling = print.pdq_quality().is_some_and(|q| q >= LEAST_QUALITY);
    let Some(pdq) = print.pdq().filter(|pdq| telling && !pdq.is_degenerate()) else {
        return Vec::new();
    };
    let bytes = pdq.to_bytes();
    let band = bytes.len() / HASH_BANDS;
    bytes
        .chunks(band)
        .enumerate()
        .map(|(at, part)| format!("hash {at} {}", hex::encode(part)))
        .collect()
}

/// Lower-case words of a text in their plain spelling.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain = normalise(text).plain().to_lowercase();
    let words: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// The bands of a set's MinHash.
fn bands<'a>(name: &str, set: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut least = [u64::MAX; BANDS * ROWS];
    for word in set {
        for (seed, least) in least.iter_mut().enumerate() {
            *least = (*least).min(hash(word.as_bytes(), seed as u64 + 1));
        }
    }
    least
        .chunks(ROWS)
        .enumerate()
        .map(|(at, rows)| {
            let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
            format!("{name} {at} {:016x}", hash(&bytes, 0))
        })
        .collect()
}

/// FNV-1a with a seed and a last stir: stored, so it must be the same for ever,
/// which the standard library's hasher does not promise.
fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in bytes {
        h = (h ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &Traits<'_>, b: &Traits<'_>) -> bool {
        let a = keys(a);
        keys(b).iter().any(|key| a.contains(key))
    }

    fn titled(title: &str) -> Traits<'_> {
        Traits {
            title,
            product: &["Ostrelund", "Fjordal Lounge Armchair"],
            ..Traits::default()
        }
    }

    #[test]
    fn titles_that_say_the_same_are_alike_and_the_products_own_words_count_for_nothing() {
        let a = titled("Ostrelund Fjordal lounge chair oak beige free shipping new 2026 sale");
        let b =
            titled("ostrelund FJORDAL lounge chair, oak, beige, free shipping, new, 2026, sale!");
        assert!(alike(&a, &b));
        let other = titled("Ostrelund Fjordal lounge armchair cover washable grey set of two");
        assert!(!alike(&a, &other));
        // Nothing but the product's name is no likeness.
        assert!(keys(&titled("Ostrelund Fjordal Lounge Armchair")).is_empty());
        assert!(keys(&Traits::default()).is_empty());
    }

    #[test]
    fn one_seller_one_picture_or_one_reference_photo_make_alike() {
        let seller = |seller| Traits {
            seller: Some(seller),
            ..Traits::default()
        };
        assert!(alike(&seller("Moebel_4you"), &seller(" moebel_4YOU ")));
        assert!(!alike(&seller("moebel_4you"), &seller("moebel_5you")));
        assert!(keys(&seller("a")).is_empty());
        let pictures = [(7, vec![1, 2, 3]), (8, Vec::new())];
        let with = |pictures| Traits {
            pictures,
            ..Traits::default()
        };
        assert!(alike(&with(&pictures[..1]), &with(&pictures)));
        assert!(!alike(&with(&pictures[..1]), &with(&pictures[1..])));
        let reference = |reference| Traits {
            reference: Some(reference),
            ..Traits::default()
        };
        assert!(alike(&reference(3), &reference(3)));
        assert!(!alike(&reference(3), &reference(4)));
    }

    #[test]
    fn descriptions_copied_with_a_word_changed_are_alike() {
        let text = "A wide and deep lounge armchair of solid oak with a removable wool cover, \
            made by hand in small numbers and delivered in a flat box within five days";
        let of = |description| Traits {
            description: Some(description),
            ..Traits::default()
        };
        let changed = text.replace("five", "seven");
        assert!(alike(&of(text), &of(&changed)));
        assert!(keys(&of("As shown in the picture")).is_empty());
    }

    #[test]
    fn the_hash_that_is_stored_never_changes() {
        assert_eq!(hash(b"lounge", 1), hash(b"lounge", 1));
        assert_ne!(hash(b"lounge", 1), hash(b"lounge", 2));
        assert_eq!(
            format!("{:016x}", hash(b"markhound", 0)),
            "570d304148efa736"
        );
    }
}

//! Which photos are protected, which unrelated, and which only help with the edits.

use std::collections::{BTreeMap, BTreeSet};

use super::random::Random;

/// Photos kept back as others' photos, at least, where there are enough.
const POOL_LEAST: usize = 50;

/// What a photo belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kin {
    /// The folder, or another group from which protected photos are taken evenly.
    pub folder: String,
    /// The product within the folder.
    pub product: String,
}

/// Photos by their number, without any product being in two of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// The number of a protected photo and that of its product.
    pub protected: Vec<(usize, usize)>,
    /// Photos that must not be matched.
    pub unrelated: Vec<usize>,
    /// The others.
    pub pool: Vec<usize>,
}

/// Shares photos out: at most `references` protected and `unrelated` unrelated ones. Where there are
/// too few for that, half of them are protected and a fifth of the others is left for the pool.
#[must_use]
pub fn split(photos: &[Kin], references: usize, unrelated: usize, seed: u64) -> Split {
    let mut products: BTreeMap<&Kin, Vec<usize>> = BTreeMap::new();
    for (number, kin) in photos.iter().enumerate() {
        products.entry(kin).or_default().push(number);
    }
    let mut random = Random::new(seed, "split", 0);
    let mut products: Vec<(&Kin, Vec<usize>)> = products.into_iter().collect();
    random.shuffle(&mut products);

    let most = references.min(photos.len().div_ceil(2));
    let mut split = Split::default();
    let mut folders: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
    for (kin, numbers) in products {
        folders.entry(&kin.folder).or_default().push(numbers);
    }
    let mut taken: BTreeSet<(usize, &str)> = folders.keys().map(|&folder| (0, folder)).collect();
    let mut product = 0;
    while split.protected.len() < most {
        // The folder of which the least was taken yet.
        let Some((count, folder)) = taken.pop_first() else {
            break;
        };
        let Some(numbers) = folders.get_mut(folder).and_then(Vec::pop) else {
            continue;
        };
        taken.insert((count + numbers.len(), folder));
        let room = most - split.protected.len();
        split
            .protected
            .extend(numbers.into_iter().take(room).map(|n| (n, product)));
        product += 1;
    }
    let mut rest: Vec<Vec<usize>> = folders.into_values().flatten().collect();
    random.shuffle(&mut rest);
    let left: usize = rest.iter().map(Vec::len).sum();
    let pool = POOL_LEAST.min(left / 5).max(left.saturating_sub(unrelated));
    for numbers in rest {
        if split.pool.len() < pool {
            split.pool.extend(numbers);
        } else {
            split.unrelated.extend(numbers);
        }
    }
    random.shuffle(&mut split.pool);
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two folders: `many` products of one photo, and ten of four.
    fn photos(many: usize) -> Vec<Kin> {
        let kin = |folder: &str, product: usize| Kin {
            folder: folder.to_owned(),
            product: product.to_string(),
        };
        let single = (0..many).map(|p| kin("a", p));
        single.chain((0..40).map(|n| kin("b", n / 4))).collect()
    }

    fn products(photos: &[Kin], numbers: impl IntoIterator<Item = usize>) -> BTreeSet<Kin> {
        numbers.into_iter().map(|n| photos[n].clone()).collect()
    }

    #[test]
    fn no_product_is_on_two_sides_and_no_photo_is_there_twice() {
        let photos = photos(200);
        let split = split(&photos, 60, 100, 1);
        assert_eq!(split.protected.len(), 60);
        assert!(
            (97..=100).contains(&split.unrelated.len()),
            "{}",
            split.unrelated.len()
        );
        let sides = [
            products(&photos, split.protected.iter().map(|&(n, _)| n)),
            products(&photos, split.unrelated.iter().copied()),
            products(&photos, split.pool.iter().copied()),
        ];
        assert!(sides[0].is_disjoint(&sides[1]) && sides[0].is_disjoint(&sides[2]));
        assert!(sides[1].is_disjoint(&sides[2]));
        let used = split.protected.iter().map(|&(n, _)| n);
        let used: BTreeSet<usize> = used.chain(split.unrelated).chain(split.pool).collect();
        assert!(used.len() >= 237, "{}", used.len());
    }

    #[test]
    fn protected_photos_are_taken_evenly_and_know_their_product() {
        let photos = photos(200);
        let split = split(&photos, 40, 100, 1);
        let of_b = split
            .protected
            .iter()
            .filter(|(n, _)| photos[*n].folder == "b")
            .count();
        assert!((18..=22).contains(&of_b), "{of_b}");
        for a in &split.protected {
            for b in &split.protected {
                assert_eq!(a.1 == b.1, photos[a.0] == photos[b.0]);
            }
        }
    }

    #[test]
    fn of_few_photos_half_are_protected_and_some_are_left_for_every_side() {
        let split = split(&photos(20), 500, 1200, 1);
        assert_eq!(split.protected.len(), 30);
        assert!(!split.pool.is_empty() && split.unrelated.len() >= 18);
        assert_eq!(super::split(&[], 5, 5, 1), Split::default());
    }

    #[test]
    fn the_split_follows_from_the_seed() {
        let photos = photos(100);
        assert_eq!(split(&photos, 40, 60, 1), split(&photos, 40, 60, 1));
        assert_ne!(split(&photos, 40, 60, 1), split(&photos, 40, 60, 2));
    }
}

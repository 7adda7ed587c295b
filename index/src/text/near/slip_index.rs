//! Names that a word may be with a few slips, without comparing it with every name.
//!
//! Two words at most *k* slips apart become the same word once at most *k* letters of each are left
//! out; a swap of neighbours counts one slip and needs one letter of each. So every name is filed
//! under all that is left of it, and a word is looked up under all that is left of the word. For
//! names of nine letters and more, which may have three slips, that would be hundreds of entries. Of
//! these only halves are filed, each with one letter left out: of three slips one half has at most
//! one. A swap across the middle touches both halves, hence two middles, of which it crosses one.

use super::super::distance::slips_allowed;

/// From this length on names are filed by halves.
const BY_HALVES: usize = 9;
/// The most slips that any name may have.
const MOST_SLIPS: usize = 3;
/// What is filed is part of the key, so that whole names and halves are not mixed up.
const WHOLE: u64 = 0;
const HEAD: u64 = 1;
const TAIL: u64 = 2;

/// The names, filed by what is left of them.
#[derive(Debug, Default)]
pub(in crate::text) struct SlipIndex {
    /// Begin of each bucket in `entries`; a bucket is the low bits of a key.
    buckets: Vec<u32>,
    /// The high bits of the key, and the name.
    entries: Vec<(u32, u32)>,
    /// Length of the longest name.
    longest: usize,
}

impl SlipIndex {
    /// Files names, given as letters; numbers in answers are places in this list.
    pub(in crate::text) fn build<'a>(names: impl IntoIterator<Item = &'a [char]>) -> Self {
        let mut filed: Vec<(u64, u32)> = Vec::new();
        let mut longest = 0;
        let mut keys = Vec::new();
        for (number, name) in names.into_iter().enumerate() {
            longest = longest.max(name.len());
            keys.clear();
            let mut file = |key| keys.push(key);
            match slips_allowed(name.len()) {
                0 => {}
                slips if name.len() < BY_HALVES => left(name, slips, WHOLE, &mut file),
                _ => {
                    for middle in [name.len() / 2, name.len() / 2 + 1] {
                        left(&name[..middle], 1, HEAD, &mut file);
                        left(&name[middle..], 1, TAIL, &mut file);
                    }
                }
            }
            keys.sort_unstable();
            keys.dedup();
            filed.extend(keys.iter().map(|&key| (key, number as u32)));
        }
        Self {
            longest,
            ..Self::sorted(&filed)
        }
    }

    /// Counting sort into as many buckets as there are entries.
    fn sorted(filed: &[(u64, u32)]) -> Self {
        let size = filed.len().next_power_of_two();
        let bucket = |key: u64| key as usize & (size - 1);
        let mut buckets = vec![0u32; size + 1];
        filed
            .iter()
            .for_each(|&(key, _)| buckets[bucket(key) + 1] += 1);
        for at in 0..size {
            buckets[at + 1] += buckets[at];
        }
        let mut next = buckets.clone();
        let mut entries = vec![(0, 0); filed.len()];
        for &(key, number) in filed {
            let slot = &mut next[bucket(key)];
            entries[*slot as usize] = ((key >> 32) as u32, number);
            *slot += 1;
        }
        Self {
            buckets,
            entries,
            longest: 0,
        }
    }

    /// Puts the numbers of the names that may be within their slips of a word into `out`: all that
    /// are, and few others.
    pub(in crate::text) fn candidates(&self, word: &[char], out: &mut Vec<u32>) {
        out.clear();
        if word.len() > self.longest + MOST_SLIPS {
            return;
        }
        // Names of 4 letters are within one slip of 3 to 5, names of 5 to 8 within two of 3 to 10.
        if (3..=10).contains(&word.len()) {
            left(word, 2, WHOLE, &mut |key| self.look_up(key, out));
        }
        // The middles of all lengths that such a name may have, and one slip to either side.
        let shortest = word.len().saturating_sub(MOST_SLIPS).max(BY_HALVES);
        let longest = (word.len() + MOST_SLIPS).min(self.longest);
        if shortest <= longest {
            let parts = shortest / 2 - 1..=longest - longest / 2 + 2;
            for part in parts.filter(|&part| part <= word.len()) {
                left(&word[..part], 1, HEAD, &mut |key| self.look_up(key, out));
                left(&word[word.len() - part..], 1, TAIL, &mut |key| {
                    self.look_up(key, out)
                });
            }
        }
        out.sort_unstable();
        out.dedup();
    }

    fn look_up(&self, key: u64, out: &mut Vec<u32>) {
        let bucket = key as usize & self.buckets.len().saturating_sub(2);
        let (Some(&from), Some(&to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return;
        };
        let high = (key >> 32) as u32;
        let here = self
            .entries
            .get(from as usize..to as usize)
            .unwrap_or_default();
        out.extend(here.iter().filter(|e| e.0 == high).map(|e| e.1));
    }
}

/// Gives `take` the keys of all that is left of a word without up to `most` (at most 2) of its
/// letters; a run of equal letters gives the same more than once.
fn left(word: &[char], most: usize, salt: u64, take: &mut impl FnMut(u64)) {
    let begin = mixed(salt.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let step = |hash: u64, ch: &char| {
        (hash ^ *ch as u64)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(23)
    };
    let rest = |hash: u64, from: usize| word[from..].iter().fold(hash, step);
    take(mixed(rest(begin, 0)));
    let mut first = begin;
    for out in 0..word.len() {
        take(mixed(rest(first, out + 1)));
        if most >= 2 {
            let mut second = first;
            for (also, ch) in word.iter().enumerate().skip(out + 1) {
                take(mixed(rest(second, also + 1)));
                second = step(second, ch);
            }
        }
        first = step(first, &word[out]);
    }
}

/// Spreads the bits of a hash.
fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::super::super::distance::slips;
    use super::*;

    #[test]
    fn every_name_within_its_slips_is_a_candidate_and_few_others_are() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut lot = |most: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % most as u64) as usize
        };
        let letters: Vec<char> = "abcdefghijklmnop".chars().collect();
        let names: Vec<Vec<char>> = (0..2_000)
            .map(|n| {
                (0..3 + n % 16)
                    .map(|_| letters[lot(letters.len())])
                    .collect()
            })
            .collect();
        let index = SlipIndex::build(names.iter().map(Vec::as_slice));
        let mut found = Vec::new();
        let (mut near, mut proposed) = (0, 0);
        for round in 0..4_000 {
            let mut word = names[lot(names.len())].clone();
            for _ in 0..round % 4 {
                let at = lot(word.len());
                match lot(4) {
                    0 => word[at] = letters[lot(letters.len())],
                    1 => word.insert(at, letters[lot(letters.len())]),
                    2 if word.len() > 3 => {
                        word.remove(at);
                    }
                    _ => {
                        let next = (at + 1).min(word.len() - 1);
                        word.swap(at, next);
                    }
                }
            }
            index.candidates(&word, &mut found);
            proposed += found.len();
            for (number, name) in names.iter().enumerate() {
                let allowed = slips_allowed(name.len());
                if allowed > 0 && slips(&word, name, allowed).is_some() {
                    near += 1;
                    assert!(
                        found.contains(&(number as u32)),
                        "{word:?} is near {name:?}"
                    );
                }
            }
        }
        assert!(near > 1_000, "only {near} were near");
        assert!(proposed < near * 20, "{proposed} candidates for {near}");
    }

    #[test]
    fn an_index_of_nothing_proposes_nothing() {
        let index = SlipIndex::build([]);
        let mut found = vec![1];
        index.candidates(&['a'; 12], &mut found);
        assert!(found.is_empty());
    }
}

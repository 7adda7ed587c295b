//! Every answer against a comparison with every code.

use std::collections::BTreeMap;

use super::*;

/// A generator with a seed (xorshift64*), so that a failure comes back.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn random(&mut self) -> Code {
        [self.next(), self.next(), self.next(), self.next()]
    }

    /// A code with exactly `bits` (or a few fewer) bits of another one turned.
    fn near(&mut self, code: &Code, bits: u64) -> Code {
        let mut near = *code;
        for _ in 0..bits {
            let bit = self.below(256);
            near[(bit / 64) as usize] ^= 1 << (bit % 64);
        }
        near
    }

    /// A code whose bits are mostly alike from code to code, as when backdrops are.
    fn skewed(&mut self) -> Code {
        let rare = [self.random(), self.random(), self.random()];
        std::array::from_fn(|i| 0x00ff_0f33_5555_ff00 ^ (rare[0][i] & rare[1][i] & rare[2][i]))
    }
}

/// Random, clustered and skewed codes, some of them equal.
fn codes(dice: &mut Dice, number: usize) -> Vec<Code> {
    let mut codes: Vec<Code> = Vec::with_capacity(number);
    while codes.len() < number {
        let code = match dice.below(4) {
            0 => dice.random(),
            1 => dice.skewed(),
            _ if codes.is_empty() => dice.random(),
            _ => {
                let like = codes[dice.below(codes.len() as u64) as usize];
                let bits = dice.below(50);
                dice.near(&like, bits)
            }
        };
        codes.push(code);
    }
    codes
}

fn brute(codes: &BTreeMap<u64, Code>, query: &Code, radius: u32) -> Vec<Neighbour> {
    let mut found: Vec<Neighbour> = codes
        .iter()
        .map(|(&id, code)| (id, hamming_distance(code, query)))
        .filter(|&(_, distance)| distance <= radius)
        .collect();
    found.sort_by_key(|&(id, distance)| (distance, id));
    found
}

/// Scans with every set of instructions, and tables from the beginning on.
fn ways() -> impl Iterator<Item = HammingIndex> {
    Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_available())
        .map(|backend| HammingIndex::with(backend, usize::MAX))
        .chain([HammingIndex::with(Backend::fastest(), 10)])
}

#[test]
fn every_way_finds_what_a_comparison_with_every_code_finds() {
    let mut dice = Dice(1);
    for number in [0, 1, 15, 16, 17, 3_000] {
        let codes = codes(&mut dice, number);
        let all: BTreeMap<u64, Code> = (7..).zip(codes.iter().copied()).collect();
        let mut queries: Vec<Code> = codes.iter().step_by(97).copied().collect();
        queries.extend([dice.random(), dice.skewed(), [0; 4], [u64::MAX; 4]]);
        for mut index in ways() {
            for (&id, &code) in &all {
                assert_eq!(index.insert(id, code), None);
            }
            for radius in [0, 5, 20, 31, 32, 33, 64, 128, 256, u32::MAX] {
                let found = index.within_batch(&queries, radius);
                for (query, found) in queries.iter().zip(found) {
                    let expected = brute(&all, query, radius);
                    assert_eq!(found, expected, "{:?}, {number}, {radius}", index.backend);
                }
            }
        }
    }
}

#[test]
fn answers_stay_exact_through_insertions_changes_and_removals() {
    for mut index in [
        HammingIndex::new(),
        HammingIndex::with(Backend::fastest(), 200),
    ] {
        let mut dice = Dice(2);
        let pool = codes(&mut dice, 400);
        let mut all = BTreeMap::new();
        let (mut with_tables, mut without) = (0, 0);
        for round in 0..9_000 {
            // The number of codes rises and falls, so that tables come and go.
            let (id, removals) = (dice.below(600), if round / 1_500 % 2 == 0 { 1 } else { 8 });
            if dice.below(8) < removals {
                assert_eq!(index.remove(id), all.remove(&id));
            } else {
                let like = pool[dice.below(pool.len() as u64) as usize];
                let bits = dice.below(20);
                let code = dice.near(&like, bits);
                assert_eq!(index.insert(id, code), all.insert(id, code));
            }
            assert_eq!(
                (index.len(), index.get(id)),
                (all.len(), all.get(&id).copied())
            );
            if round % 10 == 0 {
                let query = pool[dice.below(pool.len() as u64) as usize];
                assert_eq!(index.within(&query, 31), brute(&all, &query, 31));
                match index.tables.is_some() {
                    true => with_tables += 1,
                    false => without += 1,
                }
            }
        }
        assert!(index.tables_from > 200 || with_tables.min(without) > 50);
        for id in 0..600 {
            index.remove(id);
        }
        assert!(index.is_empty() && index.within(&pool[0], 256).is_empty());
    }
}

/// The budget of the tables is for this: a search must not follow chains as long as the index.
#[test]
fn a_crowd_of_equal_codes_is_found_in_full() {
    let mut dice = Dice(3);
    let crowd = dice.random();
    let mut index = HammingIndex::with(Backend::fastest(), 10);
    for id in 0..3_000 {
        index.insert(id, if id % 2 == 0 { crowd } else { dice.random() });
    }
    let tables = index.tables.as_ref().expect("there are codes enough");
    assert_eq!(tables.within(&crowd, 31, 1_000), None);
    assert_eq!(index.within(&crowd, 31).len(), 1_500);
}

#[test]
fn tables_grow_and_answer_as_before() {
    let mut dice = Dice(4);
    let codes = codes(&mut dice, 5_000);
    let mut index = HammingIndex::with(Backend::fastest(), 10);
    let mut all = BTreeMap::new();
    for (id, &code) in (0..).zip(&codes) {
        index.insert(id, code);
        all.insert(id, code);
    }
    for query in codes.iter().step_by(50) {
        assert_eq!(index.within(query, 25), brute(&all, query, 25));
    }
}

#[test]
fn a_removed_code_is_not_found_though_its_lane_still_holds_it() {
    let mut index = HammingIndex::new();
    for id in 0..3 {
        index.insert(id, [id, 0, 0, 0]);
    }
    assert_eq!(index.remove(2), Some([2, 0, 0, 0]));
    assert_eq!(index.within(&[2, 0, 0, 0], 1), [(0, 1)]);
    assert_eq!(index.remove(2), None);
}

#[test]
fn no_queries_get_no_answers() {
    assert!(HammingIndex::new().within_batch(&[], 31).is_empty());
    assert!(HammingIndex::new().within(&[0; 4], 256).is_empty());
}

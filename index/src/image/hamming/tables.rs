//! Multi-index hashing: search by parts of a code, for many codes.
//!
//! After Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing"
//! (arXiv:1307.2982), with the general pigeonhole principle of Qin et al., "GPH: Similarity Search
//! in Hamming Space" (ICDE 2018): if a code is within `r` bits of the query and thresholds `t` are
//! such that all `t + 1` add up to `r + 1`, then in at least one part the two differ in at most
//! that part's `t` bits. With eleven parts and 31 bits that is 2 in ten parts and 1 in the last.
//!
//! For each part there is a bit for every value it can have, set where a code may have it. The
//! values near the query's lie 64 to a word, so that a few hundred words tell which of the 2,800
//! to look up; few of them are taken, and the chains of codes behind those are followed together,
//! so that the processor waits for many of them at once.

use super::{Code, Neighbour, hamming_distance};

/// Parts of a code: three of 24 bits and eight of 23.
const PARTS: usize = 11;
const WIDE: usize = 3;
/// Bits of a part's value that are the position in a word.
const LOW: u32 = 6;
/// The most codes that tables hold, dropped ones included.
pub(super) const MOST: usize = 1 << 31;
/// End of a chain.
const END: u32 = u32::MAX;

/// `BALLS[t][v]`: the values of six bits that differ from `v` in at most `t`.
static BALLS: [[u64; 64]; 3] = balls();

const fn balls() -> [[u64; 64]; 3] {
    let mut balls = [[0; 64]; 3];
    let mut i: usize = 0;
    while i < 3 * 64 * 64 {
        let (t, a, b) = (i / 4096, i / 64 % 64, i % 64);
        if (a ^ b).count_ones() as usize <= t {
            balls[t][a] |= 1 << b;
        }
        i += 1;
    }
    balls
}

/// A code in its eleven chains.
#[derive(Debug, Clone)]
struct Node {
    code: Code,
    id: u64,
    next: [u32; PARTS],
    dropped: bool,
}

/// The tables. Memory: 88 bytes a node, 44 to 88 for its share of the heads, and 14 MiB.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    nodes: Vec<Node>,
    dropped: usize,
    /// Which values of a part may occur; bits of dropped codes stay set until the next growth.
    present: Vec<Vec<u64>>,
    /// First node of each chain. Several values share one: chains are as many as codes.
    heads: Vec<Vec<u32>>,
}

/// Width of a part in bits, and where it begins.
const fn place(part: usize) -> (u32, u32) {
    if part < WIDE {
        (24, 24 * part as u32)
    } else {
        (23, 72 + 23 * (part - WIDE) as u32)
    }
}

fn value(code: &Code, part: usize) -> u32 {
    let (width, start) = place(part);
    let (word, shift) = ((start / 64) as usize, start % 64);
    let low = code[word] >> shift;
    let high = match code.get(word + 1) {
        Some(&next) if shift + width > 64 => next << (64 - shift),
        _ => 0,
    };
    ((low | high) & ((1 << width) - 1)) as u32
}

/// Which of a part's chains, a power of two in number, holds a value.
fn chain(value: u32, heads: &[u32]) -> usize {
    ((u64::from(value.wrapping_mul(0x9e37_79b1)) * heads.len() as u64) >> 32) as usize
}

impl Tables {
    /// Empty tables for a number of codes to begin with.
    pub(super) fn new(codes: usize) -> Self {
        let bits = (codes + codes / 2 + 2).next_power_of_two().ilog2();
        Self {
            nodes: Vec::with_capacity(codes),
            dropped: 0,
            present: (0..PARTS)
                .map(|part| vec![0; 1 << (place(part).0 - LOW)])
                .collect(),
            heads: vec![vec![END; 1 << bits]; PARTS],
        }
    }

    /// Whether the tables should be made anew: most of their codes are dropped ones.
    pub(super) fn is_stale(&self) -> bool {
        self.dropped > self.nodes.len() / 2 + 1024 || self.nodes.len() > MOST
    }

    /// Adds a code; the number it is dropped by.
    pub(super) fn insert(&mut self, id: u64, code: Code) -> u32 {
        let number = self.nodes.len() as u32;
        self.nodes.push(Node {
            code,
            id,
            next: [END; PARTS],
            dropped: false,
        });
        for part in 0..PARTS {
            self.link(number, part);
        }
        // One part at a time grows: a short wait at each of eleven insertions, not a long one.
        let long = |heads: &Vec<u32>| self.nodes.len() > heads.len();
        if let Some(part) = self.heads.iter().position(long) {
            self.grow(part);
        }
        number
    }

    fn link(&mut self, number: u32, part: usize) {
        let node = &mut self.nodes[number as usize];
        let value = value(&node.code, part);
        self.present[part][(value >> LOW) as usize] |= 1 << (value & 63);
        let heads = &mut self.heads[part];
        let chain = chain(value, heads);
        node.next[part] = std::mem::replace(&mut heads[chain], number);
    }

    /// Twice as many chains for a part; dropped codes are left out of them.
    fn grow(&mut self, part: usize) {
        self.heads[part] = vec![END; self.heads[part].len() * 2];
        self.present[part].fill(0);
        for number in 0..self.nodes.len() {
            if !self.nodes[number].dropped {
                self.link(number as u32, part);
            }
        }
    }

    /// Drops a code by its number.
    pub(super) fn remove(&mut self, number: u32) {
        if let Some(node) = self.nodes.get_mut(number as usize) {
            self.dropped += usize::from(!node.dropped);
            node.dropped = true;
        }
    }

    /// All codes within the radius, the nearest first, if the tables serve for it: not when the
    /// radius is too large, nor when more nodes than `budget` would have to be looked at.
    pub(super) fn within(
        &self,
        query: &Code,
        radius: u32,
        budget: usize,
    ) -> Option<Vec<Neighbour>> {
        let shares = radius as usize + 1;
        if shares > 3 * PARTS {
            return None;
        }
        // Heads and nodes still to look at, with the part whose chain they are in.
        let mut ahead: Vec<(u32, u32)> = Vec::with_capacity(1024);
        for part in 0..PARTS {
            let share = shares / PARTS + usize::from(part < shares % PARTS);
            if share > 0 {
                self.near(query, part, share - 1, &mut ahead);
            }
        }
        let mut left = budget;
        let mut found = Vec::new();
        for (part, chain) in &mut ahead {
            *chain = self.heads[*part as usize][*chain as usize];
        }
        ahead.retain(|&(_, number)| number != END);
        while !ahead.is_empty() {
            left = left.checked_sub(ahead.len())?;
            ahead.retain_mut(|(part, number)| {
                let node = &self.nodes[*number as usize];
                let distance = hamming_distance(&node.code, query);
                if distance <= radius && !node.dropped {
                    found.push((node.id, distance));
                }
                *number = node.next[*part as usize];
                *number != END
            });
        }
        // A code is found once for each part that it is near in.
        found.sort_unstable_by_key(|&(id, distance)| (distance, id));
        found.dedup();
        Some(found)
    }

    /// The chains of all values present that differ from the query's in at most `threshold` bits.
    fn near(&self, query: &Code, part: usize, threshold: usize, chains: &mut Vec<(u32, u32)>) {
        let value = value(query, part);
        let (high, low) = (value >> LOW, (value & 63) as usize);
        let bits = place(part).0 - LOW;
        let (present, heads) = (&self.present[part], &self.heads[part]);
        let mut look = |high: u32, threshold: usize| {
            let mut word = present[high as usize] & BALLS[threshold][low];
            while word != 0 {
                let value = high << LOW | word.trailing_zeros();
                chains.push((part as u32, chain(value, heads) as u32));
                word &= word - 1;
            }
        };
        look(high, threshold);
        if threshold >= 1 {
            for i in 0..bits {
                look(high ^ 1 << i, threshold - 1);
            }
        }
        if threshold >= 2 {
            for i in 1..bits {
                for j in 0..i {
                    look(high ^ 1 << i ^ 1 << j, 0);
                }
            }
        }
    }
}

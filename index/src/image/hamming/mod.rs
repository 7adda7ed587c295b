//! Exact search for all 256-bit codes within a Hamming distance.
//!
//! [`HammingIndex`] answers as a comparison with every code would. It takes and drops codes at any
//! time, needs no training and no rebuilding, and knows nothing of what the codes are made of: PDQ
//! hashes and 256-bit `img_hash` hashes both fit, in an index each.

mod backend;
mod blocks;
mod scan;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use backend::Backend;
use blocks::Blocks;
use tables::Tables;

/// A 256-bit code; the order of the bits does not matter to the search.
pub type Code = [u64; 4];

/// Number of bits in which two codes differ, 0 to 256.
#[must_use]
#[inline]
pub fn hamming_distance(a: &Code, b: &Code) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// A code found: its id, and its distance in bits from the query.
pub type Neighbour = (u64, u32);

/// Number of codes from which on tables are quicker than a scan.
const TABLES_FROM: usize = 65_536;

/// Codes by id, searched exactly by Hamming distance.
///
/// Up to 65,536 codes a search is a scan in vector instructions, of less than half of each code for
/// nearly all of them. From then on tables of parts of the codes (multi-index hashing) serve for
/// radiuses up to 32; queries that too many codes are like, and larger radiuses, are scanned for
/// still. Scans for many queries at once ([`within_batch`](Self::within_batch)) share the memory's
/// bandwidth and are up to twice as fast.
///
/// Memory: 40 bytes a code and about 20 to 40 for the table of ids; with tables 14 MiB and 130 to
/// 260 bytes a code more, as a vector that grows has up to half of it to spare. Insertion takes
/// constant time but for the growth of the tables, which is done a part at a time (some 50 ns a code
/// for each), removal too but for a rebuilding of the tables (some 500 ns a code) when more than half
/// of what they hold has been dropped or changed.
#[derive(Debug, Clone)]
pub struct HammingIndex {
    backend: Backend,
    tables_from: usize,
    blocks: Blocks,
    /// The id of each slot; slots have no gaps.
    ids: Vec<u64>,
    slots: HashMap<u64, usize>,
    tables: Option<Tables>,
    /// Each slot's number in the tables; empty without tables.
    numbers: Vec<u32>,
}

impl Default for HammingIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl HammingIndex {
    /// An index without codes that chooses the quickest way for its size and the processor.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Backend::fastest(), TABLES_FROM)
    }

    /// An index that scans with the given instructions ([`Backend::Portable`] when the processor
    /// does not have them), and has tables from the given number of codes on; `usize::MAX` is
    /// never. For measuring and testing: the answers are the same.
    #[must_use]
    pub fn with(backend: Backend, tables_from: usize) -> Self {
        Self {
            backend,
            tables_from,
            blocks: Blocks::default(),
            ids: Vec::new(),
            slots: HashMap::new(),
            tables: None,
            numbers: Vec::new(),
        }
    }

    /// Number of codes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True when there is no code.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The code of an id.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Code> {
        self.blocks.get(*self.slots.get(&id)?)
    }

    /// Adds a code, or gives a known id another one. Returns the code the id had before.
    ///
    /// Degenerate codes (of flat pictures) belong in no index: they are near to each other only.
    pub fn insert(&mut self, id: u64, code: Code) -> Option<Code> {
        let before = if let Some(&slot) = self.slots.get(&id) {
            let before = self.blocks.get(slot);
            self.blocks.set(slot, &code);
            if let Some(tables) = &mut self.tables {
                tables.remove(self.numbers[slot]);
                self.numbers[slot] = tables.insert(id, code);
            }
            before
        } else {
            self.slots.insert(id, self.ids.len());
            self.ids.push(id);
            self.blocks.push(&code);
            if let Some(tables) = &mut self.tables {
                self.numbers.push(tables.insert(id, code));
            }
            None
        };
        self.tend_tables();
        before
    }

    /// Drops an id. Returns the code it had.
    pub fn remove(&mut self, id: u64) -> Option<Code> {
        let slot = self.slots.remove(&id)?;
        let code = self.blocks.get(slot);
        self.ids.swap_remove(slot);
        if let Some(tables) = &mut self.tables {
            tables.remove(self.numbers.swap_remove(slot));
        }
        // The last code moves into the gap.
        if let Some(&moved) = self.ids.get(slot) {
            self.slots.insert(moved, slot);
            if let Some(last) = self.blocks.get(self.ids.len()) {
                self.blocks.set(slot, &last);
            }
        }
        self.blocks.pop();
        self.tend_tables();
        code
    }

    /// Makes tables when there are codes enough, anew when they hold too many dropped ones, and
    /// drops them when few codes are left.
    fn tend_tables(&mut self) {
        let wanted = match &self.tables {
            None => self.ids.len() >= self.tables_from,
            Some(_) => self.ids.len() >= self.tables_from / 2,
        };
        if !wanted || self.ids.len() > tables::MOST {
            self.tables = None;
            self.numbers = Vec::new();
        } else if self.tables.as_ref().is_none_or(Tables::is_stale) {
            let mut tables = Tables::new(self.ids.len());
            let codes = self.ids.iter().enumerate();
            self.numbers = codes
                .filter_map(|(slot, &id)| Some(tables.insert(id, self.blocks.get(slot)?)))
                .collect();
            self.tables = Some(tables);
        }
    }

    /// All codes at most `radius` bits (of 256) from the query, the nearest first, those of one
    /// distance by id.
    #[must_use]
    pub fn within(&self, code: &Code, radius: u32) -> Vec<Neighbour> {
        self.within_batch(std::slice::from_ref(code), radius)
            .pop()
            .unwrap_or_default()
    }

    /// [`within`](Self::within) for many queries: one list each, in the queries' order.
    #[must_use]
    pub fn within_batch(&self, codes: &[Code], radius: u32) -> Vec<Vec<Neighbour>> {
        // Past this a scan is the quicker way.
        let budget = self.ids.len() / self.backend.codes_a_node() + 256;
        let mut found: Vec<Option<Vec<Neighbour>>> = match &self.tables {
            Some(tables) => codes
                .iter()
                .map(|c| tables.within(c, radius, budget))
                .collect(),
            None => vec![None; codes.len()],
        };
        let left: Vec<usize> = (0..codes.len()).filter(|&i| found[i].is_none()).collect();
        let queries: Vec<Code> = left.iter().map(|&i| codes[i]).collect();
        for (i, list) in left.into_iter().zip(self.scan(&queries, radius)) {
            found[i] = Some(list);
        }
        found.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn scan(&self, codes: &[Code], radius: u32) -> Vec<Vec<Neighbour>> {
        let mut found = vec![Vec::new(); codes.len()];
        let mut hit = |query: usize, slot: usize, distance| {
            found[query].push((self.ids[slot], distance));
        };
        scan::scan(self.backend, &self.blocks, codes, radius, &mut hit);
        for list in &mut found {
            list.sort_unstable_by_key(|&(id, distance)| (distance, id));
        }
        found
    }
}

//! Exact search for all 256-bit codes within a Hamming distance.
//!
//! [`HammingIndex`] answers as a comparison with every code would. It takes and drops codes at any
//! time, needs no training and no rebuilding, and knows nothing of what the codes are made of: PDQ
//! hashes and 256-bit `img_hash` hashes both fit, in an index each.

mod blocks;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use blocks::Blocks;

/// A 256-bit code; the order of the bits does not matter to the search.
pub type Code = [u64; 4];

/// Number of bits in which two codes differ, 0 to 256.
#[must_use]
#[inline]
pub fn hamming_distance(a: &Code, b: &Code) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The instructions that compare codes. All give the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// AVX-512 with VPOPCNTDQ (x86-64).
    Avx512,
    /// AVX2 (x86-64).
    Avx2,
    /// Whatever the program was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
}

impl Backend {
    /// All of them, the fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Whether this processor has the instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Avx512 => {
                return std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vpopcntdq");
            }
            Self::Avx2 => {
                return std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("popcnt");
            }
            Self::Portable => {}
        }
        self == Self::Portable
    }

    /// The fastest that this processor has.
    #[must_use]
    pub fn fastest() -> Self {
        Self::ALL
            .into_iter()
            .find(|backend| backend.is_available())
            .unwrap_or(Self::Portable)
    }
}

/// A code found: its id, and its distance in bits from the query.
pub type Neighbour = (u64, u32);

/// Codes by id, searched exactly by Hamming distance.
///
/// Memory: 40 bytes a code and about 20 to 40 for the table of ids. Insertion and removal take
/// constant time.
///
/// A search is a scan in vector instructions, of half of each code for nearly all of them. Many queries at once
/// ([`within_batch`](Self::within_batch)) share the memory's bandwidth and are up to twice as fast.
#[derive(Debug, Clone)]
pub struct HammingIndex {
    backend: Backend,
    blocks: Blocks,
    /// The id of each slot; slots have no gaps.
    ids: Vec<u64>,
    slots: HashMap<u64, usize>,
}

impl Default for HammingIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl HammingIndex {
    /// An index without codes, for this processor's fastest instructions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_backend(Backend::fastest())
    }

    /// An index that compares with the given instructions; with [`Backend::Portable`] when the
    /// processor does not have them. For measuring and testing.
    #[must_use]
    pub fn with_backend(backend: Backend) -> Self {
        Self {
            backend,
            blocks: Blocks::default(),
            ids: Vec::new(),
            slots: HashMap::new(),
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
        if let Some(&slot) = self.slots.get(&id) {
            let before = self.blocks.get(slot);
            self.blocks.set(slot, &code);
            return before;
        }
        self.slots.insert(id, self.ids.len());
        self.ids.push(id);
        self.blocks.push(&code);
        None
    }

    /// Drops an id. Returns the code it had.
    pub fn remove(&mut self, id: u64) -> Option<Code> {
        let slot = self.slots.remove(&id)?;
        let code = self.blocks.get(slot);
        self.ids.swap_remove(slot);
        // The last code moves into the gap.
        if let Some(&moved) = self.ids.get(slot) {
            self.slots.insert(moved, slot);
            if let Some(last) = self.blocks.get(self.ids.len()) {
                self.blocks.set(slot, &last);
            }
        }
        self.blocks.pop();
        code
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

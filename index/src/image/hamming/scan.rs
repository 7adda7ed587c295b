//! The linear scan: the first half of every code against many queries at once.
//!
//! Sixteen codes make a block: four rows of sixteen 32-bit words, so that one vector instruction
//! treats one word of all sixteen. Half a code's distance is a lower bound of the whole one, and
//! two unrelated codes are seldom within 31 bits on 128: few lanes are looked at further. Blocks
//! are taken a tile at a time, which stays in the first cache while all queries go over it.

use super::{Backend, Code};

/// Codes of a block, and lanes of its rows.
pub(super) const LANES: usize = 16;
/// 32-bit words of a code that a block holds.
const WORDS: usize = 4;
/// Blocks of a tile: 24 KiB.
const TILE: usize = 96;

/// The first 128 bits of sixteen codes, word by word.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Block([[u32; LANES]; WORDS]);

impl Block {
    pub(super) const EMPTY: Self = Self([[0; LANES]; WORDS]);

    /// Puts a code into a lane.
    pub(super) fn set(&mut self, lane: usize, code: &Code) {
        for (row, word) in self.0.iter_mut().zip(words(code)) {
            row[lane] = word;
        }
    }

    /// Whether half of any of the codes is within `radius` of half the query. Three words tell for
    /// nearly all blocks.
    #[inline(always)]
    fn any_within(&self, query: &[u32; WORDS], radius: u32) -> bool {
        let [a, b, c, d] = &self.0;
        let [qa, qb, qc, qd] = query;
        let mut sums = [0u32; LANES];
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum = (a[lane] ^ qa).count_ones()
                + (b[lane] ^ qb).count_ones()
                + (c[lane] ^ qc).count_ones();
        }
        let any = |sums: &[u32; LANES]| sums.iter().fold(false, |any, &sum| any | (sum <= radius));
        if !any(&sums) {
            return false;
        }
        for (sum, value) in sums.iter_mut().zip(d) {
            *sum += (value ^ qd).count_ones();
        }
        any(&sums)
    }

    /// One bit a lane, set where half the code is within `radius`. Apart, and from the block anew:
    /// if the sums were shared, they would go through memory in the loop that seldom needs them.
    #[cold]
    #[inline(never)]
    fn lanes_within(&self, query: &[u32; WORDS], radius: u32) -> u16 {
        (0..LANES).fold(0, |lanes, lane| {
            let differing = |(row, word): (&[u32; LANES], &u32)| (row[lane] ^ word).count_ones();
            let half: u32 = self.0.iter().zip(query).map(differing).sum();
            lanes | u16::from(half <= radius) << lane
        })
    }
}

fn words(code: &Code) -> [u32; WORDS] {
    [
        code[0] as u32,
        (code[0] >> 32) as u32,
        code[1] as u32,
        (code[1] >> 32) as u32,
    ]
}

/// Calls `hit(query, lane)` for every lane, counted from the first block's, whose half code is
/// within the radius of the query's half. The queries are named by their index.
pub(super) fn scan(
    backend: Backend,
    blocks: &[Block],
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize),
) {
    match backend {
        #[cfg(target_arch = "x86_64")]
        #[expect(
            unsafe_code,
            reason = "the call of a function compiled for AVX-512: measured in benches/hamming.rs"
        )]
        Backend::Avx512 if backend.is_available() => {
            // SAFETY: the guard asked the processor for the features.
            unsafe { scan_avx512(blocks, queries, radius, hit) }
        }
        #[cfg(target_arch = "x86_64")]
        #[expect(
            unsafe_code,
            reason = "the call of a function compiled for AVX2: measured in benches/hamming.rs"
        )]
        Backend::Avx2 if backend.is_available() => {
            // SAFETY: the guard asked the processor for the features.
            unsafe { scan_avx2(blocks, queries, radius, hit) }
        }
        _ => scan_portable(blocks, queries, radius, hit),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq")]
fn scan_avx512(blocks: &[Block], queries: &[Code], radius: u32, hit: &mut dyn FnMut(usize, usize)) {
    scan_portable(blocks, queries, radius, hit);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn scan_avx2(blocks: &[Block], queries: &[Code], radius: u32, hit: &mut dyn FnMut(usize, usize)) {
    scan_portable(blocks, queries, radius, hit);
}

/// The one loop; compiled once for each instruction set. On AArch64 this one is NEON.
#[inline(always)]
fn scan_portable(
    blocks: &[Block],
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize),
) {
    for (tile, blocks) in blocks.chunks(TILE).enumerate() {
        for (query, code) in queries.iter().enumerate() {
            let code = words(code);
            for (at, block) in blocks.iter().enumerate() {
                if !block.any_within(&code, radius) {
                    continue;
                }
                let mut lanes = block.lanes_within(&code, radius);
                while lanes != 0 {
                    let lane = lanes.trailing_zeros() as usize;
                    hit(query, (tile * TILE + at) * LANES + lane);
                    lanes &= lanes - 1;
                }
            }
        }
    }
}

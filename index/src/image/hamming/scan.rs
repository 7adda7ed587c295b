//! The linear scan, of many queries at once.
//!
//! A block's words are compared sixteen codes at a time. The distance on part of a code is a lower
//! bound of the whole one, and two unrelated codes are seldom within 31 bits on 96, let alone 128:
//! nearly all blocks are done with after three rows. Blocks are taken a tile at a time, which stays
//! in the processor's first cache while all queries go over it.

use super::blocks::{Blocks, Half, LANES, Words, words};
use super::{Backend, Code};

/// Blocks of a tile: 24 KiB of first halves.
const TILE: usize = 96;

/// Calls `hit(query, slot, distance)` for every code within the radius of a query. The queries are
/// named by their index.
pub(super) fn scan(
    backend: Backend,
    blocks: &Blocks,
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize, u32),
) {
    match backend {
        #[cfg(target_arch = "x86_64")]
        #[expect(
            unsafe_code,
            reason = "the call of a function compiled for AVX-512, 12 times as fast as portably"
        )]
        Backend::Avx512 if backend.is_available() => {
            // SAFETY: the guard asked the processor for the features.
            unsafe { scan_avx512(blocks, queries, radius, hit) }
        }
        #[cfg(target_arch = "x86_64")]
        #[expect(
            unsafe_code,
            reason = "the call of a function compiled for AVX2, 2.5 times as fast as portably"
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
fn scan_avx512(
    blocks: &Blocks,
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize, u32),
) {
    scan_portable(blocks, queries, radius, hit);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn scan_avx2(
    blocks: &Blocks,
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize, u32),
) {
    scan_portable(blocks, queries, radius, hit);
}

/// The one loop; compiled once for each instruction set. On AArch64 this one is NEON.
#[inline(always)]
fn scan_portable(
    blocks: &Blocks,
    queries: &[Code],
    radius: u32,
    hit: &mut dyn FnMut(usize, usize, u32),
) {
    let (first, second) = blocks.halves();
    let mut queries: Vec<(Words, u8)> = queries.iter().map(|code| (words(code), 3)).collect();
    for (tile, (first, second)) in first.chunks(TILE).zip(second.chunks(TILE)).enumerate() {
        for (query, (words, rows)) in queries.iter_mut().enumerate() {
            let mut hit = |at: usize, distance: u32| {
                let slot = tile * TILE * LANES + at;
                // Lanes past the last code hold anything.
                if slot < blocks.len() {
                    hit(query, slot, distance);
                }
            };
            let passed = match *rows {
                3 => scan_tile::<3>(first, second, words, radius, &mut hit),
                _ => scan_tile::<4>(first, second, words, radius, &mut hit),
            };
            // Among codes much like the query so many blocks pass the first look that the
            // processor guesses wrong too often; then a longer look is the quicker one.
            if passed > first.len() / 12 {
                *rows = 4;
            }
        }
    }
}

/// Scans a tile with a first look at `ROWS` (3 or 4) of a code's eight words. Returns how many blocks were
/// not done with after it.
#[inline(always)]
fn scan_tile<const ROWS: usize>(
    first: &[Half],
    second: &[Half],
    words: &Words,
    radius: u32,
    hit: &mut dyn FnMut(usize, u32),
) -> usize {
    // One vector comparison, not sixteen branches.
    let any = |sums: &[u32; LANES]| sums.iter().fold(false, |any, &sum| any | (sum <= radius));
    let early = |first: &Half| {
        let mut sums = [0u32; LANES];
        add::<0, ROWS>(&mut sums, first, &words[0]);
        any(&sums)
    };
    let mut passed = 0;
    let mut at = 0;
    // The search for the next block is a loop of its own, with nothing else to keep at hand.
    while let Some(next) = first[at..].iter().position(early) {
        passed += 1;
        at += next;
        let mut sums = [0u32; LANES];
        add::<0, 4>(&mut sums, &first[at], &words[0]);
        if ROWS == 4 || any(&sums) {
            add::<0, 4>(&mut sums, &second[at], &words[1]);
            if any(&sums) {
                report(&first[at], &second[at], words, radius, at * LANES, hit);
            }
        }
        at += 1;
    }
    passed
}

/// Adds the distances on the words `FROM..TO` of a half.
#[inline(always)]
fn add<const FROM: usize, const TO: usize>(sums: &mut [u32; LANES], half: &Half, words: &[u32; 4]) {
    for (row, word) in half.0[FROM..TO].iter().zip(&words[FROM..TO]) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += (value ^ word).count_ones();
        }
    }
}

/// Calls `hit(start + lane, distance)` for the lanes within the radius. Apart, and from the block anew: if
/// the sums above were handed over, they would go through memory in the loop that seldom needs it.
#[cold]
#[inline(never)]
fn report(
    first: &Half,
    second: &Half,
    words: &Words,
    radius: u32,
    start: usize,
    hit: &mut dyn FnMut(usize, u32),
) {
    for lane in 0..LANES {
        let half = |half: &Half, words: &[u32; 4]| -> u32 {
            let differing = |(row, word): (&[u32; LANES], &u32)| (row[lane] ^ word).count_ones();
            half.0.iter().zip(words).map(differing).sum()
        };
        let distance = half(first, &words[0]) + half(second, &words[1]);
        if distance <= radius {
            hit(start + lane, distance);
        }
    }
}

//! Codes laid out for vector instructions.

use super::Code;

/// Codes of a block, and lanes of its rows.
pub(super) const LANES: usize = 16;

/// Four 32-bit words of sixteen codes, word by word: half of each.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Half(pub [[u32; LANES]; 4]);

/// A code's halves as they are compared with a [`Half`].
pub(super) type Words = [[u32; 4]; 2];

/// All codes, by slot: slot `i` is lane `i % 16` of block `i / 16`.
///
/// The halves lie apart, as the second ones are seldom looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks {
    first: Vec<Half>,
    second: Vec<Half>,
    length: usize,
}

pub(super) fn words(code: &Code) -> Words {
    let half = |a: u64, b: u64| [a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32];
    [half(code[0], code[1]), half(code[2], code[3])]
}

impl Blocks {
    /// Number of codes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// First and second halves; lanes past the last slot hold anything.
    pub(super) fn halves(&self) -> (&[Half], &[Half]) {
        (&self.first, &self.second)
    }

    /// The code of a slot.
    pub(super) fn get(&self, slot: usize) -> Option<Code> {
        if slot >= self.length {
            return None;
        }
        let (block, lane) = (slot / LANES, slot % LANES);
        let pair = |half: &Half, i: usize| {
            u64::from(half.0[i][lane]) | u64::from(half.0[i + 1][lane]) << 32
        };
        let (first, second) = (&self.first[block], &self.second[block]);
        Some([
            pair(first, 0),
            pair(first, 2),
            pair(second, 0),
            pair(second, 2),
        ])
    }

    /// Gives a slot in use another code.
    pub(super) fn set(&mut self, slot: usize, code: &Code) {
        let (block, lane) = (slot / LANES, slot % LANES);
        let [first, second] = words(code);
        for (half, words) in [(&mut self.first, first), (&mut self.second, second)] {
            for (row, word) in half[block].0.iter_mut().zip(words) {
                row[lane] = word;
            }
        }
    }

    /// Adds a code; its slot is the number of codes before.
    pub(super) fn push(&mut self, code: &Code) {
        if self.length.is_multiple_of(LANES) {
            self.first.push(Half([[0; LANES]; 4]));
            self.second.push(Half([[0; LANES]; 4]));
        }
        self.length += 1;
        self.set(self.length - 1, code);
    }

    /// Drops the last code.
    pub(super) fn pop(&mut self) {
        self.length = self.length.saturating_sub(1);
        let blocks = self.length.div_ceil(LANES);
        self.first.truncate(blocks);
        self.second.truncate(blocks);
    }
}

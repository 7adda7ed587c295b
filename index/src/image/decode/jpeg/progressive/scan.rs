//! One scan of a progressive JPEG (ITU-T T.81, annex G): what it brings for the luma.

use super::bits::Bits;
use super::blocks::Blocks;
use super::huffman::Huffman;

/// The scan header's numbers (T.81, B.2.3).
#[derive(Clone, Copy)]
pub(super) struct Band {
    /// First and last coefficient, in zigzag order.
    pub first: u32,
    pub last: u32,
    /// Bits below this one are for later scans.
    pub low: u32,
    /// Whether an earlier scan brought the bits above.
    pub refines: bool,
}

/// A component's part in an interleaved scan of the constant parts.
pub(super) struct Part<'a> {
    /// Blocks of it in a minimum coded unit.
    pub horizontal: usize,
    pub vertical: usize,
    /// Its code table; nothing in a refining scan.
    pub table: Option<&'a Huffman>,
    pub is_luma: bool,
}

/// When the next restart marker is due.
pub(super) struct Restarts {
    interval: usize,
    left: usize,
}

impl Restarts {
    /// A marker after each `interval` units; none for 0.
    pub(super) fn every(interval: u16) -> Self {
        let interval = if interval == 0 {
            usize::MAX
        } else {
            usize::from(interval)
        };
        Self {
            interval,
            left: interval,
        }
    }

    /// Before a unit: whether a marker comes now. Then the next is `interval` units away.
    fn due(&mut self) -> bool {
        if self.left == 0 {
            self.left = self.interval;
            return true;
        }
        false
    }
}

/// Reads a scan of constant parts. What is wrong or missing ends it; what was read stays.
/// Returns how many blocks of luma were read.
pub(super) fn constants(
    bits: &mut Bits<'_>,
    blocks: &mut Blocks,
    band: Band,
    parts: &[Part<'_>],
    units: (usize, usize),
    mut restarts: Restarts,
) -> usize {
    let mut predicted = [0i32; 4];
    let mut read = 0;
    for unit_y in 0..units.1 {
        for unit_x in 0..units.0 {
            if restarts.due() {
                if !bits.restart() {
                    return read;
                }
                predicted = [0; 4];
            }
            restarts.left -= 1;
            for (part, predicted) in parts.iter().zip(&mut predicted) {
                for y in 0..part.vertical {
                    for x in 0..part.horizontal {
                        bits.refill();
                        let value = match part.table {
                            None => bits.take(1) as i32,
                            Some(table) => {
                                let Some(length @ 0..=15) = table.symbol(bits) else {
                                    return read;
                                };
                                *predicted = predicted.wrapping_add(bits.signed(length.into()));
                                *predicted
                            }
                        };
                        if bits.exhausted() {
                            return read;
                        }
                        if part.is_luma {
                            let row = unit_y * part.vertical + y;
                            let block = row * blocks.across + unit_x * part.horizontal + x;
                            let value = (value << band.low) as i16;
                            if band.refines {
                                blocks.or_constant(block, value);
                            } else {
                                blocks.set(block, 0, value);
                            }
                            read += 1;
                        }
                    }
                }
            }
        }
    }
    read
}

/// Reads a scan of a band of luma's other coefficients. `columns × rows` are the blocks that are
/// not mere padding. What is wrong or missing ends it; what was read stays.
pub(super) fn details(
    bits: &mut Bits<'_>,
    blocks: &mut Blocks,
    band: Band,
    table: &Huffman,
    (columns, rows): (usize, usize),
    mut restarts: Restarts,
) {
    // How many blocks to come, this one included, bring no new coefficients.
    let mut silent = 0u32;
    for row in 0..rows {
        let line = row * blocks.across;
        let mut column = 0;
        while column < columns {
            if restarts.due() {
                if !bits.restart() {
                    return;
                }
                silent = 0;
            }
            // Nothing is coded for silent blocks of a first scan: go over them at once.
            if silent > 0 && !band.refines {
                let over = (columns - column).min(silent as usize).min(restarts.left);
                column += over;
                restarts.left -= over;
                silent -= over as u32;
                continue;
            }
            let block = line + column;
            column += 1;
            restarts.left -= 1;
            let done = if !band.refines {
                first(bits, blocks, block, band, table, &mut silent)
            } else {
                refine(bits, blocks, block, band, table, &mut silent)
            };
            if done.is_none() || bits.exhausted() {
                return;
            }
        }
    }
}

/// How many blocks an end-of-band code stands for, the present one included (T.81, G.1.2.2).
fn silence(bits: &mut Bits<'_>, length: u32) -> u32 {
    (1 << length) + bits.take(length)
}

/// A block's coefficients of a band that is met for the first time (T.81, G.1.2.2).
#[inline]
fn first(
    bits: &mut Bits<'_>,
    blocks: &mut Blocks,
    block: usize,
    band: Band,
    table: &Huffman,
    silent: &mut u32,
) -> Option<()> {
    let mut k = band.first;
    while k <= band.last {
        bits.refill();
        let symbol = table.symbol(bits)?;
        let (run, length) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        if length > 0 {
            k += run;
            let value = bits.signed(length) << band.low;
            if k > band.last {
                return None;
            }
            blocks.set(block, k, value as i16);
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            *silent = silence(bits, run) - 1;
            break;
        }
    }
    Some(())
}

/// A block's next bit of each coefficient of a band, and its new coefficients (T.81, G.1.2.3).
#[inline]
fn refine(
    bits: &mut Bits<'_>,
    blocks: &mut Blocks,
    block: usize,
    band: Band,
    table: &Huffman,
    silent: &mut u32,
) -> Option<()> {
    let step = 1i16 << band.low;
    // Both are below 64, so that the shifts are defined.
    let from = |k: u32| !0u64 << k;
    let whole = from(band.first) & !0 >> (63 - band.last);
    let mut k = band.first;
    while *silent == 0 && k <= band.last {
        bits.refill();
        let symbol = table.symbol(bits)?;
        let run = u32::from(symbol >> 4);
        let mut new = None;
        if symbol & 15 != 0 {
            new = Some(if bits.take(1) == 1 { step } else { -step });
        } else if run < 15 {
            *silent = silence(bits, run);
            break;
        }
        // The run counts zeros only; the others on the way each have a bit here.
        let rest = whole & from(k);
        let mut zeros = rest & !blocks.nonzero[block];
        for _ in 0..run {
            zeros &= zeros.wrapping_sub(1);
        }
        let passed = if zeros == 0 {
            rest
        } else {
            rest & ((zeros & zeros.wrapping_neg()) - 1)
        };
        correct(bits, blocks, block, passed, step);
        if zeros == 0 {
            return Some(());
        }
        k = zeros.trailing_zeros();
        if let Some(value) = new {
            blocks.set(block, k, value);
        }
        k += 1;
    }
    if *silent > 0 {
        *silent -= 1;
        if k <= band.last {
            correct(bits, blocks, block, whole & from(k), step);
        }
    }
    Some(())
}

/// Reads the next bit of each coefficient of a block that is in `among` and not zero.
#[inline]
fn correct(bits: &mut Bits<'_>, blocks: &mut Blocks, block: usize, among: u64, step: i16) {
    let which = among & blocks.nonzero[block];
    if which != 0 {
        let corrections = bits.take_many(which.count_ones());
        blocks.refine(block, which, corrections, step);
    }
}

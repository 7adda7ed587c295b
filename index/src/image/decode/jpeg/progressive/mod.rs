//! The luma of a progressive JPEG, and nothing else of it.
//!
//! General decoders keep every coefficient of every component and transform them all, at three to
//! five times the cost of a sequential file of the same size. Matching wants one small grey plane:
//! here the chroma's scans are stepped over, and of a large picture only those coefficients are
//! kept that show at half, a quarter or an eighth of its size, while the bits of the others are
//! counted but not stored. Written from ITU-T T.81 (annexes B, F and G).
//!
//! Anything unusual makes [`decode`] return nothing, and the general decoder takes over.

mod bits;
mod blocks;
mod huffman;
mod scan;

use bits::{Bits, next_marker};
use blocks::Blocks;
use huffman::Huffman;
use scan::{Band, Part, Restarts};

use super::header::Header;

/// At least this many pixels of the longer side remain when a picture is decoded at a reduced scale.
const LEAST_SIDE: u16 = 512;

/// Scans after this many are left out: encoders write about ten, and a hostile file could hold
/// thousands that each go over the whole picture.
const MOST_SCANS: usize = 64;

/// A plane at the scale it was decoded at.
pub(super) struct Plane {
    pub width: u32,
    pub height: u32,
    pub values: Vec<u8>,
}

/// How the luma lies in the file.
struct Layout {
    /// The luma's blocks in a minimum coded unit.
    factors: (usize, usize),
    /// Minimum coded units in the picture.
    units: (usize, usize),
    /// Blocks of luma that are not padding.
    blocks: (usize, usize),
    /// Pixels of a block's side at the chosen scale.
    side: usize,
}

impl Layout {
    fn new(header: &Header) -> Option<Self> {
        let luma = header.components.first()?;
        // The luma has the most samples in every file worth reading fast.
        if header.components.iter().any(|c| {
            !(1..=luma.horizontal).contains(&c.horizontal)
                || !(1..=luma.vertical).contains(&c.vertical)
        }) {
            return None;
        }
        // A single component is never interleaved, whatever its factors (T.81, A.2.2).
        let factors = if header.components.len() == 1 {
            (1, 1)
        } else {
            (usize::from(luma.horizontal), usize::from(luma.vertical))
        };
        let (width, height) = (usize::from(header.width), usize::from(header.height));
        let longer = header.width.max(header.height);
        let side = [1, 2, 4]
            .into_iter()
            .find(|side| u32::from(longer) * side >= u32::from(LEAST_SIDE) * 8)
            .unwrap_or(8);
        Some(Self {
            factors,
            units: (
                width.div_ceil(8 * factors.0),
                height.div_ceil(8 * factors.1),
            ),
            blocks: (width.div_ceil(8), height.div_ceil(8)),
            side: side as usize,
        })
    }

    /// Blocks in a row and rows of them, padding included.
    fn padded(&self) -> (usize, usize) {
        (self.units.0 * self.factors.0, self.units.1 * self.factors.1)
    }
}

/// Bytes that decoding takes, output included. Nothing when the file is none for this decoder.
pub(super) fn decoding_bytes(header: &Header) -> Option<u64> {
    let layout = Layout::new(header)?;
    let (across, down) = layout.padded();
    let (blocks, side) = (across as u64 * down as u64, layout.side as u64);
    let strip = across as u64 * side * side;
    Some(Blocks::bytes(blocks, side) + blocks * side * side + strip)
}

/// Tables that stay valid from scan to scan.
#[derive(Default)]
struct Tables {
    constants: [Option<Huffman>; 4],
    details: [Option<Huffman>; 4],
    quantisers: [Option<[u16; 64]>; 4],
    restart_interval: u16,
}

/// Decodes the luma of a progressive file, at a reduced scale where at least 512 pixels of the
/// longer side remain. A file that is cut off or damaged gives what was read before. Nothing when
/// not a block was read or the file is not for this decoder.
pub(super) fn decode(bytes: &[u8], header: &Header) -> Option<Plane> {
    let layout = Layout::new(header)?;
    let (across, down) = layout.padded();
    let mut blocks = Blocks::new(across, down, layout.side);
    let mut tables = Tables::default();
    let (mut at, mut scans, mut read) = (2, 0, 0);
    while let Some((marker, after)) = next_marker(bytes, at) {
        at = after;
        match marker {
            0xD9 => break,
            0x01 | 0xD0..=0xD8 => continue,
            _ => {}
        }
        let Some(content) = segment(bytes, at) else {
            break;
        };
        at += 2 + content.len();
        let fine = match marker {
            0xC4 => tables.read_codes(content),
            0xDB => tables.read_quantisers(content),
            0xDD => content.first_chunk().map(|&interval| {
                tables.restart_interval = u16::from_be_bytes(interval);
            }),
            0xDA if scans == MOST_SCANS => break,
            0xDA => {
                scans += 1;
                let mut bits = Bits::new(bytes, at);
                let blocks_read = tables.scan(header, &layout, content, &mut bits, &mut blocks);
                at = bits.position();
                blocks_read.map(|n| read += n)
            }
            _ => Some(()),
        };
        if fine.is_none() {
            break;
        }
    }
    if read == 0 {
        return None;
    }
    let quantisers = tables.quantisers[usize::from(header.components[0].quantiser & 3)]?;
    let scaled = |v: u16| (usize::from(v) * layout.side).div_ceil(8);
    let (width, height) = (scaled(header.width), scaled(header.height));
    Some(Plane {
        width: width as u32,
        height: height as u32,
        values: blocks.pixels(&quantisers, width, height),
    })
}

/// A segment's content, from its length on.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
    bytes.get(at + 2..at + usize::from(length))
}

impl Tables {
    /// Reads code tables (T.81, B.2.4.2).
    fn read_codes(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&[kind, ref counts @ ..], rest)) = content.split_first_chunk::<17>() {
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let table = Huffman::new(counts, rest.get(..total)?)?;
            let tables = match kind >> 4 {
                0 => &mut self.constants,
                1 => &mut self.details,
                _ => return None,
            };
            *tables.get_mut(usize::from(kind & 15))? = Some(table);
            content = &rest[total..];
        }
        Some(())
    }

    /// Reads quantisers (T.81, B.2.4.1).
    fn read_quantisers(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = content.split_first() {
            let bytes = if kind >> 4 == 0 { 1 } else { 2 };
            let mut table = [0; 64];
            for (to, from) in table
                .iter_mut()
                .zip(rest.get(..64 * bytes)?.chunks_exact(bytes))
            {
                *to = from
                    .iter()
                    .fold(0, |value, &byte| value << 8 | u16::from(byte));
            }
            *self.quantisers.get_mut(usize::from(kind & 15))? = Some(table);
            content = &rest[64 * bytes..];
        }
        Some(())
    }

    /// Reads a scan whose header is `content`. Returns how many constant parts of luma came.
    fn scan(
        &self,
        header: &Header,
        layout: &Layout,
        content: &[u8],
        bits: &mut Bits<'_>,
        blocks: &mut Blocks,
    ) -> Option<usize> {
        let (&count, rest) = content.split_first()?;
        let (selectors, band) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, approximation] = band.first_chunk()?;
        let band = Band {
            first: first.into(),
            last: last.into(),
            low: u32::from(approximation & 15),
            refines: approximation >> 4 > 0,
        };
        if band.last > 63 || band.low > 13 || band.first > band.last {
            return None;
        }
        let restarts = Restarts::every(self.restart_interval);
        let luma = header.components[0].id;
        let Some(luma_selector) = selectors.chunks_exact(2).find(|s| s[0] == luma) else {
            // Chroma only: its bits are passed over on the way to the next marker.
            return Some(0);
        };
        if band.first > 0 {
            // A band of details belongs to one component (T.81, G.1.1.1.1).
            if selectors.len() != 2 {
                return None;
            }
            let table = self
                .details
                .get(usize::from(luma_selector[1] & 15))?
                .as_ref()?;
            scan::details(bits, blocks, band, table, layout.blocks, restarts);
            return Some(0);
        }
        if band.last > 0 || selectors.len() > 8 {
            return None;
        }
        let interleaved = selectors.len() > 2;
        let mut parts = Vec::with_capacity(4);
        for selector in selectors.chunks_exact(2) {
            let component = header.components.iter().find(|c| c.id == selector[0])?;
            let table = if band.refines {
                None
            } else {
                Some(
                    self.constants
                        .get(usize::from(selector[1] >> 4))?
                        .as_ref()?,
                )
            };
            let factor = |factor: u8| if interleaved { usize::from(factor) } else { 1 };
            parts.push(Part {
                horizontal: factor(component.horizontal),
                vertical: factor(component.vertical),
                table,
                is_luma: selector[0] == luma,
            });
        }
        let units = if interleaved {
            layout.units
        } else {
            layout.blocks
        };
        Some(scan::constants(bits, blocks, band, &parts, units, restarts))
    }
}

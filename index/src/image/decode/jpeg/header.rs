//! What a JPEG's frame header says (ITU-T T.81, annex B), before a decoder is started.

use super::super::colour::Want;

/// How the coefficients are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// One pass, Huffman codes, 8 bits.
    Sequential,
    /// Several passes, Huffman codes, 8 bits.
    Progressive,
    /// Something hardly any file is; said in words.
    Unsupported(&'static str),
}

/// One colour component: how many blocks of it there are in a minimum coded unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
    /// Which table of quantisers is its own.
    pub quantiser: u8,
}

/// The frame header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub width: u16,
    pub height: u16,
    pub coding: Coding,
    pub components: Vec<Component>,
}

impl Header {
    /// Finds and reads the frame header, stepping from marker to marker. Nothing when there is none
    /// before the first scan.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut at = 2;
        loop {
            // Bytes between segments are no marker's and are skipped, as every decoder does.
            while *bytes.get(at)? != 0xFF {
                at += 1;
            }
            while *bytes.get(at)? == 0xFF {
                at += 1;
            }
            let marker = bytes[at];
            at += 1;
            match marker {
                // Stuffing, temporary marker, restarts and a second start have no length.
                0x00 | 0x01 | 0xD0..=0xD8 => continue,
                // The end or the first scan: too late for a frame header.
                0xD9 | 0xDA => return None,
                _ => {}
            }
            let length = usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
            if let 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF = marker {
                return Self::frame(marker, bytes.get(at + 2..at + length)?);
            }
            at += length.max(2);
        }
    }

    /// Reads the frame header's content (T.81, B.2.2).
    fn frame(marker: u8, content: &[u8]) -> Option<Self> {
        let [bits, h1, h0, w1, w0, count, rest @ ..] = content else {
            return None;
        };
        let coding = match (marker, bits) {
            (0xC0..=0xC2, 9..) => Coding::Unsupported("a JPEG of more than 8 bits a channel"),
            (0xC0 | 0xC1, _) => Coding::Sequential,
            (0xC2, _) => Coding::Progressive,
            (0xC3 | 0xC7 | 0xCB | 0xCF, _) => Coding::Unsupported("a lossless JPEG"),
            (0xC9 | 0xCA, _) => Coding::Unsupported("an arithmetic-coded JPEG"),
            _ => Coding::Unsupported("a hierarchical JPEG"),
        };
        let components: Vec<Component> = rest
            .chunks_exact(3)
            .take(usize::from(*count))
            .map(|c| Component {
                id: c[0],
                horizontal: c[1] >> 4,
                vertical: c[1] & 15,
                quantiser: c[2],
            })
            .collect();
        (components.len() == usize::from(*count)).then_some(Self {
            width: u16::from_be_bytes([*w1, *w0]),
            height: u16::from_be_bytes([*h1, *h0]),
            coding,
            components,
        })
    }

    /// Bytes that decoding takes: the output and, for several passes, every coefficient.
    pub(super) fn decoding_bytes(&self, want: Want) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let output = pixels * want.channels() as u64;
        match self.coding {
            Coding::Progressive => output + self.coefficients() * 2,
            _ => output,
        }
    }

    /// Coefficients of all components' blocks, padded to whole minimum coded units.
    fn coefficients(&self) -> u64 {
        let most = |factor: fn(&Component) -> u8| {
            u64::from(self.components.iter().map(factor).max().unwrap_or(1).max(1))
        };
        let across = u64::from(self.width).div_ceil(8 * most(|c| c.horizontal));
        let down = u64::from(self.height).div_ceil(8 * most(|c| c.vertical));
        let blocks: u64 = self
            .components
            .iter()
            .map(|c| u64::from(c.horizontal) * u64::from(c.vertical))
            .sum();
        across * down * blocks * 64
    }
}

//! Huffman tables of a JPEG (ITU-T T.81, annex C and F.2.2.3).

use super::bits::Bits;

/// Codes up to this many bits are looked up at once.
const LOOK: u32 = 9;

/// A table of codes, ready for decoding.
pub(super) struct Huffman {
    /// For each beginning of [`LOOK`] bits: length of the code and symbol; length 0 if longer.
    fast: Vec<(u8, u8)>,
    /// For each length: the first 16-bit-aligned code beyond that length.
    beyond: [u32; 17],
    /// For each length: what to add to a code for its symbol's place.
    offset: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// Builds a table from how many codes there are of each length (1 to 16) and their symbols.
    /// Nothing when there are more codes than fit, or fewer symbols than codes.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            fast: vec![(0, 0); 1 << LOOK],
            beyond: [0; 17],
            offset: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0u32, 0usize);
        for (length, &count) in (1u32..).zip(counts) {
            table.offset[length as usize] = place as i32 - code as i32;
            for _ in 0..count {
                let symbol = *symbols.get(place)?;
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOK {
                    let first = (code << (LOOK - length)) as usize;
                    table.fast[first..first + (1 << (LOOK - length))].fill((length as u8, symbol));
                }
                code += 1;
                place += 1;
            }
            table.beyond[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    /// The next symbol. Nothing when the bits are no code. A refill must have come before; at least
    /// 32 of its bits remain.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let (length, symbol) = self.fast[bits.peek(LOOK) as usize];
        if length > 0 {
            bits.skip(u32::from(length));
            return Some(symbol);
        }
        self.long(bits)
    }

    #[cold]
    fn long(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let next = bits.peek(16);
        let length = (LOOK + 1..=16).find(|&length| next < self.beyond[length as usize])?;
        bits.skip(length);
        let place = (next >> (16 - length)) as i32 + self.offset[length as usize];
        self.symbols.get(usize::try_from(place).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_codes_give_their_symbols() {
        // Codes 0, 10, 110 … and one of 16 bits, as in T.81's example tables.
        let mut counts = [1; 16];
        counts[15] = 1;
        let symbols: Vec<u8> = (100..116).collect();
        let table = Huffman::new(&counts, &symbols).expect("a table");
        // 0 | 110 | 1111 1111 1111 1110 (16 bits)
        let bytes = [0b0110_1111, 0b1111_1111, 0, 0b1110_0000, 0, 0, 0];
        let mut bits = Bits::new(&bytes, 0);
        bits.refill();
        assert_eq!(table.symbol(&mut bits), Some(100));
        assert_eq!(table.symbol(&mut bits), Some(102));
        assert_eq!(table.symbol(&mut bits), Some(115));
    }

    #[test]
    fn too_many_codes_or_too_few_symbols_make_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
        counts[0] = 1;
        assert!(Huffman::new(&counts, &[]).is_none());
        assert!(Huffman::new(&counts, &[5]).is_some());
    }

    #[test]
    fn bits_that_are_no_code_give_nothing() {
        let mut counts = [0; 16];
        counts[1] = 1;
        let table = Huffman::new(&counts, &[7]).expect("a table");
        let mut bits = Bits::new(&[0b1100_0000; 8], 0);
        bits.refill();
        assert_eq!(table.symbol(&mut bits), None);
    }
}

//! Bits of an entropy-coded segment, most significant first, without the stuffed zeros
//! (ITU-T T.81, F.2.2.5).

/// Reads bits up to the next marker or the end of the file, and zeros after that.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take; never past a marker.
    at: usize,
    /// Bits not yet handed out, from the top; zeros below them.
    buffer: u64,
    /// How many those are. Below zero once more was taken than there was.
    count: i32,
    /// A marker or the end of the file was reached.
    ended: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            buffer: 0,
            count: 0,
            ended: false,
        }
    }

    /// Where the next marker is to be looked for.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether more bits were taken than there were.
    pub(super) fn exhausted(&self) -> bool {
        self.count < 0
    }

    /// Makes at least 48 bits ready, as far as there are any.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 48 || self.ended {
            return;
        }
        if let Some(next) = self.bytes.get(self.at..self.at + 8)
            && let Ok(next) = next.try_into()
        {
            let next = u64::from_be_bytes(next);
            // The carry-free test for a byte of ones: a zero byte in the complement.
            let inverted = !next;
            let ones = inverted.wrapping_sub(0x0101_0101_0101_0101) & !inverted;
            if ones & 0x8080_8080_8080_8080 == 0 {
                let take = (63 - self.count) as usize / 8;
                self.buffer |= next >> self.count;
                // What lies below the whole bytes is written again by the next refill.
                self.at += take;
                self.count += 8 * take as i32;
                self.buffer &= !0 << (64 - self.count);
                return;
            }
        }
        self.refill_bytes();
    }

    #[cold]
    fn refill_bytes(&mut self) {
        while self.count <= 56 {
            match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.push(0xFF);
                    self.at += 2;
                }
                (Some(0xFF), _) | (None, _) => {
                    self.ended = true;
                    return;
                }
                (Some(&byte), _) => {
                    self.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn push(&mut self, byte: u8) {
        self.buffer |= u64::from(byte) << (56 - self.count);
        self.count += 8;
    }

    /// The next `n` bits (1 to 16) without taking them.
    #[inline]
    pub(super) fn peek(&self, n: u32) -> u32 {
        (self.buffer >> (64 - n)) as u32
    }

    /// Takes `n` bits (0 to 32) that a refill made ready.
    #[inline]
    pub(super) fn skip(&mut self, n: u32) {
        self.buffer <<= n;
        self.count -= n as i32;
    }

    /// The next `n` bits (0 to 32); a refill must have made them ready.
    #[inline]
    pub(super) fn take(&mut self, n: u32) -> u32 {
        // Two shifts, since a shift by 64 is none.
        let value = (self.buffer >> 1 >> (63 - n)) as u32;
        self.skip(n);
        value
    }

    /// The next `n` bits (0 to 63) at the top of a word, refilling in between.
    #[inline]
    pub(super) fn take_many(&mut self, n: u32) -> u64 {
        self.refill();
        if n <= 32 {
            return u64::from(self.take(n)) << 1 << (63 - n);
        }
        let first = u64::from(self.take(32)) << 32;
        self.refill();
        first | u64::from(self.take(n - 32)) << (64 - n)
    }

    /// A value of `n` bits (0 to 15) in the sign convention of T.81, F.2.2.1 ("EXTEND").
    #[inline]
    pub(super) fn signed(&mut self, n: u32) -> i32 {
        if n == 0 {
            return 0;
        }
        let value = self.take(n) as i32;
        if value < 1 << (n - 1) {
            value - (1 << n) + 1
        } else {
            value
        }
    }

    /// Goes on after the next restart marker. `false` when another marker or the end comes first.
    pub(super) fn restart(&mut self) -> bool {
        let marker = next_marker(self.bytes, self.at);
        let found = marker.is_some_and(|(marker, _)| matches!(marker, 0xD0..=0xD7));
        if let Some((_, after)) = marker
            && found
        {
            *self = Self::new(self.bytes, after);
        }
        found
    }
}

/// The next marker at or after a place, and where what follows it begins. Stuffed zeros and fill
/// bytes are no markers.
pub(super) fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)? + 1;
        match *bytes.get(at)? {
            0 | 0xFF => {}
            marker => return Some((marker, at + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_and_without_stuffing() {
        let bytes = [
            0b1010_0101,
            0xFF,
            0x00,
            0x12,
            0x34,
            0x56,
            0x78,
            0x9A,
            0xBC,
            0xDE,
            0xFF,
            0xD9,
        ];
        let mut bits = Bits::new(&bytes, 0);
        bits.refill();
        assert_eq!(bits.peek(4), 0b1010);
        assert_eq!(bits.take(4), 0b1010);
        assert_eq!(bits.take(4), 0b0101);
        assert_eq!(bits.take(8), 0xFF);
        assert_eq!(bits.take_many(48) >> 16, 0x1234_5678_9ABC);
        bits.refill();
        assert_eq!(bits.take(8), 0xDE);
        assert!(!bits.exhausted());
        assert_eq!(bits.take(3), 0);
        assert!(bits.exhausted());
        assert_eq!(next_marker(&bytes, bits.position()), Some((0xD9, 12)));
    }

    #[test]
    fn long_runs_are_read_alike_with_and_without_ones() {
        // Every position of a byte of ones within the fast path's eight.
        for at in 0..24 {
            let mut plain: Vec<u8> = (1..=40).collect();
            plain[at] = 0xFF;
            let mut stuffed = plain.clone();
            stuffed.insert(at + 1, 0);
            let mut bits = Bits::new(&stuffed, 0);
            for (i, &byte) in plain.iter().enumerate() {
                bits.refill();
                assert_eq!(
                    bits.take(3) << 5 | bits.take(5),
                    u32::from(byte),
                    "{at} {i}"
                );
            }
        }
    }

    #[test]
    fn a_restart_goes_on_after_the_marker() {
        let bytes = [0x11, 0xFF, 0xD3, 0x77, 0xFF, 0xD9];
        let mut bits = Bits::new(&bytes, 0);
        bits.refill();
        assert!(bits.restart());
        bits.refill();
        assert_eq!(bits.take(8), 0x77);
        assert!(!bits.restart());
    }
}

//! The 256 bits themselves and their text form.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why a text is not a PDQ hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PdqHashError {
    /// Not 64 characters.
    #[error(
        "cannot read a text of {0} bytes as a PDQ hash: it must have exactly 64 hexadecimal \
         digits; check that the line or field was not cut"
    )]
    Length(usize),
    /// A character that is no hexadecimal digit.
    #[error(
        "cannot read the text as a PDQ hash: its character {position} is no hexadecimal digit; \
         only 0-9, a-f and A-F may occur"
    )]
    Digit {
        /// Position of the first such byte, counted from 1.
        position: usize,
    },
}

/// A 256-bit PDQ hash.
///
/// Bit `16 r + c` belongs to the coefficient of row `r` and column `c`; it is bit `(16 r + c) % 64`
/// of word `(16 r + c) / 64`. The text form is PDQ's: the bits as one number in 64 hexadecimal
/// digits, the last bit first; lower case when written, either case when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PdqHash(pub [u64; 4]);

impl PdqHash {
    /// The hash without a set bit: what a flat picture gets.
    pub const ZERO: Self = Self([0; 4]);

    /// The fewest, and 256 less the most, set bits of a hash that is not degenerate. Bits are
    /// cut at the median, so a picture's hash has 128 set bits unless coefficients are equal.
    const FEWEST_SET: u32 = 64;

    /// Number of bits in which two hashes differ, 0 to 256.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0
            .iter()
            .zip(other.0)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum()
    }

    /// Number of set bits, 0 to 256.
    #[must_use]
    pub fn count_ones(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// True for hashes that only flat or broken pictures have: all zeros, all ones, and whatever
    /// has fewer than 64 or more than 192 set bits.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        !(Self::FEWEST_SET..=256 - Self::FEWEST_SET).contains(&self.count_ones())
    }

    /// The hash as 32 bytes in the order of its text form.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (out, word) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            out.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// The hash of 32 bytes in the order of its text form.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut words = [0u64; 4];
        for (word, bytes) in words.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *word = bytes.iter().fold(0, |word, &b| word << 8 | u64::from(b));
        }
        Self(words)
    }

    /// Rows and columns of coefficients exchanged: the hash of the transposed picture.
    pub(super) fn transposed(self) -> Self {
        let mut words = [0u64; 4];
        for row in 0..16 {
            let bits = self.0[row / 4] >> (row % 4 * 16);
            for column in 0..16 {
                words[column / 4] |= (bits >> column & 1) << (column % 4 * 16 + row);
            }
        }
        Self(words)
    }
}

impl fmt::Display for PdqHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{d:016x}{c:016x}{b:016x}{a:016x}")
    }
}

impl FromStr for PdqHash {
    type Err = PdqHashError;

    fn from_str(text: &str) -> Result<Self, PdqHashError> {
        if text.len() != 64 {
            return Err(PdqHashError::Length(text.len()));
        }
        let mut words = [0u64; 4];
        for (i, byte) in text.bytes().enumerate() {
            let digit = char::from(byte)
                .to_digit(16)
                .ok_or(PdqHashError::Digit { position: i + 1 })?;
            let word = &mut words[3 - i / 16];
            *word = *word << 4 | u64::from(digit);
        }
        Ok(Self(words))
    }
}

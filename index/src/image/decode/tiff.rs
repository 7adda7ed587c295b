//! TIFF, after a look at its directory.

use image::ImageFormat;

use super::colour::Want;
use super::{DecodeError, DecodeLimits, Decoded, damaged, other};

pub(super) const FORMAT: &str = "tiff";

pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    want: Want,
) -> Result<Decoded, DecodeError> {
    // While it opens a file, the decoder has no limits yet and makes room for as many values as an
    // entry announces, up to 256 MiB. Values that are really there cost no more than the file.
    if entries_fit(bytes) != Some(true) {
        return Err(damaged(
            FORMAT,
            bytes,
            "its directory points past the end of the file",
        ));
    }
    other::decode(bytes, limits, want, ImageFormat::Tiff, FORMAT, 0)
}

/// Whether the values of all entries in the first directory lie within the file (TIFF 6.0,
/// section 2, and its 64-bit extension). Nothing when the directory itself does not.
fn entries_fit(bytes: &[u8]) -> Option<bool> {
    let reader = Reader {
        bytes,
        little: bytes.starts_with(b"II"),
    };
    // The 64-bit variety has wider counts and offsets.
    let big = reader.number(2, 2)? == 43;
    let (start, count_bytes, entry_bytes, width) = if big { (8, 8, 20, 8) } else { (4, 2, 12, 4) };
    let directory = usize::try_from(reader.number(start, width)?).ok()?;
    let entries = usize::try_from(reader.number(directory, count_bytes)?).ok()?;
    let first = directory.checked_add(count_bytes)?;
    let table = entries.checked_mul(entry_bytes)?;
    bytes.get(first..first.checked_add(table)?)?;
    let fits = |entry: usize| {
        let kind = reader.number(entry + 2, 2)?;
        let count = reader.number(entry + 4, width)?;
        let size = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            _ => 8,
        };
        let length = count.checked_mul(size)?;
        if length <= width as u64 {
            return Some(true);
        }
        let at = reader.number(entry + 4 + width, width)?;
        Some(at.checked_add(length)? <= bytes.len() as u64)
    };
    Some((0..entries).all(|i| fits(first + i * entry_bytes) == Some(true)))
}

/// Numbers in the file's byte order.
struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Reader<'_> {
    /// The number of `width` bytes at a place.
    fn number(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(width)?)?;
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        Some(if self.little {
            bytes.iter().rev().fold(0, join)
        } else {
            bytes.iter().fold(0, join)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of one entry: three values of four bytes each, at byte 26.
    fn file(count: u32) -> Vec<u8> {
        let mut bytes = b"II\x2a\0\x08\0\0\0\x01\0\x11\x01\x04\0".to_vec();
        bytes.extend(count.to_le_bytes());
        bytes.extend([26, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([7; 12]);
        bytes
    }

    #[test]
    fn values_within_the_file_fit_and_others_do_not() {
        assert_eq!(entries_fit(&file(3)), Some(true));
        assert_eq!(entries_fit(&file(4)), Some(false));
        assert_eq!(entries_fit(&file(u32::MAX)), Some(false));
        assert_eq!(entries_fit(&file(3)[..20]), None);
    }
}

//! The stored form of [`PictureHashes`]: little-endian, length-checked, versioned by the
//! algorithm's name.

use super::hashes::{ALGORITHM, GreyCopy, PictureHashes, View};
use super::views::Part;

/// The first bytes of every stored set.
const MAGIC: &[u8; 4] = b"MHPH";
/// Bytes of one stored view: part, rectangle, hash.
const VIEW: usize = 1 + 4 * 2 + 4 * 8;

/// Why stored hashes cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashFormatError {
    /// The hashes were made by another algorithm or version.
    #[error(
        "cannot use stored picture hashes of algorithm {found:?}: this program computes \
         {expected:?}; hash the picture again"
    )]
    OtherAlgorithm {
        /// What the stored bytes name.
        found: String,
        /// [`ALGORITHM`].
        expected: &'static str,
    },
    /// The bytes are not a whole set of hashes.
    #[error("cannot read stored picture hashes of {length} bytes: {what}; hash the picture again")]
    Damaged {
        /// How many bytes there were.
        length: usize,
        /// What is wrong with them.
        what: &'static str,
    },
}

impl PictureHashes {
    /// The stored form, for the database.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let views = self.query.len() + self.mirrored.len() + self.reference.len();
        let mut out = Vec::with_capacity(64 + views * VIEW + self.copy.values.len());
        out.extend(MAGIC);
        out.push(self.algorithm.len().min(255) as u8);
        out.extend(self.algorithm.bytes().take(255));
        out.extend(self.width.to_le_bytes());
        out.extend(self.height.to_le_bytes());
        for list in [&self.query, &self.mirrored, &self.reference] {
            out.extend((list.len().min(usize::from(u16::MAX)) as u16).to_le_bytes());
            for view in list.iter().take(usize::from(u16::MAX)) {
                out.push(view.part.code());
                out.extend(view.packed_rect().iter().flat_map(|v| v.to_le_bytes()));
                out.extend(view.code.iter().flat_map(|v| v.to_le_bytes()));
            }
        }
        out.push(self.copy.width);
        out.push(self.copy.height);
        out.extend(&self.copy.values);
        out
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`HashFormatError::OtherAlgorithm`] when the hashes were made by another algorithm or
    /// version, [`HashFormatError::Damaged`] when the bytes are no whole set.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HashFormatError> {
        let mut reader = Reader { rest: bytes };
        let parsed = reader.read().ok_or(HashFormatError::Damaged {
            length: bytes.len(),
            what: "they end early or hold impossible values",
        })?;
        match parsed {
            Parsed::Whole(hashes) if reader.rest.is_empty() => Ok(hashes),
            Parsed::Whole(_) => Err(HashFormatError::Damaged {
                length: bytes.len(),
                what: "bytes follow the end",
            }),
            Parsed::Other(found) => Err(HashFormatError::OtherAlgorithm {
                found,
                expected: ALGORITHM,
            }),
        }
    }
}

enum Parsed {
    Whole(PictureHashes),
    Other(String),
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn take(&mut self, n: usize) -> Option<Vec<u8>> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(head.to_vec())
    }

    fn views(&mut self) -> Option<Vec<View>> {
        let count = usize::from(u16::from_le_bytes(self.array()?));
        if self.rest.len() < count * VIEW {
            return None;
        }
        let mut out = Vec::with_capacity(count);
        for _ in 0..count {
            let [code] = self.array()?;
            let part = Part::from_code(code)?;
            let mut rect = [0u16; 4];
            for side in &mut rect {
                *side = u16::from_le_bytes(self.array()?);
            }
            let mut hash = [0u64; 4];
            for word in &mut hash {
                *word = u64::from_le_bytes(self.array()?);
            }
            if rect[0] >= rect[2] || rect[1] >= rect[3] {
                return None;
            }
            out.push(View::from_packed(part, rect, hash));
        }
        Some(out)
    }

    fn read(&mut self) -> Option<Parsed> {
        if &self.array::<4>()? != MAGIC {
            return None;
        }
        let [length] = self.array()?;
        let algorithm = String::from_utf8(self.take(usize::from(length))?).ok()?;
        if algorithm != ALGORITHM {
            return Some(Parsed::Other(algorithm));
        }
        let width = u32::from_le_bytes(self.array()?);
        let height = u32::from_le_bytes(self.array()?);
        let (query, mirrored, reference) = (self.views()?, self.views()?, self.views()?);
        let [copy_width, copy_height] = self.array()?;
        if copy_width == 0 || copy_height == 0 {
            return None;
        }
        let values = self.take(usize::from(copy_width) * usize::from(copy_height))?;
        Some(Parsed::Whole(PictureHashes {
            algorithm,
            width,
            height,
            query,
            mirrored,
            reference,
            copy: GreyCopy {
                width: copy_width,
                height: copy_height,
                values,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Picture;
    use image::{Rgb, RgbImage};

    fn sample() -> PictureHashes {
        PictureHashes::compute(&Picture::from_rgb(RgbImage::from_fn(90, 60, |x, y| {
            Rgb([(x * y % 251) as u8, (x * 2) as u8, (y * 3) as u8])
        })))
    }

    #[test]
    fn hashes_survive_being_stored() {
        let hashes = sample();
        assert_eq!(PictureHashes::from_bytes(&hashes.to_bytes()), Ok(hashes));
    }

    #[test]
    fn hashes_of_another_version_are_refused_by_name() {
        let mut hashes = sample();
        hashes.algorithm = "img_hash gradient 8x8 v0".to_owned();
        let refused = PictureHashes::from_bytes(&hashes.to_bytes());
        assert!(
            matches!(&refused, Err(HashFormatError::OtherAlgorithm { found, .. }) if found == "img_hash gradient 8x8 v0"),
            "{refused:?}"
        );
    }

    #[test]
    fn cut_off_or_changed_bytes_never_panic() {
        let bytes = sample().to_bytes();
        for cut in 0..bytes.len() {
            assert!(
                PictureHashes::from_bytes(&bytes[..cut]).is_err(),
                "cut at {cut}"
            );
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            // Most changes only alter a hash; none may panic.
            let _ = PictureHashes::from_bytes(&changed);
        }
        assert!(PictureHashes::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}

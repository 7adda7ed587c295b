//! The stored form of [`Fingerprint`]: little-endian, length-checked, versioned by the
//! algorithm's name.

use super::features::{CODE_BYTES, Feature};
use super::fingerprint::{ALGORITHM, Fingerprint, GreyCopy, View};
use super::pdq::PdqHash;
use super::views::Part;

/// The first bytes of every stored set.
const MAGIC: &[u8; 4] = b"MHPH";
/// Bytes of one stored view: part, quality, rectangle, hashes.
const VIEW: usize = 1 + 1 + 4 * 2 + 8 * 32;
/// Bytes of one stored feature: place, scale, direction, code.
const FEATURE: usize = 2 * 2 + 1 + 1 + CODE_BYTES;

/// Why stored hashes cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashFormatError {
    /// The fingerprint was made by another algorithm or version.
    #[error(
        "cannot use a stored fingerprint of algorithm {found:?}: this program computes \
         {expected:?}; take it again from the picture with `markhound reindex`"
    )]
    OtherAlgorithm {
        /// What the stored bytes name.
        found: String,
        /// [`ALGORITHM`].
        expected: &'static str,
    },
    /// The bytes are not a whole fingerprint.
    #[error(
        "cannot read a stored fingerprint of {length} bytes: {what}; take it again from the picture with `markhound reindex`"
    )]
    Damaged {
        /// How many bytes there were.
        length: usize,
        /// What is wrong with them.
        what: &'static str,
    },
}

impl Fingerprint {
    /// The stored form, for the database.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (views, features) = (self.views.len().min(255), self.features.len().min(65535));
        let size = 64 + views * VIEW + features * FEATURE + self.copy.values.len();
        let mut out = Vec::with_capacity(size);
        out.extend(MAGIC);
        out.push(ALGORITHM.len() as u8);
        out.extend(ALGORITHM.bytes());
        out.extend(self.width.to_le_bytes());
        out.extend(self.height.to_le_bytes());
        out.push(views as u8);
        for view in self.views.iter().take(views) {
            out.push(view.part.code());
            out.push(view.quality);
            out.extend(view.rect.iter().flat_map(|v| v.to_le_bytes()));
            let words = view.hashes.iter().flat_map(|hash| hash.0);
            out.extend(words.flat_map(u64::to_le_bytes));
        }
        out.extend((features as u16).to_le_bytes());
        for feature in self.features.iter().take(features) {
            out.extend(feature.x.to_le_bytes());
            out.extend(feature.y.to_le_bytes());
            out.extend([feature.scale, feature.angle]);
            out.extend(feature.code);
        }
        out.push(self.copy.width);
        out.push(self.copy.height);
        out.extend(&self.copy.values);
        out
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`HashFormatError::OtherAlgorithm`] when the fingerprint was made by another algorithm or
    /// version, [`HashFormatError::Damaged`] when the bytes are no whole fingerprint.
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
    Whole(Fingerprint),
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
        let [count] = self.array()?;
        let mut out = Vec::with_capacity(usize::from(count).min(self.rest.len() / VIEW));
        for _ in 0..count {
            let [code, quality] = self.array()?;
            let part = Part::from_code(code)?;
            let mut rect = [0u16; 4];
            for side in &mut rect {
                *side = u16::from_le_bytes(self.array()?);
            }
            if rect[0] >= rect[2] || rect[1] >= rect[3] {
                return None;
            }
            let mut hashes = [PdqHash::ZERO; 8];
            for word in hashes.iter_mut().flat_map(|hash| &mut hash.0) {
                *word = u64::from_le_bytes(self.array()?);
            }
            out.push(View {
                part,
                rect,
                quality,
                hashes,
            });
        }
        Some(out)
    }

    fn features(&mut self) -> Option<Vec<Feature>> {
        let count = usize::from(u16::from_le_bytes(self.array()?));
        let mut out = Vec::with_capacity(count.min(self.rest.len() / FEATURE));
        for _ in 0..count {
            let (x, y) = (
                u16::from_le_bytes(self.array()?),
                u16::from_le_bytes(self.array()?),
            );
            let [scale, angle] = self.array()?;
            out.push(Feature {
                x,
                y,
                scale,
                angle,
                code: self.array()?,
            });
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
        let (views, features) = (self.views()?, self.features()?);
        let [copy_width, copy_height] = self.array()?;
        if copy_width == 0 || copy_height == 0 {
            return None;
        }
        let values = self.take(usize::from(copy_width) * usize::from(copy_height))?;
        Some(Parsed::Whole(Fingerprint {
            width,
            height,
            views,
            features,
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
    use crate::image::{GreyPicture, Picture};
    use image::{Rgb, RgbImage};

    fn sample() -> Fingerprint {
        Fingerprint::compute(&GreyPicture::from_picture(&Picture::from_rgb(
            RgbImage::from_fn(90, 60, |x, y| {
                Rgb([(x * y % 251) as u8, (x * 2) as u8, (y * 3) as u8])
            }),
        )))
    }

    #[test]
    fn a_fingerprint_survives_being_stored() {
        let taken = sample();
        assert!(!taken.features.is_empty() && !taken.views.is_empty());
        assert_eq!(Fingerprint::from_bytes(&taken.to_bytes()), Ok(taken));
    }

    #[test]
    fn fingerprints_of_another_version_are_refused_by_name() {
        let mut bytes = sample().to_bytes();
        // The version is the last letter of the name.
        bytes[4 + ALGORITHM.len()] = b'0';
        let refused = Fingerprint::from_bytes(&bytes);
        assert!(
            matches!(&refused, Err(HashFormatError::OtherAlgorithm { found, .. }) if found.ends_with('0')),
            "{refused:?}"
        );
    }

    #[test]
    fn cut_off_or_changed_bytes_never_panic() {
        let bytes = sample().to_bytes();
        for cut in 0..bytes.len() {
            assert!(
                Fingerprint::from_bytes(&bytes[..cut]).is_err(),
                "cut at {cut}"
            );
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            // Most changes only alter a number; none may panic.
            let _ = Fingerprint::from_bytes(&changed);
        }
        assert!(Fingerprint::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}

//! What is kept of a picture: hashes of its parts and a small grey copy.

use std::sync::LazyLock;

use img_hash::{HashAlg, Hasher, HasherConfig};
use serde::{Deserialize, Serialize};

use super::Picture;
use super::luma::{Luma, Rect};
use super::views::{self, Part};

/// Name and version of the hashes; it is stored with every set, because a hash of another algorithm,
/// size or way of shrinking says nothing about this one.
pub const ALGORITHM: &str = "img_hash median dct 16x16 v1";

/// Bits of one hash.
pub(super) const BITS: u32 = 256;
/// Longer side of the small grey copy, in pixels.
const COPY_SIDE: f64 = 160.0;
/// A part whose grey values deviate less than this from their mean has nothing to be known by.
const FLAT: f64 = 6.0;

/// One hash, ready for XOR and popcount.
pub(super) type Code = [u64; 4];

/// Number of bits in which two hashes differ.
pub(super) fn hamming(a: &Code, b: &Code) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// A hashed part of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct View {
    pub part: Part,
    /// Left, top, right, bottom in 1/65535 of the picture.
    rect: [u16; 4],
    pub code: Code,
}

impl View {
    pub(super) fn new(part: Part, rect: Rect, code: Code) -> Self {
        let pack = |v: f64| (v.clamp(0.0, 1.0) * 65535.0).round() as u16;
        Self {
            part,
            rect: [rect.x0, rect.y0, rect.x1, rect.y1].map(pack),
            code,
        }
    }

    /// The view with stored values, which must have left < right and top < bottom.
    pub(super) fn from_packed(part: Part, rect: [u16; 4], code: Code) -> Self {
        Self { part, rect, code }
    }

    /// The rectangle as it is stored.
    pub(super) fn packed_rect(&self) -> [u16; 4] {
        self.rect
    }

    pub(super) fn rect(&self) -> Rect {
        let [x0, y0, x1, y1] = self.rect.map(|v| f64::from(v) / 65535.0);
        Rect::new(x0, y0, x1, y1)
    }
}

/// A small grey picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct GreyCopy {
    pub width: u8,
    pub height: u8,
    pub values: Vec<u8>,
}

/// Everything that is kept of a picture to find it again, or to find reference photos in it.
///
/// Computed once a picture, stored with [`to_bytes`](Self::to_bytes) (up to some 35 KB); new reference
/// photos can be searched for in it years later without the picture itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureHashes {
    pub(super) algorithm: String,
    /// Size of the picture, in pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The parts in which a reference may be found.
    pub(super) query: Vec<View>,
    /// The same parts of the mirrored picture; their rectangles count from its left side.
    pub(super) mirrored: Vec<View>,
    /// The crops of this picture, if it is a reference, that a listing may show.
    pub(super) reference: Vec<View>,
    /// For checking pixel against pixel what the hashes claim.
    pub(super) copy: GreyCopy,
}

impl PictureHashes {
    /// Hashes a picture and its parts. Takes some 15 to 20 ms on one core, most of it in the cosine transforms.
    #[must_use]
    pub fn compute(picture: &Picture) -> Self {
        let luma = Luma::new(picture.pixels());
        let mirror = luma.mirrored();
        let parts = views::query_parts(&luma);
        let query = parts
            .iter()
            .filter_map(|&(part, rect)| view(&luma, part, rect))
            .collect();
        let mirrored = parts
            .iter()
            .filter_map(|&(part, rect)| view(&mirror, part, rect.mirrored()))
            .collect();
        let reference = views::reference_parts(&luma)
            .into_iter()
            .filter_map(|(part, rect)| view(&luma, part, rect))
            .collect();
        let scale = COPY_SIDE / luma.width.max(luma.height) as f64;
        let side = |v: usize| (v as f64 * scale).round().clamp(1.0, COPY_SIDE) as u8;
        let (width, height) = (side(luma.width), side(luma.height));
        Self {
            algorithm: ALGORITHM.to_owned(),
            width: picture.width(),
            height: picture.height(),
            query,
            mirrored,
            reference,
            copy: GreyCopy {
                width,
                height,
                values: luma
                    .cells(&Rect::WHOLE, u32::from(width), u32::from(height))
                    .into_raw(),
            },
        }
    }

    /// Whether the picture is too flat to be told from others: it matches nothing, and as a
    /// reference photo it protects nothing.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        !self.query.iter().any(|v| v.part == Part::Whole)
    }

    /// Name and version of the algorithm that made the hashes.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The hash of the whole picture as 64 hexadecimal digits, for display and exact comparison;
    /// nothing for a flat picture.
    #[must_use]
    pub fn whole_hex(&self) -> Option<String> {
        let whole = self.query.iter().find(|v| v.part == Part::Whole)?;
        Some(whole.code.iter().map(|w| format!("{w:016x}")).collect())
    }
}

/// Planning the cosine transform costs as much as some dozen hashes, hence once.
static HASHER: LazyLock<Hasher<[u8; 32]>> = LazyLock::new(|| {
    HasherConfig::with_bytes_type::<[u8; 32]>()
        .hash_size(16, 16)
        .hash_alg(HashAlg::Median)
        .preproc_dct()
        .to_hasher()
});

/// Hashes one part, unless it is flat.
fn view(luma: &Luma, part: Part, rect: Rect) -> Option<View> {
    // Exactly the size the hash works on, so that the library has nothing left to shrink.
    let cells = luma.cells(&rect, 32, 32);
    let n = cells.len() as f64;
    let mean = cells.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = cells
        .iter()
        .map(|&v| (f64::from(v) - mean).powi(2))
        .sum::<f64>()
        / n;
    if variance < FLAT * FLAT {
        return None;
    }
    let hash = HASHER.hash_image(&cells);
    let mut code = [0u64; 4];
    for (word, bytes) in code.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
        *word = bytes.iter().rev().fold(0, |w, &b| w << 8 | u64::from(b));
    }
    Some(View::new(part, rect, code))
}

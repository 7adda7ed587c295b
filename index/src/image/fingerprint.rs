//! What is kept of a picture: hashes of its parts, local features, and a small grey copy.

use std::sync::LazyLock;

use image::GrayImage;
use img_hash::{HashAlg, Hasher, HasherConfig};

use super::GreyPicture;
use super::features::{self, Feature, FloatPlane};
use super::luma::{Luma, Rect};
use super::pdq::{Dihedral, GreyPlane, PDQ_QUALITY_ADVISED, PdqHash, PdqVariants};
use super::views::{self, Part};

/// Name and version of what a fingerprint holds; it is stored with every one, because hashes and
/// features of another making say nothing about these.
pub const ALGORITHM: &str = "markhound fingerprint 1";

/// Longer side of the picture that features are found in, in pixels.
pub(super) const WORKING_SIDE: u32 = 512;
/// Keypoints of a picture, at most. Some have two directions and count twice.
const KEYPOINTS: usize = 400;
/// Longer side of the small grey copy, in pixels.
const COPY_SIDE: u32 = 160;

/// A hashed part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub part: Part,
    /// Left, top, right, bottom in 1/65535 of the picture.
    pub rect: [u16; 4],
    /// Of its hash, 0 to 100.
    pub quality: u8,
    /// The hashes of the part laid down in all ways, in the order of [`Dihedral::ALL`](super::Dihedral::ALL).
    pub hashes: [PdqHash; 8],
}

impl View {
    pub(super) fn rect(&self) -> Rect {
        let [x0, y0, x1, y1] = self.rect.map(|v| f64::from(v) / 65535.0);
        Rect::new(x0, y0, x1, y1)
    }
}

/// A small grey picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GreyCopy {
    pub width: u8,
    pub height: u8,
    pub values: Vec<u8>,
}

impl GreyCopy {
    pub(super) fn plane(&self) -> FloatPlane {
        FloatPlane::from_bytes(
            usize::from(self.width),
            usize::from(self.height),
            &self.values,
        )
    }
}

/// Everything that is kept of a picture to find it again, or to find reference photos in it.
///
/// Computed once a picture and stored with [`to_bytes`](Self::to_bytes) (some 20 to 35 KB); new
/// reference photos can be searched for in it years later without the picture itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Size of the picture, in pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The picture's parts; the whole picture comes first, unless it is flat.
    pub(super) views: Vec<View>,
    /// Local features, the most telling first.
    pub(super) features: Vec<Feature>,
    /// For checking pixel against pixel what hashes and features claim.
    pub(super) copy: GreyCopy,
}

impl Fingerprint {
    /// Takes a picture's fingerprint.
    #[must_use]
    pub fn compute(picture: &GreyPicture) -> Self {
        let working = picture.shrunk_to(WORKING_SIDE);
        let (w, h) = (working.width() as usize, working.height() as usize);
        let luma = Luma::shrunk(w, h, working.values());
        let views = views::parts(&luma)
            .into_iter()
            .filter_map(|(part, rect)| match part {
                // The whole is hashed at full size, as other programs do.
                Part::Whole => view(
                    picture.values(),
                    (picture.width() as usize, picture.height() as usize),
                    part,
                    rect,
                ),
                _ => view(working.values(), (w, h), part, rect),
            })
            .collect();
        let plane = FloatPlane::from_bytes(w, h, working.values());
        let copy = working.shrunk_to(COPY_SIDE);
        Self {
            width: picture.full_width(),
            height: picture.full_height(),
            views,
            features: features::extract(&plane, KEYPOINTS),
            copy: GreyCopy {
                width: copy.width().min(255) as u8,
                height: copy.height().min(255) as u8,
                values: copy.values().to_vec(),
            },
        }
    }

    /// Whether there is nothing in the picture to recognise it by: it matches nothing, and as a
    /// reference photo it protects nothing.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        self.views.is_empty() && self.features.len() < 4
    }

    /// Width and height of the picture, in pixels, after its orientation was applied.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Sides of the grey copy, in pixels.
    pub(super) fn sides(&self) -> [u8; 2] {
        [self.copy.width, self.copy.height]
    }

    /// Name and version of the algorithm: [`ALGORITHM`].
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        ALGORITHM
    }

    /// The PDQ hash of the whole picture, for display and for other programs; nothing for a flat
    /// picture.
    #[must_use]
    pub fn pdq(&self) -> Option<PdqHash> {
        let whole = self.views.iter().find(|v| v.part == Part::Whole)?;
        Some(whole.hashes[0])
    }

    /// The hash that programs built on the crate img_hash give the picture (median of the cosine
    /// transform, 16 × 16 bits), taken from the small grey copy: for exchange with them, see
    /// [`IMG_HASH_ALGORITHM`]. Nothing here is matched by it. Nothing for a flat picture.
    #[must_use]
    pub fn img_hash(&self) -> Option<[u8; 32]> {
        self.pdq()?;
        let (w, h) = (u32::from(self.copy.width), u32::from(self.copy.height));
        let copy = GrayImage::from_raw(w, h, self.copy.values.clone())?;
        HASHER.hash_image(&copy).as_bytes().try_into().ok()
    }

    /// The quality of the whole picture's hash ([`pdq`](Self::pdq)), 0 to 100, as
    /// [`Pdq::quality`](super::Pdq::quality) defines it; nothing for a flat picture.
    #[must_use]
    pub fn pdq_quality(&self) -> Option<u8> {
        let whole = self.views.iter().find(|v| v.part == Part::Whole)?;
        Some(whole.quality)
    }

    /// The PDQ hashes of the whole picture and of the picture without its border, each after all
    /// eight movements: to look the picture up among hashes that came without a picture. A hash
    /// found under a movement means that the picture, moved so, is the one that was hashed. Panels
    /// are left out, and so are parts whose quality is under
    /// [`PDQ_QUALITY_ADVISED`], whose hashes are near to those of other pictures.
    pub fn pdq_variants(&self) -> impl Iterator<Item = (Dihedral, PdqHash)> {
        self.views
            .iter()
            .filter(|v| v.part != Part::Panel && v.quality >= PDQ_QUALITY_ADVISED)
            .flat_map(|v| Dihedral::ALL.into_iter().zip(v.hashes))
    }
}

/// Name and version of [`Fingerprint::img_hash`].
pub const IMG_HASH_ALGORITHM: &str = "img_hash median dct 16x16 v1";

/// Planning the cosine transform costs as much as some dozen hashes, hence once.
static HASHER: LazyLock<Hasher<[u8; 32]>> = LazyLock::new(|| {
    HasherConfig::with_bytes_type::<[u8; 32]>()
        .hash_size(16, 16)
        .hash_alg(HashAlg::Median)
        .preproc_dct()
        .to_hasher()
});

/// Hashes one part, unless it is flat.
fn view(values: &[u8], (w, h): (usize, usize), part: Part, rect: Rect) -> Option<View> {
    let at = |share: f64, side: usize| (share * side as f64).round() as usize;
    let (x0, y0) = (at(rect.x0, w), at(rect.y0, h));
    let (x1, y1) = (at(rect.x1, w), at(rect.y1, h));
    let plane = GreyPlane::new(values, w, h).ok()?;
    let plane = plane
        .rect(x0, y0, x1.checked_sub(x0)?, y1.checked_sub(y0)?)
        .ok()?;
    let variants = PdqVariants::of(&plane);
    if variants.original().is_degenerate() {
        return None;
    }
    let pack = |v: f64| (v.clamp(0.0, 1.0) * 65535.0).round() as u16;
    Some(View {
        part,
        rect: [rect.x0, rect.y0, rect.x1, rect.y1].map(pack),
        quality: variants.quality,
        hashes: variants.hashes,
    })
}

/// The raw descriptions of a picture's local features before they are projected: x, y, size and
/// direction in the picture shrunk to 512 pixels, and 128 numbers. Only for learning the projection
/// anew (`examples/dump_descriptions.rs`).
#[doc(hidden)]
#[must_use]
pub fn raw_descriptions(picture: &GreyPicture) -> Vec<([f32; 4], [f32; 128])> {
    let working = picture.shrunk_to(WORKING_SIDE);
    let (w, h) = (working.width() as usize, working.height() as usize);
    features::raw(&FloatPlane::from_bytes(w, h, working.values()), KEYPOINTS)
}

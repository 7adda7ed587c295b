//! Which parts of a picture are hashed.
//!
//! A copy rarely is the whole reference photo against the whole listing photo. So both sides offer
//! parts: the *query* the places where a foreign photo may have been put (without its border, the
//! panels of a collage, halves, quarters, windows), the *reference* the crops a seller may have
//! taken of it. Two parts that look the same say how the photos lie on each other.

use serde::{Deserialize, Serialize};

use super::luma::{Luma, Rect};
use super::trim;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The picture as it is.
    Whole,
    /// Without its uniform border.
    Trimmed,
    /// One panel of a collage or screenshot.
    Panel,
    /// Without the band along the top or bottom where sellers put their banners.
    Banner,
    /// A half or a quarter.
    Cell,
    /// A crop, or a window somewhere in the picture.
    Crop,
}

impl Part {
    const ALL: [Self; 6] = [
        Self::Whole,
        Self::Trimmed,
        Self::Panel,
        Self::Banner,
        Self::Cell,
        Self::Crop,
    ];

    /// The stored code.
    pub(super) fn code(self) -> u8 {
        self as u8
    }

    /// The part with a stored code.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// The panels of one picture that are hashed, at most.
const PANELS: usize = 8;

fn grid(size: f64, steps: u32, out: &mut Vec<(Part, Rect)>) {
    for j in 0..steps {
        for i in 0..steps {
            let at = |k: u32| (1.0 - size) * f64::from(k) / f64::from((steps - 1).max(1));
            let (x, y) = (at(i), at(j));
            out.push((Part::Crop, Rect::new(x, y, x + size, y + size)));
        }
    }
}

const HALVES_AND_QUARTERS: [Rect; 8] = [
    Rect::new(0.0, 0.0, 0.5, 1.0),
    Rect::new(0.5, 0.0, 1.0, 1.0),
    Rect::new(0.0, 0.0, 1.0, 0.5),
    Rect::new(0.0, 0.5, 1.0, 1.0),
    Rect::new(0.0, 0.0, 0.5, 0.5),
    Rect::new(0.5, 0.0, 1.0, 0.5),
    Rect::new(0.0, 0.5, 0.5, 1.0),
    Rect::new(0.5, 0.5, 1.0, 1.0),
];

/// The same bands are left out on both sides, so that a banner spoils neither hash.
const BANNERS: [Rect; 2] = [
    Rect::new(0.0, 0.14, 1.0, 1.0),
    Rect::new(0.0, 0.0, 1.0, 0.86),
];

/// The parts of a listing's picture that may hold a reference photo.
pub(super) fn query_parts(luma: &Luma) -> Vec<(Part, Rect)> {
    let mut out = vec![(Part::Whole, Rect::WHOLE)];
    let trimmed = trim::trimmed(luma, &Rect::WHOLE);
    out.extend(trimmed.map(|r| (Part::Trimmed, r)));
    out.extend(
        trim::panels(luma, PANELS)
            .into_iter()
            .map(|r| (Part::Panel, r)),
    );
    out.extend(BANNERS.map(|r| (Part::Banner, r)));
    if let Some(t) = trimmed {
        out.extend(BANNERS.map(|r| (Part::Banner, t.within(&r))));
    }
    for cell in HALVES_AND_QUARTERS {
        out.push((Part::Cell, cell));
        out.extend(trim::trimmed(luma, &cell).map(|r| (Part::Panel, r)));
    }
    grid(0.85, 3, &mut out);
    grid(0.7, 4, &mut out);
    distinct(out)
}

/// The crops of a reference photo that a listing may show.
pub(super) fn reference_parts(luma: &Luma) -> Vec<(Part, Rect)> {
    let mut out = vec![(Part::Whole, Rect::WHOLE)];
    out.extend(trim::trimmed(luma, &Rect::WHOLE).map(|r| (Part::Trimmed, r)));
    out.extend(BANNERS.map(|r| (Part::Banner, r)));
    // Collages and thumbnails cut photos to a square or to 3:4 about the middle.
    let aspect = luma.width as f64 / luma.height as f64;
    for wanted in [1.0, 0.75, 4.0 / 3.0] {
        let (w, h) = ((wanted / aspect).min(1.0), (aspect / wanted).min(1.0));
        let (x, y) = ((1.0 - w) / 2.0, (1.0 - h) / 2.0);
        out.push((Part::Crop, Rect::new(x, y, x + w, y + h)));
    }
    out.extend(HALVES_AND_QUARTERS.map(|r| (Part::Cell, r)));
    grid(0.9, 3, &mut out);
    grid(0.8, 5, &mut out);
    grid(0.65, 7, &mut out);
    distinct(out)
}

/// Drops the parts that are nearly one that came before.
fn distinct(parts: Vec<(Part, Rect)>) -> Vec<(Part, Rect)> {
    let mut out: Vec<(Part, Rect)> = Vec::with_capacity(parts.len());
    for (part, rect) in parts {
        if out.iter().all(|(_, other)| other.distance(&rect) > 0.015) {
            out.push((part, rect));
        }
    }
    out
}

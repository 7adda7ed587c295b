//! Which parts of a picture are hashed on their own.

use super::luma::{Luma, Rect};
use super::trim;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// The picture as it is.
    Whole,
    /// Without its uniform border.
    Trimmed,
    /// One panel of a collage or screenshot.
    Panel,
}

impl Part {
    const ALL: [Self; 3] = [Self::Whole, Self::Trimmed, Self::Panel];

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
const PANELS: usize = 6;

/// The picture, the picture without its border, its panels; halves and quarters where a collage
/// has no bands between its photos.
pub(super) fn parts(luma: &Luma) -> Vec<(Part, Rect)> {
    let mut out = vec![(Part::Whole, Rect::WHOLE)];
    out.extend(trim::trimmed(luma, &Rect::WHOLE).map(|r| (Part::Trimmed, r)));
    out.extend(
        trim::panels(luma, PANELS)
            .into_iter()
            .map(|r| (Part::Panel, r)),
    );
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

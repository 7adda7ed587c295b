//! The listing's picture and the reference photo, laid over each other as the
//! match says they lie. All of it is SVG attributes: a strict policy allows no
//! inline style, and hostile numbers can do nothing there but be numbers.

use super::evidence::{Picture, outline};
use crate::store::cases::CaseRow;

/// Room around a region that is zoomed to, as a share of its size.
const MARGIN: f64 = 0.08;
/// Coordinates beyond this are no picture's.
const FAR: f64 = 1.0e6;

/// A picture with the part that matches.
pub(super) struct Shot {
    pub(super) blob: String,
    pub(super) width: i64,
    pub(super) height: i64,
    /// Points of the outlined part.
    pub(super) region: Option<String>,
    /// `viewBox` of that part.
    pub(super) zoom: Option<String>,
}

/// Both pictures, and how the reference lies in the listing's.
pub(super) struct Compare {
    pub(super) listing: Option<Shot>,
    pub(super) reference: Option<Shot>,
    /// `matrix(…)` that lays a reference photo of one by one onto the listing's
    /// picture, in its pixels; where the match does not tell, over all of it.
    pub(super) matrix: String,
    /// Whether the match told.
    pub(super) aligned: bool,
    /// Where the reference begins and ends, from left to right: what a slider
    /// moves over.
    pub(super) left: f64,
    pub(super) right: f64,
}

impl Compare {
    pub(super) fn new(case: &CaseRow, found: Option<&Picture>) -> Self {
        let size = case.picture_width.zip(case.picture_height);
        let listing = shot(&case.picture_blob, size, |(w, h)| {
            found.map(|found| (found.region.clone(), found.points(w, h)))
        });
        let size = case.reference_width.zip(case.reference_height);
        let reference = shot(&case.reference_blob, size, |(w, h)| {
            found.map(|found| (found.reference_pixels(w, h), found.reference_points(w, h)))
        });
        let (width, height) = listing
            .as_ref()
            .map_or((1.0, 1.0), |shot| (shot.width as f64, shot.height as f64));
        let placed = found.and_then(|found| placed(&found.placed));
        let (aligned, [a, b, c, d, e, f]) = match placed {
            Some(matrix) => (true, matrix),
            None => (false, [width, 0.0, 0.0, height, 0.0, 0.0]),
        };
        let across = [e, e + a, e + c, e + a + c];
        Self {
            listing,
            reference,
            matrix: format!("matrix({a:.3} {b:.3} {c:.3} {d:.3} {e:.3} {f:.3})"),
            aligned,
            left: across.into_iter().fold(f64::MAX, f64::min).max(0.0),
            right: across.into_iter().fold(f64::MIN, f64::max).min(width),
        }
    }

    pub(super) fn listing_outlined(&self) -> bool {
        self.listing
            .as_ref()
            .is_some_and(|shot| shot.region.is_some())
    }

    pub(super) fn reference_outlined(&self) -> bool {
        self.reference
            .as_ref()
            .is_some_and(|shot| shot.region.is_some())
    }

    /// Whether there is a part to zoom to.
    pub(super) fn can_zoom(&self) -> bool {
        self.listing
            .as_ref()
            .is_some_and(|shot| shot.zoom.is_some())
    }

    /// Whether there are two pictures to lay over each other.
    pub(super) fn both(&self) -> bool {
        self.listing.is_some() && self.reference.is_some()
    }
}

type Region = Option<(Vec<[f64; 2]>, Option<String>)>;

fn shot(
    blob: &Option<String>,
    size: Option<(i64, i64)>,
    region: impl FnOnce((i64, i64)) -> Region,
) -> Option<Shot> {
    let blob = blob.clone()?;
    let (width, height) = size.filter(|(w, h)| *w > 0 && *h > 0).unwrap_or((1, 1));
    let (pixels, points) = region((width, height)).unwrap_or_default();
    Some(Shot {
        blob,
        width,
        height,
        zoom: points
            .is_some()
            .then(|| zoom(&pixels, width as f64, height as f64))
            .flatten(),
        region: points,
    })
}

/// The `viewBox` around a polygon, within its picture.
fn zoom(region: &[[f64; 2]], width: f64, height: f64) -> Option<String> {
    outline(region, width as i64, height as i64)?;
    let span = |at: usize, most: f64| {
        let inside = region.iter().map(|point| point[at].clamp(0.0, most));
        let (low, high) = inside.fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        let margin = (high - low) * MARGIN;
        let (low, high) = ((low - margin).max(0.0), (high + margin).min(most));
        (low, high - low)
    };
    let ((x, w), (y, h)) = (span(0, width), span(1, height));
    (w >= 1.0 && h >= 1.0).then(|| format!("{x:.1} {y:.1} {w:.1} {h:.1}"))
}

/// The map from the unit square to where the photo's corners lie.
fn placed(corners: &[[f64; 2]]) -> Option<[f64; 6]> {
    let [origin, right, _, below] = corners else {
        return None;
    };
    let usable = |point: &[f64; 2]| point.iter().all(|v| v.is_finite() && v.abs() < FAR);
    if !corners.iter().all(usable) {
        return None;
    }
    let (a, b) = (right[0] - origin[0], right[1] - origin[1]);
    let (c, d) = (below[0] - origin[0], below[1] - origin[1]);
    // A photo that was flattened to a line shows nothing.
    ((a * d - b * c).abs() >= 1.0).then_some([a, b, c, d, origin[0], origin[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_become_the_matrix_that_lays_the_photo_there() {
        let mirrored = [[100.0, 10.0], [20.0, 10.0], [20.0, 70.0], [100.0, 70.0]];
        assert_eq!(
            placed(&mirrored),
            Some([-80.0, 0.0, 0.0, 60.0, 100.0, 10.0])
        );
        for hostile in [
            &[][..],
            &[[0.0, 0.0]; 3],
            &[[0.0, 0.0]; 4],
            &[[f64::NAN, 0.0]; 4],
            &[[0.0, 0.0], [1.0e9, 0.0], [1.0, 1.0], [0.0, 1.0]],
        ] {
            assert_eq!(placed(hostile), None, "{hostile:?}");
        }
    }

    #[test]
    fn a_zoom_stays_inside_the_picture() {
        let region = [[-5.0, 10.0], [50.0, 10.0], [50.0, 900.0], [0.0, 20.0]];
        assert_eq!(
            zoom(&region, 100.0, 80.0).as_deref(),
            Some("0.0 4.4 54.0 75.6")
        );
        assert_eq!(zoom(&[[3.0, 3.0]; 4], 100.0, 80.0), None);
    }
}

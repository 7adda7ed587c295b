//! How far two convex polygons agree.

pub use crate::image::polygon::area;
use crate::image::polygon::signed;

/// A polygon in pixels, corner after corner.
pub type Polygon = Vec<[f64; 2]>;

/// The corners of a rectangle from its left, top, width and height.
#[must_use]
pub fn rectangle(x: f64, y: f64, w: f64, h: f64) -> Polygon {
    vec![[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
}

/// What two convex polygons share (Sutherland and Hodgman, "Reentrant polygon clipping", 1974).
#[must_use]
pub fn common(a: &[[f64; 2]], b: &[[f64; 2]]) -> Polygon {
    let way = signed(b).signum();
    let mut left = a.to_vec();
    for (i, to) in b.iter().enumerate() {
        let from = b[(i + b.len() - 1) % b.len()];
        let side = |p: &[f64; 2]| {
            way * ((to[0] - from[0]) * (p[1] - from[1]) - (to[1] - from[1]) * (p[0] - from[0]))
        };
        let mut next = Vec::with_capacity(left.len() + 1);
        for (j, p) in left.iter().enumerate() {
            let before = &left[(j + left.len() - 1) % left.len()];
            let (s, t) = (side(before), side(p));
            if (s < 0.0) != (t < 0.0) {
                let u = s / (s - t);
                next.push([0, 1].map(|k| before[k] + (p[k] - before[k]) * u));
            }
            if t >= 0.0 {
                next.push(*p);
            }
        }
        left = next;
    }
    left
}

/// Intersection over union of two convex polygons, 0 (apart) to 1 (the same).
#[must_use]
pub fn overlap(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let shared = area(&common(a, b));
    let union = area(a) + area(b) - shared;
    if union > 0.0 { shared / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_agree_by_what_they_share_whichever_way_they_run() {
        let a = rectangle(0.0, 0.0, 2.0, 2.0);
        let mut b = rectangle(1.0, 0.0, 2.0, 2.0);
        assert!((overlap(&a, &a) - 1.0).abs() < 1e-12);
        assert!((overlap(&a, &b) - 1.0 / 3.0).abs() < 1e-12);
        b.reverse();
        assert!((overlap(&a, &b) - 1.0 / 3.0).abs() < 1e-12);
        assert!((overlap(&b, &a) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_turned_square_in_a_square_has_half_its_area() {
        let square = rectangle(0.0, 0.0, 2.0, 2.0);
        let turned = vec![[1.0, 0.0], [2.0, 1.0], [1.0, 2.0], [0.0, 1.0]];
        assert!((overlap(&square, &turned) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn polygons_apart_or_without_area_share_nothing() {
        let a = rectangle(0.0, 0.0, 1.0, 1.0);
        assert_eq!(overlap(&a, &rectangle(5.0, 5.0, 1.0, 1.0)), 0.0);
        assert_eq!(overlap(&a, &[]), 0.0);
        assert_eq!(overlap(&[[1.0, 1.0]], &[[1.0, 1.0]]), 0.0);
    }
}

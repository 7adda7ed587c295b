//! The little geometry that reporting a match needs.

/// Clips a convex polygon to the unit square (Sutherland and Hodgman). Empty when nothing is left.
pub(super) fn clip_to_unit(corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut polygon = corners.to_vec();
    for (axis, limit, keep_above) in [
        (0, 0.0, true),
        (0, 1.0, false),
        (1, 0.0, true),
        (1, 1.0, false),
    ] {
        let inside = |p: &[f64; 2]| (p[axis] >= limit) == keep_above || p[axis] == limit;
        let mut next = Vec::with_capacity(polygon.len() + 1);
        for (i, b) in polygon.iter().enumerate() {
            let a = &polygon[(i + polygon.len() - 1) % polygon.len()];
            if inside(a) != inside(b) {
                let t = (limit - a[axis]) / (b[axis] - a[axis]);
                let mut cut = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
                // Exactly, not but for rounding.
                cut[axis] = limit;
                next.push(cut);
            }
            if inside(b) {
                next.push(*b);
            }
        }
        polygon = next;
    }
    polygon
}

/// The area of a polygon that does not cross itself, in square units of its corners.
#[must_use]
pub fn area(corners: &[[f64; 2]]) -> f64 {
    signed(corners).abs() / 2.0
}

/// Twice the area, positive or negative by the way around.
pub(crate) fn signed(corners: &[[f64; 2]]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    corners
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polygon_inside_is_left_alone() {
        let corners = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]];
        assert_eq!(clip_to_unit(&corners), corners);
    }

    #[test]
    fn what_hangs_over_is_cut_off() {
        let clipped = clip_to_unit(&[[-1.0, -1.0], [0.5, -1.0], [0.5, 0.5], [-1.0, 0.5]]);
        assert_eq!(clipped.len(), 4);
        assert!(
            clipped.iter().flatten().all(|&v| (0.0..=0.5).contains(&v)),
            "{clipped:?}"
        );
    }

    #[test]
    fn a_polygon_outside_vanishes() {
        assert!(clip_to_unit(&[[2.0, 2.0], [3.0, 2.0], [3.0, 3.0]]).is_empty());
    }
}

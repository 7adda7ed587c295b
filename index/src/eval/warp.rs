//! Pictures seen at an angle, turned, or both.

use image::{Rgb, RgbImage};

/// A map of the plane that keeps straight lines straight, row by row; the last entry is 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Homography([f64; 9]);

impl Homography {
    /// The map that takes four points to four others, no three of them on a line; nothing when the
    /// points allow none (the usual eight linear equations, by elimination).
    pub(super) fn between(from: [[f64; 2]; 4], to: [[f64; 2]; 4]) -> Option<Self> {
        let mut rows = [[0.0; 9]; 8];
        for (i, ([x, y], [u, v])) in from.into_iter().zip(to).enumerate() {
            rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        for at in 0..8 {
            let best = (at..8).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs()))?;
            rows.swap(at, best);
            let pivot = rows[at];
            if pivot[at].abs() < 1e-9 {
                return None;
            }
            for (i, row) in rows.iter_mut().enumerate() {
                let times = row[at] / pivot[at];
                if i != at {
                    row.iter_mut().zip(pivot).for_each(|(v, p)| *v -= times * p);
                }
            }
        }
        let mut map = [1.0; 9];
        for (at, row) in rows.iter().enumerate() {
            map[at] = row[8] / row[at];
        }
        Some(Self(map))
    }

    /// Turns by an angle in radians around one point, which lands on another, and scales.
    pub(super) fn turn(angle: f64, scale: f64, around: [f64; 2], onto: [f64; 2]) -> Self {
        let (sin, cos) = angle.sin_cos();
        let (c, s) = (cos * scale, sin * scale);
        let [x, y] = around;
        let at = [onto[0] - c * x + s * y, onto[1] - s * x - c * y];
        Self([c, -s, at[0], s, c, at[1], 0.0, 0.0, 1.0])
    }

    /// Where a point goes.
    pub(super) fn apply(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        [
            (m[0] * x + m[1] * y + m[2]) / w,
            (m[3] * x + m[4] * y + m[5]) / w,
        ]
    }
}

/// Draws a photo onto the ground; `back` tells for a point of the ground where it lies in the photo.
/// Between the photo's pixels it is interpolated linearly.
pub(super) fn draw(ground: &mut RgbImage, photo: &RgbImage, back: &Homography) {
    for (x, y, pixel) in ground.enumerate_pixels_mut() {
        let at = back.apply([f64::from(x) + 0.5, f64::from(y) + 0.5]);
        if let Some(value) = sample(photo, at) {
            *pixel = value;
        }
    }
}

/// The photo's colour at a point, nothing outside of it.
fn sample(photo: &RgbImage, [x, y]: [f64; 2]) -> Option<Rgb<u8>> {
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    // Written so that a point at infinity (no number) is outside too.
    if !(x >= 0.0 && y >= 0.0 && x < w && y < h) {
        return None;
    }
    let (x, y) = ((x - 0.5).clamp(0.0, w - 1.0), (y - 0.5).clamp(0.0, h - 1.0));
    let (left, top) = (x as u32, y as u32);
    let right = (left + 1).min(photo.width() - 1);
    let bottom = (top + 1).min(photo.height() - 1);
    let (u, v) = (x.fract(), y.fract());
    let [a, b] = [top, bottom].map(|y| [left, right].map(|x| photo.get_pixel(x, y).0));
    Some(Rgb(std::array::from_fn(|c| {
        let mix =
            |pair: [[u8; 3]; 2]| f64::from(pair[0][c]) * (1.0 - u) + f64::from(pair[1][c]) * u;
        (mix(a) * (1.0 - v) + mix(b) * v).round() as u8
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]];

    #[test]
    fn four_points_go_where_they_are_sent() {
        let to = [[1.0, 1.0], [9.0, 2.0], [7.0, 8.0], [2.0, 6.0]];
        let map = Homography::between(SQUARE, to).unwrap();
        for (from, to) in SQUARE.into_iter().zip(to) {
            let at = map.apply(from);
            assert!((at[0] - to[0]).abs() < 1e-9 && (at[1] - to[1]).abs() < 1e-9);
        }
        assert!(Homography::between([[0.0, 0.0]; 4], to).is_none());
    }

    #[test]
    fn a_turn_keeps_its_centre_and_the_rest_goes_around() {
        let map = Homography::turn(std::f64::consts::FRAC_PI_2, 1.0, [2.0, 2.0], [5.0, 5.0]);
        let close = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9;
        assert!(close(map.apply([2.0, 2.0]), [5.0, 5.0]));
        assert!(close(map.apply([3.0, 2.0]), [5.0, 6.0]));
    }

    #[test]
    fn drawing_without_a_change_gives_the_same_picture() {
        let photo = RgbImage::from_fn(5, 4, |x, y| Rgb([x as u8 * 40, y as u8 * 50, 7]));
        let mut ground = RgbImage::new(5, 4);
        draw(
            &mut ground,
            &photo,
            &Homography::turn(0.0, 1.0, [0.0; 2], [0.0; 2]),
        );
        assert_eq!(ground, photo);
    }
}

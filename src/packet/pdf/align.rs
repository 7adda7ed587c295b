//! The listing's picture laid onto the reference photo, so that both can be compared
//! part by part: mirrored, turned, scaled back as the match says it was used.

use image::{Rgb, RgbImage};

/// The longest side of what is shown, in pixels.
const SIDE: f64 = 560.0;
/// How far the region's corners may lie from where the fitted map puts them, as a
/// share of the picture: beyond that the match was no plain map, and nothing is shown.
const TOLERANCE: f64 = 0.06;

/// The part of the reference that matches, and the listing's picture laid onto it.
/// `region` is in shares of the listing's picture, `reference_region` in shares of
/// the reference; corner by corner they are the same places.
pub(super) fn aligned(
    listing: &RgbImage,
    reference: &RgbImage,
    region: &[(f64, f64)],
    reference_region: &[(f64, f64)],
) -> Option<(RgbImage, RgbImage)> {
    if region.len() != reference_region.len() || region.len() < 3 {
        return None;
    }
    let pairs: Vec<_> = reference_region
        .iter()
        .copied()
        .zip(region.iter().copied())
        .collect();
    let map = fit(&pairs)?;
    let off = |(from, to): &((f64, f64), (f64, f64))| {
        let (x, y) = map(*from);
        (x - to.0).hypot(y - to.1)
    };
    if pairs.iter().map(off).fold(0.0, f64::max) > TOLERANCE {
        return None;
    }
    let bound = |pick: fn(&(f64, f64)) -> f64| {
        let values = reference_region.iter().map(pick);
        let (low, high) = values.fold((1.0_f64, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
        (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))
    };
    let ((x0, x1), (y0, y1)) = (bound(|p| p.0), bound(|p| p.1));
    let wide = (x1 - x0) * f64::from(reference.width());
    let high = (y1 - y0) * f64::from(reference.height());
    if wide < 8.0 || high < 8.0 {
        return None;
    }
    let scale = (SIDE / wide.max(high)).min(1.0);
    let (w, h) = ((wide * scale) as u32, (high * scale) as u32);
    let place = |x: u32, y: u32| {
        let share = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of.max(1));
        (x0 + share(x, w) * (x1 - x0), y0 + share(y, h) * (y1 - y0))
    };
    let same = RgbImage::from_fn(w, h, |x, y| sample(reference, place(x, y)));
    let laid = RgbImage::from_fn(w, h, |x, y| sample(listing, map(place(x, y))));
    Some((laid, same))
}

/// The affine map that fits pairs best, by least squares.
fn fit(pairs: &[((f64, f64), (f64, f64))]) -> Option<impl Fn((f64, f64)) -> (f64, f64) + use<>> {
    let mut normal = [[0.0; 3]; 3];
    let (mut right_x, mut right_y) = ([0.0; 3], [0.0; 3]);
    for ((x, y), (u, v)) in pairs {
        if ![x, y, u, v].iter().all(|value| value.is_finite()) {
            return None;
        }
        let row = [*x, *y, 1.0];
        for i in 0..3 {
            for j in 0..3 {
                normal[i][j] += row[i] * row[j];
            }
            right_x[i] += row[i] * u;
            right_y[i] += row[i] * v;
        }
    }
    let (a, b) = (solve(normal, right_x)?, solve(normal, right_y)?);
    let apply = |m: [f64; 3], (x, y): (f64, f64)| m[0] * x + m[1] * y + m[2];
    Some(move |at| (apply(a, at), apply(b, at)))
}

/// Three equations, by Cramer's rule.
fn solve(m: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(&m);
    if whole.abs() < 1e-9 {
        return None;
    }
    let mut solved = [0.0; 3];
    for (column, value) in solved.iter_mut().enumerate() {
        let mut swapped = m;
        for row in 0..3 {
            swapped[row][column] = right[row];
        }
        *value = det(&swapped) / whole;
    }
    Some(solved)
}

/// The colour at a place given in shares, between pixels; white outside.
fn sample(picture: &RgbImage, (x, y): (f64, f64)) -> Rgb<u8> {
    let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
    if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) || w < 1.0 || h < 1.0 {
        return Rgb([255, 255, 255]);
    }
    let (x, y) = (
        (x * w - 0.5).clamp(0.0, w - 1.0),
        (y * h - 0.5).clamp(0.0, h - 1.0),
    );
    let (left, top) = (x.floor(), y.floor());
    let at = |dx: f64, dy: f64| {
        let (px, py) = ((left + dx).min(w - 1.0), (top + dy).min(h - 1.0));
        picture.get_pixel(px as u32, py as u32).0
    };
    let (fx, fy) = (x - left, y - top);
    let (a, b, c, d) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0));
    let mix = |n: usize| {
        let upper = f64::from(a[n]) * (1.0 - fx) + f64::from(b[n]) * fx;
        let lower = f64::from(c[n]) * (1.0 - fx) + f64::from(d[n]) * fx;
        (upper * (1.0 - fy) + lower * fy).round() as u8
    };
    Rgb([mix(0), mix(1), mix(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrored_picture_is_laid_back() {
        let reference = RgbImage::from_fn(200, 100, |x, y| Rgb([x as u8, y as u8, 60]));
        let mirrored = image::imageops::flip_horizontal(&reference);
        let whole = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let turned = [(1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let (laid, same) = aligned(&mirrored, &reference, &turned, &whole).unwrap();
        let worst = laid
            .pixels()
            .zip(same.pixels())
            .map(|(a, b)| a.0[0].abs_diff(b.0[0]));
        assert!(worst.max().unwrap() <= 2);
    }

    #[test]
    fn what_no_plain_map_explains_is_not_shown() {
        let picture = RgbImage::new(100, 100);
        let whole = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let crossed = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)];
        assert!(aligned(&picture, &picture, &crossed, &whole).is_none());
        assert!(aligned(&picture, &picture, &whole[..2], &whole[..2]).is_none());
        let nowhere = [(f64::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        assert!(aligned(&picture, &picture, &nowhere, &whole).is_none());
    }
}

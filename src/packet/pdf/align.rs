//! The listing's picture laid onto the reference photo, so that both can be compared
//! part by part: mirrored, turned, scaled back as the match says it was used.

use image::{Rgb, RgbImage};

/// The longest side of what is shown, in pixels.
const SIDE: f64 = 560.0;
/// How far the region's corners may lie from where the fitted map puts them, as a
/// share of the picture: beyond that the match was no plain map, and nothing is shown.
const TOLERANCE: f64 = 0.06;

/// The side of the small copies that corners are matched by, in pixels.
const SMALL: u32 = 40;
/// How well these must agree, as a correlation, for a pair to be shown.
const AGREEMENT: f64 = 0.35;

/// The part of the reference that matches, and the listing's picture laid onto it.
/// `region` is in shares of the listing's picture, `reference_region` in shares of
/// the reference; they are the same outline, which may begin at another corner or
/// run the other way round: the pixels say which.
pub(super) fn aligned(
    listing: &RgbImage,
    reference: &RgbImage,
    region: &[(f64, f64)],
    reference_region: &[(f64, f64)],
) -> Option<(RgbImage, RgbImage)> {
    if region.len() != reference_region.len() || !(3..=12).contains(&region.len()) {
        return None;
    }
    let frame = Frame::around(reference_region, reference)?;
    let mut best: Option<(f64, [[f64; 3]; 2])> = None;
    for corners in orders(region) {
        let Some(map) = fit(reference_region, &corners) else {
            continue;
        };
        let agreement = frame.agreement(reference, listing, &map);
        if agreement > best.map_or(AGREEMENT, |(score, _)| score) {
            best = Some((agreement, map));
        }
    }
    let (_, map) = best?;
    let (w, h) = frame.size();
    let same = frame.sampled(reference, w, h, |at| at);
    let laid = frame.sampled(listing, w, h, |at| apply(&map, at));
    Some((laid, same))
}

/// The corners from each beginning, in both directions.
fn orders(region: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let mut orders = Vec::new();
    for start in 0..region.len() {
        let mut corners = region.to_vec();
        corners.rotate_left(start);
        orders.push(corners.clone());
        corners.reverse();
        orders.push(corners);
    }
    orders
}

/// The part of the reference photo around a region.
struct Frame {
    from: (f64, f64),
    to: (f64, f64),
    /// In pixels of the photo.
    pixels: (f64, f64),
}

impl Frame {
    fn around(region: &[(f64, f64)], reference: &RgbImage) -> Option<Self> {
        let bound = |pick: fn(&(f64, f64)) -> f64| {
            let values = region.iter().map(pick);
            let (low, high) = values.fold((1.0_f64, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
            (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))
        };
        let ((x0, x1), (y0, y1)) = (bound(|p| p.0), bound(|p| p.1));
        let wide = (x1 - x0) * f64::from(reference.width());
        let high = (y1 - y0) * f64::from(reference.height());
        (wide >= 8.0 && high >= 8.0).then_some(Self {
            from: (x0, y0),
            to: (x1, y1),
            pixels: (wide, high),
        })
    }

    /// What is shown, in pixels.
    fn size(&self) -> (u32, u32) {
        let (wide, high) = self.pixels;
        let scale = (SIDE / wide.max(high)).min(1.0);
        ((wide * scale) as u32, (high * scale) as u32)
    }

    /// A place in the photo: the middle of one of so many pixels over this frame.
    fn place(&self, (x, y): (u32, u32), (w, h): (u32, u32)) -> (f64, f64) {
        let share = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of.max(1));
        let between = |from: f64, to: f64, share: f64| from + share * (to - from);
        (
            between(self.from.0, self.to.0, share(x, w)),
            between(self.from.1, self.to.1, share(y, h)),
        )
    }

    /// A picture over this frame, each place of which `map` finds in the picture; white
    /// outside of it.
    fn sampled(
        &self,
        picture: &RgbImage,
        w: u32,
        h: u32,
        map: impl Fn((f64, f64)) -> (f64, f64),
    ) -> RgbImage {
        let white = Rgb([255, 255, 255]);
        RgbImage::from_fn(w, h, |x, y| {
            let at = self.place((x, y), (w, h));
            sample(picture, map(at)).unwrap_or(white)
        })
    }

    /// How well both agree where they lie over each other: 1 the same, 0 nothing in
    /// common or hardly over each other at all.
    fn agreement(&self, reference: &RgbImage, listing: &RgbImage, map: &[[f64; 3]; 2]) -> f64 {
        let grey = |Rgb(values): Rgb<u8>| values.iter().map(|v| f64::from(*v)).sum::<f64>();
        let mut pairs = Vec::new();
        for (x, y) in (0..SMALL).flat_map(|y| (0..SMALL).map(move |x| (x, y))) {
            let at = self.place((x, y), (SMALL, SMALL));
            let both = sample(reference, at).zip(sample(listing, apply(map, at)));
            pairs.extend(both.map(|(a, b)| (grey(a), grey(b))));
        }
        match pairs.len() >= (SMALL * SMALL) as usize / 3 {
            true => correlation(&pairs),
            false => 0.0,
        }
    }
}

/// How well pairs of values agree.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len().max(1) as f64;
    let (a, b) = pairs
        .iter()
        .fold((0.0, 0.0), |(a, b), pair| (a + pair.0, b + pair.1));
    let (a, b) = (a / count, b / count);
    let (mut over, mut one, mut other) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = (x - a, y - b);
        over += x * y;
        one += x * x;
        other += y * y;
    }
    over / (one * other).sqrt().max(1e-9)
}

fn apply(map: &[[f64; 3]; 2], (x, y): (f64, f64)) -> (f64, f64) {
    let [a, b] = map.map(|m| m[0] * x + m[1] * y + m[2]);
    (a, b)
}

/// The affine map from one set of corners to the other that fits best, by least
/// squares; none where it fits badly.
fn fit(from: &[(f64, f64)], to: &[(f64, f64)]) -> Option<[[f64; 3]; 2]> {
    let mut normal = [[0.0; 3]; 3];
    let (mut right_x, mut right_y) = ([0.0; 3], [0.0; 3]);
    for ((x, y), (u, v)) in from.iter().zip(to) {
        if ![x, y, u, v].iter().all(|value| value.is_finite()) {
            return None;
        }
        let row = [*x, *y, 1.0];
        for (value, sums) in row.iter().zip(&mut normal) {
            for (other, sum) in row.iter().zip(sums) {
                *sum += value * other;
            }
        }
        for (value, (sum_x, sum_y)) in row.iter().zip(right_x.iter_mut().zip(&mut right_y)) {
            *sum_x += value * u;
            *sum_y += value * v;
        }
    }
    let map = [solve(normal, right_x)?, solve(normal, right_y)?];
    let off = |(from, to): (&(f64, f64), &(f64, f64))| {
        let (x, y) = apply(&map, *from);
        (x - to.0).hypot(y - to.1)
    };
    let worst = from.iter().zip(to).map(off).fold(0.0, f64::max);
    (worst <= TOLERANCE).then_some(map)
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
        for (row, known) in swapped.iter_mut().zip(right) {
            row[column] = known;
        }
        *value = det(&swapped) / whole;
    }
    Some(solved)
}

/// The colour at a place given in shares, between pixels; none outside.
fn sample(picture: &RgbImage, (x, y): (f64, f64)) -> Option<Rgb<u8>> {
    let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
    if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) || w < 1.0 || h < 1.0 {
        return None;
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
    Some(Rgb([mix(0), mix(1), mix(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(f64, f64); 4] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

    /// A picture that is not like itself turned or mirrored.
    fn photo() -> RgbImage {
        RgbImage::from_fn(200, 100, |x, y| {
            let bright = x > 120 && y < 30;
            Rgb([(x / 2) as u8, y as u8, if bright { 250 } else { 20 }])
        })
    }

    #[test]
    fn a_mirrored_picture_is_laid_back_wherever_its_outline_begins() {
        let reference = photo();
        let mirrored = image::imageops::flip_horizontal(&reference);
        for outline in orders(&WHOLE) {
            let (laid, same) = aligned(&mirrored, &reference, &outline, &WHOLE).unwrap();
            let pairs = laid.pixels().zip(same.pixels());
            let worst = pairs.map(|(a, b)| a.0[0].abs_diff(b.0[0])).max();
            assert!(worst.unwrap() <= 2, "{outline:?}: {worst:?}");
        }
    }

    #[test]
    fn a_turned_picture_is_laid_back_though_its_corners_lie_outside_of_the_photo() {
        // Dark, so that the white beside a turned picture must not count.
        let reference = RgbImage::from_fn(160, 160, |x, y| {
            let bright = x > 100 && y < 60;
            Rgb([(x / 8) as u8, (y / 8) as u8, if bright { 60 } else { 5 }])
        });
        let corners = [(0.1, 0.2), (0.8, 0.1), (0.9, 0.8), (0.2, 0.9)];
        let map = fit(&WHOLE, &corners).unwrap();
        let turned = RgbImage::from_fn(120, 120, |x, y| {
            let at = apply(
                &map,
                ((f64::from(x) + 0.5) / 120.0, (f64::from(y) + 0.5) / 120.0),
            );
            sample(&reference, at).unwrap()
        });
        for outline in orders(&WHOLE) {
            let (laid, same) = aligned(&turned, &reference, &outline, &corners).unwrap();
            let (middle, own) = (laid.get_pixel(60, 60), same.get_pixel(60, 60));
            assert!(middle.0[0].abs_diff(own.0[0]) <= 2, "{outline:?}");
        }
    }

    #[test]
    fn what_no_plain_map_explains_is_not_shown() {
        let picture = photo();
        let bent = [(0.0, 0.0), (1.0, 0.4), (0.5, 0.6), (0.0, 1.0)];
        assert!(aligned(&picture, &picture, &bent, &WHOLE).is_none());
        assert!(aligned(&picture, &picture, &WHOLE[..2], &WHOLE[..2]).is_none());
        let nowhere = [(f64::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        assert!(aligned(&picture, &picture, &nowhere, &WHOLE).is_none());
        let grey = RgbImage::from_pixel(200, 100, Rgb([90, 90, 90]));
        assert!(aligned(&grey, &picture, &WHOLE, &WHOLE).is_none());
    }
}

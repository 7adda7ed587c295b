//! Shrinking a plane by area average: each target pixel is the mean of the rectangle it covers,
//! pixels at the rectangle's edge counting by the share of them that lies in it.
//!
//! The average is separable. Columns come first, as weighted sums of whole source rows; the few
//! rows that remain are then averaged along their length. Both loops are written over fixed numbers
//! of sources, so that the compiler can unroll them and make vector code of the first.

use image::GrayImage;

/// Weights of the rows that make one target row add up to this, so that sums of weighted bytes fit
/// 16 bits. Rounding the weights moves a mean by at most one grey value, where black meets white.
const ROWS_WHOLE: u64 = 1 << 8;

/// Weights of the columns that make one target pixel add up to this, so that weighted sums of the
/// rows' 16 bits fit 32.
const COLUMNS_WHOLE: u64 = 1 << 15;

/// Which sources each target averages.
struct Plan {
    /// Sources of each target; the last of some have no weight.
    taps: usize,
    /// For each target its first source, such that `taps` sources follow.
    first: Vec<usize>,
    /// For each target `taps` weights.
    weights: Vec<u16>,
}

impl Plan {
    /// Cuts `from` sources into `to` targets of equal length, `to` being at most `from`.
    ///
    /// The weights are differences of rounded running sums, so that those of a target add up to
    /// `whole` exactly and a plain area keeps its value.
    fn new(from: usize, to: usize, whole: u64) -> Self {
        let (from64, to64) = (from as u64, to as u64);
        // In units of 1/to of a source, every border is a whole number.
        let sources = |target: u64| {
            let begin = target * from64;
            (begin / to64, (begin + from64).div_ceil(to64))
        };
        let lengths = (0..to64).map(sources).map(|(begin, end)| end - begin);
        let taps = lengths.max().unwrap_or(1) as usize;
        let mut first = Vec::with_capacity(to);
        let mut weights = Vec::with_capacity(taps * to);
        for target in 0..to64 {
            let border = target * from64;
            let begin = (sources(target).0 as usize).min(from - taps);
            let mut before = 0;
            for source in begin as u64..(begin + taps) as u64 {
                let end = ((source + 1) * to64).clamp(border, border + from64) - border;
                let sum = (end * whole + from64 / 2) / from64;
                weights.push((sum - before) as u16);
                before = sum;
            }
            first.push(begin);
        }
        Self {
            taps,
            first,
            weights,
        }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, &[u16])> {
        self.first
            .iter()
            .copied()
            .zip(self.weights.chunks_exact(self.taps))
    }
}

/// Shrinks a plane until its longer side is `max_side` (at least 1); never enlarges.
pub(super) fn to_longer_side(plane: &GrayImage, max_side: u32) -> GrayImage {
    let (w, h) = (plane.width(), plane.height());
    let (longer, max_side) = (w.max(h), max_side.max(1));
    if longer <= max_side {
        return plane.clone();
    }
    let side = |v: u32| {
        let exact = f64::from(v) * f64::from(max_side) / f64::from(longer);
        (exact.round() as u32).max(1)
    };
    to_size(plane, side(w), side(h))
}

/// Shrinks a plane to a size that is at most its own in both directions, and not empty.
fn to_size(plane: &GrayImage, tw: u32, th: u32) -> GrayImage {
    let (w, h) = (plane.width() as usize, plane.height() as usize);
    let columns = Plan::new(w, tw as usize, COLUMNS_WHOLE);
    let rows = Plan::new(h, th as usize, ROWS_WHOLE);
    let average = match columns.taps {
        1 => average_row::<1>,
        2 => average_row::<2>,
        3 => average_row::<3>,
        4 => average_row::<4>,
        5 => average_row::<5>,
        6 => average_row::<6>,
        _ => average_row_of_many,
    };
    let mut sums = vec![0u16; w];
    let mut out = vec![0; tw as usize * th as usize];
    for ((first, weights), out) in rows.iter().zip(out.chunks_exact_mut(tw as usize)) {
        let sources = &plane.as_raw()[first * w..(first + rows.taps) * w];
        sum_rows(&mut sums, sources, weights);
        average(out, &sums, &columns);
    }
    // The length is right by construction; the fallback is never used.
    GrayImage::from_raw(tw, th, out).unwrap_or_default()
}

/// Weighted sums of rows, one for each column.
fn sum_rows(sums: &mut [u16], rows: &[u8], weights: &[u16]) {
    let width = sums.len();
    sums.fill(0);
    // A target's sources are neighbours, so that what has no weight is at the ends.
    let groups = rows.chunks(4 * width).zip(weights.chunks(4));
    for (rows, weights) in groups {
        match *weights {
            [a, b, c, d] => add_rows(sums, rows, [a, b, c, d]),
            [a, b, c] => add_rows(sums, rows, [a, b, c]),
            [a, b] => add_rows(sums, rows, [a, b]),
            [a] => add_rows(sums, rows, [a]),
            _ => {}
        }
    }
}

/// Adds `N` rows times their weights.
fn add_rows<const N: usize>(sums: &mut [u16], rows: &[u8], weights: [u16; N]) {
    let width = sums.len();
    let rows: [&[u8]; N] = std::array::from_fn(|i| &rows[i * width..][..width]);
    for (x, sum) in sums.iter_mut().enumerate() {
        for (row, weight) in rows.iter().zip(weights) {
            *sum = sum.wrapping_add(u16::from(row[x]).wrapping_mul(weight));
        }
    }
}

/// A target row of the rows' sums, each pixel made of `N` columns.
fn average_row<const N: usize>(out: &mut [u8], sums: &[u16], columns: &Plan) {
    let (weights, _) = columns.weights.as_chunks::<N>();
    for ((out, &first), weights) in out.iter_mut().zip(&columns.first).zip(weights) {
        let Some(sources) = sums[first..].first_chunk::<N>() else {
            return;
        };
        let mut total = 1 << 22;
        for (&sum, &weight) in sources.iter().zip(weights) {
            total += u32::from(sum) * u32::from(weight);
        }
        *out = (total >> 23) as u8;
    }
}

/// The same for any number of columns.
fn average_row_of_many(out: &mut [u8], sums: &[u16], columns: &Plan) {
    for (out, (first, weights)) in out.iter_mut().zip(columns.iter()) {
        let products = sums[first..]
            .iter()
            .zip(weights)
            .map(|(&sum, &weight)| u32::from(sum) * u32::from(weight));
        *out = ((products.sum::<u32>() + (1 << 22)) >> 23) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    fn noise(w: u32, h: u32) -> GrayImage {
        let mut state = 0x9E37_79B9u32;
        GrayImage::from_fn(w, h, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            Luma([(state >> 8) as u8])
        })
    }

    /// The definition, in floating point.
    fn plain(plane: &GrayImage, tw: u32, th: u32) -> Vec<f64> {
        let (sx, sy) = (
            f64::from(plane.width()) / f64::from(tw),
            f64::from(plane.height()) / f64::from(th),
        );
        let share = |begin: f64, end: f64, at: u32| {
            (end.min(f64::from(at) + 1.0) - begin.max(f64::from(at))).max(0.0)
        };
        let mut out = Vec::new();
        for ty in 0..th {
            for tx in 0..tw {
                let (x0, y0) = (f64::from(tx) * sx, f64::from(ty) * sy);
                let mut sum = 0.0;
                for y in y0 as u32..((y0 + sy).ceil() as u32).min(plane.height()) {
                    for x in x0 as u32..((x0 + sx).ceil() as u32).min(plane.width()) {
                        sum += share(x0, x0 + sx, x)
                            * share(y0, y0 + sy, y)
                            * f64::from(plane.get_pixel(x, y)[0]);
                    }
                }
                out.push(sum / (sx * sy));
            }
        }
        out
    }

    #[test]
    fn every_target_pixel_is_the_mean_of_its_area() {
        for (w, h, side) in [(97, 61, 40), (64, 64, 32), (50, 200, 199), (33, 7, 1)] {
            let plane = noise(w, h);
            let small = to_longer_side(&plane, side);
            let exact = plain(&plane, small.width(), small.height());
            for (&got, want) in small.as_raw().iter().zip(exact) {
                assert!((f64::from(got) - want).abs() <= 1.5, "{got} for {want}");
            }
        }
    }

    #[test]
    fn a_plain_area_keeps_its_value_at_every_scale() {
        for value in [0, 1, 127, 254, 255] {
            let plane = GrayImage::from_pixel(311, 173, Luma([value]));
            for side in [1, 2, 100, 172, 310] {
                assert!(
                    to_longer_side(&plane, side)
                        .as_raw()
                        .iter()
                        .all(|&v| v == value)
                );
            }
        }
    }

    #[test]
    fn a_picture_that_is_small_enough_stays_as_it_is() {
        let plane = noise(30, 20);
        assert_eq!(to_longer_side(&plane, 30), plane);
        assert_eq!(to_longer_side(&plane, u32::MAX), plane);
    }

    #[test]
    fn a_thread_of_a_picture_keeps_a_pixel_across() {
        let plane = noise(100_000, 1);
        assert_eq!(to_longer_side(&plane, 512).dimensions(), (512, 1));
        let plane = noise(3, 100_000);
        assert_eq!(to_longer_side(&plane, 0).dimensions(), (1, 1));
    }
}

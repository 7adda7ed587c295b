//! Shrinking a plane by area average: each target pixel is the mean of the rectangle it covers,
//! pixels at the rectangle's edge counting by the share of them that lies in it.
//!
//! The average is separable. Columns come first, as sums of whole source rows, which a compiler
//! turns into vector code; the few rows that remain are then averaged along their length.

use std::ops::Range;

use image::GrayImage;

/// Weights of one target pixel's sources add up to this, so that sums of bytes fit 32 bits.
const WHOLE: u64 = 1 << 15;

/// The sources of one target pixel: where they are, and what each weighs.
struct Span {
    sources: Range<usize>,
    weights: Range<usize>,
}

/// Which sources each target averages.
struct Plan {
    spans: Vec<Span>,
    weights: Vec<u16>,
}

impl Plan {
    /// Cuts `from` sources into `to` targets of equal length, `to` being at most `from`.
    ///
    /// The weights are differences of rounded running sums, so that those of a target add up to
    /// [`WHOLE`] exactly and a plain area keeps its value.
    fn new(from: usize, to: usize) -> Self {
        let (from64, to64) = (from as u64, to as u64);
        let mut spans = Vec::with_capacity(to);
        let mut weights = Vec::with_capacity(from + to);
        for target in 0..to64 {
            // In units of 1/to of a source, every border is a whole number.
            let begin = target * from64;
            let sources = begin / to64..(begin + from64).div_ceil(to64);
            let start = weights.len();
            let mut before = 0;
            for source in sources.clone() {
                let end = ((source + 1) * to64).min(begin + from64) - begin;
                let sum = (end * WHOLE + from64 / 2) / from64;
                weights.push((sum - before) as u16);
                before = sum;
            }
            spans.push(Span {
                sources: sources.start as usize..sources.end as usize,
                weights: start..weights.len(),
            });
        }
        Self { spans, weights }
    }

    fn iter(&self) -> impl Iterator<Item = (Range<usize>, &[u16])> {
        self.spans
            .iter()
            .map(|span| (span.sources.clone(), &self.weights[span.weights.clone()]))
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
    let columns = Plan::new(w, tw as usize);
    let rows = Plan::new(h, th as usize);
    let mut sums = vec![0u32; w];
    let mut out = Vec::with_capacity(tw as usize * th as usize);
    for (sources, weights) in rows.iter() {
        sums.fill(0);
        let source_rows = plane.as_raw()[sources.start * w..sources.end * w].chunks_exact(w);
        for (row, &weight) in source_rows.zip(weights) {
            add_weighted(&mut sums, row, weight);
        }
        for (sources, weights) in columns.iter() {
            // A sum is at most 255 · 2^15, of which 8 bits after the point are kept; times a whole
            // weight of 2^15 that is just below 2^31.
            let total: u32 = sums[sources]
                .iter()
                .zip(weights)
                .map(|(&sum, &weight)| ((sum + 64) >> 7) * u32::from(weight))
                .sum();
            out.push(((total + (1 << 22)) >> 23) as u8);
        }
    }
    // The length is right by construction; the fallback is never used.
    GrayImage::from_raw(tw, th, out).unwrap_or_default()
}

/// Adds a row times its weight.
fn add_weighted(sums: &mut [u32], row: &[u8], weight: u16) {
    for (sum, &value) in sums.iter_mut().zip(row) {
        *sum += u32::from(u16::from(value)) * u32::from(weight);
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
                assert!((f64::from(got) - want).abs() <= 0.51, "{got} for {want}");
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

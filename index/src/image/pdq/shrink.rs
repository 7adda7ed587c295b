//! From a plane of any size to 64 × 64 grey cells, and the quality measured on them.
//!
//! The reference runs two box filters along rows and columns and then keeps the pixel at the middle
//! of each cell. Both are linear: a kept pixel is a fixed weighted mean of the few source rows and
//! columns about it, and only those are computed.

use super::plane::Plane;

/// Cells a side.
pub(super) const SIDE: usize = 64;
/// The shrunk picture, row by row.
pub(super) type Cells = [[f32; SIDE]; SIDE];

/// Bytes of a row that are summed together: an accumulator that stays in registers.
const CHUNK: usize = 32;
/// Lanes of a dot product; weights are padded with zeros to a multiple of it.
const LANES: usize = 8;

/// Which source pixels, and how much of each, make up the 64 kept ones along one side.
pub(super) struct Weights {
    /// First source pixel of each kept one.
    starts: [usize; SIDE],
    /// Number of source pixels of each kept one.
    lengths: [usize; SIDE],
    /// Where each kept one's weights begin in `values`.
    offsets: [usize; SIDE],
    values: Vec<f32>,
}

impl Weights {
    /// The weights along a side of `length` pixels, at least 1.
    pub(super) fn new(length: usize) -> Self {
        let window = length.div_ceil(2 * SIDE);
        // The box about a pixel reaches `ahead` pixels on, `window - 1 - ahead` back, and is cut at
        // the picture's edge, where the mean is over the pixels that are left.
        let ahead = window / 2;
        let behind = window - 1 - ahead;
        let reach = |at: usize| at.saturating_sub(behind)..(at + ahead + 1).min(length);

        let mut weights = Self {
            starts: [0; SIDE],
            lengths: [0; SIDE],
            offsets: [0; SIDE],
            values: Vec::with_capacity(SIDE * (2 * window + LANES)),
        };
        let mut steps = vec![0f64; 2 * window + 1];
        for kept in 0..SIDE {
            let second = reach((2 * kept + 1) * length / (2 * SIDE));
            let start = reach(second.start).start;
            let end = reach(second.end - 1).end;
            steps.fill(0.0);
            for at in second.clone() {
                let first = reach(at);
                let share = 1.0 / (second.len() * first.len()) as f64;
                steps[first.start - start] += share;
                steps[first.end - start] -= share;
            }
            weights.starts[kept] = start;
            weights.lengths[kept] = end - start;
            weights.offsets[kept] = weights.values.len();
            let mut weight = 0f64;
            for step in &steps[..end - start] {
                weight += step;
                weights.values.push(weight as f32);
            }
            let padded = weights.values.len().next_multiple_of(LANES);
            weights.values.resize(padded, 0.0);
        }
        weights
    }

    #[inline(always)]
    fn of(&self, kept: usize) -> (usize, &[f32]) {
        let (offset, length) = (self.offsets[kept], self.lengths[kept]);
        (self.starts[kept], &self.values[offset..][..length])
    }

    /// As [`Self::of`], with the zeros that fill the last lanes.
    #[inline(always)]
    fn padded(&self, kept: usize) -> (usize, &[f32]) {
        let length = self.lengths[kept].next_multiple_of(LANES);
        let offset = self.offsets[kept];
        (self.starts[kept], &self.values[offset..][..length])
    }
}

/// Length of the line buffer for rows of this many bytes, in values.
pub(super) fn line_length(bytes: usize) -> usize {
    bytes + LANES
}

/// Shrinks a plane to its cells. `line` has [`line_length`] values; what it holds does not matter
/// beyond being finite.
#[inline(always)]
pub(super) fn shrink<const CHANNELS: usize>(
    plane: &Plane<'_, CHANNELS>,
    columns: &Weights,
    rows: &Weights,
    line: &mut [f32],
    cells: &mut Cells,
) {
    for (kept, out) in cells.iter_mut().enumerate() {
        let (start, weights) = rows.of(kept);
        mean_of_rows(plane, start, weights, line);
        if CHANNELS == 3 {
            luma_in_place(line, plane.width());
        }
        for (kept, cell) in out.iter_mut().enumerate() {
            let (start, weights) = columns.padded(kept);
            *cell = dot(&line[start..], weights);
        }
    }
}

/// The weighted mean of neighbouring rows, into the front of `line`.
#[inline(always)]
fn mean_of_rows<const CHANNELS: usize>(
    plane: &Plane<'_, CHANNELS>,
    start: usize,
    weights: &[f32],
    line: &mut [f32],
) {
    let width = plane.width() * CHANNELS;
    let whole = width - width % CHUNK;
    for x in (0..whole).step_by(CHUNK) {
        let mut sums = [0f32; CHUNK];
        for (k, &weight) in weights.iter().enumerate() {
            let pixels = &plane.row(start + k)[x..x + CHUNK];
            for (sum, &pixel) in sums.iter_mut().zip(pixels) {
                *sum += weight * f32::from(pixel);
            }
        }
        line[x..x + CHUNK].copy_from_slice(&sums);
    }
    let rest = &mut line[whole..width];
    rest.fill(0.0);
    for (k, &weight) in weights.iter().enumerate() {
        for (sum, &pixel) in rest.iter_mut().zip(&plane.row(start + k)[whole..]) {
            *sum += weight * f32::from(pixel);
        }
    }
}

/// Red, green and blue to luma, ITU-R BT.601: as all steps are linear, the means can be taken first.
#[inline(always)]
fn luma_in_place(line: &mut [f32], width: usize) {
    for x in 0..width {
        line[x] = 0.299 * line[3 * x] + 0.587 * line[3 * x + 1] + 0.114 * line[3 * x + 2];
    }
}

#[inline(always)]
fn dot(values: &[f32], weights: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (weights, values) in weights.chunks_exact(LANES).zip(values.chunks_exact(LANES)) {
        for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(values) {
            *sum += weight * value;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Difference between the brightest and the darkest cell, in grey levels.
#[inline(always)]
pub(super) fn spread(cells: &Cells) -> f32 {
    let mut low = [f32::MAX; SIDE];
    let mut high = [f32::MIN; SIDE];
    for row in cells {
        for ((low, high), &cell) in low.iter_mut().zip(&mut high).zip(row) {
            *low = if cell < *low { cell } else { *low };
            *high = if cell > *high { cell } else { *high };
        }
    }
    high.into_iter().fold(f32::MIN, f32::max) - low.into_iter().fold(f32::MAX, f32::min)
}

/// The reference's quality: differences of neighbouring cells in whole percent of the grey scale,
/// rounded down one by one so that faint ones do not count, summed, divided by 90, at most 100.
#[inline(always)]
pub(super) fn quality(cells: &Cells) -> u8 {
    let mut sum = 0i32;
    for pair in cells.windows(2) {
        sum += steps(&pair[0], &pair[1]);
    }
    for row in cells {
        sum += steps(&row[..SIDE - 1], &row[1..]);
    }
    u8::try_from(sum / 90).unwrap_or(100).min(100)
}

#[inline(always)]
fn steps(a: &[f32], b: &[f32]) -> i32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (((a - b) * 100.0 / 255.0) as i32).abs())
        .sum()
}

//! A grey picture in floating point, and the blurring the scale space is made of.

use std::cell::RefCell;

use multiversion::multiversion;

/// Grey values, 0 to 255, row by row.
#[derive(Debug)]
pub(in crate::image) struct FloatPlane {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

thread_local! {
    /// Memory of planes that are no longer used. A picture takes some forty planes, and asking the
    /// system for each anew costs a sixth of the time.
    static SPARE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Spare planes a thread keeps, and how large, in values: all told at most 48 MiB.
const MOST_SPARE: usize = 48;
const LARGEST_SPARE: usize = 1 << 18;

/// One of the length asked for, which then needs no filling: pictures come in few sizes. Else any.
fn take_spare(spare: &mut Vec<Vec<f32>>, length: usize) -> Option<Vec<f32>> {
    match spare.iter().rposition(|values| values.len() == length) {
        Some(at) => Some(spare.swap_remove(at)),
        None => spare.pop(),
    }
}

impl Drop for FloatPlane {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        if values.capacity() > LARGEST_SPARE || values.capacity() == 0 {
            return;
        }
        // While a thread ends there is nowhere to keep it.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST_SPARE {
                spare.push(values);
            }
        });
    }
}

impl FloatPlane {
    /// A plane whose values are still to be written: they may be anything.
    fn unwritten(width: usize, height: usize) -> Self {
        let length = width * height;
        let mut values = SPARE
            .try_with(|spare| take_spare(&mut spare.borrow_mut(), length))
            .ok()
            .flatten()
            .unwrap_or_default();
        values.resize(length, 0.0);
        Self {
            width,
            height,
            values,
        }
    }

    /// What `b` has more than `a`, which is of the same size.
    pub(in crate::image) fn difference(a: &Self, b: &Self) -> Self {
        let mut out = Self::unwritten(a.width, a.height);
        for ((out, a), b) in out.values.iter_mut().zip(&a.values).zip(&b.values) {
            *out = b - a;
        }
        out
    }

    /// From 8-bit values, row by row; missing ones are white.
    pub(in crate::image) fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Self {
        let mut out = Self::unwritten(width, height);
        let bytes = bytes.iter().copied().chain(std::iter::repeat(255));
        for (value, byte) in out.values.iter_mut().zip(bytes) {
            *value = f32::from(byte);
        }
        out
    }

    pub(in crate::image) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..(y + 1) * self.width]
    }

    /// Left and right exchanged.
    pub(in crate::image) fn mirrored(&self) -> Self {
        let mut out = Self::unwritten(self.width, self.height);
        out.values.copy_from_slice(&self.values);
        out.values
            .chunks_exact_mut(self.width.max(1))
            .for_each(<[f32]>::reverse);
        out
    }

    /// Every second pixel of every second row.
    pub(in crate::image) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut out = Self::unwritten(width, height);
        for y in 0..height {
            let from = self.row(2 * y);
            for (to, pair) in out.values[y * width..(y + 1) * width]
                .iter_mut()
                .zip(from.chunks_exact(2))
            {
                *to = pair[0];
            }
        }
        out
    }

    /// Twice as large along both sides, linearly interpolated.
    pub(in crate::image) fn doubled(&self) -> Self {
        let mut out = Self::unwritten(self.width * 2, self.height * 2);
        for y in 0..out.height {
            for x in 0..out.width {
                out.values[y * self.width * 2 + x] =
                    self.at(x as f32 / 2.0 - 0.25, y as f32 / 2.0 - 0.25);
            }
        }
        out
    }

    /// Resampled to another size; blurred first when that is smaller.
    pub(in crate::image) fn resized(&self, width: usize, height: usize) -> Self {
        let (sx, sy) = (
            self.width as f32 / width as f32,
            self.height as f32 / height as f32,
        );
        let shrink = sx.max(sy);
        let blurred;
        let from = if shrink > 1.05 {
            blurred = self.blurred(0.5 * (shrink * shrink - 1.0).sqrt());
            &blurred
        } else {
            self
        };
        let mut out = Self::unwritten(width, height);
        for (y, row) in out.values.chunks_exact_mut(width).enumerate() {
            for (x, v) in row.iter_mut().enumerate() {
                *v = from.at((x as f32 + 0.5) * sx - 0.5, (y as f32 + 0.5) * sy - 0.5);
            }
        }
        out
    }

    /// The value at a point, the middle of the first pixel being (0, 0); the nearest edge outside.
    #[inline(always)]
    pub(in crate::image) fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.max(0.0).min((self.width - 1) as f32);
        let y = y.max(0.0).min((self.height - 1) as f32);
        let (xi, yi) = (x as usize, y as usize);
        let (fx, fy) = (x - xi as f32, y - yi as f32);
        let right = usize::from(xi + 1 < self.width);
        let below = if yi + 1 < self.height { self.width } else { 0 };
        let at = yi * self.width + xi;
        let v = &self.values;
        let top = v[at] + (v[at + right] - v[at]) * fx;
        let bottom = v[at + below] + (v[at + below + right] - v[at + below]) * fx;
        top + (bottom - top) * fy
    }

    /// As [`at`](Self::at), for a point at least one pixel inside; quicker.
    #[inline(always)]
    pub(in crate::image) fn inside(&self, x: f32, y: f32) -> f32 {
        let (xi, yi) = (x as usize, y as usize);
        let (fx, fy) = (x - xi as f32, y - yi as f32);
        let at = yi * self.width + xi;
        let (top, bottom) = (
            &self.values[at..at + 2],
            &self.values[at + self.width..at + self.width + 2],
        );
        let a = top[0] + (top[1] - top[0]) * fx;
        let b = bottom[0] + (bottom[1] - bottom[0]) * fx;
        a + (b - a) * fy
    }

    /// Convolved with a Gaussian of standard deviation `sigma`, in pixels; edges are repeated.
    pub(in crate::image) fn blurred(&self, sigma: f32) -> Self {
        let mut out = Self::unwritten(self.width, self.height);
        blur(self, &kernel(sigma), &mut out);
        out
    }
}

/// One half of a Gaussian, from its middle outwards; the whole sums to 1.
fn kernel(sigma: f32) -> Vec<f32> {
    let radius = (sigma * 3.0).ceil() as usize;
    let mut half: Vec<f32> = (0..=radius)
        .map(|i| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp())
        .collect();
    let sum = half[0] + 2.0 * half[1..].iter().sum::<f32>();
    half.iter_mut().for_each(|k| *k /= sum);
    half
}

/// Columns whose sums are kept in registers while the taps of the kernel pass by.
const STRIP: usize = 32;

/// Down the columns into a padded line, then along it. Sums are taken in the same order on every
/// processor, so that all give the same values.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn blur(from: &FloatPlane, half: &[f32], to: &mut FloatPlane) {
    let (w, h, radius) = (from.width, from.height, half.len() - 1);
    let mut line = vec![0f32; w + 2 * radius];
    for y in 0..h {
        let rows: Vec<[&[f32]; 2]> = (0..=radius)
            .map(|i| [from.row(y.saturating_sub(i)), from.row((y + i).min(h - 1))])
            .collect();
        taps(half, &rows, &mut line[radius..radius + w]);
        let (first, last) = (line[radius], line[radius + w - 1]);
        line[..radius].fill(first);
        line[radius + w..].fill(last);
        let shifted: Vec<[&[f32]; 2]> = (0..=radius)
            .map(|i| [&line[radius - i..][..w], &line[radius + i..][..w]])
            .collect();
        taps(half, &shifted, &mut to.values[y * w..(y + 1) * w]);
    }
}

/// Sums up the pairs, which are as long as `out`, weighed by the kernel from its middle outwards.
#[inline(always)]
fn taps(half: &[f32], pairs: &[[&[f32]; 2]], out: &mut [f32]) {
    let (strips, rest) = out.as_chunks_mut::<STRIP>();
    for (at, strip) in strips.iter_mut().enumerate() {
        let mut sums = [0f32; STRIP];
        for (i, (k, [a, b])) in half.iter().zip(pairs).enumerate() {
            let (a, b) = (&a[at * STRIP..][..STRIP], &b[at * STRIP..][..STRIP]);
            if i == 0 {
                // The middle counts once.
                for c in 0..STRIP {
                    sums[c] = a[c] * k;
                }
            } else {
                for c in 0..STRIP {
                    sums[c] += (a[c] + b[c]) * k;
                }
            }
        }
        *strip = sums;
    }
    let start = strips.len() * STRIP;
    for (x, out) in rest.iter_mut().enumerate() {
        let at = start + x;
        let outer = half.iter().zip(pairs).skip(1);
        *out = outer.fold(pairs[0][0][at] * half[0], |sum, (k, [a, b])| {
            sum + (a[at] + b[at]) * k
        });
    }
}

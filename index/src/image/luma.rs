//! The small grey working picture that every hash and comparison is made from.
//!
//! A photo is shrunk once; after that any rectangle of it can be averaged down to a few cells in
//! microseconds, which is what makes dozens of hashes a picture affordable.

use image::{GrayImage, RgbImage};

/// Longer side of the working picture, in pixels. Larger sides change no hash noticeably and cost
/// memory traffic.
pub(super) const WORKING_SIDE: u32 = 256;

/// A rectangle in shares of the picture's width and height: (0, 0) is the top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    pub(super) const WHOLE: Self = Self::new(0.0, 0.0, 1.0, 1.0);

    pub(super) const fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Self { x0, y0, x1, y1 }
    }

    pub(super) fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    pub(super) fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// The rectangle given in shares of this one, in shares of the picture.
    pub(super) fn within(&self, inner: &Self) -> Self {
        Self::new(
            self.x0 + inner.x0 * self.width(),
            self.y0 + inner.y0 * self.height(),
            self.x0 + inner.x1 * self.width(),
            self.y0 + inner.y1 * self.height(),
        )
    }

    /// The same place in the mirrored picture.
    pub(super) fn mirrored(&self) -> Self {
        Self::new(1.0 - self.x1, self.y0, 1.0 - self.x0, self.y1)
    }

    /// The largest difference between the two rectangles' sides, in shares of the picture.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        (self.x0 - other.x0)
            .abs()
            .max((self.y0 - other.y0).abs())
            .max((self.x1 - other.x1).abs())
            .max((self.y1 - other.y1).abs())
    }
}

/// Grey values of a picture shrunk to [`WORKING_SIDE`], with their running sums.
pub(super) struct Luma {
    pub width: usize,
    pub height: usize,
    pub values: Vec<u8>,
    /// Sum of the values above and left of each corner, `(width + 1) × (height + 1)`.
    sums: Vec<u32>,
}

impl Luma {
    /// Shrinks a picture, each target pixel being the mean of the area it covers. A picture that is
    /// smaller already keeps its size.
    pub(super) fn new(pixels: &RgbImage) -> Self {
        let (w, h) = (pixels.width().max(1), pixels.height().max(1));
        let scale = (f64::from(WORKING_SIDE) / f64::from(w.max(h))).min(1.0);
        let side = |v: u32| ((f64::from(v) * scale).round() as usize).max(1);
        let (tw, th) = (side(w), side(h));
        Self::from_values(tw, th, shrink(pixels, tw, th))
    }

    fn from_values(width: usize, height: usize, values: Vec<u8>) -> Self {
        let stride = width + 1;
        let mut sums = vec![0u32; stride * (height + 1)];
        for y in 0..height {
            let mut row = 0u32;
            for x in 0..width {
                row += u32::from(values[y * width + x]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        Self {
            width,
            height,
            values,
            sums,
        }
    }

    /// The picture seen in a mirror.
    pub(super) fn mirrored(&self) -> Self {
        let mut values = self.values.clone();
        for row in values.chunks_exact_mut(self.width) {
            row.reverse();
        }
        Self::from_values(self.width, self.height, values)
    }

    /// Sum of everything above and left of a point given in pixels; fractions of pixels count.
    fn sum_to(&self, x: f64, y: f64) -> f64 {
        let stride = self.width + 1;
        let (x, y) = (
            x.clamp(0.0, self.width as f64),
            y.clamp(0.0, self.height as f64),
        );
        let (xi, yi) = (
            (x as usize).min(self.width.saturating_sub(1)),
            (y as usize).min(self.height.saturating_sub(1)),
        );
        let (fx, fy) = (x - xi as f64, y - yi as f64);
        let at = |x: usize, y: usize| f64::from(self.sums[y * stride + x]);
        let top = at(xi, yi) * (1.0 - fx) + at(xi + 1, yi) * fx;
        let bottom = at(xi, yi + 1) * (1.0 - fx) + at(xi + 1, yi + 1) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// A rectangle of the picture, averaged down to `columns × rows` cells.
    pub(super) fn cells(&self, rect: &Rect, columns: u32, rows: u32) -> GrayImage {
        let (w, h) = (self.width as f64, self.height as f64);
        let (columns_n, rows_n) = (columns as usize, rows as usize);
        let x = |i: usize| (rect.x0 + rect.width() * i as f64 / f64::from(columns)) * w;
        let y = |j: usize| (rect.y0 + rect.height() * j as f64 / f64::from(rows)) * h;
        let mut out = Vec::with_capacity(columns_n * rows_n);
        let mut above: Vec<f64> = (0..=columns_n).map(|i| self.sum_to(x(i), y(0))).collect();
        for j in 0..rows_n {
            let below: Vec<f64> = (0..=columns_n)
                .map(|i| self.sum_to(x(i), y(j + 1)))
                .collect();
            let cell_height = (y(j + 1) - y(j)).max(f64::MIN_POSITIVE);
            for i in 0..columns_n {
                let area = (x(i + 1) - x(i)).max(f64::MIN_POSITIVE) * cell_height;
                let sum = below[i + 1] - below[i] - above[i + 1] + above[i];
                out.push((sum / area).round().clamp(0.0, 255.0) as u8);
            }
            above = below;
        }
        // The length is right by construction; the fallback is never used.
        GrayImage::from_raw(columns, rows, out).unwrap_or_default()
    }
}

/// Area-averages a picture to `tw × th` grey pixels (BT.601 weights).
fn shrink(pixels: &RgbImage, tw: usize, th: usize) -> Vec<u8> {
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    if w == 0 || h == 0 {
        return vec![255; tw * th];
    }
    // For each source column or row: the target it begins in, and the share of it that lies there;
    // the rest lies in the next target.
    let plan = |from: usize, to: usize| -> Vec<(usize, f32)> {
        let step = to as f64 / from as f64;
        (0..from)
            .map(|i| {
                let (a, b) = (i as f64 * step, (i + 1) as f64 * step);
                let first = (a as usize).min(to - 1);
                let cut = (first + 1) as f64;
                (first, (((cut.min(b)) - a) / (b - a)) as f32)
            })
            .collect()
    };
    let (columns, rows) = (plan(w, tw), plan(h, th));
    let mut acc = vec![0f32; (tw + 1) * (th + 1)];
    let mut line = vec![0f32; tw + 1];
    for (y, row) in pixels.as_raw().chunks_exact(w * 3).enumerate() {
        line.fill(0.0);
        for (pixel, &(target, share)) in row.chunks_exact(3).zip(&columns) {
            let luma = 0.299 * f32::from(pixel[0])
                + 0.587 * f32::from(pixel[1])
                + 0.114 * f32::from(pixel[2]);
            line[target] += luma * share;
            line[target + 1] += luma * (1.0 - share);
        }
        let (target, share) = rows[y];
        for x in 0..tw {
            acc[target * (tw + 1) + x] += line[x] * share;
            acc[(target + 1) * (tw + 1) + x] += line[x] * (1.0 - share);
        }
    }
    let area = (w as f32 / tw as f32) * (h as f32 / th as f32);
    let mut out = Vec::with_capacity(tw * th);
    for y in 0..th {
        for x in 0..tw {
            out.push((acc[y * (tw + 1) + x] / area).round().clamp(0.0, 255.0) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn ramp(w: u32, h: u32) -> RgbImage {
        RgbImage::from_fn(w, h, |x, _| Rgb([(x * 255 / w) as u8; 3]))
    }

    #[test]
    fn shrinking_keeps_the_mean() {
        let luma = Luma::new(&ramp(777, 333));
        assert_eq!((luma.width, luma.height), (256, 110));
        let mean = luma.values.iter().map(|&v| f64::from(v)).sum::<f64>() / (256.0 * 110.0);
        assert!((mean - 127.0).abs() < 1.5, "{mean}");
    }

    #[test]
    fn cells_of_a_ramp_rise_from_left_to_right() {
        let cells = Luma::new(&ramp(640, 480)).cells(&Rect::WHOLE, 8, 2);
        let row: Vec<u8> = (0..8).map(|x| cells.get_pixel(x, 1)[0]).collect();
        assert!(row.windows(2).all(|p| p[0] < p[1]), "{row:?}");
    }

    #[test]
    fn a_picture_of_one_pixel_has_cells_too() {
        let luma = Luma::new(&RgbImage::from_pixel(1, 1, Rgb([90, 90, 90])));
        assert!(
            luma.cells(&Rect::WHOLE, 17, 16)
                .pixels()
                .all(|p| p[0] == 90)
        );
    }
}

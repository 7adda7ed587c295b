//! A small grey picture to take values from at any point and at two sizes.

use super::hashes::GreyCopy;

/// A grey picture at full and half size.
pub(super) struct Pyramid {
    levels: [Level; 2],
}

/// One size of it.
pub(super) struct Level {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Pyramid {
    /// Of a stored copy, turned around when `mirror`.
    pub(super) fn new(copy: &GreyCopy, mirror: bool) -> Self {
        let (width, height) = (usize::from(copy.width), usize::from(copy.height));
        let mut values: Vec<f32> = copy.values.iter().map(|&v| f32::from(v)).collect();
        values.resize(width * height, 255.0);
        if mirror {
            values.chunks_exact_mut(width).for_each(<[f32]>::reverse);
        }
        let full = Level {
            width,
            height,
            values,
        };
        let (w, h) = (width.div_ceil(2), height.div_ceil(2));
        let mut half = Vec::with_capacity(w * h);
        for y in 0..h {
            for x in 0..w {
                let at = |dx: usize, dy: usize| {
                    full.values[(2 * y + dy).min(height - 1) * width + (2 * x + dx).min(width - 1)]
                };
                half.push((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0);
            }
        }
        let half = Level {
            width: w,
            height: h,
            values: half,
        };
        Self {
            levels: [full, half],
        }
    }

    /// Width and height at full size.
    pub(super) fn size(&self) -> [f32; 2] {
        [self.levels[0].width as f32, self.levels[0].height as f32]
    }

    /// The finest level, and its size as a share of the full one, that a walk in steps of `step` full-size pixels does not skip pixels of.
    pub(super) fn level(&self, step: f32) -> (&Level, f32) {
        if step > 1.4 {
            (&self.levels[1], 0.5)
        } else {
            (&self.levels[0], 1.0)
        }
    }
}

impl Level {
    /// The grey value at a point in pixels, the middle of the first pixel being (0.5, 0.5); the
    /// nearest edge outside.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (
            (x - 0.5).clamp(0.0, (self.width - 1) as f32),
            (y - 0.5).clamp(0.0, (self.height - 1) as f32),
        );
        let (xi, yi) = (x as usize, y as usize);
        let (fx, fy) = (x - xi as f32, y - yi as f32);
        let (xj, yj) = ((xi + 1).min(self.width - 1), (yi + 1).min(self.height - 1));
        let row = |y: usize| {
            self.values[y * self.width + xi] * (1.0 - fx) + self.values[y * self.width + xj] * fx
        };
        row(yi) * (1.0 - fy) + row(yj) * fy
    }
}

//! A reference photo ready to be laid over a query, block by block.

use super::features::FloatPlane;
use super::geometry::Affine;

/// Pixels along a block's side.
pub(super) const BLOCK: usize = 8;
/// Pixels of a block.
pub(super) const CELLS: usize = BLOCK * BLOCK;
/// A block whose grey values deviate less than this from their slope has no texture to compare.
const TEXTURE: f32 = 2.5;

/// The share of each side that the middle of a photo takes, where the product is.
pub(super) const CORE: f32 = 0.5;

/// One textured block of a reference.
pub(super) struct Block {
    /// Place of the first pixel.
    pub column: usize,
    pub row: usize,
    /// Grey values without their mean and slope, of unit length.
    pub cells: [f32; CELLS],
    /// How the cells change with the six numbers of a map, see [`Template::steepest`].
    pub gradient: [[f32; CELLS]; 2],
    /// Sums of products of those changes.
    pub hessian: [[f32; 6]; 6],
}

/// A reference at one size, cut into blocks.
pub(super) struct Template {
    pub longer: f32,
    pub width: usize,
    pub height: usize,
    pub blocks: Vec<Block>,
}

impl Template {
    pub(super) fn new(plane: &FloatPlane) -> Self {
        let (columns, rows) = (plane.width / BLOCK, plane.height / BLOCK);
        let (left, top) = (plane.width % BLOCK / 2, plane.height % BLOCK / 2);
        let longer = plane.width.max(plane.height) as f32;
        let mut out = Self {
            longer,
            width: plane.width,
            height: plane.height,
            blocks: Vec::with_capacity(columns * rows),
        };
        for row in 0..rows {
            for column in 0..columns {
                let (x0, y0) = (left + column * BLOCK, top + row * BLOCK);
                out.blocks.extend(out.block(plane, x0, y0));
            }
        }
        out
    }

    fn block(&self, plane: &FloatPlane, x0: usize, y0: usize) -> Option<Block> {
        let mut cells = [0.0; CELLS];
        for (i, cell) in cells.iter_mut().enumerate() {
            *cell = plane.values[(y0 + i / BLOCK) * plane.width + x0 + i % BLOCK];
        }
        let length = normalise(&mut cells);
        if length < TEXTURE * BLOCK as f32 {
            return None;
        }
        let mut gradient = [[0.0; CELLS]; 2];
        let [across, down] = &mut gradient;
        for (i, (dx, dy)) in across.iter_mut().zip(down).enumerate() {
            let (x, y) = (x0 + i % BLOCK, y0 + i / BLOCK);
            let at = |x: usize, y: usize| plane.values[y * plane.width + x];
            let (l, r) = (x.saturating_sub(1), (x + 1).min(plane.width - 1));
            let (t, b) = (y.saturating_sub(1), (y + 1).min(plane.height - 1));
            *dx = (at(r, y) - at(l, y)) / (2.0 * length);
            *dy = (at(x, b) - at(x, t)) / (2.0 * length);
        }
        let mut block = Block {
            column: x0,
            row: y0,
            cells,
            gradient,
            hessian: [[0.0; 6]; 6],
        };
        let mut hessian = [[0.0; 6]; 6];
        for i in 0..CELLS {
            let change = self.steepest(&block, i);
            for (row, a) in hessian.iter_mut().zip(change) {
                for (sum, b) in row.iter_mut().zip(change) {
                    *sum += a * b;
                }
            }
        }
        block.hessian = hessian;
        Some(block)
    }

    /// A pixel's place in half the longer side, counted from the middle of the photo.
    pub(super) fn offset(&self, block: &Block, i: usize) -> [f32; 2] {
        let unit = 2.0 / self.longer;
        [
            ((block.column + i % BLOCK) as f32 + 0.5 - self.width as f32 / 2.0) * unit,
            ((block.row + i / BLOCK) as f32 + 0.5 - self.height as f32 / 2.0) * unit,
        ]
    }

    /// Half the width and height of the photo's core, as [`offset`](Self::offset) counts.
    pub(super) fn core(&self) -> (f32, f32) {
        (
            CORE * self.width as f32 / self.longer,
            CORE * self.height as f32 / self.longer,
        )
    }

    /// How a pixel's value changes with the six numbers of a map near the identity.
    pub(super) fn steepest(&self, block: &Block, i: usize) -> [f32; 6] {
        let [x, y] = self.offset(block, i);
        let (gx, gy) = (block.gradient[0][i], block.gradient[1][i]);
        [gx * x, gx * y, gx, gy * x, gy * y, gy]
    }

    /// The map that moves the photo by a step of [`steepest`](Self::steepest)'s six numbers, in
    /// shares of its longer side.
    pub(super) fn step(&self, by: &[f32; 6]) -> Affine {
        let (mx, my) = (
            self.width as f32 / (2.0 * self.longer),
            self.height as f32 / (2.0 * self.longer),
        );
        // In pixels per half side; a share of the longer side is `longer` pixels.
        let k = 2.0 / self.longer;
        let (a, b, c, d) = (1.0 + by[0] * k, by[1] * k, by[3] * k, 1.0 + by[4] * k);
        Affine {
            a,
            b,
            tx: mx - a * mx - b * my + by[2] / self.longer,
            c,
            d,
            ty: my - c * mx - d * my + by[5] / self.longer,
        }
    }
}

/// Takes the mean and the slope off and scales to unit length; returns the length there was.
///
/// The slope goes because every second block of every photo is some soft gradient, and two gradients
/// of one direction correlate perfectly without having anything to do with each other.
#[inline(always)]
pub(super) fn normalise(cells: &mut [f32; CELLS]) -> f32 {
    const MIDDLE: f32 = (BLOCK as f32 - 1.0) / 2.0;
    /// Sum of the squared distances of all cells from the middle, along one axis.
    const SPREAD: f32 = (CELLS * (CELLS - 1)) as f32 / 12.0;
    let mut columns = [0f32; BLOCK];
    let mut rows = [0f32; BLOCK];
    for (row, line) in rows.iter_mut().zip(cells.as_chunks::<BLOCK>().0) {
        let mut sum = 0.0;
        for (column, v) in columns.iter_mut().zip(line) {
            *column += v;
            sum += v;
        }
        *row = sum;
    }
    let mean = rows.iter().sum::<f32>() / CELLS as f32;
    let (mut across, mut down) = (0.0, 0.0);
    for i in 0..BLOCK {
        across += columns[i] * (i as f32 - MIDDLE);
        down += rows[i] * (i as f32 - MIDDLE);
    }
    let (across, down) = (across / SPREAD, down / SPREAD);
    let mut square = [0f32; BLOCK];
    for (j, line) in cells.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
        let base = mean + down * (j as f32 - MIDDLE);
        for (i, v) in line.iter_mut().enumerate() {
            *v -= base + across * (i as f32 - MIDDLE);
            square[i] += *v * *v;
        }
    }
    let length = square.iter().sum::<f32>().sqrt();
    if length > 0.0 {
        cells.iter_mut().for_each(|v| *v /= length);
    }
    length
}

//! The photometric check: do two pictures really show the same photo?
//!
//! Hashes claim that a part of the query is a part of the reference. Here the query is laid over the
//! reference accordingly, nudged until it fits best, and then the blocks of the reference that have
//! texture are asked one by one whether the query's pixels run the same way. Two garments on one
//! model, or two goods on one white ground, share a hash but not their blocks.

use super::hashes::GreyCopy;
use super::luma::Rect;
use super::pyramid::Pyramid;

/// Cells along each side of the grid the reference is compared on.
const FINE: usize = 96;
/// Cells along each side of the grid on which placements are first tried.
const COARSE: usize = 32;
/// Cells along a block's side.
const BLOCK: usize = 8;
/// A block whose grey values deviate less than this from their mean has no texture to compare.
const TEXTURE: f32 = 3.0;
/// A block agrees when the normalised correlation of its cells reaches this.
const AGREES: f32 = 0.7;
/// Fewer textured blocks than this under the query prove nothing.
const FEWEST_BLOCKS: u32 = 10;

/// How far, in shares of the query, a hashed part may reach beyond its rectangle.
const MARGIN: f64 = 0.02;

/// How the reference lies in the query: reference point `(u, v)`, in pixels of its copy, counted
/// from its middle, falls on `centre + turn · (scale · (u, v))` in pixels of the query's copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    centre: [f32; 2],
    scale: [f32; 2],
    turn: f32,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    /// Textured blocks of the reference that lie under the query.
    pub compared: u32,
    /// How many of them agree.
    pub agreeing: u32,
    /// Where the reference was found to lie.
    pub placement: Placement,
}

impl Agreement {
    /// Lower bound of the share of agreeing blocks (Wilson, 95 % one-sided): few blocks
    /// prove less than many.
    pub(super) fn share(&self) -> f64 {
        if self.compared < FEWEST_BLOCKS {
            return 0.0;
        }
        let (n, k) = (f64::from(self.compared), f64::from(self.agreeing));
        let p = k / n;
        let z2 = 1.64 * 1.64;
        let middle = p + z2 / (2.0 * n);
        let spread = (z2 * (p * (1.0 - p) / n + z2 / (4.0 * n * n))).sqrt();
        ((middle - spread) / (1.0 + z2 / n)).max(0.0)
    }
}

/// The reference, cut into blocks of unit length and zero mean: correlation is then a dot product.
pub(super) struct Template {
    size: [f32; 2],
    side: usize,
    blocks: Vec<Block>,
}

struct Block {
    column: usize,
    row: usize,
    cells: [f32; BLOCK * BLOCK],
}

impl Template {
    pub(super) fn new(reference: &Pyramid, side: usize) -> Self {
        let size = reference.size();
        let (level, shrunk) = reference.level(size[0].max(size[1]) / side as f32);
        let mut blocks = Vec::new();
        for row in 0..side / BLOCK {
            for column in 0..side / BLOCK {
                let mut cells = [0.0; BLOCK * BLOCK];
                for (i, cell) in cells.iter_mut().enumerate() {
                    let (u, v) = (column * BLOCK + i % BLOCK, row * BLOCK + i / BLOCK);
                    *cell = level.at(
                        (u as f32 + 0.5) / side as f32 * size[0] * shrunk,
                        (v as f32 + 0.5) / side as f32 * size[1] * shrunk,
                    );
                }
                if centre(&mut cells) >= TEXTURE * BLOCK as f32 {
                    blocks.push(Block { column, row, cells });
                }
            }
        }
        Self { size, side, blocks }
    }

    /// Correlations of the blocks under the query, given to `each`; returns how many there were.
    fn compare(
        &self,
        query: &Pyramid,
        placement: &Placement,
        clip: &[f32; 4],
        mut each: impl FnMut(f32),
    ) -> u32 {
        let (sin, cos) = placement.turn.sin_cos();
        let [w, h] = self.size;
        let unit = [w / self.side as f32, h / self.side as f32];
        let step = (unit[0] * placement.scale[0]).max(unit[1] * placement.scale[1]);
        let (level, shrunk) = query.level(step);
        let point = |u: f32, v: f32| {
            let (x, y) = (
                (u * unit[0] - w / 2.0) * placement.scale[0],
                (v * unit[1] - h / 2.0) * placement.scale[1],
            );
            [
                placement.centre[0] + x * cos - y * sin,
                placement.centre[1] + x * sin + y * cos,
            ]
        };
        let inside =
            |p: [f32; 2]| p[0] >= clip[0] && p[1] >= clip[1] && p[0] <= clip[2] && p[1] <= clip[3];
        let mut compared = 0;
        for block in &self.blocks {
            let (u0, v0) = ((block.column * BLOCK) as f32, (block.row * BLOCK) as f32);
            let (u1, v1) = (u0 + BLOCK as f32, v0 + BLOCK as f32);
            if ![(u0, v0), (u1, v0), (u0, v1), (u1, v1)]
                .into_iter()
                .all(|(u, v)| inside(point(u, v)))
            {
                continue;
            }
            compared += 1;
            let mut cells = [0.0; BLOCK * BLOCK];
            for (i, cell) in cells.iter_mut().enumerate() {
                let p = point(u0 + (i % BLOCK) as f32 + 0.5, v0 + (i / BLOCK) as f32 + 0.5);
                *cell = level.at(p[0] * shrunk, p[1] * shrunk);
            }
            // A query block without any texture agrees with nothing.
            if centre(&mut cells) < BLOCK as f32 {
                each(0.0);
                continue;
            }
            each(cells.iter().zip(&block.cells).map(|(a, b)| a * b).sum());
        }
        compared
    }

    /// How well a placement fits: the mean correlation, with a few imagined blocks of none so that
    /// a sliver cannot win.
    fn fit(&self, query: &Pyramid, placement: &Placement, clip: &[f32; 4]) -> f32 {
        let mut sum = 0.0;
        let compared = self.compare(query, placement, clip, |c| sum += c.max(0.0));
        sum / (compared as f32 + self.blocks.len() as f32 * 0.1 + 1.0)
    }
}

/// Takes the mean and the slope off and scales to unit length; returns the length there was.
///
/// The slope goes because every second block of every photo is some soft gradient, and two gradients
/// of one direction correlate perfectly without having anything to do with each other.
fn centre(cells: &mut [f32; BLOCK * BLOCK]) -> f32 {
    const MIDDLE: f32 = (BLOCK as f32 - 1.0) / 2.0;
    /// Sum of the squared distances of all cells from the middle, along one axis.
    const SPREAD: f32 = ((BLOCK * BLOCK) * (BLOCK * BLOCK - 1)) as f32 / 12.0;
    let offset = |i: usize| (i % BLOCK) as f32 - MIDDLE;
    let mean = cells.iter().sum::<f32>() / cells.len() as f32;
    let (mut across, mut down) = (0.0, 0.0);
    for (i, cell) in cells.iter().enumerate() {
        across += *cell * offset(i);
        down += *cell * offset(i / BLOCK);
    }
    let (across, down) = (across / SPREAD, down / SPREAD);
    let mut square = 0.0;
    for (i, cell) in cells.iter_mut().enumerate() {
        *cell -= mean + across * offset(i) + down * offset(i / BLOCK);
        square += *cell * *cell;
    }
    let length = square.sqrt();
    if length > 0.0 {
        cells.iter_mut().for_each(|cell| *cell /= length);
    }
    length
}

/// The reference at the two sizes it is compared at.
pub(super) struct Templates {
    coarse: Template,
    fine: Template,
}

impl Templates {
    pub(super) fn new(reference: &GreyCopy) -> Self {
        let pyramid = Pyramid::new(reference, false);
        Self {
            coarse: Template::new(&pyramid, COARSE),
            fine: Template::new(&pyramid, FINE),
        }
    }
}

/// A placement that a pair of similar hashes suggests, roughly fitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    placement: Placement,
    clip: [f32; 4],
    /// How well it fits, 0 to 1; comparable among guesses for one query.
    pub fit: f32,
}

/// Lays the query over the reference so that `in_query` covers `in_reference`, and improves the fit
/// on the coarse grid.
pub(super) fn guess(
    templates: &Templates,
    query: &Pyramid,
    in_query: &Rect,
    in_reference: &Rect,
) -> Guess {
    let [w, h] = templates.fine.size;
    let [qw, qh] = query.size();
    let sx = (in_query.width() / in_reference.width()) as f32 * qw / w;
    let sy = (in_query.height() / in_reference.height()) as f32 * qh / h;
    let middle = |q0: f64, q: f64, r0: f64, r: f64| (q0 + (0.5 - r0) / r * q) as f32;
    let x = middle(
        in_query.x0,
        in_query.width(),
        in_reference.x0,
        in_reference.width(),
    );
    let y = middle(
        in_query.y0,
        in_query.height(),
        in_reference.y0,
        in_reference.height(),
    );
    let mut placement = Placement {
        centre: [qw * x, qh * y],
        scale: [sx, sy],
        turn: 0.0,
    };
    let clip = [
        (in_query.x0 - MARGIN).max(0.0) as f32 * qw - 0.5,
        (in_query.y0 - MARGIN).max(0.0) as f32 * qh - 0.5,
        (in_query.x1 + MARGIN).min(1.0) as f32 * qw + 0.5,
        (in_query.y1 + MARGIN).min(1.0) as f32 * qh + 0.5,
    ];
    let fit = climb(&templates.coarse, query, &clip, &mut placement, 0.05, 2);
    Guess {
        placement,
        clip,
        fit,
    }
}

/// Improves a guess on the fine grid and counts the blocks that agree.
pub(super) fn check(templates: &Templates, query: &Pyramid, guess: &Guess) -> Agreement {
    let mut placement = guess.placement;
    climb(
        &templates.fine,
        query,
        &guess.clip,
        &mut placement,
        0.0125,
        2,
    );
    let mut agreeing = 0;
    let compared = templates.fine.compare(query, &placement, &guess.clip, |c| {
        agreeing += u32::from(c >= AGREES);
    });
    Agreement {
        compared,
        agreeing,
        placement,
    }
}

/// Walks uphill in shift, scale and turn, halving the stride; returns the fit reached.
fn climb(
    template: &Template,
    query: &Pyramid,
    clip: &[f32; 4],
    placement: &mut Placement,
    stride: f32,
    halvings: u32,
) -> f32 {
    let mut best = template.fit(query, placement, clip);
    let mut stride = stride;
    for _ in 0..=halvings {
        // Twice at each stride: the second round profits from what the first one found.
        for _ in 0..2 {
            let before = best;
            for knob in 0..6 {
                for sign in [-1.0f32, 1.0] {
                    let mut next = *placement;
                    let by = sign * stride;
                    match knob {
                        0 => next.centre[0] += by * template.size[0] * placement.scale[0],
                        1 => next.centre[1] += by * template.size[1] * placement.scale[1],
                        2 => next.scale = placement.scale.map(|s| s * (1.0 + by)),
                        3 => next.scale[0] *= 1.0 + by,
                        4 => next.scale[1] *= 1.0 + by,
                        _ => next.turn += by,
                    }
                    let fit = template.fit(query, &next, clip);
                    if fit > best {
                        best = fit;
                        *placement = next;
                        break;
                    }
                }
            }
            if best <= before {
                break;
            }
        }
        stride /= 2.0;
    }
    best
}

impl Placement {
    /// The corners of the reference in the query, in shares of its sides.
    pub(super) fn corners(&self, reference: &GreyCopy, query: &GreyCopy) -> [[f64; 2]; 4] {
        let (sin, cos) = self.turn.sin_cos();
        let (w, h) = (f32::from(reference.width), f32::from(reference.height));
        [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(u, v)| {
            let (x, y) = (u * w * self.scale[0], v * h * self.scale[1]);
            [
                f64::from(self.centre[0] + x * cos - y * sin) / f64::from(query.width),
                f64::from(self.centre[1] + x * sin + y * cos) / f64::from(query.height),
            ]
        })
    }
}

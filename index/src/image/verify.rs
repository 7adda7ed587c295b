//! The photometric check: do two pictures really show the same photo?
//!
//! Features or hashes claim that the reference lies in the query in a certain way. Here it is laid
//! over the query accordingly and moved until it fits best (inverse compositional alignment after
//! S. Baker and I. Matthews, "Lucas-Kanade 20 Years On", IJCV 56 (2004), on blocks of normalised
//! brightness, each weighing as much as it agrees). Then the blocks of the reference that have
//! texture are asked one by one whether the query's pixels run the same way. Two garments on one
//! model, or two goods on one blanket, share features but not most of their blocks.

use multiversion::multiversion;

use super::features::FloatPlane;
use super::geometry::{Affine, solve6};
use super::template::{BLOCK, Block, CELLS, Template, normalise};

/// A block agrees when the normalised correlation of its cells reaches this.
const AGREES: f32 = 0.7;
/// Blocks that correlate less than this do not pull at the map.
const PULLS: f32 = 0.25;
/// A query block with less texture than this (length of its cells) agrees with nothing.
const QUERY_TEXTURE: f32 = 6.0;

/// The reference at the two sizes it is compared at.
pub(super) struct Templates {
    coarse: Template,
    fine: Template,
}

impl Templates {
    pub(super) fn new(copy: &FloatPlane) -> Self {
        Self {
            coarse: Template::new(&copy.blurred(0.8).halved()),
            fine: Template::new(copy),
        }
    }
}

/// A query at falling sizes, each half the one before.
pub(super) struct Pyramid {
    levels: Vec<FloatPlane>,
}

impl Pyramid {
    pub(super) fn new(copy: FloatPlane) -> Self {
        let mut levels = vec![copy];
        while let Some(last) = levels.last()
            && last.width.min(last.height) >= 16
            && levels.len() < 4
        {
            levels.push(last.blurred(0.8).halved());
        }
        Self { levels }
    }

    /// The finest level that steps of `step` full-size pixels do not skip pixels of, and its size as
    /// a share of the full one.
    fn level(&self, step: f32) -> (&FloatPlane, f32) {
        let wanted = (step / 1.4).max(1.0).log2().ceil() as usize;
        let at = wanted.min(self.levels.len() - 1);
        (&self.levels[at], 1.0 / (1u32 << at) as f32)
    }
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    /// Textured blocks of the reference, in all and under the query.
    pub blocks: u32,
    pub compared: u32,
    /// How many of them agree.
    pub agreeing: u32,
    /// The same, each block weighing more the nearer it is to the reference's middle.
    pub central: f32,
    /// Blocks in the middle of the reference, where the product is and no backdrop: agreeing, compared.
    pub core: [u32; 2],
    /// Mean correlation of the compared blocks.
    pub correlation: f32,
    /// Compared blocks that are blown out or pitch black in the query.
    pub saturated: u32,
    /// Agreeing blocks in the largest connected group.
    pub connected: u32,
    /// The map after the alignment.
    pub map: Affine,
}

/// Lays the reference over the query, improves the map and counts the blocks that agree.
pub(super) fn check(templates: &Templates, query: &Pyramid, map: &Affine) -> Agreement {
    let mut map = *map;
    for (template, rounds) in [(&templates.coarse, 4), (&templates.fine, 5)] {
        for _ in 0..rounds {
            let pull = pull(&Laid::new(template, query, &map));
            let Some(next) = pull.next(template, &map) else {
                break;
            };
            map = next;
        }
    }
    judge(&Laid::new(&templates.fine, query, &map))
}

/// A reference laid over a query.
struct Laid<'a> {
    template: &'a Template,
    map: &'a Affine,
    /// The query at the size that fits, and that size in pixels.
    plane: &'a FloatPlane,
    scale: f32,
}

impl<'a> Laid<'a> {
    fn new(template: &'a Template, query: &'a Pyramid, map: &'a Affine) -> Self {
        let full = &query.levels[0];
        let longer = full.width.max(full.height) as f32;
        // One pixel of the reference, in pixels of the query.
        let step = (map.det().abs().sqrt() * longer / template.longer).max(1e-3);
        let (plane, shrunk) = query.level(step);
        Self {
            template,
            map,
            plane,
            scale: longer * shrunk,
        }
    }

    /// Where a pixel of the reference lies in the query.
    #[inline(always)]
    fn point(&self, x: f32, y: f32) -> [f32; 2] {
        let unit = 1.0 / self.template.longer;
        let [x, y] = self.map.apply([(x + 0.5) * unit, (y + 0.5) * unit]);
        [x * self.scale - 0.5, y * self.scale - 0.5]
    }

    /// The query's pixels under a block; nothing when it juts out.
    #[inline(always)]
    fn cells(&self, block: &Block) -> Option<[f32; CELLS]> {
        let (w, h) = (self.plane.width as f32, self.plane.height as f32);
        let inside = |[x, y]: [f32; 2]| x > -0.6 && y > -0.6 && x < w - 0.4 && y < h - 0.4;
        let (x0, y0) = (block.column as f32, block.row as f32);
        let far = (BLOCK - 1) as f32;
        if !(inside(self.point(x0, y0))
            && inside(self.point(x0 + far, y0))
            && inside(self.point(x0, y0 + far))
            && inside(self.point(x0 + far, y0 + far)))
        {
            return None;
        }
        let mut cells = [0f32; CELLS];
        for (j, line) in cells.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            for (i, cell) in line.iter_mut().enumerate() {
                let [x, y] = self.point(x0 + i as f32, y0 + j as f32);
                *cell = self.plane.at(x, y);
            }
        }
        Some(cells)
    }
}

/// Normalises the query's pixels and correlates them with the block's, -1 to 1; 0 when they have no
/// texture.
#[inline(always)]
fn correlate(cells: &mut [f32; CELLS], block: &Block) -> f32 {
    if normalise(cells) < QUERY_TEXTURE {
        return 0.0;
    }
    let mut sums = [0f32; BLOCK];
    let ours = cells.as_chunks::<BLOCK>().0;
    for (a, b) in ours.iter().zip(block.cells.as_chunks::<BLOCK>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Asks the blocks one by one whether they agree.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn judge(laid: &Laid<'_>) -> Agreement {
    let template = laid.template;
    let (core_x, core_y) = template.core();
    let mut out = Agreement {
        blocks: template.blocks.len() as u32,
        compared: 0,
        agreeing: 0,
        central: 0.0,
        core: [0; 2],
        correlation: 0.0,
        saturated: 0,
        connected: 0,
        map: *laid.map,
    };
    let mut weights = 0.0;
    // Column and row of the agreeing blocks.
    let mut agree = Vec::new();
    for block in &template.blocks {
        let Some(mut cells) = laid.cells(block) else {
            continue;
        };
        let clipped = cells.iter().filter(|v| **v > 251.0 || **v < 4.0).count();
        let correlation = correlate(&mut cells, block);
        let [x, y] = template.offset(block, CELLS / 2 + BLOCK / 2);
        let weight = (-2.0 * (x * x + y * y)).exp();
        let in_core = x.abs() < core_x && y.abs() < core_y;
        out.compared += 1;
        out.core[1] += u32::from(in_core);
        out.saturated += u32::from(clipped > CELLS / 2);
        out.correlation += correlation.max(0.0);
        weights += weight;
        if correlation >= AGREES {
            out.agreeing += 1;
            out.core[0] += u32::from(in_core);
            out.central += weight;
            agree.push((block.column / BLOCK, block.row / BLOCK));
        }
    }
    out.central /= weights + 1.0;
    out.correlation /= out.compared as f32 + 1.0;
    out.connected = largest_group(&agree);
    out
}

/// Where the map should move, summed over the blocks that are alike.
struct Pull {
    hessian: [[f32; 6]; 6],
    gradient: [f32; 6],
}

impl Pull {
    /// The map moved one step, unless nothing pulls or it would fold over.
    fn next(&self, template: &Template, map: &Affine) -> Option<Affine> {
        let mut hessian = self.hessian;
        let trace: f32 = (0..6).map(|i| hessian[i][i]).sum();
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] += 1e-3 * trace + 1e-6;
        }
        let by = solve6(&hessian, &self.gradient)?;
        if by
            .iter()
            .any(|v| !v.is_finite() || v.abs() > template.longer)
        {
            return None;
        }
        let next = map.after(&template.step(&by).inverse()?);
        (next.det() > 0.0 && next.anisotropy() < 2.0).then_some(next)
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn pull(laid: &Laid<'_>) -> Pull {
    let mut out = Pull {
        hessian: [[0.0; 6]; 6],
        gradient: [0.0; 6],
    };
    for block in &laid.template.blocks {
        let Some(mut cells) = laid.cells(block) else {
            continue;
        };
        let correlation = correlate(&mut cells, block);
        if correlation > PULLS {
            add_pull(
                &mut out,
                laid.template,
                block,
                &cells,
                correlation * correlation,
            );
        }
    }
    out
}

#[inline(always)]
fn add_pull(out: &mut Pull, template: &Template, block: &Block, cells: &[f32; CELLS], weight: f32) {
    // Sums of error × gradient, plain and times the place down, one lane a column.
    let [gx, gy] = &block.gradient;
    let (mut across, mut across_y) = ([0f32; BLOCK], [0f32; BLOCK]);
    let (mut down, mut down_y) = ([0f32; BLOCK], [0f32; BLOCK]);
    for j in 0..BLOCK {
        let [_, y] = template.offset(block, j * BLOCK);
        for i in 0..BLOCK {
            let at = j * BLOCK + i;
            let error = cells[at] - block.cells[at];
            let (ex, ey) = (error * gx[at], error * gy[at]);
            across[i] += ex;
            across_y[i] += ex * y;
            down[i] += ey;
            down_y[i] += ey * y;
        }
    }
    let times_x = |sums: &[f32; BLOCK]| -> f32 {
        let places = (0..BLOCK).map(|i| template.offset(block, i)[0]);
        sums.iter().zip(places).map(|(sum, x)| sum * x).sum()
    };
    let gradient = [
        times_x(&across),
        across_y.iter().sum(),
        across.iter().sum(),
        times_x(&down),
        down_y.iter().sum(),
        down.iter().sum::<f32>(),
    ];
    for (sum, value) in out.gradient.iter_mut().zip(gradient) {
        *sum += weight * value;
    }
    let rows = out.hessian.iter_mut().zip(&block.hessian);
    for (sum, value) in rows.flat_map(|(sums, values)| sums.iter_mut().zip(values)) {
        *sum += weight * value;
    }
}

/// Size of the largest group of blocks that touch each other along a side. `blocks` are columns and
/// rows, by rows.
fn largest_group(blocks: &[(usize, usize)]) -> u32 {
    // Groups as in union-find, by places in the list.
    let mut group: Vec<usize> = (0..blocks.len()).collect();
    fn root(group: &[usize], mut at: usize) -> usize {
        while group[at] != at {
            at = group[at];
        }
        at
    }
    for (at, &(column, row)) in blocks.iter().enumerate() {
        for (other, &(c, r)) in blocks[..at].iter().enumerate().rev() {
            if r + 1 < row {
                break;
            }
            if c.abs_diff(column) + r.abs_diff(row) == 1 {
                let (a, b) = (root(&group, at), root(&group, other));
                group[a.max(b)] = a.min(b);
            }
        }
    }
    let mut sizes = vec![0; blocks.len()];
    for at in 0..blocks.len() {
        sizes[root(&group, at)] += 1;
    }
    sizes.into_iter().max().unwrap_or(0)
}

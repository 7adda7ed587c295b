//! Guided matching: once it is known how a reference lies in the query, each of its features has a
//! place there. How many of them are really found?
//!
//! Two photos of one shoot agree in coarse blocks; the small features tell a copy from its sister.

use super::features::{DIMENSIONS, Feature, LENGTH, SCALE_STEPS, decode, mirrored};
use super::geometry::Affine;
use super::template::CORE;

/// Cells along each side of the grid that a query's features are sorted into.
const CELLS: usize = 32;
/// How far from its place a feature may be found, in shares of the query's longer side.
const RADIUS: f32 = 0.012;
/// How far scales may differ, in octaves, and directions, in turns.
const SCALE_TOLERANCE: f32 = 0.5;
const TURN_TOLERANCE: f32 = 0.06;
/// A feature is found when the cosine of the codes reaches the first, and surely the second.
const ALIKE: f32 = 0.75;
const SURE: f32 = 0.88;
/// Features that would be smaller than this in the query cannot be found, in shares of its longer side.
const SMALLEST: f32 = 1.7 / 512.0;

/// What became of a reference's features in the query.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guided {
    /// Features that should be seen.
    pub expected: u32,
    /// Features that are.
    pub found: u32,
    /// Features that surely are.
    pub sure: u32,
    /// Sum of the likeness over [`ALIKE`].
    pub weight: f32,
    /// Features in the middle of the reference: found, expected.
    pub core: [u32; 2],
    /// Cells of a 6 × 6 grid over the reference in which some were found.
    pub cells: u32,
}

struct Placed {
    at: [f32; 2],
    /// In octaves.
    scale: f32,
    /// In turns.
    turn: f32,
    values: [i8; DIMENSIONS],
}

/// A query's features by place.
pub(super) struct Grid {
    cells: Vec<Vec<Placed>>,
}

impl Grid {
    /// Of a query's features, or of those of the mirrored query, whose width is then given in shares
    /// of its longer side.
    pub(super) fn new(features: &[Feature], mirror: Option<f32>) -> Self {
        let mut cells: Vec<Vec<Placed>> = Vec::new();
        cells.resize_with(CELLS * CELLS, Vec::new);
        for feature in features {
            let mut placed = placed(feature);
            if let Some(width) = mirror {
                placed.at[0] = width - placed.at[0];
                placed.turn = 0.5 - placed.turn;
                placed.values = mirrored(&placed.values);
            }
            cells[cell(placed.at[1]) * CELLS + cell(placed.at[0])].push(placed);
        }
        Self { cells }
    }

    fn around(&self, at: [f32; 2]) -> impl Iterator<Item = &Placed> {
        let (x0, x1) = (cell(at[0] - RADIUS), cell(at[0] + RADIUS));
        let (y0, y1) = (cell(at[1] - RADIUS), cell(at[1] + RADIUS));
        (y0..=y1)
            .flat_map(move |y| (x0..=x1).map(move |x| y * CELLS + x))
            .flat_map(|c| &self.cells[c])
            .filter(move |p| (p.at[0] - at[0]).hypot(p.at[1] - at[1]) < RADIUS)
    }
}

fn cell(share: f32) -> usize {
    ((share * CELLS as f32).max(0.0) as usize).min(CELLS - 1)
}

fn placed(feature: &Feature) -> Placed {
    let share = |v: u16| f32::from(v) / 65535.0;
    Placed {
        at: [share(feature.x), share(feature.y)],
        scale: f32::from(feature.scale) / SCALE_STEPS - 10.0,
        turn: f32::from(feature.angle) / 256.0,
        values: decode(&feature.code),
    }
}

/// Looks for a reference's features where `map` puts them. The reference's `size` is given in shares
/// of its longer side.
pub(super) fn count(query: &Grid, reference: &[Feature], size: [f32; 2], map: &Affine) -> Guided {
    let mut out = Guided::default();
    let octaves = map.det().abs().max(1e-12).log2() / 2.0;
    let turn = (map.c - map.b).atan2(map.a + map.d) / std::f32::consts::TAU;
    let mut seen = [[false; 6]; 6];
    for feature in reference {
        let own = placed(feature);
        let at = map.apply(own.at);
        let scale = own.scale + octaves;
        if scale.exp2() < SMALLEST || at.iter().any(|v| !(0.0..1.0).contains(v)) {
            continue;
        }
        let in_core = (0..2).all(|i| (own.at[i] / size[i] - 0.5).abs() < CORE / 2.0);
        out.expected += 1;
        out.core[1] += u32::from(in_core);
        let best = query
            .around(at)
            .filter(|p| {
                let off = (p.turn - own.turn - turn).rem_euclid(1.0);
                (p.scale - scale).abs() < SCALE_TOLERANCE && off.min(1.0 - off) < TURN_TOLERANCE
            })
            .map(|p| cosine(p, &own))
            .fold(0f32, f32::max);
        if best > ALIKE {
            out.found += 1;
            out.core[0] += u32::from(in_core);
            out.weight += (best - ALIKE) / (1.0 - ALIKE);
            out.sure += u32::from(best > SURE);
            let cell = |v: f32| ((v * 6.0) as usize).min(5);
            seen[cell(own.at[1])][cell(own.at[0])] = true;
        }
    }
    out.cells = seen.as_flattened().iter().filter(|s| **s).count() as u32;
    out
}

fn cosine(a: &Placed, b: &Placed) -> f32 {
    let dot: i32 = a
        .values
        .iter()
        .zip(&b.values)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum();
    dot as f32 * (1.0 / LENGTH) * (1.0 / LENGTH)
}

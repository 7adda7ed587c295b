//! What the surroundings of a keypoint look like, in numbers that survive light, scale and turns.
//!
//! A patch is sampled in the keypoint's own frame. Its gradients, each with the square root of its
//! length as weight, are expanded into the first Fourier terms of their direction and the first
//! cosine terms of their place. (A smooth relative of SIFT's histogram; the idea of explicit
//! expansions is that of A. Bursuc, G. Tolias, H. Jégou, "Kernel Local Descriptors with Implicit
//! Rotation Matching", ICMR 2015.) Seen in a mirror, such a term keeps its value or changes sign.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::detect::Keypoint;
use super::plane::FloatPlane;

/// Samples along a patch's side.
const SIDE: usize = 16;
/// Distance between samples, in multiples of the keypoint's sigma.
const SPACING: f32 = 0.8;
/// Cosine terms along each direction of the patch.
const WAVES: usize = 4;
/// Directional terms: 1, and cosine and sine of one, two and three times the angle, and one more.
const TERMS: usize = 8;
/// Numbers of a raw description.
pub(super) const RAW: usize = WAVES * WAVES * TERMS;

/// Whether a raw number changes its sign when the picture is mirrored.
pub(super) fn is_odd(at: usize) -> bool {
    let across = at / TERMS % WAVES;
    let sine = [2, 4, 6].contains(&(at % TERMS));
    (across % 2 == 1) != sine
}

struct Basis {
    /// Cosine terms at each sample.
    waves: [[f32; WAVES]; SIDE],
    /// Weight of each sample's distance from the middle, along one side.
    window: [f32; SIDE],
}

static BASIS: LazyLock<Basis> = LazyLock::new(|| {
    let mut waves = [[0.0; WAVES]; SIDE];
    let mut window = [0.0; SIDE];
    for i in 0..SIDE {
        for (k, wave) in waves[i].iter_mut().enumerate() {
            *wave = (std::f32::consts::PI * k as f32 * (i as f32 + 0.5) / SIDE as f32).cos();
        }
        let from_middle = (i as f32 + 0.5) / (SIDE as f32 / 2.0) - 1.0;
        window[i] = (-from_middle * from_middle * 1.2).exp();
    }
    Basis { waves, window }
});

/// Describes a keypoint; `plane` is the level it was found in, `shrunk` the size of that level's
/// pixels in those the keypoint is given in.
pub(super) fn describe(plane: &FloatPlane, keypoint: &Keypoint, shrunk: f32) -> [f32; RAW] {
    let mut patch = [0f32; (SIDE + 2) * (SIDE + 2)];
    let step = keypoint.sigma / shrunk * SPACING;
    let (sin, cos) = keypoint.angle.sin_cos();
    let (x0, y0) = (keypoint.x / shrunk, keypoint.y / shrunk);
    let middle = (SIDE as f32 + 1.0) / 2.0;
    // How far the patch reaches along either axis, whichever way it is turned.
    let reach = middle * step * (sin.abs() + cos.abs()) + 1.0;
    let whole = x0 > reach
        && y0 > reach
        && x0 + reach < (plane.width - 1) as f32
        && y0 + reach < (plane.height - 1) as f32;
    for (j, row) in patch.chunks_exact_mut(SIDE + 2).enumerate() {
        let v = (j as f32 - middle) * step;
        for (i, out) in row.iter_mut().enumerate() {
            let u = (i as f32 - middle) * step;
            let (x, y) = (x0 + u * cos - v * sin, y0 + u * sin + v * cos);
            *out = if whole {
                plane.inside(x, y)
            } else {
                plane.at(x, y)
            };
        }
    }
    expand(&patch, &BASIS)
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn expand(patch: &[f32; (SIDE + 2) * (SIDE + 2)], basis: &Basis) -> [f32; RAW] {
    const W: usize = SIDE + 2;
    let mut raw = [[[0f32; TERMS]; WAVES]; WAVES];
    for y in 0..SIDE {
        let mut terms = [[0f32; TERMS]; SIDE];
        for (x, term) in terms.iter_mut().enumerate() {
            let at = (y + 1) * W + x + 1;
            let gx = patch[at + 1] - patch[at - 1];
            let gy = patch[at + W] - patch[at - W];
            let length = (gx * gx + gy * gy).sqrt() + 1e-6;
            let weight = length.sqrt() * basis.window[x] * basis.window[y];
            let (c1, s1) = (gx / length, gy / length);
            let (c2, s2) = (c1 * c1 - s1 * s1, 2.0 * c1 * s1);
            let (c3, s3) = (c2 * c1 - s2 * s1, s2 * c1 + c2 * s1);
            let c4 = c2 * c2 - s2 * s2;
            *term = [1.0, c1, s1, c2, s2, c3, s3, c4].map(|t| t * weight);
        }
        // Along the keypoint's direction, then across it.
        let mut along = [[0f32; TERMS]; WAVES];
        for (term, waves) in terms.iter().zip(&basis.waves) {
            for (sum, wave) in along.iter_mut().zip(waves) {
                for k in 0..TERMS {
                    sum[k] += term[k] * wave;
                }
            }
        }
        for (u, sum) in along.iter().enumerate() {
            for (v, wave) in basis.waves[y].iter().enumerate() {
                for k in 0..TERMS {
                    raw[u][v][k] += sum[k] * wave;
                }
            }
        }
    }
    let mut out = [0f32; RAW];
    let mut square = 0.0;
    for (to, from) in out.iter_mut().zip(raw.as_flattened().as_flattened()) {
        *to = *from;
        square += from * from;
    }
    let scale = 1.0 / (square.sqrt() + 1e-6);
    out.iter_mut().for_each(|v| *v *= scale);
    out
}
